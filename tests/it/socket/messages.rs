//! Messages that are none are answered with the end of the connection.

use serde_json::json;

use crate::support::{TestApp, frame};

#[tokio::test]
async fn what_is_no_message_closes() {
    let app = TestApp::new().await;
    // Each from an address of its own, so that none waits for the place of the one before.
    for (number, text) in [
        "",
        "{",
        "[]",
        "null",
        "\"ping\"",
        "{}",
        r#"{"type":1}"#,
        r#"{"type":null}"#,
        r#"{"type":"start","id":"1","payload":{"query":"{ __typename }"}}"#,
        r#"{"type":"connection_terminate"}"#,
        r#"{"type":"PING"}"#,
        r#"{"type":"connection_ack"}"#,
        r#"{"type":"next","id":"1","payload":{}}"#,
        r#"{"type":"error","id":"1","payload":[]}"#,
        r#"{"type":"ping","payload":1}"#,
        r#"{"type":"pong","payload":[]}"#,
        r#"{"type":"complete"}"#,
        r#"{"type":"complete","id":1}"#,
        r#"{"type":"subscribe","payload":{"query":"{ __typename }"}}"#,
        r#"{"type":"subscribe","id":"","payload":{"query":"{ __typename }"}}"#,
        r#"{"type":"subscribe","id":1,"payload":{"query":"{ __typename }"}}"#,
        r#"{"type":"subscribe","id":"1"}"#,
        r#"{"type":"subscribe","id":"1","payload":null}"#,
        r#"{"type":"subscribe","id":"1","payload":"{ __typename }"}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"{ __typename }","variables":[]}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"{ __typename }","extensions":1}}"#,
    ]
    .into_iter()
    .enumerate()
    {
        let mut socket = app.socket_from(&format!("127.0.1.{number}")).await.init(None).await;
        socket.send_text(text).await;
        let end = socket.end().await;
        assert_eq!(end.as_ref().map(|(code, _)| *code), Some(4400), "{text}: {end:?}");
        assert!(end.unwrap().1.len() <= 123, "a close frame holds no more");
    }
}

#[tokio::test]
async fn an_init_with_another_payload_closes() {
    let app = TestApp::new().await;
    for payload in [json!(1), json!("Bearer"), json!([])] {
        let mut socket = app.socket().await;
        socket.send(&json!({ "type": "connection_init", "payload": payload })).await;
        socket.expect_close(4400).await;
    }
}

#[tokio::test]
async fn a_binary_message_closes() {
    let app = TestApp::new().await;
    let mut socket = app.socket().await.init(None).await;
    socket.send_bytes(&frame(0x82, br#"{"type":"ping"}"#)).await;
    socket.expect_close(4400).await;
}

#[tokio::test]
async fn ids_that_nobody_knows_are_ignored() {
    let app = TestApp::new().await;
    let mut socket = app.socket().await.init(None).await;
    socket.complete("unknown").await;
    socket.subscribe("1", "{ __typename }").await;
    socket.expect_next("1").await;
    socket.expect_complete("1").await;
    socket.complete("1").await;
    socket.expect_nothing_of("1").await;
}
