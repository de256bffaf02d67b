//! `/limits`: every limit of a request and an answer, from the settings that are enforced.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::app::App;

/// Each limit by the name of its setting: `{"depth": {"max": 15, "unit": "fields"}, …}`. Those of `limits` go without
/// their section, all others with theirs: `cost.user_limit`, `timeouts.body_seconds`.
pub(super) async fn get(State(app): State<Arc<App>>) -> Response {
    Json(app.config.report()).into_response()
}
