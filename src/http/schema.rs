//! `/schema.graphql`: the schema as text, under the same rule as introspection.

use std::sync::{Arc, LazyLock};

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::config::IntrospectionScope;
use crate::graphql;

/// Printed once: it depends on nothing but the build.
static SDL: LazyLock<String> = LazyLock::new(graphql::sdl);

/// The schema, or 404 for callers who may not introspect it.
pub(super) async fn get(State(app): State<Arc<App>>) -> Response {
    if app.config.graphql.introspection != IntrospectionScope::Public {
        return StatusCode::NOT_FOUND.into_response();
    }
    let content_type = HeaderValue::from_static("application/graphql; charset=utf-8");
    ([(CONTENT_TYPE, content_type)], SDL.as_str()).into_response()
}
