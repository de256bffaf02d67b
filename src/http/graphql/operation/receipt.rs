//! The receipt that a client may ask for: every limit of its request with what was used of it.
//!
//! `X-Taskward-Budget: report` puts it beside the answer as `extensions.budget`; `validate` answers with the receipt and
//! does not run the operation. Such an answer has an empty `data`, or the errors of the validation: `data` that is null
//! would need an error beside it (GraphQL, September 2025, section 7.1.6). It is charged as a request and costs no points.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName};
use serde::Serialize;

use super::document::Document;
use super::{Operation, Transport};
use crate::domain::Caller;
use crate::edge::request_rate::BudgetState;

const X_TASKWARD_BUDGET: HeaderName = HeaderName::from_static("x-taskward-budget");

/// What a client wants to know of its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Receipt {
    /// Nothing.
    None,
    /// How much of each limit its request uses.
    Report,
    /// The same, without running the operation.
    Validate,
}

/// `extensions.budget`: each limit by its setting, as `GET /limits` names it; settings of `limits` go without their
/// section.
pub(super) type Budget = BTreeMap<&'static str, Used>;

/// How much of a limit is used.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Used {
    used: usize,
    max: usize,
}

impl Receipt {
    /// What `headers` ask for. A value that nobody knows asks for nothing.
    pub(super) fn asked_for(headers: &HeaderMap) -> Self {
        match headers.get(X_TASKWARD_BUDGET).map(|value| value.as_bytes().trim_ascii()) {
            Some(b"report") => Self::Report,
            Some(b"validate") => Self::Validate,
            _ => Self::None,
        }
    }
}

impl Operation {
    /// The receipt for `document`, if it is asked for.
    pub(super) fn receipt(&self, document: &Document, caller: &Caller) -> Option<Budget> {
        if self.origin.receipt == Receipt::None {
            return None;
        }
        let limits = document.prepared.budget.iter();
        let mut budget: Budget = limits.map(|it| (it.name, Used { used: it.used, max: it.max })).collect();
        if self.transport == Transport::Http {
            budget.insert("body_bytes", Used { used: self.bytes, max: self.app.config.limits.body_bytes });
        }
        let (requests, cost) = match caller {
            Caller::User { .. } => ("rate_limit.user", "cost.user_budget"),
            Caller::Anonymous | Caller::Operator => ("rate_limit.anonymous", "cost.anonymous_budget"),
        };
        budget.extend([(requests, Used::of(self.budget)), (cost, Used::of(self.cost))]);
        Some(budget)
    }
}

impl Used {
    fn of(state: BudgetState) -> Self {
        let number = |units: u32| usize::try_from(units).unwrap_or(usize::MAX);
        Self { used: number(state.limit.saturating_sub(state.remaining)), max: number(state.limit) }
    }
}
