//! A stub router behind the real stack, requests to it, and what it answers and logs.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, Method, request, response};
use axum::response::Response;
use axum::routing::get;
use chrono::DateTime;
use http_body_util::BodyExt;
use serde_json::Value;
use taskward::clock::Clock;
use taskward::config::{Config, Profile};
use taskward::edge::host::RequestHost;
use taskward::edge::https::Secure;
use taskward::edge::request_rate::RequestBudgets;
use taskward::edge::{AllowedOrigins, MediaType, Refusal, check_post, client_address, protect, request_id};
use taskward::ids::RequestId;
use taskward::random::Random;
use tower::ServiceExt;

use crate::support::keep_events;

/// A server with a few stub routes; `/graphql` runs the checks of the endpoint, `/echo` tells what the layers found.
pub(super) struct Server {
    pub(super) config: Config,
    pub(super) clock: Clock,
    pub(super) peer: SocketAddr,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Server {
    pub(super) fn new() -> Self {
        Self {
            config: Config::defaults(Profile::Development),
            clock: Clock::fixed(DateTime::UNIX_EPOCH),
            peer: SocketAddr::from(([203, 0, 113, 7], 50_000)),
        }
    }

    /// A server that trusts 10.0.0.0/8 and is called from there.
    pub(super) fn behind_proxy() -> Self {
        let mut server = Self::new();
        server.config.server.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        server.peer = SocketAddr::from(([10, 0, 0, 1], 50_000));
        server
    }

    pub(super) fn router(&self) -> Router {
        self.protect(self.stub())
    }

    /// `router` behind the real stack.
    pub(super) fn protect(&self, router: Router) -> Router {
        keep_events();
        let budgets = Arc::new(RequestBudgets::new(&self.config.rate_limit, &self.config.cost, &self.clock));
        protect(router, &self.config, &budgets, &self.clock, &Random::seeded(1))
    }

    fn stub(&self) -> Router {
        let origins = AllowedOrigins::new(&self.config.cors);
        let graphql = async move |request: Request| graphql(request, &origins);
        Router::new()
            .route("/graphql", get(async || "{}").post(graphql))
            .route("/panic", get(async || -> &'static str { panic!("the secret cause") }))
            .route("/healthz", get(async || "alive"))
            .route("/readyz", get(async || "ready"))
            .route("/echo", get(echo))
    }

    pub(super) async fn send(&self, mut request: Request) -> Answer {
        request.extensions_mut().insert(ConnectInfo(self.peer));
        answer(self.router().oneshot(request).await.unwrap()).await
    }
}

fn graphql(request: Request, origins: &AllowedOrigins) -> Response {
    let (parts, _) = request.into_parts();
    match check_post(&parts, origins) {
        Ok(()) => Response::new(Body::from("{}")),
        Err(refusal) => refusal.respond(request_id::of(&parts.extensions), MediaType::Json),
    }
}

async fn echo(request: Request) -> String {
    let extensions = request.extensions();
    let address = client_address::of(extensions);
    let host = extensions.get::<RequestHost>().map(|host| (host.name.clone(), host.port));
    let secure = extensions.get::<Secure>().is_some();
    serde_json::json!({ "address": address.to_string(), "host": host, "secure": secure }).to_string()
}

impl Answer {
    /// The value of the one field `name`, or nothing; several are a failure.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let values: Vec<_> = self.headers.get_all(name).iter().collect();
        assert!(values.len() < 2, "{name}: {values:?}");
        values.first().map(|value| value.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }

    /// The code of the one error of a refusal.
    pub(super) fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// The answer of a refusal outside of the stack.
pub(super) async fn respond(refusal: Refusal, media_type: MediaType) -> Answer {
    keep_events();
    answer(refusal.respond(any_request_id(), media_type)).await
}

/// The same id each time.
pub(super) fn any_request_id() -> RequestId {
    RequestId::generate(DateTime::UNIX_EPOCH, &Random::seeded(1))
}

pub(super) async fn answer(response: Response) -> Answer {
    let (response::Parts { status, headers, .. }, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { status: status.as_u16(), headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

/// A GET to our own host; further fields can be added.
pub(super) fn get_request(uri: &str) -> request::Builder {
    Request::builder().uri(uri).header("host", "localhost:8000")
}

/// A POST of JSON to `/graphql`; further fields can be added.
pub(super) fn post_request() -> request::Builder {
    get_request("/graphql").method(Method::POST).header("content-type", "application/json")
}

pub(super) fn empty(builder: request::Builder) -> Request {
    builder.body(Body::empty()).unwrap()
}

/// Header fields as a map, in the order given.
pub(super) fn header_map(fields: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(*name, value.parse().unwrap());
    }
    headers
}
