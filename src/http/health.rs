//! `/healthz` and `/readyz`: what machines ask. Strangers are told no cause; the log has it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::app::App;

/// The process is alive.
pub(super) async fn live() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// The server can do its work: the database answers and has every migration of this build.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Response {
    let cause = match app.services.store.migrations().await {
        Ok(migrations) if migrations.iter().all(|migration| migration.applied) => return live().await,
        Ok(_) => String::from("migrations are missing"),
        Err(error) => error.to_string(),
    };
    tracing::warn!(target: "taskward::health", cause, "not ready");
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "unavailable" }))).into_response()
}
