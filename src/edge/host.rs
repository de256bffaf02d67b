//! Serves requests for our own names only.
//!
//! - *Attack.* DNS rebinding (a page makes its own name point to our address and so becomes our origin); links and
//!   redirects built from a forged `Host`.
//! - *Setting.* `server.allowed_hosts`.
//! - *Answer.* 421 `MISDIRECTED_REQUEST` for another name; 400 `BAD_REQUEST` for none, two, or a malformed one
//!   (RFC 9112, section 3.2). Health checks are exempt.
//! - *Test.* `tests/it/edge/host.rs`

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::middleware::Next;
use axum::response::Response;

use super::{MediaType, Refusal, is_health, request_id};
use crate::code::ErrorCode;
use crate::config;

/// The names that we answer to, in lower case.
#[derive(Debug, Clone)]
pub struct AllowedHosts(Arc<[String]>);

/// The name and port that the client addressed; the name is one of ours, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHost {
    /// The name, or the address in brackets if it is IPv6.
    pub name: String,
    /// The port, where the client named one.
    pub port: Option<u16>,
}

impl AllowedHosts {
    /// The names of `server.allowed_hosts`.
    #[must_use]
    pub fn new(server: &config::Server) -> Self {
        Self(server.allowed_hosts.iter().map(|name| name.to_ascii_lowercase()).collect())
    }
}

/// Puts the [`RequestHost`] into the request's extensions, or refuses the request.
pub async fn check(State(allowed): State<AllowedHosts>, mut request: Request, next: Next) -> Response {
    if is_health(request.uri().path()) {
        return next.run(request).await;
    }
    match find(&request, &allowed) {
        Ok(host) => {
            request.extensions_mut().insert(host);
            next.run(request).await
        }
        Err(refusal) => refusal.respond(request_id::of(request.extensions()), MediaType::Json),
    }
}

fn find(request: &Request, allowed: &AllowedHosts) -> Result<RequestHost, Refusal> {
    let malformed = || Refusal::new("host", ErrorCode::BadRequest, "Exactly one valid Host is needed.");
    let mut lines = request.headers().get_all(HOST).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return Err(malformed()) };
    // The target of a proxy's request names the host itself and wins over the field.
    let authority = match request.uri().authority() {
        Some(authority) => authority.clone(),
        None => Authority::try_from(line.as_bytes()).map_err(|_| malformed())?,
    };
    let host = parse(&authority).ok_or_else(malformed)?;
    if allowed.0.contains(&host.name) {
        return Ok(host);
    }
    Err(Refusal::new("host", ErrorCode::MisdirectedRequest, "This server does not serve that host.")
        .of_limit("server.allowed_hosts"))
}

/// The name and port; nothing if there is a user in front of them, or a port that is none.
fn parse(authority: &Authority) -> Option<RequestHost> {
    let (text, name) = (authority.as_str(), authority.host());
    let port = text.strip_prefix(name)?;
    let port = if port.is_empty() { None } else { Some(port.strip_prefix(':')?.parse().ok()?) };
    Some(RequestHost { name: name.to_ascii_lowercase(), port })
}
