//! What an operation costs its caller: refused above the limit, charged before it runs, refunded after.
//!
//! The charge is what the operation may cost at most. Whatever ends it before there is an answer (the deadline, a panic, a
//! client that leaves) leaves the charge as it is: the work was done. An operation that the library refuses when it
//! validates it costs [`INVALID`]. A subscription is charged for one event when it begins; further ones are free, and each is
//! bounded by `cost.event_limit`.

use async_graphql::Response;
use async_graphql::parser::types::OperationType;
use serde::Serialize;
use serde_json::json;

use super::Operation;
use super::document::{Document, refusal};
use crate::domain::Caller;
use crate::edge::Refusal;
use crate::edge::concurrency::CallerKey;
use crate::edge::refusal::whole_seconds;
use crate::edge::request_rate::BudgetState;
use crate::graphql;
use crate::graphql::rate_limit::{Budget, RateLimit};
use crate::guard::cost::{Estimate, Outcome};

/// Points of an operation that could not run, if it would have cost any.
const INVALID: u64 = 1;

/// `extensions.cost`.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct CostReport {
    /// Points that the operation could have cost, which is what the caller had to have left.
    requested: u64,
    /// Points that it did cost.
    actual: u64,
    /// Points that the caller has left now.
    remaining: u32,
    /// Points that the caller has when they are rested.
    limit: u32,
}

impl Operation {
    /// Refuses an operation that may cost more than one operation of this caller may.
    pub(super) fn check_cost(&self, document: &mut Document, caller: &Caller) -> Result<(), Refusal> {
        let cost = &self.app.config.cost;
        let of_caller = match caller {
            Caller::User { .. } => ("cost.user_limit", cost.user_limit),
            Caller::Anonymous | Caller::Operator => ("cost.anonymous_limit", cost.anonymous_limit),
        };
        let (setting, limit) = match document.prepared.operation_type {
            OperationType::Subscription if cost.event_limit < of_caller.1 => ("cost.event_limit", cost.event_limit),
            _ => of_caller,
        };
        let used = document.prepared.cost.check(setting, limit.get());
        let used = used.map_err(|violation| refusal(violation, self.detail(caller)))?;
        document.prepared.budget.push(used);
        Ok(())
    }

    /// Charges the caller what an operation may cost; refuses it while they have less left.
    pub(super) fn charge_cost(&mut self, estimate: &Estimate, key: &CallerKey) -> Result<(), Refusal> {
        let requested = estimate.points();
        match self.app.budgets.cost.charge(key, units(requested)) {
            Ok(state) => {
                self.cost = state;
                self.record_cost(requested);
                Ok(())
            }
            Err(exhausted) => {
                self.cost = exhausted.state;
                let BudgetState { remaining, limit, .. } = exhausted.state;
                let told = json!({ "requested": requested, "remaining": remaining, "limit": limit });
                let message = "The operation may cost more points than are left.".into();
                Err(Refusal { message, cost: Some(Box::new(told)), ..exhausted.refusal() })
            }
        }
    }

    /// Gives the caller back what an operation did not use of its charge, now that there is an answer.
    pub(super) fn refund_cost(&mut self, estimate: &Estimate, key: &CallerKey, executed: &Response) -> CostReport {
        let requested = estimate.points();
        let actual = match graphql::ran(executed) {
            false => requested.min(INVALID),
            true if executed.errors.is_empty() => estimate.actual(&executed.data, Outcome::Whole),
            true => estimate.actual(&executed.data, Outcome::WithErrors),
        };
        let unused = units(requested).saturating_sub(units(actual));
        self.cost = self.app.budgets.cost.refund(key, unused);
        self.record_cost(actual);
        CostReport { requested, actual, remaining: self.cost.remaining, limit: self.cost.limit }
    }

    /// The caller's budgets as the schema tells them.
    pub(super) fn rate_limit(&self) -> RateLimit {
        let now = self.app.services.clock.now();
        let budget = |state: BudgetState| {
            let reset_at = now.checked_add_signed(chrono::TimeDelta::from_std(state.full_after()).unwrap_or_default());
            Budget::new(state.limit, state.remaining, reset_at.unwrap_or(now), whole_seconds(state.window))
        };
        RateLimit { requests: budget(self.budget), cost: budget(self.cost) }
    }

    /// Tells the access log what the operation costs, as far as it is known.
    fn record_cost(&self, points: u64) {
        self.record.update(|fields| fields.cost = Some(points));
    }
}

/// Points as budgets count them.
fn units(points: u64) -> u32 {
    u32::try_from(points).unwrap_or(u32::MAX)
}
