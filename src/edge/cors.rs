//! Tells browsers which pages of other origins may call and read the answers.
//!
//! - *Attack.* A page of another site that reads a visitor's data with the visitor's network position or token.
//! - *Setting.* `cors.allowed_origins`: explicit origins; `*` is never one of them.
//! - *Answer.* CORS fields for allowed origins on every answer, refusals included; none for others. Never credentials:
//!   callers send their token themselves.
//! - *Test.* `tests/it/edge/cors.rs`

use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{
    ACCEPT, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, AUTHORIZATION, CONTENT_TYPE, ORIGIN, RETRY_AFTER,
};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::response::Response;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::csrf::PREFLIGHT_HEADERS;
use super::request_id::X_REQUEST_ID;
use super::request_rate::{RATELIMIT, RATELIMIT_POLICY};
use crate::config;

/// How long a browser may remember a preflight: the most that Chromium takes. Without it each call would be two.
const MAX_AGE: Duration = Duration::from_hours(2);

/// Fields that a page may send besides those that every page may.
const REQUEST_HEADERS: [HeaderName; 9] = [
    AUTHORIZATION,
    CONTENT_TYPE,
    ACCEPT,
    X_REQUEST_ID,
    HeaderName::from_static("apollographql-client-name"),
    HeaderName::from_static("apollographql-client-version"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("x-taskward-budget"),
    HeaderName::from_static("last-event-id"),
];

/// Fields that a page may read besides those that every page may.
const EXPOSED_HEADERS: [HeaderName; 4] = [RATELIMIT, RATELIMIT_POLICY, RETRY_AFTER, X_REQUEST_ID];

/// The origins of other sites that may call.
#[derive(Debug, Clone)]
pub struct AllowedOrigins(Arc<[HeaderValue]>);

impl AllowedOrigins {
    /// The origins of `cors.allowed_origins`. `*`, `null` and what no `Origin` could hold are left out: they match no
    /// page.
    #[must_use]
    pub fn new(cors: &config::Cors) -> Self {
        let explicit = cors.allowed_origins.iter().filter(|origin| origin.contains("://"));
        Self(explicit.filter_map(|origin| HeaderValue::try_from(origin.to_ascii_lowercase()).ok()).collect())
    }

    /// Whether a page of `origin` may call.
    #[must_use]
    pub fn contains(&self, origin: &HeaderValue) -> bool {
        self.0.contains(origin)
    }
}

/// The layer that adds CORS fields and answers preflights.
pub fn layer(origins: &AllowedOrigins) -> CorsLayer {
    let origins = origins.clone();
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| origins.contains(origin)))
        .allow_methods([Method::GET, Method::POST, Method::OPTIONS])
        .allow_headers([REQUEST_HEADERS.as_slice(), PREFLIGHT_HEADERS.as_slice()].concat())
        .expose_headers(EXPOSED_HEADERS)
        .max_age(MAX_AGE)
        // Also on answers without `Origin`: a cache must not give them to a page.
        .vary([ORIGIN])
}

/// The answer, without the other CORS fields if no origin is allowed to use them: tower-http tells them to everybody.
pub async fn hide_from_strangers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    if !headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
        for name in [
            ACCESS_CONTROL_ALLOW_METHODS,
            ACCESS_CONTROL_ALLOW_HEADERS,
            ACCESS_CONTROL_EXPOSE_HEADERS,
            ACCESS_CONTROL_MAX_AGE,
        ] {
            headers.remove(name);
        }
    }
    response
}
