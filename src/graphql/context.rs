//! What resolvers take from the context of a request. Nobody else reads it raw.

use std::sync::Arc;

use async_graphql::Context;

use super::error::{ApiError, Result};
use super::loaders::Loaders;
use super::rate_limit::RateLimit;
use super::subscription::Step;
use crate::domain::Op;

/// Typed access to the context.
pub(super) trait ContextExt {
    /// The operation that runs.
    fn op(&self) -> Result<&Op>;
    /// Its loaders.
    fn loaders(&self) -> Result<&Loaders>;
    /// What its caller has left.
    fn rate_limit(&self) -> Result<&RateLimit>;
    /// The step of a subscription.
    fn step(&self) -> Result<&Step>;
}

impl ContextExt for Context<'_> {
    fn op(&self) -> Result<&Op> {
        attached(self)
    }

    fn loaders(&self) -> Result<&Loaders> {
        attached(self)
    }

    fn rate_limit(&self) -> Result<&RateLimit> {
        attached(self)
    }

    fn step(&self) -> Result<&Step> {
        attached::<Arc<Step>>(self).map(Arc::as_ref)
    }
}

/// Every request is made by [`super::with_op`], which attaches all; an error here is a mistake of ours.
fn attached<'a, T: Send + Sync + 'static>(ctx: &Context<'a>) -> Result<&'a T> {
    ctx.data_opt::<T>().ok_or_else(|| ApiError::internal(&Unattached(std::any::type_name::<T>())))
}

#[derive(Debug, thiserror::Error)]
#[error("the request has no {0}")]
struct Unattached(&'static str);
