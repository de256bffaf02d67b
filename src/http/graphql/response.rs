//! An answer over HTTP: the status that its media type asks for.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::operation::Answer;
use crate::edge::MediaType;

/// `answer` as `media_type`. An operation that did not run is 400, but 200 for clients of `application/json`: they read
/// any other status as a failure of the transport.
pub(super) fn of(answer: Answer, media_type: MediaType) -> Response {
    let status = match answer {
        Answer { unavailable: true, .. } => StatusCode::SERVICE_UNAVAILABLE,
        Answer { ran: false, .. } if media_type != MediaType::Json => StatusCode::BAD_REQUEST,
        Answer { .. } => StatusCode::OK,
    };
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = status;
    if answer.unavailable {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response.headers_mut().insert(CONTENT_TYPE, media_type.content_type());
    response
}
