//! A client that comes back goes on from the last event that it saw.

use chrono::TimeDelta;
use serde_json::json;

use super::{CHANGES, create, follow};
use crate::support::TestApp;

const AFTER: &str = "subscription($after: String) { taskChanged(after: $after) { task { title } } }";

#[tokio::test]
async fn the_last_event_comes_before_the_argument() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut stream = follow(&app, &ana).await;
    let mut ids = Vec::new();
    for title in ["Milk", "Bread", "Salt"] {
        create(&ana, title).await;
        ids.push(stream.expect_next().await.1.unwrap());
    }
    let body = json!({ "query": AFTER, "variables": { "after": ids[0] } });
    for (last_event_id, title) in [(None, "Bread"), (Some(""), "Bread"), (Some(ids[1].as_str()), "Salt")] {
        let last_event_id = last_event_id.map(|id| ("Last-Event-ID", id));
        let fields: Vec<_> =
            [Some(("Authorization", ana.authorization_sent())), last_event_id].into_iter().flatten().collect();
        let mut stream = app.try_stream(&body, &fields).await.ok().unwrap();
        assert_eq!(stream.expect_data().await["taskChanged"]["task"]["title"], title, "{fields:?}");
    }
}

#[tokio::test]
async fn an_event_that_is_no_more_in_the_log_is_refused_and_so_is_what_never_was_one() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut stream = follow(&app, &ana).await;
    for title in ["Milk", "Bread"] {
        create(&ana, title).await;
    }
    let id = stream.expect_next().await.1.unwrap();
    drop(stream);
    app.clock.advance(TimeDelta::days(31));
    app.app.tidy().await.unwrap();
    let ana = app.log_in("ana").await;
    for (id, rule) in [(id.as_str(), "EXPIRED"), ("nonsense", "INVALID_FORMAT"), ("\u{e4}", "INVALID_FORMAT")] {
        let mut stream = app.stream(CHANGES, Some(ana.access_token()), Some(id)).await;
        let (payload, _) = stream.expect_next().await;
        let extensions = &payload["errors"][0]["extensions"];
        assert_eq!((&extensions["code"], &extensions["fields"][0]["code"]), (&json!("BAD_USER_INPUT"), &json!(rule)));
        assert!(payload.get("data").is_none(), "{payload}");
        stream.expect_complete().await;
    }
}

#[tokio::test]
async fn an_event_that_is_too_large_is_told_and_the_next_one_comes() {
    let app = TestApp::with(|config| config.limits.response_bytes = 2_000).await;
    let ana = app.user("ana").await;
    let query = "subscription { taskChanged { cursor task { title description } } }";
    let mut stream = app.stream(query, Some(ana.access_token()), None).await;
    let input = json!({ "input": { "title": "Milk", "description": "x".repeat(2_000) } });
    let query = "mutation($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }";
    ana.gql_with(query, input).await.data();
    create(&ana, "Bread").await;
    let (payload, id) = stream.expect_next().await;
    assert_eq!(payload["errors"][0]["extensions"]["code"], "RESPONSE_TOO_LARGE");
    let (next, later) = stream.expect_next().await;
    assert_eq!(next["data"]["taskChanged"]["task"]["title"], "Bread");
    assert!(id.is_some() && later.is_some() && id != later);
    // Whoever comes back with the id of the one that was too large is not sent it again.
    let mut stream = app.stream(CHANGES, Some(ana.access_token()), id.as_deref()).await;
    assert_eq!(stream.expect_data().await["taskChanged"]["task"]["title"], "Bread");
}
