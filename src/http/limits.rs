//! `/limits`: every limit of a request and an answer, from the settings that are enforced.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::app::App;

/// Each limit by the name of its setting: `{"depth": {"max": 15, "unit": "fields"}, …}`. Those of `limits` go without
/// their section, the budgets with theirs: `cost.user_limit`, `rate_limit.user`.
pub(super) async fn get(State(app): State<Arc<App>>) -> Response {
    let config = &app.config;
    let mut limits = config.limits.report();
    limits.extend(config.cost.report());
    limits.extend(config.rate_limit.report());
    Json(limits).into_response()
}
