//! Reads a request body under a size and a deadline.
//!
//! - *Attack.* A huge or endless body that fills the memory; one byte a second, which beats a timeout that starts anew
//!   with each byte.
//! - *Setting.* `limits.body_bytes`, `timeouts.body_seconds`.
//! - *Answer.* 413 `PAYLOAD_TOO_LARGE`, at once if the length is told; 408 `REQUEST_TIMEOUT`; 400 `BAD_REQUEST` when the
//!   body breaks off. The connection is closed: the rest of the body is not waited for.
//! - *Test.* `tests/it/edge/body.rs`

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

use super::Refusal;
use crate::code::ErrorCode;

/// The whole of `body`, at most `limit_bytes`, if it arrives within `deadline`. No more than the limit is ever kept.
pub async fn read_body(body: Body, limit_bytes: usize, deadline: Duration) -> Result<Bytes, Refusal> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limit_bytes {
        return Err(too_large());
    }
    match timeout(deadline, Limited::new(body, limit_bytes).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(refusal(ErrorCode::BadRequest, "The body could not be read.")),
        Err(_) => Err(refusal(ErrorCode::RequestTimeout, "The body took too long.").of_limit("timeouts.body_seconds")),
    }
}

fn too_large() -> Refusal {
    refusal(ErrorCode::PayloadTooLarge, "The body is too large.").of_limit("limits.body_bytes")
}

fn refusal(code: ErrorCode, message: &'static str) -> Refusal {
    Refusal::new("body", code, message).with_header(CONNECTION, HeaderValue::from_static("close"))
}
