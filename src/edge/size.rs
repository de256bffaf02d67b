//! Bounds the request target and the header fields, and refuses a message whose length is told twice.
//!
//! - *Attack.* Thousands of header fields or a target of many KiB; request smuggling by `Content-Length` beside
//!   `Transfer-Encoding` (RFC 9112, section 6.1).
//! - *Setting.* `limits.headers`, `limits.header_bytes`, `limits.uri_bytes`.
//! - *Answer.* 431 `HEADERS_TOO_LARGE`, 414 `URI_TOO_LONG`, 400 `BAD_REQUEST` and the connection is closed.
//! - *Test.* `tests/it/edge/size.rs`

use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::Response;

use super::{MediaType, Refusal, request_id};
use crate::code::ErrorCode;
use crate::config::Limits;

/// Refuses a request that is too large before its body.
pub async fn check(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    match refuse(request.uri(), request.headers(), &limits) {
        Err(refusal) => refusal.respond(request_id::of(request.extensions()), MediaType::Json),
        Ok(()) => next.run(request).await,
    }
}

fn refuse(uri: &Uri, headers: &HeaderMap, limits: &Limits) -> Result<(), Refusal> {
    let refusal = |code, message: String, limit| Refusal::new("size", code, message).of_limit(limit);
    if uri_bytes(uri) > limits.uri_bytes {
        let message = format!("The request target has more than {} bytes.", limits.uri_bytes);
        return Err(refusal(ErrorCode::UriTooLong, message, "limits.uri_bytes"));
    }
    if headers.len() > limits.headers {
        let message = format!("There are more than {} header fields.", limits.headers);
        return Err(refusal(ErrorCode::HeadersTooLarge, message, "limits.headers"));
    }
    if header_bytes(headers) > limits.header_bytes {
        let message = format!("The header fields have more than {} bytes.", limits.header_bytes);
        return Err(refusal(ErrorCode::HeadersTooLarge, message, "limits.header_bytes"));
    }
    // hyper itself drops the `Content-Length` of such a message, reads it by its chunks and closes the connection, which
    // the RFC allows. This is for any other server in front of the layer.
    if headers.contains_key(CONTENT_LENGTH) && headers.contains_key(TRANSFER_ENCODING) {
        let message = "Content-Length and Transfer-Encoding exclude each other.";
        return Err(Refusal::new("size", ErrorCode::BadRequest, message)
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
