//! One operation, whatever it came by: every check from the caller's budget on, in its order, and then the execution.

mod answer;
mod caller;
mod cost;
mod credentials;
mod document;
mod events;
mod receipt;

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;

use self::answer::Extensions;
use self::document::{Document, Validation};
use self::receipt::Receipt;
use crate::app::App;
use crate::code::ErrorCode;
use crate::config::{IntrospectionScope, Profile};
use crate::domain::{Caller, Op};
use crate::edge::access_log::RequestRecord;
use crate::edge::client_address::{self, AddressKey, ClientAddress};
use crate::edge::concurrency::{CallerKey, Turn};
use crate::edge::request_rate::BudgetState;
use crate::edge::{Refusal, request_id};
use crate::graphql::{self, Schema, with_op};
use crate::guard::Introspection;
use crate::guard::mask::Detail;
use crate::http::request::GraphqlRequest;
use crate::ids::RequestId;

pub(super) use answer::Answer;
pub(super) use events::Events;

/// What an operation comes to.
pub(super) enum Outcome {
    /// One answer.
    Answer(Answer),
    /// The events of a subscription.
    Events(Box<Events>),
}

/// How an operation came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transport {
    /// In an HTTP request of its own.
    Http,
    /// As a message on a socket.
    Socket,
}

/// Where operations come from: what the HTTP request tells that brings one, or that opens a socket for many.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// The address that sends them.
    pub(super) address: ClientAddress,
    user_agent: Option<String>,
    /// What the client wants to know of its budget.
    receipt: Receipt,
}

/// An operation and what is known of it so far.
pub(super) struct Operation {
    app: Arc<App>,
    /// What the log and the client know it by.
    pub(super) request_id: RequestId,
    transport: Transport,
    origin: Origin,
    address: AddressKey,
    /// The event that the client saw last, as an event stream knows it.
    pub(super) last_event_id: Option<String>,
    /// What the access log is told.
    record: RequestRecord,
    /// Bytes of the request, once it is read.
    pub(super) bytes: usize,
    /// What the caller has left of its requests, and of its points: those of its address while nobody knows who it is.
    pub(super) budget: BudgetState,
    pub(super) cost: BudgetState,
}

impl Origin {
    pub(super) fn of(parts: &Parts) -> Self {
        let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        Self {
            address: client_address::of(&parts.extensions),
            user_agent: user_agent.map(str::to_owned),
            receipt: Receipt::asked_for(&parts.headers),
        }
    }
}

impl Operation {
    /// The operation that the HTTP request of `parts` asks for.
    pub(super) fn new(app: &Arc<App>, parts: &Parts) -> Self {
        let record = parts.extensions.get::<RequestRecord>().cloned().unwrap_or_default();
        Self::by(Transport::Http, app, Origin::of(parts), request_id::of(&parts.extensions), record)
    }

    /// An operation that a message on a socket asks for, with an id of its own.
    pub(super) fn on_socket(app: &Arc<App>, origin: &Origin, record: RequestRecord) -> Self {
        let request_id = RequestId::generate(app.services.clock.now(), &app.services.random);
        Self::by(Transport::Socket, app, origin.clone(), request_id, record)
    }

    fn by(transport: Transport, app: &Arc<App>, origin: Origin, request_id: RequestId, record: RequestRecord) -> Self {
        let address = AddressKey::from(origin.address);
        Self {
            app: Arc::clone(app),
            request_id,
            transport,
            origin,
            address,
            last_event_id: None,
            record,
            bytes: 0,
            budget: app.budgets.anonymous.peek(&address),
            cost: app.budgets.cost.anonymous.peek(&address),
        }
    }

    /// What `request` comes to, once `permit` lets the kind of operation pass.
    pub(super) async fn begin(
        &mut self,
        request: GraphqlRequest,
        caller: Caller,
        permit: impl FnOnce(OperationType) -> Result<(), Refusal>,
    ) -> Result<Outcome, Refusal> {
        self.charge(&caller)?;
        let _turn = self.turn(self.key(&caller)).await?;
        let introspection = introspection(self.app.config.graphql.introspection, &caller);
        let mut document = document::prepare(&self.app, request, introspection, self.detail(&caller)).await?;
        self.record(&document);
        permit(document.prepared.operation_type)?;
        let attempt = credentials::check(&document)?;
        if attempt.is_some() && self.transport == Transport::Socket {
            return Err(credentials::not_on_a_socket());
        }
        self.check_cost(&mut document, &caller)?;
        if self.origin.receipt == Receipt::Validate {
            return self.validate(document, &caller).await.map(Outcome::Answer);
        }
        if document.prepared.operation_type == OperationType::Subscription {
            return self.subscribe(document, caller).await;
        }
        // A document of credentials is never kept: its text may hold a password, and whoever asks for the hash of a guess
        // would learn whether it is the right one, at the price of a request.
        let keep = attempt.is_none().then(|| document.keeper());
        self.charge_credentials(attempt, &caller)?;
        self.execute(document, caller, keep).await.map(Outcome::Answer)
    }

    /// Whom to charge.
    pub(super) const fn key(&self, caller: &Caller) -> CallerKey {
        match caller {
            Caller::User { user, .. } => CallerKey::User(user.id),
            Caller::Anonymous | Caller::Operator => CallerKey::Address(self.address),
        }
    }

    /// The caller's turn. Operations of a socket are bounded by their number there, and wait for one another.
    async fn turn(&self, key: CallerKey) -> Result<Turn, Refusal> {
        match self.transport {
            Transport::Http => self.app.concurrency.enter(key).await,
            Transport::Socket => self.app.concurrency.enter_in_line(key).await,
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
        self.record.update(|fields| {
            fields.operation_name.clone_from(&document.prepared.operation_name);
            fields.document_hash = Some(document.hash.clone());
        });
    }

    /// Runs the operation, and lets `keep` have its document.
    async fn execute(
        &mut self,
        mut document: Document,
        caller: Caller,
        keep: Option<impl FnOnce(&App, &async_graphql::Response)>,
    ) -> Result<Answer, Refusal> {
        let key = self.key(&caller);
        let rate_limit = self.rate_limit();
        let estimate = std::mem::take(&mut document.prepared.cost);
        self.charge_cost(&estimate, &key)?;
        let budget = self.receipt(&document, &caller);
        let op = Op::new(Arc::clone(&self.app.services), caller).with_user_agent(self.origin.user_agent.as_deref());
        let validation = std::mem::take(&mut document.validation);
        let (request, order) = document.prepared.into_request();
        let mut executed = self.run(with_op(request, op, rate_limit), validation).await?;
        if let Some(keep) = keep {
            keep(&self.app, &executed);
        }
        order.complete(&mut executed);
        let cost = self.refund_cost(&estimate, &key, &executed);
        let extensions = Extensions { cost: graphql::ran(&executed).then_some(cost), budget };
        answer::write(&self.app.config, self.request_id, executed, extensions)
    }

    /// Validates the operation without running it.
    async fn validate(&self, mut document: Document, caller: &Caller) -> Result<Answer, Refusal> {
        let extensions = Extensions { cost: None, budget: self.receipt(&document, caller) };
        let validation = std::mem::take(&mut document.validation);
        let mut executed = self.run(document.into_validation(), validation).await?;
        if graphql::ran(&executed) {
            executed.data = async_graphql::Value::Object(async_graphql::indexmap::IndexMap::default());
        }
        answer::write(&self.app.config, self.request_id, executed, extensions)
    }

    async fn run(
        &self,
        request: async_graphql::Request,
        validation: Validation,
    ) -> Result<async_graphql::Response, Refusal> {
        match self.schema_for(validation) {
            Ok(schema) => in_time(&self.app, graphql::execute(schema, request)).await,
            Err(invalid) => Ok(*invalid),
        }
    }

    /// The schema that runs what was validated so far, or the answer to what is not valid.
    fn schema_for(&self, validation: Validation) -> Result<&Schema, Box<async_graphql::Response>> {
        match validation {
            Validation::Failed(response) => Err(response),
            Validation::Passed => Ok(&self.app.schema_of_validated),
            Validation::Pending => Ok(&self.app.schema),
        }
    }
}

/// What `execution` comes to, unless it takes too long.
async fn in_time<F: Future>(app: &App, execution: F) -> Result<F::Output, Refusal> {
    tokio::time::timeout(app.config.timeouts.execution(), execution).await.map_err(|_elapsed| {
        let message = "The operation took too long and was stopped.";
        Refusal::new("timeout", ErrorCode::Timeout, message).of_limit("timeouts.execution_seconds")
    })
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
