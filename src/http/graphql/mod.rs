//! `/graphql`: the story of a request, from its headers to its answer.

mod answer;
mod caller;
mod cost;
mod credentials;
mod document;
mod read;
mod receipt;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, post};
use tracing::Instrument;

use self::answer::Extensions;
use self::document::{Document, Validation};
use self::receipt::Receipt;
use super::media_type::Accept;
use crate::app::App;
use crate::code::ErrorCode;
use crate::config::{IntrospectionScope, Profile};
use crate::domain::{Caller, Op};
use crate::edge::access_log::RequestRecord;
use crate::edge::client_address::{self, AddressKey};
use crate::edge::concurrency::CallerKey;
use crate::edge::request_rate::{BudgetState, ratelimit_headers};
use crate::edge::{MediaType, Refusal, request_id};
use crate::graphql::{self, with_op};
use crate::guard::Introspection;
use crate::guard::mask::Detail;
use crate::ids::RequestId;

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
    let mut exchange = Exchange::new(&app, &parts);
    // At the level of errors, so that no setting of the log takes the request id from them.
    let span = tracing::error_span!("graphql", request_id = %exchange.request_id);
    let mut response = match exchange.answer(body).instrument(span).await {
        Ok(response) => response,
        Err(refusal) => refusal.respond(exchange.request_id, exchange.media_type),
    };
    for (name, value) in ratelimit_headers(&[("requests", exchange.budget), ("cost", exchange.cost)]) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// One request and what is known of it so far.
struct Exchange<'a> {
    app: &'a Arc<App>,
    parts: &'a Parts,
    request_id: RequestId,
    address: AddressKey,
    media_type: MediaType,
    /// What the client wants to know of its budget.
    receipt: Receipt,
    /// Bytes of the body, once it is read.
    body_bytes: usize,
    /// What the caller has left of its requests, and of its points: those of its address while nobody knows who it is.
    budget: BudgetState,
    cost: BudgetState,
}

impl<'a> Exchange<'a> {
    fn new(app: &'a Arc<App>, parts: &'a Parts) -> Self {
        let address = AddressKey::from(client_address::of(&parts.extensions));
        Self {
            app,
            parts,
            request_id: request_id::of(&parts.extensions),
            address,
            media_type: MediaType::Json,
            receipt: Receipt::asked_for(&parts.headers),
            body_bytes: 0,
            budget: app.budgets.anonymous.peek(&address),
            cost: app.budgets.cost.anonymous.peek(&address),
        }
    }

    /// Every check in its order, cheapest first, and then the answer.
    async fn answer(&mut self, body: Body) -> Result<Response, Refusal> {
        self.media_type = self.negotiate()?;
        let request = self.read(body).await?;
        let caller = self.caller().await?;
        self.charge(&caller)?;
        let _turn = self.app.concurrency.enter(self.key(&caller)).await?;
        let introspection = introspection(self.app.config.graphql.introspection, &caller);
        let mut document = document::prepare(self.app, request, introspection, self.detail(&caller)).await?;
        self.record(&document);
        self.check_operation(&document)?;
        let attempt = credentials::check(&document)?;
        self.check_cost(&mut document, &caller)?;
        if self.receipt == Receipt::Validate {
            return self.validate(document, &caller).await;
        }
        // A document of credentials is never kept: its text may hold a password, and whoever asks for the hash of a guess
        // would learn whether it is the right one, at the price of a request.
        let keep = attempt.is_none().then(|| document.keeper());
        self.charge_credentials(attempt, &caller)?;
        self.execute(document, caller, keep).await
    }

    fn negotiate(&self) -> Result<MediaType, Refusal> {
        // The first is what a client gets that takes anything.
        let offers = [MediaType::Json, MediaType::GraphqlResponse];
        Accept::from_headers(&self.parts.headers).negotiate(&offers).ok_or_else(|| {
            let message = "Accept application/graphql-response+json or application/json.";
            Refusal::new("media_type", ErrorCode::NotAcceptable, message)
        })
    }

    /// Whom to charge.
    const fn key(&self, caller: &Caller) -> CallerKey {
        match caller {
            Caller::User { user, .. } => CallerKey::User(user.id),
            Caller::Anonymous | Caller::Operator => CallerKey::Address(self.address),
        }
    }

    /// How much of a refused document is told: in development everything, later only to callers we know.
    fn detail(&self, caller: &Caller) -> Detail {
        match (self.app.config.server.profile, caller) {
            (Profile::Development, _) | (_, Caller::User { .. }) => Detail::Full,
            (Profile::Production, _) => Detail::Fixed,
        }
    }

    /// Tells the access log what is asked for.
    fn record(&self, document: &Document) {
        if let Some(record) = self.parts.extensions.get::<RequestRecord>() {
            record.update(|fields| {
                fields.operation_name.clone_from(&document.prepared.operation_name);
                fields.document_hash = Some(document.hash.clone());
            });
        }
    }

    /// Runs the operation, and lets `keep` have its document.
    async fn execute(
        &mut self,
        mut document: Document,
        caller: Caller,
        keep: Option<impl FnOnce(&App, &async_graphql::Response)>,
    ) -> Result<Response, Refusal> {
        let key = self.key(&caller);
        let rate_limit = self.rate_limit();
        let estimate = document.prepared.cost.clone();
        self.charge_cost(&estimate, &key)?;
        let budget = self.receipt(&document, &caller);
        let user_agent = self.parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        let op = Op::new(Arc::clone(&self.app.services), caller).with_user_agent(user_agent);
        let validation = std::mem::take(&mut document.validation);
        let (request, order) = document.prepared.into_request();
        let mut executed = self.run(with_op(request, op, rate_limit), validation).await?;
        if let Some(keep) = keep {
            keep(self.app, &executed);
        }
        order.complete(&mut executed);
        let cost = self.refund_cost(&estimate, &key, &executed);
        let extensions = Extensions { cost: answer::ran(&executed).then_some(cost), budget };
        answer::respond(&self.app.config, self.request_id, self.media_type, executed, extensions)
    }

    /// Validates the operation without running it.
    async fn validate(&self, mut document: Document, caller: &Caller) -> Result<Response, Refusal> {
        let extensions = Extensions { cost: None, budget: self.receipt(&document, caller) };
        let validation = std::mem::take(&mut document.validation);
        let mut executed = self.run(document.into_validation(), validation).await?;
        if answer::ran(&executed) {
            executed.data = async_graphql::Value::Object(async_graphql::indexmap::IndexMap::default());
        }
        answer::respond(&self.app.config, self.request_id, self.media_type, executed, extensions)
    }

    async fn run(
        &self,
        request: async_graphql::Request,
        validation: Validation,
    ) -> Result<async_graphql::Response, Refusal> {
        let schema = match validation {
            Validation::Failed(response) => return Ok(*response),
            Validation::Passed => &self.app.schema_of_validated,
            Validation::Pending => &self.app.schema,
        };
        let executed =
            tokio::time::timeout(self.app.config.timeouts.execution(), graphql::execute(schema, request)).await;
        executed.map_err(|_elapsed| {
            let message = "The operation took too long and was stopped.";
            Refusal::new("timeout", ErrorCode::Timeout, message).of_limit("timeouts.execution_seconds")
        })
    }
}

/// Whether the caller may ask for the schema.
const fn introspection(scope: IntrospectionScope, caller: &Caller) -> Introspection {
    match (scope, caller) {
        (IntrospectionScope::Public, _) | (IntrospectionScope::Authenticated, Caller::User { .. }) => {
            Introspection::Allowed
        }
        _ => Introspection::Refused,
    }
}
