//! Bounds the request target and the header fields, and refuses a message whose length is told twice.
//!
//! - *Attack.* Thousands of header fields or a target of many KiB; request smuggling by `Content-Length` beside
//!   `Transfer-Encoding` (RFC 9112, section 6.1).
//! - *Setting.* None: 64 header fields, 16 KiB of names and values, 2 KiB of target.
//! - *Answer.* 431 `HEADERS_TOO_LARGE`, 414 `URI_TOO_LONG`, 400 `BAD_REQUEST` and the connection is closed.
//! - *Test.* `tests/it/edge/size.rs`

use axum::extract::Request;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::Response;

use super::{MediaType, Refusal, request_id};
use crate::code::ErrorCode;

/// Header fields of one request; a name that comes twice counts twice.
pub const HEADER_FIELDS: usize = 64;
/// Bytes of all names and values of header fields together.
pub const HEADER_BYTES: usize = 16 * 1024;
/// Bytes of the request target.
pub const URI_BYTES: usize = 2 * 1024;

/// Refuses a request that is too large before its body.
pub async fn check(request: Request, next: Next) -> Response {
    match refuse(request.uri(), request.headers()) {
        Err(refusal) => refusal.respond(request_id::of(request.extensions()), MediaType::Json),
        Ok(()) => next.run(request).await,
    }
}

fn refuse(uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
    let refusal = |code, message: &'static str, limit| Refusal::new("size", code, message).of_limit(limit);
    if uri_bytes(uri) > URI_BYTES {
        return Err(refusal(ErrorCode::UriTooLong, "The request target is longer than 2 KiB.", "uri bytes"));
    }
    if headers.len() > HEADER_FIELDS {
        return Err(refusal(ErrorCode::HeadersTooLarge, "More than 64 header fields.", "header fields"));
    }
    if header_bytes(headers) > HEADER_BYTES {
        return Err(refusal(ErrorCode::HeadersTooLarge, "More than 16 KiB of header fields.", "header bytes"));
    }
    // hyper itself drops the `Content-Length` of such a message, reads it by its chunks and closes the connection, which
    // the RFC allows. This is for any other server in front of the layer.
    if headers.contains_key(CONTENT_LENGTH) && headers.contains_key(TRANSFER_ENCODING) {
        let message = "Content-Length and Transfer-Encoding exclude each other.";
        return Err(refusal(ErrorCode::BadRequest, message, "one length")
            .with_header(CONNECTION, HeaderValue::from_static("close")));
    }
    Ok(())
}

fn uri_bytes(uri: &Uri) -> usize {
    let scheme = uri.scheme_str().map_or(0, |scheme| scheme.len().saturating_add("://".len()));
    let authority = uri.authority().map_or(0, |authority| authority.as_str().len());
    let path_and_query = uri.path_and_query().map_or(0, |path| path.as_str().len());
    scheme.saturating_add(authority).saturating_add(path_and_query)
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len().saturating_add(value.len())).fold(0, usize::saturating_add)
}
