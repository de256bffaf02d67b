//! `/graphql`: the story of a request, from its headers to its answer.

mod operation;
mod read;
mod response;
mod socket;
mod stream;

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, post};
use tracing::Instrument;

use self::operation::{Operation, Outcome};
use self::stream::Subscription;
use super::media_type::Accept;
use crate::app::App;
use crate::code::ErrorCode;
use crate::edge::request_rate::ratelimit_headers;
use crate::edge::{MediaType, Refusal, request_id};

/// The handlers of the endpoint. Every method is answered here, so that every answer carries the budget.
pub(super) fn routes() -> MethodRouter<Arc<App>> {
    post(serve).fallback(serve)
}

async fn serve(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    if parts.method == Method::GET
        && app.config.graphql.playground
        && Accept::from_headers(&parts.headers).prefers_html()
    {
        return Redirect::temporary("/playground").into_response();
    }
    if socket::is_asked_for(&parts) {
        let opened = socket::open(&app, &mut parts).await;
        return opened.unwrap_or_else(|refusal| refusal.respond(request_id::of(&parts.extensions), MediaType::Json));
    }
    let operation = Operation::new(&app, &parts);
    let mut exchange = Exchange { app: &app, parts: &parts, operation, media_type: MediaType::Json };
    // At the level of errors, so that no setting of the log takes the request id from them.
    let span = tracing::error_span!("graphql", request_id = %exchange.operation.request_id);
    let answer = exchange.answer(body).instrument(span).await;
    let Exchange { operation, media_type, .. } = exchange;
    let mut response = answer.unwrap_or_else(|refusal| match media_type {
        MediaType::EventStream => stream::of_refusal(refusal, operation.request_id),
        media_type => refusal.respond(operation.request_id, media_type),
    });
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
        self.operation.last_event_id = stream::last_event_id(&self.parts.headers);
        let request = self.read(body).await?;
        let authorization = self.parts.headers.get_all(AUTHORIZATION).iter().map(HeaderValue::as_bytes);
        let known = self.operation.caller(authorization).await?;
        let (app, method, streams) = (self.app, &self.parts.method, self.takes_streams());
        let (key, mut place) = (self.operation.key(&known.caller), None);
        let permit = |kind| match kind {
            OperationType::Subscription if streams => {
                // Whatever the client likes better, a subscription comes in no other way.
                self.media_type = MediaType::EventStream;
                place = Some((app.subscriptions.open()?, app.subscriptions.enter(key)?));
                Ok(())
            }
            OperationType::Subscription => Err(no_stream()),
            kind => read::check_operation(method, kind),
        };
        let outcome = self.operation.begin(request, known.caller, permit).await?;
        match (outcome, place) {
            (Outcome::Events(events), Some(place)) => {
                let (app, request_id) = (Arc::clone(app), self.operation.request_id);
                let subscription = Subscription { app, request_id, expires_at: known.expires_at, place };
                Ok(stream::of_events(subscription, events))
            }
            (Outcome::Events(_), None) => Err(no_stream()),
            (Outcome::Answer(answer), _) => Ok(match self.media_type {
                MediaType::EventStream => stream::of_answer(answer),
                media_type => response::of(answer, media_type),
            }),
        }
    }

    /// Whether the client takes an event stream, which only a POST can ask for.
    fn takes_streams(&self) -> bool {
        let accept = Accept::from_headers(&self.parts.headers);
        self.parts.method == Method::POST && accept.negotiate(&[MediaType::EventStream]).is_some()
    }

    fn negotiate(&self) -> Result<MediaType, Refusal> {
        // The first is what a client gets that takes anything.
        let offers: &[MediaType] = match self.parts.method {
            Method::POST => &[MediaType::Json, MediaType::GraphqlResponse, MediaType::EventStream],
            _ => &[MediaType::Json, MediaType::GraphqlResponse],
        };
        Accept::from_headers(&self.parts.headers).negotiate(offers).ok_or_else(|| {
            let message = "Accept application/graphql-response+json or application/json; text/event-stream by POST.";
            Refusal::new("media_type", ErrorCode::NotAcceptable, message)
        })
    }
}

/// The refusal of a subscription whose client takes one answer only.
fn no_stream() -> Refusal {
    let message = "Accept text/event-stream to subscribe, or open a socket.";
    Refusal::new("media_type", ErrorCode::NotAcceptable, message)
}
