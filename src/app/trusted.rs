//! The trusted documents: read from their manifests at start, and each checked as if a client had sent it.

use super::StartError;
use crate::config::{Config, IntrospectionScope, PersistedMode};
use crate::graphql::{Suggestions, Validator};
use crate::guard::persisted::PersistedDocuments;
use crate::guard::persisted::manifest::{self, Entry};
use crate::guard::{Guard, Introspection};

/// The persisted documents; in the mode `trusted` with those of the manifests.
///
/// # Errors
/// When a manifest can't be read, or one of its documents passes a limit of the guard or does not fit the schema: better
/// no start than an application of which a part does not work.
pub(super) async fn load(config: &Config, guard: &Guard) -> Result<PersistedDocuments, StartError> {
    let entries = match config.persisted.mode {
        PersistedMode::Off | PersistedMode::Apq => Vec::new(),
        PersistedMode::Trusted => read(config, guard).await?,
    };
    PersistedDocuments::new(config.persisted.mode, entries).map_err(StartError::Manifest)
}

async fn read(config: &Config, guard: &Guard) -> Result<Vec<Entry>, StartError> {
    // A document that asks for the schema is good when there are callers who may.
    let introspection = match config.graphql.introspection {
        IntrospectionScope::Off => Introspection::Refused,
        IntrospectionScope::Authenticated | IntrospectionScope::Public => Introspection::Allowed,
    };
    let validator = Validator::new(Suggestions::Shown);
    let mut all = Vec::new();
    for path in &config.persisted.manifests {
        let refused = |reason: String| StartError::Manifest(format!("{}: {reason}", path.display()));
        let entries = manifest::read(path).map_err(|error| refused(error.to_string()))?;
        for Entry { id, text } in &entries {
            let refused = |reason: &str| refused(format!("the document {id:?} can't be run: {reason}"));
            let document = guard.check(text, introspection).map_err(|violation| refused(&violation.message))?;
            if let Some(reason) = validator.refusal(document.tree().clone()).await {
                return Err(refused(&reason));
            }
        }
        all.extend(entries);
    }
    Ok(all)
}
