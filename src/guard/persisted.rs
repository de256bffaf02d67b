//! Persisted documents: sent by hash or id instead of text, and kept ready so that a repeated one is not checked again.
//!
//! *Attack.* Filling the memory with documents that are registered once and never asked for; registering one that a limit
//! refuses and running it by its hash; running another text than the one that the hash stands for; finding out what
//! others have sent. Where only the documents of known applications may run: any other.
//! *Setting.* `persisted.mode`, `persisted.manifests`.
//! *Answer.* `PERSISTED_QUERY_NOT_FOUND` and `PERSISTED_QUERY_NOT_SUPPORTED` with Apollo's messages, which clients switch
//! on; `BAD_REQUEST` for a hash of another text, and for text where only trusted documents are taken.
//! *Test.* `tests/persisted.rs`; through HTTP, `tests/it/persisted.rs`.
//!
//! Two things are kept, each bounded by its bytes: texts by their hash, for those who registered them; and checked
//! documents by their hash and the rule of introspection under which they were checked. What a client sends is kept only
//! after it ran ([`PersistedDocuments::keep`]), so nothing gets in that any check refuses. When there is no more room,
//! what is asked for most often stays (`TinyLFU`), so a flood of documents that come once pushes nothing out.

mod hash;
pub mod manifest;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use moka::sync::Cache;

pub use self::hash::DocumentHash;

use super::{Document, Introspection, Violation};
use crate::code::ErrorCode;
use crate::config::PersistedMode;

/// The bytes of memory for texts that clients registered: some thousands of usual ones.
pub const REGISTERED_BYTES: usize = 4 * 1024 * 1024;

/// The bytes of memory for checked documents, by [`Document::memory`]: well over a thousand usual ones.
pub const CHECKED_BYTES: usize = 32 * 1024 * 1024;

/// The bytes that an entry takes besides what it holds: its key, how often it is used, the limits. With them, the estimate
/// is at least what documents were measured to take, from `{a}` to the largest.
const ENTRY_BYTES: usize = 2048;

/// The documents that are known without their text, and those that need no check any more.
#[derive(Debug)]
pub struct PersistedDocuments {
    texts: Texts,
    checked: Cache<(DocumentHash, Introspection), Arc<Document>>,
}

/// Where a text is found.
#[derive(Debug)]
enum Texts {
    /// In the request alone.
    Sent,
    /// In the request, or by its hash among those that were registered.
    Registered(Cache<DocumentHash, Arc<str>>),
    /// By its id in the manifests alone.
    Trusted(HashMap<String, Source>),
}

/// The text that a request stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The text.
    pub text: Arc<str>,
    /// Its hash.
    pub hash: DocumentHash,
    origin: Origin,
}

/// How a request gave its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// As text.
    Sent,
    /// As text together with its hash, to send the hash alone from now on.
    Registering,
    /// By its hash or id.
    Known,
}

impl PersistedDocuments {
    /// The documents in `mode`, where `trusted` are those of the manifests, by their ids. Refuses an id that stands for
    /// two texts, and one with `sha256:` that is not the hash of its text: it answers with the id.
    pub fn new(mode: PersistedMode, trusted: Vec<manifest::Entry>) -> Result<Self, String> {
        let texts = match mode {
            PersistedMode::Off => Texts::Sent,
            PersistedMode::Apq => Texts::Registered(bounded(REGISTERED_BYTES, |_, text: &Arc<str>| text.len())),
            PersistedMode::Trusted => Texts::Trusted(by_id(trusted)?),
        };
        Ok(Self { texts, checked: bounded(CHECKED_BYTES, |_, document: &Arc<Document>| document.memory()) })
    }

    /// The text of a request that holds `text`, names a persisted document by `id`, or both.
    ///
    /// Refuses a request with neither; text where only trusted documents are taken; a text of which `id` is not the
    /// hash; and an id that is not known here. The messages of an unknown id, and of ids while they are off, are Apollo's:
    /// clients that read them send the text.
    pub fn resolve(&self, text: Option<String>, id: Option<&str>) -> Result<Source, Violation> {
        match (&self.texts, text, id) {
            (Texts::Trusted(_), Some(_), _) => {
                let message = "Only known documents are taken, by `documentId` or by `extensions.persistedQuery`.";
                Err(Violation::new(ErrorCode::BadRequest, message))
            }
            (Texts::Trusted(known), None, Some(id)) => known.get(hash::bare(id)).cloned().ok_or_else(not_found),
            (Texts::Registered(known), None, Some(id)) => {
                let hash = DocumentHash::parse(id).ok_or_else(not_found)?;
                let text = known.get(&hash).ok_or_else(not_found)?;
                Ok(Source { text, hash, origin: Origin::Known })
            }
            (Texts::Sent, None, Some(_)) => {
                Err(Violation::new(ErrorCode::PersistedQueryNotSupported, "PersistedQueryNotSupported"))
            }
            (Texts::Registered(_), Some(text), Some(id)) => {
                let source = Source::new(text, Origin::Registering);
                let is_its_hash = DocumentHash::parse(id) == Some(source.hash);
                let message = "The hash is not the SHA-256 of `query`.";
                is_its_hash.then_some(source).ok_or_else(|| Violation::new(ErrorCode::BadRequest, message))
            }
            (Texts::Sent | Texts::Registered(_), Some(text), _) => Ok(Source::new(text, Origin::Sent)),
            (_, None, None) => {
                let message = "`query` is missing: it holds the GraphQL document.";
                Err(Violation::new(ErrorCode::BadRequest, message))
            }
        }
    }

    /// The checked document of a text, when it was kept under the same rule of introspection.
    #[must_use]
    pub fn checked(&self, hash: DocumentHash, introspection: Introspection) -> Option<Arc<Document>> {
        self.checked.get(&(hash, introspection))
    }

    /// Keeps `document`, the checked one of `source`, and its text when the client registers it.
    ///
    /// To be called when the document has run: only then no check refuses it, those after the guard's included.
    pub fn keep(&self, source: Source, introspection: Introspection, document: Arc<Document>) {
        let key = (source.hash, introspection);
        if !self.checked.contains_key(&key) {
            self.checked.insert(key, document);
            // At once, so that what is waiting for a decision never adds to what is kept.
            self.checked.run_pending_tasks();
        }
        if let (Texts::Registered(known), Origin::Registering) = (&self.texts, source.origin)
            && !known.contains_key(&source.hash)
        {
            known.insert(source.hash, source.text);
            known.run_pending_tasks();
        }
    }

    /// The bytes of memory of what clients made us keep: texts, and checked documents.
    #[must_use]
    pub fn memory(&self) -> [u64; 2] {
        let texts = if let Texts::Registered(known) = &self.texts { known.weighted_size() } else { 0 };
        [texts, self.checked.weighted_size()]
    }
}

impl Source {
    fn new(text: String, origin: Origin) -> Self {
        Self { hash: DocumentHash::of(&text), text: text.into(), origin }
    }
}

fn not_found() -> Violation {
    Violation::new(ErrorCode::PersistedQueryNotFound, "PersistedQueryNotFound")
}

/// A cache of at most `bytes`, where an entry takes what `size` says and [`ENTRY_BYTES`].
fn bounded<K, V>(bytes: usize, size: fn(&K, &V) -> usize) -> Cache<K, V>
where
    K: std::hash::Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    let weigh =
        move |key: &K, value: &V| u32::try_from(size(key, value).saturating_add(ENTRY_BYTES)).unwrap_or(u32::MAX);
    Cache::builder().max_capacity(u64::try_from(bytes).unwrap_or(u64::MAX)).weigher(weigh).build()
}

fn by_id(entries: Vec<manifest::Entry>) -> Result<HashMap<String, Source>, String> {
    let mut known = HashMap::new();
    for manifest::Entry { id, text } in entries {
        let source = Source::new(text, Origin::Known);
        if source.hash.contradicts(&id) {
            return Err(format!("the id {id:?} is not the SHA-256 of its document"));
        }
        match known.entry(hash::bare(&id).to_owned()) {
            Entry::Vacant(place) => _ = place.insert(source),
            Entry::Occupied(other) if *other.get() == source => {}
            Entry::Occupied(_) => return Err(format!("the id {id:?} stands for two documents")),
        }
    }
    Ok(known)
}
