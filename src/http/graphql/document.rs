//! The document of a request: scanned, parsed, and its operation picked, away from the threads that serve connections.

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition};
use async_graphql::{Request, Variables};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Introspection;
use crate::code::ErrorCode;
use crate::config::Limits;
use crate::edge::Refusal;
use crate::guard::{self, Violation};
use crate::http::request::GraphqlRequest;

/// A document that is ready to run.
#[derive(Debug)]
pub(super) struct Document {
    /// The name of the operation that runs.
    pub(super) operation_name: Option<String>,
    /// SHA-256 of the text, in hexadecimal digits.
    pub(super) hash: String,
    /// The variables as they were sent.
    pub(super) variables: Variables,
    /// The text as a tree.
    pub(super) parsed: ExecutableDocument,
}

/// The document that `request` asks for.
///
/// # Errors
/// When it has none, or one that the guard refuses.
pub(super) async fn prepare(request: GraphqlRequest, limits: &Limits) -> Result<Document, Refusal> {
    let limits = limits.clone();
    let prepared = tokio::task::spawn_blocking(move || prepare_now(request, &limits)).await;
    prepared.map_err(|_| Refusal::new("document", ErrorCode::InternalServerError, "The document can't be read."))?
}

fn prepare_now(request: GraphqlRequest, limits: &Limits) -> Result<Document, Refusal> {
    let text = request.query.ok_or_else(|| missing(&request.extensions, request.document_id.as_ref()))?;
    guard::scan::scan(&text, limits).map_err(refusal)?;
    let parsed = guard::parse::parse(&text).map_err(refusal)?;
    let document = Document {
        operation_name: request.operation_name,
        hash: hex(&Sha256::digest(&text)),
        variables: Variables::from_json(Value::Object(request.variables)),
        parsed,
    };
    document.operation().ok_or_else(unresolved)?;
    Ok(document)
}

impl Document {
    /// The operation that runs: the only one, or the one of the name.
    pub(super) fn operation(&self) -> Option<&OperationDefinition> {
        match (&self.parsed.operations, &self.operation_name) {
            (DocumentOperations::Single(operation), None) => Some(&operation.node),
            (DocumentOperations::Multiple(operations), Some(name)) => Some(&operations.get(name.as_str())?.node),
            (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
                operations.values().next().map(|operation| &operation.node)
            }
            _ => None,
        }
    }

    /// What async-graphql runs.
    pub(super) fn into_request(self, introspection: Introspection) -> Request {
        let mut request = Request::new("").variables(self.variables);
        if let Some(name) = self.operation_name {
            request = request.operation_name(name);
        }
        request.set_parsed_query(self.parsed);
        match introspection {
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

fn unresolved() -> Refusal {
    let message = "The document has no operation of this name, or several and none was named in `operationName`.";
    Refusal::new("operation", ErrorCode::OperationResolutionFailure, message)
}

fn refusal(violation: Violation) -> Refusal {
    let limit = violation.limit.map(|limit| limit.name);
    let refusal = Refusal::new("guard", violation.code, violation.message);
    match limit {
        Some(limit) => refusal.of_limit(limit),
        None => refusal,
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
