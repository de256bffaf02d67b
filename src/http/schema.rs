//! `/schema.graphql`: the schema as text, under the same rule as introspection.

use std::sync::{Arc, LazyLock};

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::config::IntrospectionScope;
use crate::domain::authenticate;
use crate::graphql;

/// Printed once: it depends on nothing but the build.
static SDL: LazyLock<String> = LazyLock::new(graphql::sdl);

/// The schema, or 404 for callers who may not introspect it.
pub(super) async fn get(State(app): State<Arc<App>>, request: Request) -> Response {
    let allowed = match app.config.graphql.introspection {
        IntrospectionScope::Public => true,
        IntrospectionScope::Authenticated => is_known(&app, request.headers()).await,
        IntrospectionScope::Off => false,
    };
    if !allowed {
        return super::not_found(request).await;
    }
    let content_type = HeaderValue::from_static("application/graphql; charset=utf-8");
    ([(CONTENT_TYPE, content_type)], SDL.as_str()).into_response()
}

async fn is_known(app: &App, headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(authorization), None) = (values.next(), values.next()) else { return false };
    authenticate(&app.services, authorization.as_bytes()).await.is_ok()
}
