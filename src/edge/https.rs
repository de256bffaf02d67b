//! Knows which requests came by HTTPS, sends the others there, and makes browsers remember it.
//!
//! - *Attack.* Reading or changing traffic in the clear, tokens first.
//! - *Setting.* `https.redirect`, `https.hsts_seconds`, `server.trusted_proxies`.
//! - *Answer.* 308 to the same address by `https`, health checks exempt; `Strict-Transport-Security` on secure answers
//!   only (RFC 6797, section 7.2).
//! - *Test.* `tests/it/edge/https.rs`

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{LOCATION, STRICT_TRANSPORT_SECURITY};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::client_address;
use super::forwarded::TrustedProxies;
use super::host::RequestHost;
use crate::config;

/// Marks a request that nobody on the way from the client to us could read: the listener marks those of its TLS
/// connections, and [`enforce`] those that a trusted proxy took by HTTPS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secure;

/// What is done with secure and with other requests.
#[derive(Debug, Clone)]
pub struct HttpsRules {
    redirect: bool,
    hsts: Option<HeaderValue>,
    proxies: TrustedProxies,
}

impl HttpsRules {
    /// The rules of the `https` section.
    #[must_use]
    pub fn new(https: &config::Https, proxies: TrustedProxies) -> Self {
        let hsts = HeaderValue::try_from(format!("max-age={}", https.hsts_seconds)).ok();
        Self { redirect: https.redirect, hsts: hsts.filter(|_| https.hsts_seconds > 0), proxies }
    }
}

/// Marks a request as [`Secure`] and its answer with HSTS, or redirects it.
pub async fn enforce(State(rules): State<HttpsRules>, mut request: Request, next: Next) -> Response {
    let by_tls = request.extensions().get::<Secure>().is_some();
    if by_tls || rules.proxies.says_https(client_address::peer(request.extensions()), request.headers()) {
        request.extensions_mut().insert(Secure);
        let mut response = next.run(request).await;
        if let Some(hsts) = rules.hsts {
            response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, hsts);
        }
        return response;
    }
    match redirect(&request) {
        Some(response) if rules.redirect => response,
        _ => next.run(request).await,
    }
}

/// The way to the same path by HTTPS; none for health checks, whose host was not checked and so is not known. The port
/// was that of plain HTTP and is left out.
fn redirect(request: &Request) -> Option<Response> {
    let host = request.extensions().get::<RequestHost>()?;
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('/') { path } else { "/" };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    let location = HeaderValue::try_from(format!("https://{}{path}", host.name)).ok()?;
    response.headers_mut().insert(LOCATION, location);
    Some(response)
}
