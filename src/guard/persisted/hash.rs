//! SHA-256 of a document's text: its name in the handshake, in manifests, in caches and in logs.

use std::fmt;

use sha2::{Digest, Sha256};

/// What an id begins with that is such a hash, as the GraphQL-over-HTTP draft spells it ("Persisted Documents").
const PREFIX: &str = "sha256:";

/// The hash of a text. Written out, it is 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DocumentHash([u8; 32]);

impl DocumentHash {
    /// The hash of `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// The hash that `id` spells, with or without `sha256:`; none when it is no hash.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        let digits = bare(id).as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != bytes.len().saturating_mul(2) {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = pair else { return None };
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self(bytes))
    }

    /// Whether `id` says by its `sha256:` that it is a hash, and is not this one.
    pub(super) fn contradicts(self, id: &str) -> bool {
        id.starts_with(PREFIX) && Self::parse(id) != Some(self)
    }
}

/// `id` without `sha256:`: with and without it, an id is the same.
pub(super) fn bare(id: &str) -> &str {
    id.strip_prefix(PREFIX).unwrap_or(id)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

impl fmt::Display for DocumentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
