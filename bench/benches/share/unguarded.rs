//! The endpoint without the guard: the same layers, caller, budgets, schema and bytes, and a document that is parsed
//! already. The server has no such thing, and no switch for it.

use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Variables, parser};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use taskward::app::App;
use taskward::domain::authenticate;
use taskward::domain::{Caller, Op};
use taskward::edge::concurrency::CallerKey;
use taskward::edge::request_rate::{BudgetState, ratelimit_headers};
use taskward::edge::{self, body};
use taskward::graphql::rate_limit::{Budget, RateLimit};
use taskward::graphql::with_op;
use taskward::guard::cost::Outcome;
use taskward::guard::mask::{Detail, mask};
use taskward::guard::{Document, Introspection};
use taskward::http::json::JsonLimits;
use taskward::http::request::GraphqlRequest;

#[derive(Clone)]
pub(crate) struct Unguarded {
    app: Arc<App>,
    text: String,
    parsed: Arc<ExecutableDocument>,
    /// What it may cost, which only the guard could tell.
    points: u32,
}

impl Unguarded {
    pub(crate) fn new(app: &Arc<App>, document: &str) -> Self {
        let checked = app.guard.check(document, Introspection::Allowed).unwrap();
        let points = app.guard.prepare(&checked, None, Variables::default()).unwrap().cost.points();
        let parsed = Arc::new(parser::parse_query(document).unwrap());
        Self { app: Arc::clone(app), text: document.to_owned(), parsed, points: u32::try_from(points).unwrap() }
    }

    pub(crate) fn router(&self) -> Router {
        let (app, routes) = (&self.app, Router::new().route(edge::ENDPOINT, post(serve)).with_state(self.clone()));
        edge::protect(routes, &app.config, &app.budgets, &app.services.clock, &app.services.random)
    }

    /// The guard's part in a request with a document that is known, and in its answer.
    pub(crate) fn guard_alone(&self) -> impl Fn(&mut async_graphql::Response) + '_ {
        let Self { app, text, .. } = self;
        let checked: Arc<Document> = Arc::new(app.guard.check(text, Introspection::Allowed).unwrap());
        let source = app.persisted.resolve(Some(text.clone()), None).unwrap();
        app.persisted.keep(source, Introspection::Allowed, checked);
        move |answer| {
            app.guard.check_size(text).unwrap();
            let source = app.persisted.resolve(Some(text.clone()), None).unwrap();
            let checked = app.persisted.checked(source.hash, Introspection::Allowed).unwrap();
            let prepared = app.guard.prepare(&checked, None, Variables::default()).unwrap();
            prepared.cost.check("cost.user_limit", 1_000).unwrap();
            let cost = prepared.cost.clone();
            let (request, order) = prepared.into_request();
            app.persisted.keep(source, Introspection::Allowed, checked);
            order.complete(answer);
            let masked = mask(Vec::new(), 5, "", Detail::Full);
            std::hint::black_box((request, cost.actual(&answer.data, Outcome::Whole), masked));
        }
    }
}

async fn serve(State(state): State<Unguarded>, request: Request) -> Response {
    let Unguarded { app, parsed, points, .. } = state;
    let (parts, body) = request.into_parts();
    edge::check_post(&parts, &app.origins).unwrap();
    let body = body::read_body(body, app.config.limits.body_bytes, app.config.timeouts.body()).await.unwrap();
    let request = GraphqlRequest::from_json(&body, JsonLimits::default()).unwrap();
    let caller = authenticate(&app.services, parts.headers[AUTHORIZATION].as_bytes()).await.unwrap();
    let Caller::User { user, .. } = &caller else { panic!("nobody calls") };
    let (user, key) = (user.id, CallerKey::User(user.id));
    let requests = app.budgets.user.charge(&user).unwrap();
    let _turn = app.concurrency.enter(key).await.unwrap();
    let cost = app.budgets.cost.charge(&key, points).unwrap();
    let now = app.services.clock.now();
    let budget = |state: BudgetState| Budget::new(state.limit, state.remaining, now, state.window.as_secs());
    let rate_limit = RateLimit { requests: budget(requests), cost: budget(cost) };
    let operation = Op::new(Arc::clone(&app.services), caller).with_user_agent(None);
    let variables = Variables::from_json(Value::Object(request.variables));
    let mut request = async_graphql::Request::new("").variables(variables);
    request.set_parsed_query(ExecutableDocument::clone(&parsed));
    let executed = app.schema.execute(with_op(request, operation, rate_limit));
    let executed = tokio::time::timeout(app.config.timeouts.execution(), executed).await.unwrap();
    let cost = app.budgets.cost.refund(&key, 0);
    let told =
        json!({ "cost": { "requested": points, "actual": points, "remaining": cost.remaining, "limit": cost.limit } });
    let answer = serde_json::to_vec(&Answer { data: executed.data, extensions: told }).unwrap();
    let headers = ratelimit_headers(&[("requests", requests), ("cost", cost)]);
    ([(CONTENT_TYPE, "application/json; charset=utf-8")], headers, answer).into_response()
}

#[derive(serde::Serialize)]
struct Answer {
    data: async_graphql::Value,
    extensions: Value,
}
