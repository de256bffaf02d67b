//! Writes one log line a request: who asked what, what it cost, how it ended and how long it took.
//!
//! - *Attack.* Forging lines with control characters, filling the disk with long names, leaving secrets in the log.
//! - *Setting.* `log.level`, by the target `taskward::request`.
//! - *Answer.* Unchanged. Client text is escaped and cut at 128 characters; no query string, header or variable.
//! - *Test.* `tests/it/edge/access_log.rs`

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::ENDPOINT;
use super::client_address::{self, ClientAddress};
use super::request_id;
use crate::clock::Clock;
use crate::ids::{RequestId, UserId};

/// Characters of one client text that are written, before escaping.
const CLIENT_TEXT_CHARACTERS: usize = 128;

/// How a passage ended that did not come to its end.
const LEFT: &str = "the client left";

/// What the layers further in know about a request, shared with the log by the request's extensions.
#[derive(Debug, Clone, Default)]
pub struct RequestRecord(Arc<Mutex<RequestFields>>);

/// The fields that only the endpoint can fill. Each stays out of the line while it is unknown.
#[derive(Debug, Clone, Default)]
pub struct RequestFields {
    /// How the caller proved itself, such as `anonymous`, `access_token` or `api_token`.
    pub caller: Option<&'static str>,
    /// The user that the caller is.
    pub user: Option<UserId>,
    /// The name of the operation, as the client wrote it.
    pub operation_name: Option<String>,
    /// The SHA-256 of the document in hexadecimal digits.
    pub document_hash: Option<String>,
    /// Points that the operation cost.
    pub cost: Option<u64>,
}

impl RequestRecord {
    /// Lets `change` fill in fields.
    pub fn update(&self, change: impl FnOnce(&mut RequestFields)) {
        // A field is whole or absent even if a panic cut the change short, so a poisoned lock is as good as any.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// The fields as they are now.
    #[must_use]
    pub fn fields(&self) -> RequestFields {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A request on its way, or an operation on a socket. Its line is written when this is dropped, so that a client can't hide
/// by going away early.
#[derive(Debug)]
#[must_use = "dropped, it is over"]
pub struct Passage {
    clock: Clock,
    started: Duration,
    record: RequestRecord,
    request_id: RequestId,
    address: ClientAddress,
    method: String,
    path: String,
    /// Unknown while there is no answer, and for good when the client left before, and on sockets.
    status: Option<u16>,
    /// How it ended, in words.
    end: &'static str,
}

impl Passage {
    /// An operation that came on a socket, which is told to `record`. Its method is the protocol's name of the message.
    pub fn on_socket(clock: &Clock, record: RequestRecord, request_id: RequestId, address: ClientAddress) -> Self {
        Self {
            clock: clock.clone(),
            started: clock.monotonic(),
            record,
            request_id,
            address,
            method: "subscribe".to_owned(),
            path: ENDPOINT.to_owned(),
            status: None,
            end: LEFT,
        }
    }

    /// It has said everything.
    pub const fn complete(&mut self) {
        self.end = "complete";
    }
}

/// Puts a [`RequestRecord`] into the request's extensions and writes the line when the answer is made, or when the client
/// leaves before. The time it took ends there: the body of a stream is still to come.
pub async fn write(State(clock): State<Clock>, mut request: Request, next: Next) -> Response {
    let record = RequestRecord::default();
    let mut passage = Passage {
        started: clock.monotonic(),
        clock,
        record: record.clone(),
        request_id: request_id::of(request.extensions()),
        address: client_address::of(request.extensions()),
        method: client_text(request.method().as_str()),
        path: client_text(request.uri().path()),
        status: None,
        end: LEFT,
    };
    request.extensions_mut().insert(record);
    let response = next.run(request).await;
    passage.status = Some(response.status().as_u16());
    passage.end = "answered";
    response
}

impl Drop for Passage {
    fn drop(&mut self) {
        let fields = self.record.fields();
        let duration = self.clock.monotonic().saturating_sub(self.started);
        tracing::info!(
            target: "taskward::request",
            request_id = %self.request_id,
            caller = fields.caller,
            user = fields.user.map(tracing::field::display),
            address = %self.address,
            method = self.method,
            path = self.path,
            operation_name = fields.operation_name.as_deref().map(client_text),
            document_hash = fields.document_hash.as_deref().map(client_text),
            cost = fields.cost,
            status = self.status,
            duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            "{}",
            self.end
        );
    }
}

/// `text` as it may stand in a log: cut at 128 characters and escaped.
#[must_use]
pub fn client_text(text: &str) -> String {
    escaped(text, CLIENT_TEXT_CHARACTERS)
}

/// The first `characters` of `text`, with every control, invisible and bidirectional character escaped.
#[must_use]
pub fn escaped(text: &str, characters: usize) -> String {
    text.chars().take(characters).flat_map(char::escape_debug).collect()
}
