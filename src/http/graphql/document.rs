//! The document of a request: checked by the guard, away from the threads that serve connections.

use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Request, Variables};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::code::ErrorCode;
use crate::edge::{DocumentDetails, Refusal};
use crate::guard::mask::Detail;
use crate::guard::{self, Introspection, Prepared, Violation};
use crate::http::request::GraphqlRequest;

/// A document that is ready to run.
#[derive(Debug)]
pub(super) struct Document {
    /// SHA-256 of the text, in hexadecimal digits.
    pub(super) hash: String,
    /// The operation that runs.
    pub(super) prepared: Prepared,
    checked: guard::Document,
    introspection: Introspection,
}

/// The document that `request` asks for.
///
/// # Errors
/// When it has none, or one that the guard refuses or can't read in time.
pub(super) async fn prepare(
    app: &Arc<App>,
    request: GraphqlRequest,
    introspection: Introspection,
    detail: Detail,
) -> Result<Document, Refusal> {
    let deadline = app.config.timeouts.parse();
    let app = Arc::clone(app);
    let check = tokio::task::spawn_blocking(move || check(&app, request, introspection, detail));
    match tokio::time::timeout(deadline, check).await {
        Ok(Ok(document)) => document,
        Ok(Err(_panicked)) => {
            Err(Refusal::new("document", ErrorCode::InternalServerError, "The document can't be checked."))
        }
        Err(_elapsed) => {
            let refusal = Refusal::new("document", ErrorCode::QueryTooComplex, "The document takes too long to check.");
            Err(refusal.of_limit("timeouts.parse_milliseconds"))
        }
    }
}

fn check(
    app: &App,
    request: GraphqlRequest,
    introspection: Introspection,
    detail: Detail,
) -> Result<Document, Refusal> {
    let text = request.query.ok_or_else(|| missing(&request.extensions, request.document_id.as_ref()))?;
    let refuse = |violation| refusal(violation, detail);
    let checked = app.guard.check(&text, introspection).map_err(refuse)?;
    let variables = Variables::from_json(Value::Object(request.variables));
    let prepared = app.guard.prepare(&checked, request.operation_name.as_deref(), variables).map_err(refuse)?;
    Ok(Document { hash: hex(&Sha256::digest(&text)), prepared, checked, introspection })
}

impl Document {
    /// The whole document, as it was written.
    pub(super) const fn tree(&self) -> &ExecutableDocument {
        self.checked.tree()
    }

    /// What async-graphql validates, and runs nothing of.
    pub(super) fn into_validation(self) -> Request {
        Self { prepared: self.prepared.only_validated(), ..self }.into_request()
    }

    /// What async-graphql runs.
    pub(super) fn into_request(self) -> Request {
        // The text has no use any more: nothing that runs may log it.
        let request = self.prepared.into_request("");
        match self.introspection {
            Introspection::Allowed => request,
            Introspection::Refused => request.disable_introspection(),
        }
    }
}

fn missing(extensions: &serde_json::Map<String, Value>, document_id: Option<&String>) -> Refusal {
    if extensions.contains_key("persistedQuery") || document_id.is_some() {
        // The message is Apollo's word, which urql switches on.
        return Refusal::new("persisted", ErrorCode::PersistedQueryNotSupported, "PersistedQueryNotSupported");
    }
    Refusal::new("document", ErrorCode::BadRequest, "`query` is missing: it holds the GraphQL document.")
}

/// The refusal of a document, with as much of `detail` as its sender may know.
pub(super) fn refusal(violation: Violation, detail: Detail) -> Refusal {
    let location = |at: &async_graphql::Pos| json!({ "line": at.line, "column": at.column });
    let locations = violation.locations.iter().map(location).collect();
    let told = violation.limit.filter(|_| detail == Detail::Full);
    let limit = told.map(|limit| json!({ "name": limit.name, "used": limit.used, "max": limit.max }));
    Refusal {
        limit: violation.limit.map(|limit| limit.name),
        document: Some(Box::new(DocumentDetails { locations, limit })),
        ..Refusal::new("guard", violation.code, violation.message)
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len().saturating_mul(2)), |mut text, byte| {
        // Writing to a text does not fail.
        _ = write!(text, "{byte:02x}");
        text
    })
}
