//! How a connection begins, and attack 70: how it must not.

use serde_json::{Value, json};

use super::CHANGES;
use crate::api_token::{program, revoke};
use crate::support::TestApp;

const VIEWER: &str = "{ viewer { username } }";

#[tokio::test]
async fn whoever_says_nothing_is_closed() {
    let app = TestApp::new().await;
    let reason = app.socket().await.expect_close(4408).await;
    assert_eq!(reason, "Connection initialisation timeout");
}

#[tokio::test]
async fn bug_an_init_that_came_in_time_was_late_when_the_server_was_busy() {
    let app = TestApp::with(|config| config.subscriptions.init_seconds = 1).await;
    let mut socket = app.socket().await;
    socket.send(&json!({ "type": "ping" })).await;
    socket.expect_pong().await;
    socket.send(&json!({ "type": "connection_init" })).await;
    // The server runs on this thread, and so does not.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    socket.expect_ack().await;
}

#[tokio::test]
async fn a_second_init_is_one_too_many() {
    let app = TestApp::new().await;
    let mut socket = app.socket().await.init(None).await;
    socket.send(&json!({ "type": "connection_init" })).await;
    assert_eq!(socket.expect_close(4429).await, "Too many initialisation requests");
    // Before the first is acknowledged, too.
    let ana = app.user("ana").await;
    let init =
        json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {}", ana.access_token()) } });
    let mut socket = app.socket().await;
    socket.send(&init).await;
    socket.send(&init).await;
    socket.expect_close(4429).await;
}

#[tokio::test]
async fn nothing_runs_before_the_acknowledgement() {
    let app = TestApp::new().await;
    for query in [VIEWER, CHANGES, "{"] {
        let mut socket = app.socket().await;
        socket.subscribe("1", query).await;
        assert_eq!(socket.expect_close(4401).await, "Unauthorized");
    }
}

#[tokio::test]
async fn a_ping_is_answered_at_any_time_and_a_pong_is_ignored() {
    let app = TestApp::new().await;
    let mut socket = app.socket().await;
    for payload in [Value::Null, json!({ "sent": 1 })] {
        socket.send(&json!({ "type": "pong", "payload": payload })).await;
        socket.send(&json!({ "type": "ping", "payload": payload })).await;
        socket.expect_pong().await;
    }
    let mut socket = socket.init(None).await;
    socket.send(&json!({ "type": "ping" })).await;
    socket.expect_pong().await;
}

#[tokio::test]
async fn a_token_is_taken_where_clients_put_it() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (_, program) = program(&app, &ana, &["READ"]).await;
    let secret = program.authorization_sent();
    let bearer = format!("Bearer {}", ana.access_token());
    for payload in [
        json!({ "Authorization": bearer }),
        json!({ "authorization": bearer, "content-type": "application/json" }),
        json!({ "headers": { "Authorization": bearer } }),
        json!({ "headers": { "authorization": bearer } }),
        json!({ "Authorization": secret }),
    ] {
        let mut socket = app.socket().await;
        socket.send(&json!({ "type": "connection_init", "payload": payload })).await;
        socket.expect_ack().await;
        socket.subscribe("1", VIEWER).await;
        assert_eq!(socket.expect_data("1").await["viewer"]["username"], "ana", "{payload}");
        socket.expect_complete("1").await;
        socket.close().await;
    }
}

#[tokio::test]
async fn a_bad_token_is_refused() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (id, program) = program(&app, &ana, &["READ"]).await;
    revoke(&ana, &id).await.data();
    for token in ["Bearer nonsense", "Bearer ", "Basic YTpi", program.authorization_sent()] {
        let mut socket = app.socket().await;
        socket.send(&json!({ "type": "connection_init", "payload": { "Authorization": token } })).await;
        socket.expect_close(4403).await;
    }
}

#[tokio::test]
async fn an_api_token_that_reads_changes_nothing() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (_, program) = program(&app, &ana, &["READ"]).await;
    let token = program.authorization_sent().trim_start_matches("Bearer ");
    let mut socket = app.socket().await.init(Some(token)).await;
    socket.subscribe("1", "mutation { createTask(input: { title: \"Milk\" }) { task { id } } }").await;
    let payload = socket.expect_next("1").await;
    assert_eq!(payload["errors"][0]["extensions"]["code"], "FORBIDDEN", "{payload}");
    assert_eq!(ana.gql("{ tasks { totalCount } }").await.data()["tasks"]["totalCount"], 0);
}
