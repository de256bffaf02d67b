//! The one shape of a refusal: a small JSON error in GraphQL's form, with a code, the request id and a fitting status.
//!
//! - *Attack.* Making errors larger than the requests that cause them, or reading the server's insides from them.
//! - *Setting.* None.
//! - *Answer.* `{"errors":[{"message":…,"extensions":{"code":…,"requestId":…}}]}` without `data`, under 2 KiB.
//! - *Test.* `tests/it/edge/refusal.rs`

use std::borrow::Cow;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;

use crate::code::ErrorCode;
use crate::ids::RequestId;

/// Characters of a message that are sent; even if each takes six bytes in JSON, the answer stays under 2 KiB.
const MESSAGE_CHARACTERS: usize = 300;

/// When it makes sense to come back after a 503 that does not say.
const UNAVAILABLE: Duration = Duration::from_secs(1);

/// A request that is not served, and what its sender is told.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The protection that refuses, for the log: the stem of its file.
    pub protection: &'static str,
    /// The limit that was passed, for the log: a setting's name where there is one.
    pub limit: Option<&'static str>,
    /// What the client may switch on; it implies the status.
    pub code: ErrorCode,
    /// A sentence for people. It holds nothing of what the client sent.
    pub message: Cow<'static, str>,
    /// The budget that is used up, told as `extensions.policy`.
    pub policy: Option<&'static str>,
    /// The cost of what was refused, told as `extensions.cost`.
    pub cost: Option<Box<Value>>,
    /// What is told of the document, when it is the document that is refused.
    pub document: Option<Box<DocumentDetails>>,
    /// When it makes sense to come back.
    pub retry_after: Option<Duration>,
    /// A header field of the answer that only this kind of refusal has.
    pub header: Option<Box<(HeaderName, HeaderValue)>>,
}

/// What a client is told of a refused document.
#[derive(Debug, Clone)]
pub struct DocumentDetails {
    /// Where in the document, told as `locations`.
    pub locations: Vec<Location>,
    /// How much was used of the limit, told as `extensions.limit`.
    pub limit: Option<Value>,
    /// The values of variables that do not fit their types, told as `extensions.fields`.
    pub fields: Vec<InvalidField>,
}

/// A value that does not fit its type.
#[derive(Debug, Clone, Serialize)]
pub struct InvalidField {
    /// The way to it, from the variable down.
    pub path: Value,
    /// The rule that it breaks.
    pub code: &'static str,
    /// The rule in words.
    pub message: &'static str,
}

/// A place in a document, both numbers from 1 on.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Location {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

/// The media types of a GraphQL answer. A refusal is JSON in any case.
/// See [GraphQL over HTTP, "Media Types"](https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json`: what clients get that do not ask.
    Json,
    /// `application/graphql-response+json`.
    GraphqlResponse,
    /// `text/event-stream`, for results that come one by one.
    EventStream,
}

impl MediaType {
    /// The value of `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::EventStream => "text/event-stream; charset=utf-8",
        })
    }
}

impl Refusal {
    /// A refusal by `protection` that tells the client `code` and `message`.
    #[must_use]
    pub fn new(protection: &'static str, code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            protection,
            limit: None,
            code,
            message: message.into(),
            policy: None,
            cost: None,
            document: None,
            retry_after: None,
            header: None,
        }
    }

    /// The refusal with the limit that was passed, for the log.
    #[must_use]
    pub fn of_limit(self, limit: &'static str) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// The refusal with a header field of its own.
    #[must_use]
    pub fn with_header(self, name: HeaderName, value: HeaderValue) -> Self {
        Self { header: Some(Box::new((name, value))), ..self }
    }

    /// The answer to the client. Writes the one log line of this refusal, so it is to be called once.
    ///
    /// The status is that of the code, but 200 for `application/json` where the code is one of GraphQL's own request
    /// errors: clients of that media type read any other status as a failure of the transport.
    pub fn respond(self, request_id: RequestId, media_type: MediaType) -> Response {
        let mut response = Response::new(Body::from(self.tell(request_id)));
        let status = self.status(media_type);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, media_type.content_type());
        let unavailable = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(UNAVAILABLE);
        if let Some(retry_after) = self.retry_after.or(unavailable) {
            headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(retry_after)));
        }
        if let Some((name, value)) = self.header.map(|header| *header) {
            headers.append(name, value);
        }
        response
    }

    /// What [`Refusal::respond`] puts into its body, for the answers that are sent without an HTTP response of their own:
    /// `{"errors":[…]}`. Writes the one log line of this refusal, too.
    #[must_use]
    pub fn into_errors(self, request_id: RequestId) -> String {
        self.tell(request_id)
    }

    fn status(&self, media_type: MediaType) -> StatusCode {
        if media_type == MediaType::Json && self.code.is_graphql_request_error() {
            return StatusCode::OK;
        }
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Tells the log that the request is refused, and returns what the client is told.
    fn tell(&self, request_id: RequestId) -> String {
        self.log(request_id);
        let document = self.document.as_deref();
        let error = Error {
            message: self.message.chars().take(MESSAGE_CHARACTERS).collect(),
            locations: document.map_or(&[], |document| &document.locations),
            extensions: Extensions {
                code: self.code.as_str(),
                fields: document.map_or(&[], |document| &document.fields),
                policy: self.policy,
                limit: document.and_then(|document| document.limit.as_ref()),
                cost: self.cost.as_deref(),
                request_id: request_id.to_string(),
            },
        };
        // Texts and numbers can always be written.
        serde_json::to_string(&Errors { errors: [error] }).unwrap_or_default()
    }

    fn log(&self, request_id: RequestId) {
        tracing::info!(
            target: "taskward::refusal",
            %request_id,
            protection = self.protection,
            limit = self.limit,
            policy = self.policy,
            code = self.code.as_str(),
            "refused"
        );
    }
}

/// The members in the order in which people like to read them.
#[derive(Serialize)]
struct Errors<'a> {
    errors: [Error<'a>; 1],
}

#[derive(Serialize)]
struct Error<'a> {
    message: String,
    #[serde(skip_serializing_if = "<[Location]>::is_empty")]
    locations: &'a [Location],
    extensions: Extensions<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Extensions<'a> {
    code: &'static str,
    #[serde(skip_serializing_if = "<[InvalidField]>::is_empty")]
    fields: &'a [InvalidField],
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<&'a Value>,
    request_id: String,
}

/// `duration` in whole seconds, rounded up: who comes back after them comes late enough.
#[must_use]
pub fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0))
}
