//! Manifests: the files in which a client's build writes down the documents that it will send.
//!
//! Two forms are read. Apollo's `generate-persisted-query-manifest` writes
//! `{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id","name","type","body"}]}`. graphql-codegen's
//! client preset, Relay and many scripts write one flat object of texts by id, with `sha256:` before the id or without.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// The most bytes of one manifest: an application of thousands of documents has a few megabytes.
pub const MANIFEST_BYTES: u64 = 16 * 1024 * 1024;

/// The value of `format` in Apollo's manifest, and of `version` as far as there are any.
const APOLLO: (&str, u64) = ("apollo-persisted-query-manifest", 1);

/// Why a file is no manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file can't be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The file is too large.
    #[error("the file has more than {MANIFEST_BYTES} bytes")]
    TooLarge,
    /// The file is not JSON.
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The JSON is of none of the forms.
    #[error("expected Apollo's manifest of version 1, or an object with the texts of documents by their ids")]
    UnknownForm,
    /// A manifest that lists nothing is a slip of the build.
    #[error("there is no document in it")]
    Empty,
}

/// One document of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Entry {
    /// Its id, as the manifest spells it.
    pub id: String,
    /// Its text.
    #[serde(rename = "body")]
    pub text: String,
}

/// The documents of the manifest in the file at `path`; refuses whatever [`ManifestError`] names.
pub fn read(path: &Path) -> Result<Vec<Entry>, ManifestError> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MANIFEST_BYTES.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= MANIFEST_BYTES) {
        parse(&bytes)
    } else {
        Err(ManifestError::TooLarge)
    }
}

/// The documents of a manifest, in the order of the file or of their ids.
pub fn parse(json: &[u8]) -> Result<Vec<Entry>, ManifestError> {
    let manifest: Value = serde_json::from_slice(json)?;
    let entries = if manifest.get("operations").is_some_and(Value::is_array) {
        apollo(&manifest)
    } else {
        let texts = BTreeMap::<String, String>::deserialize(manifest).ok();
        texts.map(|texts| texts.into_iter().map(|(id, text)| Entry { id, text }).collect())
    };
    match entries {
        None => Err(ManifestError::UnknownForm),
        Some(entries) if entries.is_empty() => Err(ManifestError::Empty),
        Some(entries) => Ok(entries),
    }
}

fn apollo(manifest: &Value) -> Option<Vec<Entry>> {
    let is_known = (manifest.get("format")?.as_str()?, manifest.get("version")?.as_u64()?) == APOLLO;
    is_known.then(|| Vec::deserialize(manifest.get("operations")?).ok()).flatten()
}
