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
