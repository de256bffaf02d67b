//! The answer to a request that ran: masked, capped, and with the status that its media type asks for.

use async_graphql::{ServerError, Value};
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;

use super::cost::CostReport;
use super::receipt::Budget;
use crate::code::{ErrorCode, INTERNAL_MESSAGE};
use crate::config::{Config, Profile};
use crate::edge::{MediaType, Refusal};
use crate::guard::mask::{self, Detail, Masked};
use crate::ids::RequestId;

/// The members of an answer, in the order in which people like to read them.
#[derive(Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ServerError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    #[serde(skip_serializing_if = "Extensions::is_empty")]
    extensions: Extensions,
}

/// What an answer tells besides what was asked for.
#[derive(Debug, Default, Serialize)]
pub(super) struct Extensions {
    /// What the operation cost, if it ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cost: Option<CostReport>,
    /// The receipt, if the client asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) budget: Option<Budget>,
}

/// Whether the operation ran: an error that belongs to no field means that nothing did.
pub(super) fn ran(executed: &async_graphql::Response) -> bool {
    executed.errors.iter().all(|error| !error.path.is_empty())
}

/// The HTTP answer to an executed operation.
///
/// # Errors
/// When it is larger than `limits.response_bytes`.
pub(super) fn respond(
    config: &Config,
    request_id: RequestId,
    media_type: MediaType,
    executed: async_graphql::Response,
    extensions: Extensions,
) -> Result<Response, Refusal> {
    // When nothing ran, there is no `data` (GraphQL, section 7.1).
    let ran = ran(&executed);
    let status = if ran || media_type == MediaType::Json { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let detail = match config.server.profile {
        Profile::Development => Detail::Full,
        Profile::Production => Detail::Fixed,
    };
    let Masked { errors, internal } =
        mask::mask(executed.errors, config.limits.errors, &request_id.to_string(), detail);
    for cause in internal {
        tracing::error!(target: "taskward::internal", cause, "an operation failed inside");
    }
    let answer = Answer { errors, data: ran.then_some(executed.data), extensions };
    let mut response = Response::new(Body::from(body(&answer, config.limits.response_bytes)?));
    *response.status_mut() = status;
    if answer.is_unavailable() {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response.headers_mut().insert(CONTENT_TYPE, media_type.content_type());
    Ok(response)
}

impl Extensions {
    const fn is_empty(&self) -> bool {
        self.cost.is_none() && self.budget.is_none()
    }
}

impl Answer {
    /// Whether there is nothing in it but that the server could not do its work in time: a proxy or client may try again.
    fn is_unavailable(&self) -> bool {
        let unavailable = [ErrorCode::Timeout.as_str(), ErrorCode::Overloaded.as_str()].map(Value::from);
        let code = |error: &ServerError| error.extensions.as_ref().and_then(|values| values.get("code")).cloned();
        self.data == Some(Value::Null) && self.errors.iter().filter_map(code).any(|code| unavailable.contains(&code))
    }
}

fn body(answer: &Answer, most: usize) -> Result<Vec<u8>, Refusal> {
    let body = serde_json::to_vec(answer).map_err(|error| {
        tracing::error!(target: "taskward::internal", cause = %error, "an answer can't be written");
        Refusal::new("answer", ErrorCode::InternalServerError, INTERNAL_MESSAGE)
    })?;
    if body.len() > most {
        let message = "The answer would be too large: ask for less at once.";
        return Err(Refusal::new("answer", ErrorCode::ResponseTooLarge, message).of_limit("limits.response_bytes"));
    }
    Ok(body)
}
