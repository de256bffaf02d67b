//! The root of all mutations: the one place that each of them passes, whatever carries it and whoever adds it.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::ContainerType;
use async_graphql::{Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value};

use super::Mutations;
use super::context::ContextExt;
use super::error::{ApiError, Result};

/// What can be changed, by callers who may change anything at all. An API token that may only read is refused before the
/// mutation's arguments are looked at.
#[derive(Default)]
pub struct Mutation(Mutations);

fn require_write(ctx: &Context<'_>) -> Result<()> {
    ctx.op()?.require_write().map_err(ApiError::from)
}

impl ContainerType for Mutation {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        require_write(ctx).map_err(|error| {
            let error = async_graphql::Error::from(error);
            ctx.set_error_path(error.into_server_error(ctx.item.pos))
        })?;
        self.0.resolve_field(ctx).await
    }
}

impl OutputType for Mutation {
    fn type_name() -> Cow<'static, str> {
        Mutations::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Mutations::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

impl ObjectType for Mutation {}
