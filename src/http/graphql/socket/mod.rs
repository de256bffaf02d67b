//! graphql-transport-ws: many operations on one WebSocket, each checked and charged as if it came in a request of its own.
//!
//! *Attack.* A page of another site that opens a socket, which no browser asks permission for (cross-site WebSocket
//! hijacking); sockets on which nobody ever says who they are; a token that outlives its end on an open socket.
//! *Setting.* `subscriptions`, `cors.allowed_origins`.
//! *Answer.* 403 `CSRF_REJECTED` or 400 `BAD_REQUEST` before there is a socket; later it is closed, with a code that says
//! why.
//! *Test.* `tests/it/socket/`
//!
//! [`connection`] is the state machine, [`message`] what can be said, [`operations`] and [`operation`] what runs, [`outgoing`]
//! and [`writer`] the way out, [`close`] the end.

mod close;
mod connection;
mod message;
mod operation;
mod operations;
mod outgoing;
mod writer;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::header::{SEC_WEBSOCKET_VERSION, UPGRADE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use axum::response::Response;

use self::connection::Connection;
use super::operation::Origin;
use crate::app::App;
use crate::code::ErrorCode;
use crate::edge::client_address::AddressKey;
use crate::edge::{Refusal, csrf};

/// The one protocol that is spoken here.
const GRAPHQL_TRANSPORT_WS: &str = "graphql-transport-ws";

/// Bytes of the buffers of a socket, each way: most messages fit, and larger ones take more as they need it.
const BUFFER_BYTES: usize = 4 * 1024;

/// Whether a request asks for a socket.
pub(super) fn is_asked_for(parts: &Parts) -> bool {
    let is_websocket = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"websocket");
    parts.method == Method::GET && parts.headers.get(UPGRADE).is_some_and(is_websocket)
}

/// Opens a socket, which is served from then on.
pub(super) async fn open(app: &Arc<App>, parts: &mut Parts) -> Result<Response, Refusal> {
    csrf::check_origin(parts, &app.origins)?;
    let upgrade = WebSocketUpgrade::from_request_parts(parts, &()).await.map_err(|_| {
        let refusal = bad_request("This is not the handshake of a WebSocket of version 13.");
        refusal.with_header(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"))
    })?;
    let upgrade = upgrade.protocols([GRAPHQL_TRANSPORT_WS]);
    if upgrade.selected_protocol().is_none() {
        return Err(bad_request("Ask for the WebSocket subprotocol graphql-transport-ws."));
    }
    let origin = Origin::of(parts);
    let opening = app.subscriptions.begin_opening(AddressKey::from(origin.address))?;
    let room = app.subscriptions.open()?;
    let connection = Connection::new(app, origin, room, opening);
    let sockets = app.sockets.clone();
    let bytes = app.config.subscriptions.message_bytes;
    let upgrade = upgrade
        .max_message_size(bytes)
        .max_frame_size(bytes)
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .on_failed_upgrade(|error| tracing::debug!(target: "taskward::socket", %error, "no socket came of it"));
    Ok(upgrade.on_upgrade(move |socket| sockets.track_future(connection.serve(socket))))
}

fn bad_request(message: &'static str) -> Refusal {
    Refusal::new("socket", ErrorCode::BadRequest, message)
}
