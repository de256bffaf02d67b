//! `graphql.*`: what the endpoint offers besides operations.

use serde::{Deserialize, Serialize};

use super::Profile;

/// Who may ask for the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IntrospectionScope {
    /// Nobody: `__schema` and `__type` are null.
    Off,
    /// Callers with a valid token.
    Authenticated,
    /// Everybody.
    Public,
}

/// Which queries may be sent by GET.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GetQueries {
    /// None.
    Off,
    /// Those with a header that no page of another site can send unasked: `Authorization`, `Apollo-Require-Preflight`,
    /// `X-Apollo-Operation-Name`, `GraphQL-Require-Preflight`, or `Content-Type: application/json`.
    Preflight,
    /// All.
    Open,
}

/// The `graphql` section.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Graphql {
    /// `graphql.introspection`: `public` in development, `off` in production; or `authenticated`. `/schema.graphql`
    /// follows the same rule.
    pub introspection: IntrospectionScope,
    /// `graphql.playground`: whether GraphiQL is served at `/` and `/playground`; true in development, false in
    /// production.
    pub playground: bool,
    /// `graphql.get`: `preflight` by default; or `off`, `open`. Mutations are never taken by GET.
    pub get: GetQueries,
}

impl Graphql {
    /// The section when nothing is set.
    #[must_use]
    pub fn defaults(profile: Profile) -> Self {
        match profile {
            Profile::Development => {
                Self { introspection: IntrospectionScope::Public, playground: true, get: GetQueries::Preflight }
            }
            Profile::Production => {
                Self { introspection: IntrospectionScope::Off, playground: false, get: GetQueries::Preflight }
            }
        }
    }
}
