//! `limits.*`: how large a request and an answer may be. Each is refused one above.

use serde::{Deserialize, Serialize};

/// The `limits` section.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// `limits.body_bytes`: bytes of a request body; 131,072 (128 KiB) by default.
    pub body_bytes: usize,
    /// `limits.document_bytes`: bytes of a GraphQL document; 16,384 (16 KiB) by default.
    pub document_bytes: usize,
    /// `limits.tokens`: lexical tokens of a document; 1,000 by default.
    pub tokens: usize,
    /// `limits.nesting`: open brackets of any kind at once in a document, 2 to 64; 32 by default. More than 64 is not
    /// offered because the parser is recursive.
    pub nesting: usize,
    /// `limits.errors`: errors in one answer; 5 by default.
    pub errors: usize,
    /// `limits.response_bytes`: bytes of an answer; 1,048,576 (1 MiB) by default.
    pub response_bytes: usize,
    /// `limits.page_size`: entries of one page of a list; 100 by default. A page has 20 when the client does not say.
    pub page_size: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 128 * 1024,
            document_bytes: 16 * 1024,
            tokens: 1_000,
            nesting: 32,
            errors: 5,
            response_bytes: 1024 * 1024,
            page_size: 100,
        }
    }
}
