//! The answer to a request that ran: masked, capped, and with the status that its media type asks for.

use async_graphql::{ErrorExtensionValues, PathSegment, ServerError, Value};
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;

use crate::app::App;
use crate::code::ErrorCode;
use crate::edge::{MediaType, Refusal};
use crate::ids::RequestId;
