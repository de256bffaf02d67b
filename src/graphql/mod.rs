//! The schema: what clients see and nothing more. One file per noun, with its object type, inputs, queries and mutations.
//!
//! Resolvers translate, call a use-case and translate back. They hold no permission check, no query and no limit. The
//! descriptions here are the reference that client developers read.

mod api_token;
mod change;
mod comment;
mod context;
mod cost;
pub mod error;
mod execute;
mod input;
mod label;
mod loaders;
mod mutation;
mod node;
mod paging;
mod project;
pub mod rate_limit;
mod scalars;
mod session;
pub mod subscription;
mod task;
mod user;
mod validate;

use async_graphql::{MergedObject, MergedSubscription, SDLExportOptions, SchemaBuilder, ValidationMode, Value};

use crate::domain::Op;

use loaders::Loaders;
use rate_limit::RateLimit;

pub use execute::{execute, ran};
pub use mutation::Mutation;
pub use validate::Validator;

/// The schema with everything that clients can reach.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// What can be read.
#[derive(MergedObject, Default)]
pub struct Query(
    user::UserQuery,
    node::NodeQuery,
    project::ProjectQuery,
    task::TaskQuery,
    label::LabelQuery,
    change::ChangeQuery,
    rate_limit::RateLimitQuery,
);

/// What can be changed. Fields run one after another, in their order.
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
struct Mutations(
    session::SessionMutation,
    user::UserMutation,
    api_token::ApiTokenMutation,
    project::ProjectMutation,
    task::TaskMutation,
    label::LabelMutation,
    comment::CommentMutation,
);

/// What can be followed, on a WebSocket (graphql-transport-ws) or as server-sent events (graphql-sse).
#[derive(MergedSubscription, Default)]
pub struct Subscription(change::ChangeSubscription);

/// Whether a misspelt name is answered with names that look like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suggestions {
    /// It is, which helps while developing.
    Shown,
    /// It is not, so that nobody learns the schema by guessing.
    Hidden,
}

/// The library's own limits, as a second net below the guard's: far above what the guard lets through, and with room for
/// introspection, whose depth the library counts.
const SECOND_NET_DEPTH: usize = 64;
const SECOND_NET_COMPLEXITY: usize = 20_000;
const SECOND_NET_DIRECTIVES: usize = 20;

/// The schema.
#[must_use]
pub fn schema(suggestions: Suggestions) -> Schema {
    builder(suggestions).finish()
}

/// The same schema, for requests that a [`Validator`] has passed: they are not validated a second time.
#[must_use]
pub fn schema_of_validated() -> Schema {
    builder(Suggestions::Hidden).validation_mode(ValidationMode::Fast).finish()
}

fn builder(suggestions: Suggestions) -> SchemaBuilder<Query, Mutation, Subscription> {
    let schema = async_graphql::Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .limit_depth(SECOND_NET_DEPTH)
        .limit_recursive_depth(SECOND_NET_DEPTH)
        .limit_complexity(SECOND_NET_COMPLEXITY)
        .limit_directives(SECOND_NET_DIRECTIVES);
    match suggestions {
        Suggestions::Shown => schema,
        Suggestions::Hidden => schema.disable_suggestions(),
    }
}

/// The schema in the GraphQL schema definition language, as `schema.graphql` has it.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new().include_specified_by();
    let sdl = schema(Suggestions::Hidden).sdl_with_options(options);
    format!("{}\n", sdl.trim_end())
}

/// The name of the scalar for instants, and whether a value is one.
pub const DATE_TIME: (&str, fn(&Value) -> bool) = ("DateTime", scalars::is_instant);

/// Attaches what resolvers need of one operation: the operation itself, loaders that live no longer than it, and what
/// its caller has left.
#[must_use]
pub fn with_op(request: async_graphql::Request, op: Op, rate_limit: RateLimit) -> async_graphql::Request {
    request.data(Loaders::new(&op)).data(op).data(rate_limit)
}
