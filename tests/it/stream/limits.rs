//! The limits of event streams: what keeps them passes, and one more is refused.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::{CHANGES, create, follow};
use crate::support::{Answer, Client, Stream, TestApp};

async fn try_follow(app: &TestApp, client: &Client) -> Result<Stream, Answer> {
    app.try_stream(&json!({ "query": CHANGES }), &[("Authorization", client.authorization_sent())]).await
}

#[track_caller]
fn assert_refused(answer: &Answer, status: u16, code: &str, policy: Option<&str>) {
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.text);
    assert_eq!(answer.json()["errors"][0]["extensions"]["policy"].as_str(), policy);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
}

#[tokio::test]
async fn a_body_and_a_budget_have_their_limits() {
    let app = TestApp::with(|config| config.rate_limit.anonymous = "1/minute".parse().unwrap()).await;
    let body = |bytes: usize| {
        let body = json!({ "query": "{ __typename }", "operationName": Value::Null }).to_string();
        json!({ "query": format!("{{ __typename }}{}", " ".repeat(bytes - body.len())), "operationName": Value::Null })
    };
    let most = app.app.config.limits.body_bytes;
    assert_refused(&app.try_stream(&body(most + 1), &[]).await.err().unwrap(), 413, "PAYLOAD_TOO_LARGE", None);
    app.stream("{ __typename }", None, None).await.expect_data().await;
    let answer = app.try_stream(&body(100), &[]).await.err().unwrap();
    assert_refused(&answer, 429, "RATE_LIMITED", Some("requests"));
}

#[tokio::test]
async fn everybody_together_has_as_many_as_the_setting_says() {
    let app = TestApp::with(|config| config.subscriptions.sockets = 1).await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let open = follow(&app, &ana).await;
    let answer = try_follow(&app, &ben).await.err().unwrap();
    assert_refused(&answer, 503, "OVERLOADED", None);
    assert_eq!(answer.header("retry-after"), "5");
    // What is over at once needs no room.
    app.stream("{ __typename }", Some(ben.access_token()), None).await.expect_data().await;
    drop(open);
}

#[tokio::test]
async fn a_user_has_as_many_as_the_setting_says() {
    let app = TestApp::with(|config| config.subscriptions.sockets_per_user = 1).await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let open = follow(&app, &ana).await;
    assert_refused(&try_follow(&app, &ana).await.err().unwrap(), 429, "RATE_LIMITED", Some("subscriptions"));
    follow(&app, &ben).await;
    // A client that goes away makes room for the next one.
    drop(open);
    let again = async {
        while let Err(answer) = try_follow(&app, &ana).await {
            assert_refused(&answer, 429, "RATE_LIMITED", Some("subscriptions"));
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(20), again).await.expect("its share is free again");
}

#[tokio::test]
async fn a_subscription_that_does_not_begin_keeps_no_share() {
    let app = TestApp::with(|config| config.subscriptions.sockets_per_address = 1).await;
    let free = app.app.subscriptions.free();
    for _ in 0..3 {
        let mut stream = app.stream(CHANGES, None, None).await;
        assert_eq!(stream.expect_error_code().await, "UNAUTHENTICATED");
        stream.expect_complete().await;
        assert_eq!(app.app.subscriptions.free(), free);
    }
}

#[tokio::test]
async fn a_comment_comes_as_often_as_the_setting_says() {
    let app = TestApp::with(|config| config.subscriptions.ping_seconds = 1).await;
    let ana = app.user("ana").await;
    let mut stream = follow(&app, &ana).await;
    let begun = tokio::time::Instant::now();
    for _ in 0..3 {
        assert_eq!(stream.next().await.unwrap().comment.as_deref(), Some(""));
    }
    // The first comes at once.
    assert!(begun.elapsed() > Duration::from_millis(1_500), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_event_costs_at_most_what_the_setting_says() {
    let app = TestApp::new().await;
    let (receipt, _) = validate(&app, &app.user("ana").await).await.expect_next().await;
    let cost = &receipt["extensions"]["budget"]["cost.event_limit"];
    assert_eq!(cost["max"], 50, "{receipt}");
    let used = u32::try_from(cost["used"].as_u64().unwrap()).unwrap();
    for (limit, runs) in [(used, true), (used - 1, false)] {
        let app = TestApp::with(|config| config.cost.event_limit = limit.try_into().unwrap()).await;
        let ana = app.user("ana").await;
        let mut stream = follow(&app, &ana).await;
        if runs {
            create(&ana, "Milk").await;
            stream.expect_data().await;
        } else {
            assert_eq!(stream.expect_error_code().await, "QUERY_TOO_COMPLEX");
            stream.expect_complete().await;
        }
    }
}

/// The receipt of a subscription that does not run.
async fn validate(app: &TestApp, client: &Client) -> Stream {
    let fields = [("Authorization", client.authorization_sent()), ("X-Taskward-Budget", "validate")];
    app.try_stream(&json!({ "query": CHANGES }), &fields).await.ok().unwrap()
}

#[tokio::test]
async fn validate_answers_with_the_receipt_and_begins_nothing() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut stream = validate(&app, &ana).await;
    let (receipt, id) = stream.expect_next().await;
    assert_eq!((&receipt["data"], id), (&json!({}), None));
    assert_eq!(receipt["extensions"]["budget"]["depth"]["used"], 3, "{receipt}");
    stream.expect_complete().await;
}
