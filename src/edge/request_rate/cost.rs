//! The budgets of points that operations cost.

use std::num::NonZeroU32;

use super::{Budget, BudgetState, Exhausted};
use crate::clock::Clock;
use crate::config::{self, Period, Rate};
use crate::edge::client_address::AddressKey;
use crate::edge::concurrency::CallerKey;
use crate::ids::UserId;

/// What every caller may spend over time. Operations are charged what they may cost before they run, and refunded what
/// they did not use.
#[derive(Debug)]
pub struct CostBudgets {
    /// Points of callers with a valid token, whatever their address.
    pub user: Budget<UserId>,
    /// Points of everybody else.
    pub anonymous: Budget<AddressKey>,
}

impl CostBudgets {
    /// Full budgets of the `cost` section.
    #[must_use]
    pub fn new(cost: &config::Cost, clock: &Clock) -> Self {
        let rate = |refill: NonZeroU32, budget| Rate { requests: refill, period: Period::Second, burst: budget };
        let user = rate(cost.user_refill, cost.user_budget);
        let anonymous = rate(cost.anonymous_refill, cost.anonymous_budget);
        Self {
            user: Budget::new("cost", "cost.user_budget", user, clock),
            anonymous: Budget::new("cost", "cost.anonymous_budget", anonymous, clock),
        }
    }

    /// Takes `points` out of the budget of `key` at once, or none of them; what is left then, or when to come back.
    pub fn charge(&self, key: &CallerKey, points: u32) -> Result<BudgetState, Exhausted> {
        match key {
            CallerKey::User(user) => self.user.charge_many(user, points),
            CallerKey::Address(address) => self.anonymous.charge_many(address, points),
        }
    }

    /// Puts `points` that were not used back into the budget of `key`; what is left then.
    #[must_use]
    pub fn refund(&self, key: &CallerKey, points: u32) -> BudgetState {
        match key {
            CallerKey::User(user) => self.user.refund(user, points),
            CallerKey::Address(address) => self.anonymous.refund(address, points),
        }
    }

    /// What is left in the budget of `key`, which stays as it is.
    #[must_use]
    pub fn peek(&self, key: &CallerKey) -> BudgetState {
        match key {
            CallerKey::User(user) => self.user.peek(user),
            CallerKey::Address(address) => self.anonymous.peek(address),
        }
    }

    /// Forgets everybody whose budget is full again.
    pub fn sweep(&self) {
        self.user.sweep();
        self.anonymous.sweep();
    }
}
