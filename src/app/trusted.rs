//! The trusted documents: read from their manifests at start, and each checked as if a client had sent it.

use super::StartError;
use crate::config::{Config, IntrospectionScope, PersistedMode};
use crate::graphql::Validator;
use crate::guard::persisted::{PersistedDocuments, manifest};
use crate::guard::{Guard, Introspection};

/// The persisted documents; in the mode `trusted` with those of the manifests.
///
/// # Errors
/// When a manifest can't be read, or one of its documents passes a limit of the guard or does not fit the schema: better
/// no start than an application of which a part does not work.
pub(super) async fn load(config: &Config, guard: &Guard) -> Result<PersistedDocuments, StartError> {
    let mut entries = Vec::new();
    if config.persisted.mode == PersistedMode::Trusted {
        for path in &config.persisted.manifests {
            let read = manifest::read(path);
            entries.extend(read.map_err(|error| StartError::Manifest(format!("{}: {error}", path.display())))?);
        }
    }
    let documents = PersistedDocuments::new(config.persisted.mode, entries).map_err(StartError::Manifest)?;
    let introspection = match config.graphql.introspection {
        IntrospectionScope::Off => Introspection::Refused,
        IntrospectionScope::Authenticated | IntrospectionScope::Public => Introspection::Allowed,
    };
    let validator = Validator::default();
    for (id, source) in documents.trusted() {
        let refused = |reason: &str| StartError::Manifest(format!("the document {id:?} can't be run: {reason}"));
        let document = guard.check(&source.text, introspection).map_err(|violation| refused(&violation.message))?;
        if let Some(reason) = validator.refusal(document.tree().clone()).await {
            return Err(refused(&reason));
        }
    }
    Ok(documents)
}
