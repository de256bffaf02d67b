//! `persisted.*`: documents that clients send by their hash or id instead of their text.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Which documents are taken without their text, and whether text is taken at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PersistedMode {
    /// None: every request holds its text.
    Off,
    /// Those that a client has registered by sending hash and text once (Apollo's automatic persisted queries).
    Apq,
    /// Those of the manifests, and nothing else: text is refused. The playground, which sends text, has no use then.
    Trusted,
}

/// The `persisted` section.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persisted {
    /// `persisted.mode`: `apq` by default; or `off`, `trusted`.
    pub mode: PersistedMode,
    /// `persisted.manifests`: the files that hold the trusted documents, read once at start: Apollo's
    /// `persisted-query-manifest.json`, graphql-codegen's `persisted-documents.json`, or any flat JSON object of texts by
    /// id. None by default; at least one in the mode `trusted`, and without effect in the others.
    pub manifests: Vec<PathBuf>,
}

impl Default for Persisted {
    fn default() -> Self {
        Self { mode: PersistedMode::Apq, manifests: Vec::new() }
    }
}
