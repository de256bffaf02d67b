//! The limits of sockets, with their defaults: what keeps them passes, and one more is refused. Attack 71.

use chrono::TimeDelta;
use serde_json::json;

use super::{CHANGES, begin, create, until};
use crate::support::{TestApp, frame};

const PING: &str = r#"{"type":"ping"}"#;

/// A `ping` of so many bytes.
fn ping_of(bytes: usize) -> String {
    format!("{PING}{}", " ".repeat(bytes - PING.len()))
}

#[tokio::test]
async fn a_message_has_at_most_32_kib() {
    let app = TestApp::new().await;
    let mut socket = app.socket().await.init(None).await;
    socket.send_text(&ping_of(32_768)).await;
    socket.expect_pong().await;
    socket.send_text(&ping_of(32_769)).await;
    socket.expect_close(1009).await;
    let mut socket = app.socket().await.init(None).await;
    socket.send_text(&ping_of(1_000_000)).await;
    socket.expect_close(1009).await;
}

#[tokio::test]
async fn fragments_make_no_larger_message() {
    let app = TestApp::new().await;
    let mut socket = app.socket().await.init(None).await;
    let half = [b' '; 16_384];
    socket.send_bytes(&[frame(0x01, &half), frame(0x00, &half), frame(0x80, b" ")].concat()).await;
    socket.expect_close(1009).await;
}

#[tokio::test]
async fn a_socket_has_at_most_20_operations() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    for id in 0..20 {
        begin(&app, &mut socket, &id.to_string(), CHANGES).await;
    }
    socket.subscribe("one more", CHANGES).await;
    socket.expect_error("one more").await;
    socket.complete("0").await;
    socket.subscribe("another", CHANGES).await;
    socket.expect_nothing_of("another").await;
}

/// That is what a client does that comes back.
#[tokio::test]
async fn all_20_operations_of_a_socket_may_begin_at_once() {
    let app = TestApp::with(|config| config.concurrency.caller = 1).await;
    let ana = app.user("ana").await;
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    let subscribe = |id: &str| json!({ "id": id, "type": "subscribe", "payload": { "query": CHANGES } }).to_string();
    let ids: Vec<_> = (0..20).map(|id| id.to_string()).collect();
    let messages: Vec<_> = ids.iter().map(|id| frame(0x81, subscribe(id).as_bytes())).collect();
    let before = app.app.services.bus.listeners();
    socket.send_bytes(&messages.concat()).await;
    until("all subscriptions begin", || app.app.services.bus.listeners() >= before + 20).await;
    create(&ana, "Milk").await;
    for id in &ids {
        socket.expect_data(id).await;
    }
}

#[tokio::test]
async fn a_socket_sends_30_messages_at_once_and_10_a_second() {
    let app = TestApp::new().await;
    let mut socket = app.socket().await.init(None).await;
    for _ in 0..29 {
        socket.send_text(PING).await;
        socket.expect_pong().await;
    }
    app.clock.advance(TimeDelta::seconds(1));
    for _ in 0..10 {
        socket.send_text(PING).await;
        socket.expect_pong().await;
    }
    socket.send_text(PING).await;
    socket.expect_close(1008).await;
}

#[tokio::test]
async fn a_flood_of_pings_or_operations_closes() {
    let app = TestApp::new().await;
    let operation = json!({ "id": "x", "type": "complete" }).to_string();
    for (flood, count) in [(frame(0x81, PING.as_bytes()), 100_000), (frame(0x81, operation.as_bytes()), 5_000)] {
        let mut socket = app.socket().await.init(None).await;
        socket.send_bytes(&flood.repeat(count)).await;
        socket.expect_close(1008).await;
    }
}

#[tokio::test]
async fn a_user_has_at_most_five_sockets() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut sockets = Vec::new();
    for _ in 0..5 {
        sockets.push(app.socket().await.init(Some(ana.access_token())).await);
    }
    let payload = json!({ "Authorization": format!("Bearer {}", ana.access_token()) });
    let mut sixth = app.socket().await;
    sixth.send(&json!({ "type": "connection_init", "payload": payload })).await;
    sixth.expect_close(1013).await;
    let ben = app.user("ben").await;
    app.socket().await.init(Some(ben.access_token())).await.close().await;
}

#[tokio::test]
async fn an_address_has_at_most_three_without_a_token() {
    let app = TestApp::new().await;
    let mut sockets = Vec::new();
    for _ in 0..3 {
        sockets.push(app.socket().await.init(None).await);
    }
    let mut fourth = app.socket().await;
    fourth.send(&json!({ "type": "connection_init" })).await;
    fourth.expect_close(1013).await;
    app.socket_from("127.0.0.2").await.init(None).await.close().await;
}
