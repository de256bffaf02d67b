//! The answer to a request that ran: masked, capped, and with the status that its media type asks for.

use async_graphql::{PathSegment, Pos, ServerError, Value};
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use serde::Serialize;

use crate::app::App;
use crate::code::ErrorCode;
use crate::edge::{MediaType, Refusal};
use crate::graphql::error::INTERNAL_MESSAGE;
use crate::ids::RequestId;

/// The members of an answer, in the order in which people like to read them.
#[derive(Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Error>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

#[derive(Serialize)]
struct Error {
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Pos>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    path: Vec<PathSegment>,
    extensions: Extensions,
}

#[derive(Serialize)]
struct Extensions {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Value>,
    #[serde(rename = "requestId")]
    request_id: String,
}

/// The HTTP answer to an executed operation.
///
/// # Errors
/// When it is larger than `limits.response_bytes`.
pub(super) fn respond(
    app: &App,
    request_id: RequestId,
    media_type: MediaType,
    executed: async_graphql::Response,
) -> Result<Response, Refusal> {
    let limits = &app.config.limits;
    // An error that belongs to no field means that nothing ran: then there is no `data` (GraphQL, section 7.1).
    let ran = executed.errors.iter().all(|error| !error.path.is_empty());
    let status = if ran || media_type == MediaType::Json { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let errors = executed.errors.iter().take(limits.errors).map(|error| masked(error, request_id));
    let answer = Answer { errors: errors.collect(), data: ran.then_some(executed.data) };
    let body = serde_json::to_vec(&answer).map_err(|error| {
        tracing::error!(target: "taskward::internal", cause = %error, "an answer can't be written");
        Refusal::new("answer", ErrorCode::InternalServerError, INTERNAL_MESSAGE)
    })?;
    if body.len() > limits.response_bytes {
        let message = "The answer would be too large: ask for less at once.";
        return Err(Refusal::new("answer", ErrorCode::ResponseTooLarge, message).of_limit("limits.response_bytes"));
    }
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, media_type.content_type());
    Ok(response)
}

fn masked(error: &ServerError, request_id: RequestId) -> Error {
    let extension = |name| error.extensions.as_ref().and_then(|extensions| extensions.get(name)).cloned();
    let (code, message) = match extension("code") {
        Some(Value::String(code)) => (code, error.message.clone()),
        _ if error.path.is_empty() => (ErrorCode::GraphqlValidationFailed.as_str().to_owned(), error.message.clone()),
        _ => (ErrorCode::BadUserInput.as_str().to_owned(), error.message.clone()),
    };
    Error {
        message,
        locations: error.locations.clone(),
        path: error.path.clone(),
        extensions: Extensions { code, fields: extension("fields"), request_id: request_id.to_string() },
    }
}
