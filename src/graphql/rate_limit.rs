//! Budgets, as their owner sees them.

use async_graphql::{Context, Object, SimpleObject};

use super::context::ContextExt;
use super::cost::cost;
use super::error::Result;
use super::scalars::DateTime;

/// What the caller has left of its budgets, when the request began. A user has budgets of their own; anonymous callers
/// share those of their address.
#[derive(SimpleObject, Clone)]
#[graphql(directive = cost::apply(0.to_string()))]
pub struct RateLimit {
    /// Requests, this one already taken off.
    pub requests: Budget,
    /// Points that operations cost, before this one.
    pub cost: Budget,
}

/// A budget that refills at a steady rate.
#[derive(SimpleObject, Clone)]
#[graphql(directive = cost::apply(0.to_string()))]
pub struct Budget {
    /// How much it holds when it is full.
    limit: i32,
    /// How much is left.
    remaining: i32,
    /// When it is full again, if nothing is spent until then.
    reset_at: DateTime,
    /// The seconds in which it fills when it is empty, rounded up.
    window_seconds: i32,
}

impl Budget {
    /// The budget in numbers that GraphQL can tell; larger ones are told as the largest.
    #[must_use]
    pub fn new(limit: u32, remaining: u32, reset_at: chrono::DateTime<chrono::Utc>, window_seconds: u64) -> Self {
        Self {
            limit: i32::try_from(limit).unwrap_or(i32::MAX),
            remaining: i32::try_from(remaining).unwrap_or(i32::MAX),
            reset_at: reset_at.into(),
            window_seconds: i32::try_from(window_seconds).unwrap_or(i32::MAX),
        }
    }
}

#[derive(Default)]
pub(super) struct RateLimitQuery;

#[Object]
impl RateLimitQuery {
    /// The caller's budgets as they stand now. Free of charge, and open to anonymous callers.
    async fn rate_limit(&self, ctx: &Context<'_>) -> Result<RateLimit> {
        ctx.rate_limit().cloned()
    }
}
