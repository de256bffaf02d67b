//! Refuses requests that a page of another site may have made a browser send.
//!
//! - *Attack.* Cross-site request forgery: a form or script of another site that uses the visitor's network position
//!   (a server on localhost or in the company's network) or, one day, cookies.
//! - *Setting.* `cors.allowed_origins`.
//! - *Answer.* 403 `CSRF_REJECTED`.
//! - *Test.* `tests/it/edge/csrf.rs`
//!
//! Clients that are no browsers send neither `Origin` nor `Sec-Fetch-Site` and pass the first check.

use axum::http::header::{AUTHORIZATION, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::host::RequestHost;
use super::https::Secure;
use super::{AllowedOrigins, Refusal, content_type};
use crate::code::ErrorCode;

/// Fields whose one purpose is that a browser asks by a preflight before it sends them for another site.
pub const PREFLIGHT_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("apollo-require-preflight"),
    HeaderName::from_static("x-apollo-operation-name"),
    HeaderName::from_static("graphql-require-preflight"),
];

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a request of a page that is neither ours nor allowed: by `Origin`, and without one by `Sec-Fetch-Site`
/// ([Fetch Metadata](https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header)).
pub fn check_origin(request: &Parts, allowed: &AllowedOrigins) -> Result<(), Refusal> {
    let mut origins = request.headers.get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (Some(origin), None) if allowed.contains(origin) || is_own(origin, request) => Ok(()),
        (Some(_), _) => Err(refusal("Pages of this origin may not call.").of_limit("cors.allowed_origins")),
        (None, _) if came_from_own_page(&request.headers) => Ok(()),
        (None, _) => Err(refusal("Pages of other sites may not call.").of_limit("cors.allowed_origins")),
    }
}

/// Refuses a request that a browser would send for any site without asking first: one that is not JSON and has neither
/// `Authorization` nor one of [`PREFLIGHT_HEADERS`].
pub fn check_preflight(headers: &HeaderMap) -> Result<(), Refusal> {
    let asks_first = |name: &HeaderName| headers.contains_key(name);
    if content_type::is_json(headers) || asks_first(&AUTHORIZATION) || PREFLIGHT_HEADERS.iter().any(asks_first) {
        return Ok(());
    }
    Err(refusal("Send Content-Type: application/json or a non-empty Apollo-Require-Preflight header."))
}

/// Whether `origin` is the scheme, host and port that the request itself was sent to.
fn is_own(origin: &HeaderValue, request: &Parts) -> bool {
    let Some(host) = request.extensions.get::<RequestHost>() else { return false };
    let (scheme, default_port) = match request.extensions.get::<Secure>() {
        Some(Secure) => ("https", 443),
        None => ("http", 80),
    };
    let port = host.port.filter(|port| *port != default_port).map_or_else(String::new, |port| format!(":{port}"));
    origin.as_bytes() == format!("{scheme}://{}{port}", host.name).as_bytes()
}

/// Whether a browser says that a page of our own origin or its user made the request, or no browser says anything.
fn came_from_own_page(headers: &HeaderMap) -> bool {
    headers.get_all(SEC_FETCH_SITE).iter().all(|site| site == "same-origin" || site == "none")
}

fn refusal(message: &'static str) -> Refusal {
    Refusal::new("csrf", ErrorCode::CsrfRejected, message)
}
