//! Access tokens on the wire: how they are sent, when they end, and what a bad one is told.

use axum::body::Body;
use axum::http::Method;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use chrono::TimeDelta;
use serde_json::json;

use super::{refresh, without_request_id};
use crate::support::{Answer, Client, TestApp};

const VIEWER: &str = "{ viewer { username } }";

#[track_caller]
fn assert_bad_token(answer: &Answer) {
    assert_eq!((answer.status, answer.code().as_str()), (401, "UNAUTHENTICATED"), "{}", answer.text);
    assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"");
    assert!(answer.json().get("data").is_none());
}

async fn send_authorizations(client: &Client, values: &[&[u8]]) -> Answer {
    let request = client.request(Method::POST, "/graphql").header(CONTENT_TYPE, "application/json");
    let request = values.iter().fold(request, |request, value| request.header(AUTHORIZATION, *value));
    client.send(request.body(Body::from(json!({ "query": VIEWER }).to_string())).unwrap()).await
}

#[tokio::test]
async fn a_token_is_good_for_900_seconds_and_5_of_leeway() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    app.clock.advance(TimeDelta::seconds(905) - TimeDelta::microseconds(1));
    assert_eq!(ana.gql(VIEWER).await.data()["viewer"]["username"], "ana");
    app.clock.advance(TimeDelta::microseconds(1));
    assert_bad_token(&ana.gql(VIEWER).await);
}

#[tokio::test]
async fn the_lifetime_is_a_setting() {
    let app = TestApp::with(|config| config.auth.access_token_seconds = 2).await;
    let ana = app.user("ana").await;
    app.clock.advance(TimeDelta::seconds(7) - TimeDelta::microseconds(1));
    assert_eq!(ana.gql(VIEWER).await.status, 200);
    app.clock.advance(TimeDelta::microseconds(1));
    assert_bad_token(&ana.gql(VIEWER).await);
}

#[tokio::test]
async fn both_schemes_are_taken_in_any_case() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    for scheme in ["Bearer", "bearer", "Token", "TOKEN"] {
        let answer = app.anonymous().with_authorization(&format!("{scheme} {}", ana.access_token())).gql(VIEWER).await;
        assert_eq!(answer.data()["viewer"]["username"], "ana", "{scheme}");
    }
}

#[tokio::test]
async fn every_bad_token_reads_the_same() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let token = ana.access_token();
    let good = format!("Bearer {token}");
    let (header, rest) = token.split_once('.').unwrap();
    let unsigned = format!("Bearer {}.", token.rsplit_once('.').unwrap().0);
    let api_token = format!("Bearer twp_{}", "A".repeat(43));
    let values = [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Basic YW5hOnBhc3N3b3Jk",
        token,
        "Bearer null",
        "Bearer undefined",
        &format!("Bearer {token}x"),
        &format!("Bearer {header}.{header}.{rest}"),
        &format!("{good}, {good}"),
        &unsigned,
        &format!("Bearer {}", ana.refresh_token()),
        &api_token,
        &api_token.replace("Bearer", "Token"),
        &format!("Bearer {}", "a".repeat(8_000)),
    ];
    let expected = without_request_id(&app.anonymous().with_authorization("Bearer junk").gql(VIEWER).await);
    for value in values {
        let answer = app.anonymous().with_authorization(value).gql(VIEWER).await;
        assert_bad_token(&answer);
        assert_eq!(without_request_id(&answer), expected, "{value:.100}");
    }
    let two: [&[&[u8]]; 3] =
        [&[good.as_bytes(), good.as_bytes()], &[good.as_bytes(), b"Bearer junk"], &[b"Bearer \xff\xfe"]];
    for values in two {
        assert_bad_token(&send_authorizations(&app.anonymous(), values).await);
    }
    assert_eq!(send_authorizations(&app.anonymous(), &[good.as_bytes()]).await.status, 200);
}

#[tokio::test]
async fn a_token_of_another_server_is_bad_here() {
    let (ours, theirs) = (TestApp::new().await, TestApp::with(|config| config.limits.page_size = 7).await);
    let (ana, other) = (ours.user("ana").await, theirs.user("ana").await);
    assert_eq!(ana.access_token(), other.access_token(), "both have one key, one seed and one clock");
    theirs.clock.advance(TimeDelta::seconds(1));
    let elsewhere = theirs.user("bob").await;
    let foreign = ours.anonymous().with_authorization(&format!("Bearer {}", elsewhere.access_token()));
    assert_bad_token(&foreign.gql(VIEWER).await);
}

#[tokio::test]
async fn the_token_of_an_ended_session_is_bad_and_so_is_one_before_its_refresh_only_when_it_expires() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    app.clock.advance(TimeDelta::minutes(5));
    let renewed = app.anonymous().with_tokens(&refresh(&ana, ana.refresh_token()).await.data()["refreshSession"]);
    assert_eq!(ana.gql(VIEWER).await.status, 200, "it names the session, which lives");
    app.clock.advance(TimeDelta::seconds(605));
    assert_bad_token(&ana.gql(VIEWER).await);
    assert_eq!(renewed.gql("mutation { logout { sessionId } }").await.status, 200);
    assert_bad_token(&renewed.gql(VIEWER).await);
}

#[tokio::test]
async fn a_bad_token_runs_nothing() {
    let app = TestApp::new().await;
    let bad = app.anonymous().with_authorization("Bearer junk");
    let (answer, statements) = app.statements(bad.gql("mutation { logout { sessionId } }")).await;
    assert_bad_token(&answer);
    assert_eq!(statements, 0);
}
