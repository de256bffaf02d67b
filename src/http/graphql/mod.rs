//! `/graphql`: the story of a request, from its headers to its answer.

mod operation;
mod read;
mod response;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, post};
use tracing::Instrument;

use self::operation::Operation;
use super::media_type::Accept;
use crate::app::App;
use crate::code::ErrorCode;
use crate::edge::request_rate::ratelimit_headers;
use crate::edge::{MediaType, Refusal};

/// The handlers of the endpoint. Every method is answered here, so that every answer carries the budget.
pub(super) fn routes() -> MethodRouter<Arc<App>> {
    post(serve).fallback(serve)
}

async fn serve(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if parts.method == Method::GET
        && app.config.graphql.playground
        && Accept::from_headers(&parts.headers).prefers_html()
    {
        return Redirect::temporary("/playground").into_response();
    }
    let operation = Operation::new(&app, &parts);
    let mut exchange = Exchange { app: &app, parts: &parts, operation, media_type: MediaType::Json };
    // At the level of errors, so that no setting of the log takes the request id from them.
    let span = tracing::error_span!("graphql", request_id = %exchange.operation.request_id);
    let answer = exchange.answer(body).instrument(span).await;
    let Exchange { operation, media_type, .. } = exchange;
    let mut response = answer.unwrap_or_else(|refusal| refusal.respond(operation.request_id, media_type));
    for (name, value) in ratelimit_headers(&[("requests", operation.budget), ("cost", operation.cost)]) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// One request and its answer.
struct Exchange<'a> {
    app: &'a Arc<App>,
    parts: &'a Parts,
    operation: Operation,
    media_type: MediaType,
}

impl Exchange<'_> {
    /// Every check of HTTP in its order, cheapest first, and then the operation.
    async fn answer(&mut self, body: Body) -> Result<Response, Refusal> {
        self.media_type = self.negotiate()?;
        let request = self.read(body).await?;
        let authorization = self.parts.headers.get_all(AUTHORIZATION).iter().map(HeaderValue::as_bytes);
        let caller = self.operation.caller(authorization).await?;
        let method = &self.parts.method;
        let answer = self.operation.answer(request, caller, |kind| read::check_operation(method, kind)).await?;
        Ok(response::of(answer, self.media_type))
    }

    fn negotiate(&self) -> Result<MediaType, Refusal> {
        // The first is what a client gets that takes anything.
        let offers = [MediaType::Json, MediaType::GraphqlResponse];
        Accept::from_headers(&self.parts.headers).negotiate(&offers).ok_or_else(|| {
            let message = "Accept application/graphql-response+json or application/json.";
            Refusal::new("media_type", ErrorCode::NotAcceptable, message)
        })
    }
}
