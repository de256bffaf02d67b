//! The HTTP side: which path is answered by what, connections, requests and media types.

mod graphql;
mod health;
pub mod json;
mod limits;
pub mod media_type;
pub mod playground;
pub mod request;
mod schema;
pub mod server;
pub mod tls;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;

use crate::app::App;
use crate::code::ErrorCode;
use crate::edge::{self, MediaType, Refusal, request_id};

/// Every path of the server, behind every protection of HTTP.
pub fn router(app: &Arc<App>) -> Router {
    let routes = Router::new()
        .route(edge::ENDPOINT, graphql::routes())
        .route("/schema.graphql", get(schema::get))
        .route("/limits", get(limits::get))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .fallback(not_found);
    let routes = if app.config.graphql.playground { routes.merge(playground::routes()) } else { routes };
    let routes = routes.method_not_allowed_fallback(method_not_allowed).with_state(Arc::clone(app));
    edge::protect(routes, &app.config, &app.budgets, &app.services.clock, &app.services.random)
}

async fn not_found(request: Request) -> Response {
    let refusal = Refusal::new("router", ErrorCode::NotFound, "There is nothing at this path.");
    refusal.respond(request_id::of(request.extensions()), MediaType::Json)
}

/// Axum adds `Allow`, with the methods of the path.
async fn method_not_allowed(request: Request) -> Response {
    let refusal = Refusal::new("router", ErrorCode::MethodNotAllowed, "This path does not answer that method.");
    refusal.respond(request_id::of(request.extensions()), MediaType::Json)
}
