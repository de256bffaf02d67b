//! Turns a panic into an answer.
//!
//! - *Attack.* A request that trips over a bug, to close the connection of those who share it or to read the cause.
//! - *Setting.* None.
//! - *Answer.* 500 `INTERNAL_SERVER_ERROR` with the request id; the cause is in the log under that id.
//! - *Test.* `tests/it/edge/panic.rs`

use std::any::Any;
use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;

use super::access_log::escaped;
use super::{MediaType, Refusal, request_id};
use crate::code::{ErrorCode, INTERNAL_MESSAGE};
use crate::ids::RequestId;

/// Characters of a panic's text that are logged: it may hold what the client sent.
const PANIC_CHARACTERS: usize = 1_000;

/// Answers for a handler that panicked. A body that panics while it streams is beyond it: the status is already out.
pub async fn catch(request: Request, next: Next) -> Response {
    let request_id = request_id::of(request.extensions());
    // Nothing of the request is used after a panic, so nothing half-changed can be seen.
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(payload) => refusal(payload.as_ref(), request_id).respond(request_id, MediaType::Json),
    }
}

/// The refusal of what panicked with `payload`, which is logged.
#[must_use]
pub fn refusal(payload: &(dyn Any + Send), request_id: RequestId) -> Refusal {
    let text = escaped(panic_text(payload), PANIC_CHARACTERS);
    tracing::error!(target: "taskward::panic", %request_id, text, "panicked");
    Refusal::new("panic", ErrorCode::InternalServerError, INTERNAL_MESSAGE)
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a text")
}
