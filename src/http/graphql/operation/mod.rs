//! One operation, whatever it came by: every check from the caller's budget on, in its order, and then the execution.

mod answer;
mod caller;
mod cost;
mod credentials;
mod document;
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
use crate::edge::client_address::{self, AddressKey};
use crate::edge::concurrency::CallerKey;
use crate::edge::request_rate::BudgetState;
use crate::edge::{Refusal, request_id};
use crate::graphql::{self, with_op};
use crate::guard::Introspection;
use crate::guard::mask::Detail;
use crate::http::request::GraphqlRequest;
use crate::ids::RequestId;

pub(super) use answer::Answer;

/// An operation and what is known of it so far.
pub(super) struct Operation {
    app: Arc<App>,
    /// What the log and the client know it by.
    pub(super) request_id: RequestId,
    address: AddressKey,
    user_agent: Option<String>,
    /// What the access log is told.
    record: RequestRecord,
    /// What the client wants to know of its budget.
    receipt: Receipt,
    /// Bytes of the request, once it is read.
    pub(super) bytes: usize,
    /// What the caller has left of its requests, and of its points: those of its address while nobody knows who it is.
    pub(super) budget: BudgetState,
    pub(super) cost: BudgetState,
}

impl Operation {
    /// The operation that the HTTP request of `parts` asks for.
    pub(super) fn new(app: &Arc<App>, parts: &Parts) -> Self {
        let address = AddressKey::from(client_address::of(&parts.extensions));
        let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        Self {
            app: Arc::clone(app),
            request_id: request_id::of(&parts.extensions),
            address,
            user_agent: user_agent.map(str::to_owned),
            record: parts.extensions.get::<RequestRecord>().cloned().unwrap_or_default(),
            receipt: Receipt::asked_for(&parts.headers),
            bytes: 0,
            budget: app.budgets.anonymous.peek(&address),
            cost: app.budgets.cost.anonymous.peek(&address),
        }
    }

    /// The answer to `request`, once `permit` lets the kind of operation pass.
    pub(super) async fn answer(
        &mut self,
        request: GraphqlRequest,
        caller: Caller,
        permit: impl FnOnce(OperationType) -> Result<(), Refusal>,
    ) -> Result<Answer, Refusal> {
        self.charge(&caller)?;
        let _turn = self.app.concurrency.enter(self.key(&caller)).await?;
        let introspection = introspection(self.app.config.graphql.introspection, &caller);
        let mut document = document::prepare(&self.app, request, introspection, self.detail(&caller)).await?;
        self.record(&document);
        permit(document.prepared.operation_type)?;
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
        let estimate = document.prepared.cost.clone();
        self.charge_cost(&estimate, &key)?;
        let budget = self.receipt(&document, &caller);
        let op = Op::new(Arc::clone(&self.app.services), caller).with_user_agent(self.user_agent.as_deref());
        let validation = std::mem::take(&mut document.validation);
        let (request, order) = document.prepared.into_request();
        let mut executed = self.run(with_op(request, op, rate_limit), validation).await?;
        if let Some(keep) = keep {
            keep(&self.app, &executed);
        }
        order.complete(&mut executed);
        let cost = self.refund_cost(&estimate, &key, &executed);
        let extensions = Extensions { cost: answer::ran(&executed).then_some(cost), budget };
        answer::write(&self.app.config, self.request_id, executed, extensions)
    }

    /// Validates the operation without running it.
    async fn validate(&self, mut document: Document, caller: &Caller) -> Result<Answer, Refusal> {
        let extensions = Extensions { cost: None, budget: self.receipt(&document, caller) };
        let validation = std::mem::take(&mut document.validation);
        let mut executed = self.run(document.into_validation(), validation).await?;
        if answer::ran(&executed) {
            executed.data = async_graphql::Value::Object(async_graphql::indexmap::IndexMap::default());
        }
        answer::write(&self.app.config, self.request_id, executed, extensions)
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
