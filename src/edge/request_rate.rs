//! Counts requests and what they cost against the budget of the user or of the address, and logins against address and
//! account.
//!
//! - *Attack.* Floods of requests; guessing passwords; a flood of new addresses that fills the memory with budgets.
//! - *Setting.* `rate_limit.user`, `rate_limit.anonymous`, `rate_limit.login`, `rate_limit.refresh`,
//!   `cost.user_budget`, `cost.user_refill`, `cost.anonymous_budget`, `cost.anonymous_refill`.
//! - *Answer.* 429 `RATE_LIMITED` with `Retry-After` and `extensions.policy`; `RateLimit` and `RateLimit-Policy` on every
//!   answer of the endpoint.
//! - *Test.* `tests/it/edge/request_rate.rs`

mod budget;
mod cost;
mod fields;
mod store;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use sha2::{Digest, Sha256};

use super::ENDPOINT;
use super::client_address::{self, AddressKey};
use crate::clock::Clock;
use crate::config;
use crate::ids::{SessionId, UserId};

pub use budget::{Budget, BudgetState, Exhausted};
pub use cost::CostBudgets;
pub use fields::{RATELIMIT, RATELIMIT_POLICY, ratelimit_headers};

/// Every budget of the callers. They live as long as the server and forget at a restart.
#[derive(Debug)]
pub struct RequestBudgets {
    /// Requests of callers with a valid token, whatever their address.
    pub user: Budget<UserId>,
    /// Requests of everybody else.
    pub anonymous: Budget<AddressKey>,
    /// Logins, registrations and password changes.
    pub login: Budget<LoginKey>,
    /// Refreshed sessions.
    pub refresh: Budget<RefreshKey>,
    /// What operations cost.
    pub cost: CostBudgets,
}

/// What a login is charged to: each attempt to both.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LoginKey {
    /// Where the attempt comes from.
    Address(AddressKey),
    /// Whose account it is for, which need not exist.
    Account(AccountKey),
}

/// What a refresh is charged to: each attempt to the address, and to the session if the token belongs to one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RefreshKey {
    /// Where the attempt comes from.
    Address(AddressKey),
    /// The session that is refreshed.
    Session(SessionId),
}

/// An account by the name that a client claims. Only a hash is kept, so that a long name takes no more memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountKey([u8; 32]);

impl AccountKey {
    /// The key of `name`, which must be in the form by which accounts are looked up: two spellings of one account would
    /// have two budgets.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(Sha256::digest(name).into())
    }
}

impl RequestBudgets {
    /// Full budgets of the `rate_limit` and `cost` sections.
    #[must_use]
    pub fn new(rates: &config::RateLimit, cost: &config::Cost, clock: &Clock) -> Self {
        Self {
            user: Budget::new("requests", "rate_limit.user", rates.user, clock),
            anonymous: Budget::new("requests", "rate_limit.anonymous", rates.anonymous, clock),
            login: Budget::new("credentials", "rate_limit.login", rates.login, clock),
            refresh: Budget::new("credentials", "rate_limit.refresh", rates.refresh, clock),
            cost: CostBudgets::new(cost, clock),
        }
    }

    /// Forgets everybody whose budget is full again. To be called now and then; once a minute is plenty.
    pub fn sweep(&self) {
        self.user.sweep();
        self.anonymous.sweep();
        self.login.sweep();
        self.refresh.sweep();
        self.cost.sweep();
    }
}

/// Puts the budgets of the client's address on answers of the endpoint that do not show one: the refusals of the layers
/// further in, which charge nothing.
pub async fn show(State(budgets): State<Arc<RequestBudgets>>, request: Request, next: Next) -> Response {
    if request.uri().path() != ENDPOINT {
        return next.run(request).await;
    }
    let address = AddressKey::from(client_address::of(request.extensions()));
    let mut response = next.run(request).await;
    if !response.headers().contains_key(RATELIMIT) {
        let shown =
            [&budgets.anonymous, &budgets.cost.anonymous].map(|budget| (budget.policy(), budget.peek(&address)));
        response.headers_mut().extend(ratelimit_headers(&shown));
    }
    response
}
