//! The document of a request: found, checked by the guard and validated away from the threads that serve connections.
//!
//! What was kept of an earlier request needs no check, and what is small besides is prepared, and validated when it runs,
//! on the thread of its connection: that takes less than handing it over. So does the scan of what was not.

use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Request, Response, Variables};
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::answer::ran;
use crate::app::App;
use crate::code::{ErrorCode, INTERNAL_MESSAGE};
use crate::config::PersistedMode;
use crate::edge::concurrency::overloaded;
use crate::edge::{DocumentDetails, Location, Refusal};
use crate::guard::mask::Detail;
use crate::guard::persisted::Source;
use crate::guard::{self, Introspection, Prepared, Violation};
use crate::http::request::GraphqlRequest;

/// The memory of a checked document, and the values in variables, up to which a request is prepared on the thread that
/// serves the connection. A usual page takes 5 µs there, the largest that these let through well under 100; a document of
/// full size or 2,000 values can take longer and go where waiting is allowed.
const INLINE_BYTES: usize = 64 * 1024;
const INLINE_VALUES: usize = 200;

/// A document that is ready to run.
#[derive(Debug)]
pub(super) struct Document {
    /// SHA-256 of the text, in hexadecimal digits.
    pub(super) hash: String,
    /// The operation that runs.
    pub(super) prepared: Prepared,
    /// What the schema says of the request.
    pub(super) validation: Validation,
    checked: Arc<guard::Document>,
    source: Source,
    introspection: Introspection,
}

/// Whether a request is valid. Values of variables count, so this is known for each request anew.
#[derive(Debug, Default)]
pub(super) enum Validation {
    /// It turns out when the request runs.
    #[default]
    Pending,
    /// It is.
    Passed,
    /// It is not: the answer to it.
    Failed(Box<Response>),
}

/// What the guard needs to know of a request besides its text.
struct Asked {
    operation_name: Option<String>,
    variables: Map<String, Value>,
    introspection: Introspection,
    detail: Detail,
}

/// The document that `request` asks for.
///
/// # Errors
/// When it has none, or one that is not known here, or one that the guard refuses or can't read in time.
pub(super) async fn prepare(
    app: &Arc<App>,
    mut request: GraphqlRequest,
    introspection: Introspection,
    detail: Detail,
) -> Result<Document, Refusal> {
    let source = find(app, &mut request, detail)?;
    let GraphqlRequest { operation_name, variables, .. } = request;
    let asked = Asked { operation_name, variables, introspection, detail };
    match app.persisted.checked(source.hash, introspection) {
        Some(checked) if checked.memory() <= INLINE_BYTES && asked.values() <= INLINE_VALUES => {
            ready(app, source, checked, asked)
        }
        Some(checked) => in_time(app, move |app| validated(app, source, checked, asked)).await,
        None => {
            // Here, so that what the scan refuses, which is most of what is sent to do harm, takes no other thread.
            let scanned = app.guard.scan(Arc::clone(&source.text)).map_err(|violation| refusal(violation, detail))?;
            in_time(app, move |app| {
                let checked = app.guard.check_scanned(&scanned, introspection);
                validated(app, source, Arc::new(checked.map_err(|violation| refusal(violation, detail))?), asked)
            })
            .await
        }
    }
}

/// The text that the request stands for.
fn find(app: &App, request: &mut GraphqlRequest, detail: Detail) -> Result<Source, Refusal> {
    let text = request.query.take();
    if let Some(text) = &text {
        app.guard.check_size(text).map_err(|violation| refusal(violation, detail))?;
    }
    let refuse = |code, message| Refusal::new("persisted", code, message).of_limit("persisted.mode");
    let id = match app.config.persisted.mode {
        // An extension that is off means nothing, beside a text.
        PersistedMode::Off if text.is_some() => None,
        _ => request.persisted_id().map_err(|error| refuse(ErrorCode::BadRequest, error.to_string().into()))?,
    };
    app.persisted.resolve(text, id).map_err(|violation| refuse(violation.code, violation.message))
}

/// What `work` makes on the threads that may be kept busy, if it does so in time. The time that it waits for a thread does
/// not count: that is the server's fault, and no reason to give the document up.
async fn in_time(
    app: &Arc<App>,
    work: impl FnOnce(&App) -> Result<Document, Refusal> + Send + 'static,
) -> Result<Document, Refusal> {
    let timeouts = &app.config.timeouts;
    let (started, start) = oneshot::channel();
    let shared = Arc::clone(app);
    let work = tokio::task::spawn_blocking(move || {
        // Nothing is done for somebody who has left, or given up, meanwhile.
        started.send(()).map_err(|()| overloaded("timeouts.execution_seconds"))?;
        work(&shared)
    });
    if tokio::time::timeout(timeouts.execution(), start).await.is_err() {
        return Err(overloaded("timeouts.execution_seconds"));
    }
    match tokio::time::timeout(timeouts.parse(), work).await {
        Ok(Ok(document)) => document,
        Ok(Err(_panicked)) => Err(Refusal::new("document", ErrorCode::InternalServerError, INTERNAL_MESSAGE)),
        Err(_elapsed) => {
            let refusal = Refusal::new("document", ErrorCode::QueryTooComplex, "The document takes too long to check.");
            Err(refusal.of_limit("timeouts.parse_milliseconds"))
        }
    }
}

/// The document of `source`, which is `checked`, validated.
fn validated(app: &App, source: Source, checked: Arc<guard::Document>, asked: Asked) -> Result<Document, Refusal> {
    let document = ready(app, source, checked, asked)?;
    let validation = match app.validator.validate(document.prepared.to_request()) {
        Some(response) if response.is_err() => Validation::Failed(Box::new(response)),
        Some(_) => Validation::Passed,
        None => Validation::Pending,
    };
    Ok(Document { validation, ..document })
}

fn ready(app: &App, source: Source, checked: Arc<guard::Document>, asked: Asked) -> Result<Document, Refusal> {
    let Asked { operation_name, variables, introspection, detail } = asked;
    let variables = Variables::from_json(Value::Object(variables));
    let prepared = app.guard.prepare(&checked, operation_name.as_deref(), variables);
    let prepared = prepared.map_err(|violation| refusal(violation, detail))?;
    let (hash, validation) = (source.hash.to_string(), Validation::Pending);
    Ok(Document { hash, prepared, validation, checked, source, introspection })
}

impl Asked {
    /// How many values the variables hold at all depths; the JSON was bounded when it was read.
    fn values(&self) -> usize {
        fn of(value: &Value) -> usize {
            let inside = match value {
                Value::Array(values) => values.iter().map(of).sum(),
                Value::Object(values) => values.values().map(of).sum(),
                _ => 0_usize,
            };
            inside.saturating_add(1)
        }
        self.variables.values().map(of).sum()
    }
}

impl Document {
    /// The whole document, as it was written.
    pub(super) fn tree(&self) -> &ExecutableDocument {
        self.checked.tree()
    }

    /// What keeps the document for the next request, to be called with the answer when it has run.
    ///
    /// It is not kept when the answer is a request error, which means that the schema does not validate it.
    pub(super) fn keeper(&self) -> impl FnOnce(&App, &Response) + use<> {
        let (source, introspection, checked) = (self.source.clone(), self.introspection, Arc::clone(&self.checked));
        move |app, answer| {
            if ran(answer) {
                app.persisted.keep(source, introspection, checked);
            }
        }
    }

    /// What async-graphql validates, and runs nothing of.
    pub(super) fn into_validation(self) -> Request {
        let (request, _order) = self.prepared.only_validated().into_request();
        request
    }
}

/// The refusal of a document, with as much of `detail` as its sender may know.
pub(super) fn refusal(violation: Violation, detail: Detail) -> Refusal {
    let location = |at: &async_graphql::Pos| Location { line: at.line, column: at.column };
    let locations = violation.locations.iter().map(location).collect();
    let told = violation.limit.filter(|_| detail == Detail::Full);
    let limit = told.map(|limit| json!({ "name": limit.name, "used": limit.used, "max": limit.max }));
    Refusal {
        limit: violation.limit.map(|limit| limit.name),
        document: Some(Box::new(DocumentDetails { locations, limit })),
        ..Refusal::new("guard", violation.code, violation.message)
    }
}
