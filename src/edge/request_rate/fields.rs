//! The header fields by which clients see their budgets, in the syntax of
//! [draft-ietf-httpapi-ratelimit-headers](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/).

use std::fmt::Write;

use axum::http::{HeaderName, HeaderValue};

use super::BudgetState;
use crate::edge::refusal::whole_seconds;

/// `RateLimit`: what is left.
pub const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// `RateLimit-Policy`: what there is.
pub const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// `RateLimit-Policy` and `RateLimit` for named budgets, each a list with one member a budget.
///
/// `q` and `w` are the size of the bucket and the seconds in which it fills, `r` is how many requests may come now, and
/// `t` the seconds until there will be one more: nobody may count on more than `r` before. All seconds are rounded up,
/// so `Retry-After`, which is rounded alike, is never earlier than `t`.
#[must_use]
pub fn ratelimit_headers(budgets: &[(&'static str, BudgetState)]) -> [(HeaderName, HeaderValue); 2] {
    let (mut policy, mut left) = (String::new(), String::new());
    for (name, state) in budgets {
        let separator = if policy.is_empty() { "" } else { ", " };
        let (window, reset) = (whole_seconds(state.window), whole_seconds(state.reset_after));
        // Writing to a text does not fail.
        _ = write!(policy, "{separator}\"{name}\";q={};w={window}", state.limit);
        _ = write!(left, "{separator}\"{name}\";r={};t={reset}", state.remaining);
    }
    let value = |text: String| HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
    [(RATELIMIT_POLICY, value(policy)), (RATELIMIT, value(left))]
}
