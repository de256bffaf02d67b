//! graphql-sse in its distinct connections mode, over real connections.

mod authority;
mod documents;
mod limits;
mod resume;

use axum::body::Body;
use axum::http::Method;
use serde_json::json;

use crate::support::{Client, Stream, TestApp};

const CHANGES: &str = "subscription { taskChanged { cursor task { title } } }";

async fn create(client: &Client, title: &str) {
    client.gql(&format!("mutation {{ createTask(input: {{ title: \"{title}\" }}) {{ task {{ id }} }} }}")).await.data();
}

/// What happens to the client's tasks.
async fn follow(app: &TestApp, client: &Client) -> Stream {
    app.stream(CHANGES, Some(client.access_token()), None).await
}

#[tokio::test]
async fn a_query_has_one_next_and_a_complete() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut stream = app.stream("{ viewer { username } }", Some(ana.access_token()), None).await;
    assert!(stream.headers.contains_key("x-request-id") && stream.headers.contains_key("ratelimit"));
    assert_eq!(stream.expect_data().await["viewer"]["username"], "ana");
    stream.expect_complete().await;
}

/// urql takes `data: ` for a result, and Firefox and Safari wait for the first byte of a body.
#[tokio::test]
async fn a_stream_is_written_as_clients_read_it() {
    let app = TestApp::new().await;
    let answer = app.anonymous().accepting("text/event-stream").gql("{ __typename }").await;
    let (next, complete) = answer.text.split_once("\n\n").unwrap();
    assert!(next.starts_with("event: next\ndata: {\"data\":{\"__typename\":\"Query\"},"), "{next}");
    assert_eq!(complete, "event: complete\ndata:\n\n");
    assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
    assert_eq!((answer.header("cache-control"), answer.header("x-accel-buffering")), ("no-store", "no"));
    let ana = app.user("ana").await;
    let first = follow(&app, &ana).await.next().await.unwrap();
    assert_eq!(first.comment.as_deref(), Some(""));
}

#[tokio::test]
async fn only_who_asks_for_a_stream_by_post_gets_one() {
    let app = TestApp::new().await;
    let both = "text/event-stream;q=0.9, application/json";
    for (accept, kind) in [("*/*", "application/json"), ("text/*", ""), (both, "application/json")] {
        let answer = app.anonymous().accepting(accept).gql("{ __typename }").await;
        match kind {
            "" => assert_eq!((answer.status, answer.code().as_str()), (406, "NOT_ACCEPTABLE")),
            kind => assert!(answer.header("content-type").starts_with(kind), "{accept}: {}", answer.text),
        }
    }
    // A subscription comes in no other way, however little the client likes it.
    let mut stream = app.try_stream(&json!({ "query": CHANGES }), &[("Accept", both)]).await.ok().unwrap();
    assert_eq!(stream.expect_error_code().await, "UNAUTHENTICATED");
    let client = app.anonymous().accepting("text/event-stream");
    let get = client.request(Method::GET, "/graphql?query=%7B__typename%7D").header("Apollo-Require-Preflight", "1");
    let answer = client.send(get.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.code().as_str()), (406, "NOT_ACCEPTABLE"));
}

#[tokio::test]
async fn errors_of_a_document_come_as_events() {
    let app = TestApp::new().await;
    for (document, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { a: taskChanged { kind } b: taskChanged { kind } }", "TOO_MANY_ROOT_FIELDS"),
        (CHANGES, "UNAUTHENTICATED"),
    ] {
        let mut stream = app.stream(document, None, None).await;
        assert_eq!(stream.expect_error_code().await, code);
        stream.expect_complete().await;
    }
}

#[tokio::test]
async fn refusals_of_the_transport_keep_their_status() {
    let app = TestApp::new().await;
    let body = json!({ "query": CHANGES });
    for (fields, status, code) in [
        (("Authorization", "Bearer nonsense"), 401, "UNAUTHENTICATED"),
        (("Origin", "https://evil.example"), 403, "CSRF_REJECTED"),
        (("Content-Type", "text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (("Accept", "application/json"), 406, "NOT_ACCEPTABLE"),
    ] {
        let answer = app.try_stream(&body, &[fields]).await.err().unwrap();
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{fields:?}");
    }
}

#[tokio::test]
async fn events_have_ids_and_the_last_one_resumes() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut stream = follow(&app, &ana).await;
    for title in ["Milk", "Bread", "Salt"] {
        create(&ana, title).await;
    }
    let (payload, id) = stream.expect_next().await;
    let change = &payload["data"]["taskChanged"];
    assert_eq!((change["task"]["title"].as_str(), change["cursor"].as_str()), (Some("Milk"), id.as_deref()));
    drop(stream);
    let mut stream = app.stream(CHANGES, Some(ana.access_token()), id.as_deref()).await;
    for title in ["Bread", "Salt"] {
        assert_eq!(stream.expect_data().await["taskChanged"]["task"]["title"], title);
    }
}

#[tokio::test]
async fn streams_count_like_sockets() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(follow(&app, &ana).await);
    }
    let socket = app.socket().await.init(Some(ana.access_token())).await;
    let token = format!("Bearer {}", ana.access_token());
    let body = json!({ "query": CHANGES });
    let answer = app.try_stream(&body, &[("Authorization", &token)]).await.err().unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (429, "RATE_LIMITED"));
    assert_eq!(answer.json()["errors"][0]["extensions"]["policy"], "subscriptions");
    drop(socket);
}

#[tokio::test]
async fn the_shutdown_ends_a_stream_without_complete() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut stream = follow(&app, &ana).await;
    create(&ana, "Milk").await;
    stream.expect_data().await;
    app.begin_shutdown();
    assert_eq!(stream.event().await, None);
    app.stopped().await;
}
