//! Sentences of graphql-transport-ws that no other file here has; `mod.rs` lists them all.

use serde_json::{Value, json};

use super::{CHANGES, begin, create, until};
use crate::support::project::{project, remove, user_id};
use crate::support::{TestApp, frame};
use taskward::edge::concurrency::CallerKey;
use taskward::storage::project::Role;

#[tokio::test]
async fn a_payload_may_be_null_or_absent() {
    let app = TestApp::new().await;
    for init in [
        json!({ "type": "connection_init" }),
        json!({ "type": "connection_init", "payload": null }),
        json!({ "type": "connection_init", "payload": {} }),
        json!({ "type": "connection_init", "payload": { "anything": [1, { "headers": null }] } }),
    ] {
        let mut socket = app.socket().await;
        socket.send(&init).await;
        socket.expect_ack().await;
        for payload in [json!(null), json!({}), json!({ "at": 1 })] {
            socket.send(&json!({ "type": "ping", "payload": payload })).await;
            socket.expect_pong().await;
        }
        let nulls = json!({ "query": "{ __typename }", "operationName": null, "variables": null, "extensions": null });
        socket.subscribe_with("1", &nulls).await;
        socket.expect_data("1").await;
        socket.close().await;
    }
}

/// A client that does not wait for the acknowledgement is one whose `subscribe` is read before or behind it: the server
/// reads one message after the other, so it is behind.
#[tokio::test]
async fn a_subscribe_between_init_and_its_acknowledgement_waits_or_closes() {
    let app = TestApp::new().await;
    let mut socket = app.socket().await;
    socket.send(&json!({ "type": "connection_init" })).await;
    socket.subscribe("1", "{ __typename }").await;
    socket.expect_ack().await;
    socket.expect_data("1").await;
    // What is refused is never acknowledged, and nothing runs.
    let mut socket = app.socket().await;
    socket.send(&json!({ "type": "connection_init", "payload": { "Authorization": "Bearer nonsense" } })).await;
    socket.subscribe("1", "{ __typename }").await;
    socket.expect_close(4403).await;
    assert_eq!(socket.held_of("1"), 0);
}

#[tokio::test]
async fn an_id_is_free_after_an_error_and_a_complete() {
    let app = TestApp::new().await;
    let mut socket = app.socket().await.init(None).await;
    for _ in 0..2 {
        socket.subscribe("1", "{ nothing }").await;
        socket.expect_error("1").await;
        socket.subscribe("1", "{ __typename }").await;
        socket.expect_data("1").await;
        socket.expect_complete("1").await;
        socket.expect_nothing_of("1").await;
    }
}

/// Operations of both kinds have their ids from one space.
#[tokio::test]
async fn an_id_of_a_query_that_runs_is_taken() {
    let app = TestApp::with(|config| config.concurrency.server = 1).await;
    let ana = app.user("ana").await;
    let turn = app.app.concurrency.enter(CallerKey::User(user_id(&ana))).await.unwrap();
    for query in ["{ viewer { id } }", CHANGES] {
        let mut socket = app.socket().await.init(Some(ana.access_token())).await;
        socket.subscribe("one", "{ viewer { id } }").await;
        socket.subscribe("one", query).await;
        assert_eq!(socket.expect_close(4409).await, "Subscriber for one already exists");
    }
    drop(turn);
}

#[tokio::test]
async fn a_query_that_is_completed_before_it_resolves_says_nothing() {
    let app = TestApp::with(|config| config.concurrency.server = 1).await;
    let ana = app.user("ana").await;
    let key = CallerKey::User(user_id(&ana));
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    let turn = app.app.concurrency.enter(key).await.unwrap();
    socket.subscribe("1", "{ viewer { id } }").await;
    socket.expect_nothing_of("1").await;
    socket.complete("1").await;
    socket.expect_nothing_of("1").await;
    drop(turn);
    until("it waits no more", || app.app.concurrency.callers() == 0).await;
    socket.subscribe("2", "{ viewer { username } }").await;
    assert_eq!(socket.expect_data("2").await["viewer"]["username"], "ana");
    socket.expect_nothing_of("1").await;
}

#[tokio::test]
async fn a_subscription_whose_source_ends_is_completed() {
    let app = TestApp::new().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let project = project(&app, &[(&ana, Role::Editor), (&ben, Role::Owner)]).await;
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    let query = format!("subscription {{ taskChanged(projectId: {project}) {{ kind }} }}");
    begin(&app, &mut socket, "1", &query).await;
    remove(&ben, &project, &ana).await;
    socket.expect_complete("1").await;
    create(&ana, "Milk").await;
    socket.expect_nothing_of("1").await;
}

#[tokio::test]
async fn what_is_no_message_closes_before_the_acknowledgement_too() {
    let app = TestApp::new().await;
    for text in ["{", "{}", r#"{"type":"start"}"#, r#"{"type":"complete"}"#, r#"{"type":"subscribe","id":"1"}"#] {
        let mut socket = app.socket().await;
        socket.send_text(text).await;
        let reason = socket.expect_close(4400).await;
        assert!(!reason.is_empty() && reason.len() <= 123, "{reason}");
    }
}

#[tokio::test]
async fn a_farewell_is_answered_and_frees_the_place() {
    let app = TestApp::new().await;
    let all = app.app.subscriptions.free();
    for code in [1000_u16, 1001, 3000, 4999] {
        let mut socket = app.socket().await.init(None).await;
        socket.send_bytes(&frame(0x88, &code.to_be_bytes())).await;
        assert_eq!(socket.end().await.map(|(code, _)| code), Some(code), "the close frame is sent back");
        until("the place is free", || app.app.subscriptions.free() == all).await;
    }
    assert_eq!(Value::from(app.app.subscriptions.free()), json!(all));
}
