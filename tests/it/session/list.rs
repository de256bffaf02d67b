//! The list of sessions: what its owner sees of it, and ending one of them.

use axum::body::Body;
use axum::http::Method;
use axum::http::header::{CONTENT_TYPE, HeaderValue, USER_AGENT};
use chrono::TimeDelta;
use serde_json::{Value, json};
use taskward::domain::session::MAX_SESSIONS;

use super::{login, revoke, rows, session_id};
use crate::support::{Answer, Client, PASSWORD, TestApp};

const LIST: &str = "{ viewer { sessions { id createdAt lastUsedAt expiresAt userAgent current } } }";

async fn list(client: &Client) -> Vec<Value> {
    client.gql(LIST).await.data()["viewer"]["sessions"].as_array().unwrap().clone()
}

/// Another session of the user `ana`.
async fn another(app: &TestApp) -> Client {
    app.anonymous().with_tokens(&login(&app.anonymous(), "ana", PASSWORD).await.data()["login"])
}

async fn login_with_user_agent(client: &Client, user_agent: HeaderValue) -> Answer {
    let query = format!(
        r#"mutation {{ login(input: {{ username: "ana", password: "{PASSWORD}" }}) {{ accessToken refreshToken }} }}"#
    );
    let request = client.request(Method::POST, "/graphql").header(CONTENT_TYPE, "application/json");
    let body = Body::from(json!({ "query": query }).to_string());
    client.send(request.header(USER_AGENT, user_agent).body(body).unwrap()).await
}

#[tokio::test]
async fn sessions_are_listed_newest_first_with_the_current_one_marked() {
    let app = TestApp::new().await;
    let first = app.user("ana").await;
    app.user("bob").await;
    app.clock.advance(TimeDelta::minutes(1));
    let second = another(&app).await;
    let sessions = list(&first).await;
    assert_eq!(sessions.len(), 2, "and none of bob's");
    assert_eq!(sessions[0]["createdAt"], "2026-11-23T09:31:00.000000Z");
    assert_eq!(sessions[0]["lastUsedAt"], "2026-11-23T09:31:00.000000Z");
    assert_eq!(sessions[0]["expiresAt"], "2026-12-23T09:31:00.000000Z");
    assert_eq!(sessions[1]["createdAt"], "2026-11-23T09:30:00.000000Z");
    assert_eq!([&sessions[0]["current"], &sessions[1]["current"]], [false, true]);
    assert_eq!(sessions[1]["id"], session_id(&first).await);
    let sessions = list(&second).await;
    assert_eq!([&sessions[0]["current"], &sessions[1]["current"]], [true, false]);
}

#[tokio::test]
async fn a_user_agent_is_kept_without_controls_and_cut_at_200_characters() {
    let app = TestApp::new().await;
    app.user("ana").await;
    let (at_limit, above) = ("x".repeat(200), "x".repeat(201));
    for (sent, kept) in [
        ("Firefox/145", json!("Firefox/145")),
        ("a\tb", json!("ab")),
        ("", json!("")),
        (at_limit.as_str(), json!(at_limit)),
        (above.as_str(), json!(at_limit)),
    ] {
        app.clock.advance(TimeDelta::seconds(1));
        let answer = login_with_user_agent(&app.anonymous(), HeaderValue::from_str(sent).unwrap()).await;
        let client = app.anonymous().with_tokens(&answer.data()["login"]);
        assert_eq!(list(&client).await[0]["userAgent"], kept, "{sent:?}");
    }
    app.clock.advance(TimeDelta::seconds(1));
    let bytes = HeaderValue::from_bytes(b"\xff\xfe").unwrap();
    let answer = login_with_user_agent(&app.anonymous(), bytes).await;
    let client = app.anonymous().with_tokens(&answer.data()["login"]);
    assert_eq!(list(&client).await[0]["userAgent"], Value::Null, "what is no text is not kept");
}

#[tokio::test]
async fn the_51st_session_ends_the_one_that_was_used_longest_ago() {
    let app = TestApp::new().await;
    let first = app.user("ana").await;
    app.clock.advance(TimeDelta::minutes(1));
    let second = another(&app).await;
    for _ in 2..MAX_SESSIONS {
        app.clock.advance(TimeDelta::seconds(1));
        another(&app).await;
    }
    assert_eq!(list(&first).await.len(), 50, "all of them are alive");
    app.app.tidy().await.unwrap();
    app.clock.advance(TimeDelta::seconds(1));
    let newest = another(&app).await;
    assert_eq!(list(&newest).await.len(), 50);
    assert_eq!(rows(&app).await, 50);
    assert_eq!(first.gql("{ viewer { id } }").await.status, 200, "the oldest was used just now");
    assert_eq!(second.gql("{ viewer { id } }").await.status, 401, "so the second was used longest ago");
}

#[tokio::test]
async fn the_last_use_is_known_to_within_a_minute_once_the_server_has_tidied_up() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let used = async || list(&ana).await[0]["lastUsedAt"].as_str().unwrap().to_owned();
    app.clock.advance(TimeDelta::minutes(1) - TimeDelta::microseconds(1));
    used().await;
    app.app.tidy().await.unwrap();
    assert_eq!(used().await, "2026-11-23T09:30:00.000000Z", "less than a minute ago is not worth a write");
    app.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(used().await, "2026-11-23T09:30:00.000000Z", "reading does not write");
    app.app.tidy().await.unwrap();
    assert_eq!(used().await, "2026-11-23T09:31:00.000000Z");
    let ((), statements) = app.statements(async { app.app.tidy().await.unwrap() }).await;
    let ((), again) = app.statements(async { app.app.tidy().await.unwrap() }).await;
    assert_eq!(statements, again, "what was noted is written once");
}

#[tokio::test]
async fn an_expired_session_is_not_listed_even_before_it_is_removed() {
    let app = TestApp::new().await;
    app.user("ana").await;
    app.clock.advance(TimeDelta::days(30));
    let ana = another(&app).await;
    assert_eq!(list(&ana).await.len(), 1);
    assert_eq!(rows(&app).await, 2);
}

#[tokio::test]
async fn a_revoked_session_ends_at_once() {
    let app = TestApp::new().await;
    let (phone, laptop) = (app.user("ana").await, another(&app).await);
    let id = session_id(&phone).await;
    assert_eq!(revoke(&laptop, &id).await.data(), json!({ "revokeSession": { "sessionId": id } }));
    assert_eq!(phone.gql("{ viewer { id } }").await.status, 401);
    assert_eq!(super::refresh(&app.anonymous(), phone.refresh_token()).await.code(), "UNAUTHENTICATED");
    assert_eq!(list(&laptop).await.len(), 1);
    assert_eq!(revoke(&laptop, &id).await.code(), "NOT_FOUND", "twice");
    let own = session_id(&laptop).await;
    assert_eq!(revoke(&laptop, &own).await.data()["revokeSession"]["sessionId"], own);
    assert_eq!(laptop.gql("{ viewer { id } }").await.status, 401);
}

#[tokio::test]
async fn sessions_of_others_and_what_is_no_session_are_not_found() {
    let app = TestApp::new().await;
    let (ana, bob) = (app.user("ana").await, app.user("bob").await);
    let foreign = session_id(&bob).await;
    let missing = "session_01jd3qvh7eefhazk9a8w2tn4tz";
    let expected = super::without_request_id(&revoke(&ana, missing).await);
    for id in [foreign.as_str(), "", "session_", "\u{0}", ana.user_id(), &foreign.to_uppercase(), &"x".repeat(10_000)] {
        let answer = revoke(&ana, id).await;
        assert_eq!(answer.code(), "NOT_FOUND", "{id:.50}");
        assert_eq!(super::without_request_id(&answer), expected, "{id:.50}");
    }
    assert_eq!(bob.gql("{ viewer { id } }").await.status, 200);
    assert_eq!(revoke(&app.anonymous(), &foreign).await.code(), "UNAUTHENTICATED");
}
