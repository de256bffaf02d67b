//! Reading what a client asks for: the body of a POST, or the query string of a GET.
//!
//! *Attack.* A GET that a page of another site makes a browser send, which needs no permission; a mutation by GET, which
//! caches and crawlers repeat.
//! *Setting.* `graphql.get`.
//! *Answer.* 405 `METHOD_NOT_ALLOWED` with `Allow`.
//! *Test.* `tests/it/transport.rs`

use async_graphql::parser::types::OperationType;
use axum::body::Body;
use axum::http::header::ALLOW;
use axum::http::{HeaderValue, Method};

use super::Exchange;
use crate::code::ErrorCode;
use crate::config::GetQueries;
use crate::edge::{self, Refusal, body, csrf};
use crate::http::json::JsonLimits;
use crate::http::request::{GraphqlRequest, RequestError};

impl Exchange<'_> {
    /// What the client asks for, once it is plain that it may ask in this way.
    pub(super) async fn read(&mut self, body: Body) -> Result<GraphqlRequest, Refusal> {
        match (&self.parts.method, self.app.config.graphql.get) {
            (&Method::POST, _) => self.read_post(body).await,
            (&Method::GET, GetQueries::Open) => self.read_get(),
            (&Method::GET, GetQueries::Preflight) => {
                let asks_first = csrf::check_preflight(&self.parts.headers);
                asks_first.map_err(|_| method_not_allowed("Send a POST, or a GET with Apollo-Require-Preflight."))?;
                self.read_get()
            }
            (_, GetQueries::Off) => Err(method_not_allowed("Send a POST.")),
            (_, GetQueries::Preflight | GetQueries::Open) => {
                let refusal = Refusal::new("method", ErrorCode::MethodNotAllowed, "Send a POST, or a query by GET.");
                Err(refusal.with_header(ALLOW, HeaderValue::from_static("GET, POST")))
            }
        }
    }

    async fn read_post(&mut self, body: Body) -> Result<GraphqlRequest, Refusal> {
        edge::check_post(self.parts, &self.app.origins)?;
        let config = &self.app.config;
        let body = body::read_body(body, config.limits.body_bytes, config.timeouts.body()).await?;
        self.operation.bytes = body.len();
        GraphqlRequest::from_json(&body, JsonLimits::new(&config.limits)).map_err(bad_request)
    }

    fn read_get(&self) -> Result<GraphqlRequest, Refusal> {
        csrf::check_origin(self.parts, &self.app.origins)?;
        let query = self.parts.uri.query().unwrap_or_default();
        GraphqlRequest::from_query(query, JsonLimits::new(&self.app.config.limits)).map_err(bad_request)
    }
}

/// Refuses a GET of anything but a query.
pub(super) fn check_operation(method: &Method, kind: OperationType) -> Result<(), Refusal> {
    if method == Method::GET && kind != OperationType::Query {
        return Err(method_not_allowed("Only queries may be sent by GET: send a POST."));
    }
    Ok(())
}

fn bad_request(error: RequestError) -> Refusal {
    Refusal { limit: error.limit(), ..Refusal::new("json", ErrorCode::BadRequest, error.to_string()) }
}

/// The refusal of a method by which this request may not come, though others may.
fn method_not_allowed(message: &'static str) -> Refusal {
    let refusal = Refusal::new("method", ErrorCode::MethodNotAllowed, message).of_limit("graphql.get");
    refusal.with_header(ALLOW, HeaderValue::from_static("POST"))
}
