//! The HTTP side: which path is answered by what, connections, requests and media types.

mod graphql;
mod health;
pub mod json;
pub mod media_type;
pub mod request;
mod schema;
pub mod server;
pub mod tls;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::app::App;
use crate::edge;

/// Every path of the server, behind every protection of HTTP.
pub fn router(app: &Arc<App>) -> Router {
    let routes = Router::new()
        .route("/graphql", graphql::routes(app))
        .route("/schema.graphql", get(schema::get))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .fallback(not_found)
        .with_state(Arc::clone(app));
    edge::protect(routes, &app.config, &app.services.clock, &app.services.random)
}
