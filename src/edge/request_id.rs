//! Gives every request an id, which its answer, its errors and its log lines share.
//!
//! - *Attack.* Choosing the id oneself, to forge or hide lines of the log.
//! - *Setting.* None. An incoming `X-Request-Id` is ignored.
//! - *Answer.* `X-Request-Id` on every answer.
//! - *Test.* `tests/it/edge/request_id.rs`

use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

use crate::clock::Clock;
use crate::ids::RequestId;
use crate::random::Random;

/// `X-Request-Id`.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts a fresh [`RequestId`] into the request's extensions and into `X-Request-Id` of the answer.
pub async fn assign(State((clock, random)): State<(Clock, Random)>, mut request: Request, next: Next) -> Response {
    let id = RequestId::generate(clock.now(), &random);
    request.extensions_mut().insert(id);
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

/// The id that [`assign`] gave; the id of zeros where it did not run.
#[must_use]
pub fn of(extensions: &Extensions) -> RequestId {
    extensions.get().copied().unwrap_or_else(|| RequestId::from_uuid(Uuid::nil()))
}
