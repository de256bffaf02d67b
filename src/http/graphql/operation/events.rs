//! The events of a subscription: each is executed as an operation of its own, with its own loaders and deadline.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use super::answer::{self, Extensions};
use super::document::Document;
use super::{Answer, Operation, Outcome, in_time};
use crate::app::App;
use crate::domain::change::{Change, Feed};
use crate::domain::paging::Edge;
use crate::domain::{self, Caller, Op};
use crate::edge::{Refusal, panic};
use crate::graphql::error::ApiError;
use crate::graphql::rate_limit::RateLimit;
use crate::graphql::{subscription, with_op};
use crate::guard::Prepared;
use crate::ids::RequestId;

/// What a subscription sends from now on.
pub(in crate::http::graphql) struct Events {
    app: Arc<App>,
    request_id: RequestId,
    prepared: Prepared,
    op: Op,
    rate_limit: RateLimit,
    feed: Box<Feed>,
}

/// Something happened that a subscription is to tell.
pub(in crate::http::graphql) type Event = Edge<Change>;

impl Events {
    /// The next event, when there is one; `None` when no more can come.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when the caller's credential is not good any more, and what keeps the log from being read.
    pub(in crate::http::graphql) async fn next(&mut self) -> Result<Option<Event>, Refusal> {
        self.feed.next().await.map_err(refusal)
    }

    /// The answer to `event`, in its turn among those of everybody.
    ///
    /// # Errors
    /// When it takes too long, is too large, or trips over a bug. The events behind it are not lost.
    pub(in crate::http::graphql) async fn resolve(&self, event: Event) -> Result<Answer, Refusal> {
        let _turn = self.app.subscriptions.event().await;
        let request = with_op(self.prepared.to_request(), self.op.clone(), self.rate_limit.clone());
        // Validated when it began.
        let responded = subscription::respond(&self.app.schema_of_validated, request, event);
        // Nothing of the event is used after a panic, so nothing half-changed can be seen.
        let responded = in_time(&self.app, AssertUnwindSafe(responded).catch_unwind()).await?;
        let mut executed = responded.map_err(|payload| panic::refusal(payload.as_ref(), self.request_id))?;
        self.prepared.order().complete(&mut executed);
        answer::write(&self.app.config, self.request_id, executed, Extensions::default())
    }
}

impl Operation {
    /// The events of a subscription from now on, or behind the last one that the client saw; or the answer that says why
    /// there are none. It is charged for one event.
    pub(super) async fn subscribe(&mut self, mut document: Document, caller: Caller) -> Result<Outcome, Refusal> {
        let key = self.key(&caller);
        let rate_limit = self.rate_limit();
        let estimate = std::mem::take(&mut document.prepared.cost);
        self.charge_cost(&estimate, &key)?;
        let keep = document.keeper();
        let op = Op::new(Arc::clone(&self.app.services), caller).with_user_agent(self.origin.user_agent.as_deref());
        let validation = std::mem::take(&mut document.validation);
        let prepared = document.prepared;
        let request = with_op(prepared.to_request(), op.clone(), rate_limit.clone());
        let last_event_id = self.last_event_id.take();
        let subscribed = match self.schema_for(validation) {
            Ok(schema) => in_time(&self.app, subscription::subscribe(schema, request, last_event_id)).await?,
            Err(invalid) => Err(invalid),
        };
        let (app, request_id) = (Arc::clone(&self.app), self.request_id);
        match subscribed {
            Ok(feed) => {
                keep(&app, &async_graphql::Response::default());
                Ok(Outcome::Events(Box::new(Events { app, request_id, prepared, op, rate_limit, feed })))
            }
            Err(response) => {
                keep(&app, &response);
                self.refund_cost(&estimate, &key, &response);
                // A subscription that did not begin is a request error: it has no `data`.
                answer::write_error(&app.config, request_id, *response).map(Outcome::Answer)
            }
        }
    }
}

fn refusal(error: domain::Error) -> Refusal {
    let error = ApiError::from(error);
    Refusal::new("caller", error.code(), error.message())
}
