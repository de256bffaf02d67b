//! The secret on the wire: whom it makes known, when it ends, and what a bad one is told.

use chrono::TimeDelta;
use serde_json::{Value, json};
use taskward::domain::user;

use super::{calling_with, create, program, revoke, text};
use crate::session::without_request_id;
use crate::support::{Client, Log, TestApp};

const VIEWER: &str = "{ viewer { username } }";

async fn expiring(app: &TestApp, owner: &Client, expires_at: &str) -> Client {
    let input = json!({ "name": "A program", "scopes": ["READ"], "expiresAt": expires_at });
    calling_with(app, &text(&create(owner, input).await.data()["createApiToken"]["secret"]))
}

#[tokio::test]
async fn a_program_is_its_user_in_no_session() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let payload = create(&ana, json!({ "name": "a", "scopes": ["READ"] })).await.data()["createApiToken"].clone();
    for scheme in ["Bearer", "Token", "token  "] {
        let value = format!("{scheme} {}", text(&payload["secret"]));
        let answer = app.anonymous().with_authorization(&value).gql("{ viewer { id sessions { current } } }").await;
        let viewer = json!({ "id": ana.user_id(), "sessions": [{ "current": false }] });
        assert_eq!(answer.data()["viewer"], viewer, "{scheme}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_token_is_good_until_it_expires_and_not_a_moment_longer() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let reader = expiring(&app, &ana, "2026-11-23T09:30:10Z").await;
    app.clock.advance(TimeDelta::seconds(10) - TimeDelta::microseconds(1));
    assert_eq!(reader.gql(VIEWER).await.data()["viewer"]["username"], "ana");
    app.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(reader.gql(VIEWER).await.status, 401);
}

#[tokio::test]
async fn every_bad_token_reads_the_same_and_only_the_log_says_why() {
    let app = TestApp::new().await;
    let (ana, bob) = (app.user("ana").await, app.user("bob").await);
    let expired = expiring(&app, &ana, "2026-11-23T09:30:01Z").await;
    let (id, revoked) = program(&app, &ana, &["READ"]).await;
    revoke(&ana, &id).await.data();
    let (_, gone) = program(&app, &bob, &["READ"]).await;
    user::disable(&app.app.operator(), "bob").await.unwrap();
    app.clock.advance(TimeDelta::seconds(1));
    let unknown = calling_with(&app, &format!("twp_{}", "0".repeat(32)));
    let malformed = calling_with(&app, "twp_0");
    let expected = without_request_id(&app.anonymous().with_authorization("Bearer junk").gql(VIEWER).await);
    for (client, reason, statements) in [
        (expired, "the API token has expired", 1),
        (revoked, "there is no such API token", 1),
        (gone, "there is no such API token", 1),
        (unknown, "there is no such API token", 1),
        (malformed, "the API token is malformed", 0),
    ] {
        let (log, _guard) = Log::start();
        let (answer, sent) = app.statements(client.gql(VIEWER)).await;
        assert_eq!((answer.status, answer.code().as_str(), sent), (401, "UNAUTHENTICATED", statements), "{reason}");
        assert_eq!(without_request_id(&answer), expected, "{reason}");
        let lines = log.lines("taskward::authentication");
        assert_eq!((lines.len(), &lines[0]["reason"]), (1, &json!(reason)));
    }
}

#[tokio::test]
async fn a_user_who_is_shut_out_has_no_tokens_and_gets_none() {
    use sea_orm::ConnectionTrait;
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (_, reader) = program(&app, &ana, &["READ"]).await;
    user::disable(&app.app.operator(), "ana").await.unwrap();
    assert_eq!(reader.gql(VIEWER).await.status, 401);
    assert!(taskward::domain::api_token::list_of(&app.app.operator(), "ana").await.unwrap().is_empty());
    user::enable(&app.app.operator(), "ana").await.unwrap();
    assert_eq!(reader.gql(VIEWER).await.status, 401, "it is gone for good");

    let bob = app.user("bob").await;
    let (_, reader) = program(&app, &bob, &["READ"]).await;
    let database = crate::session::open_database(&app).await;
    database.execute_unprepared("UPDATE users SET disabled_at = 1").await.unwrap();
    let (log, _guard) = Log::start();
    assert_eq!(reader.gql(VIEWER).await.status, 401, "a token that was left behind is as good as none");
    assert_eq!(log.lines("taskward::authentication")[0]["reason"], "the user of the API token is shut out");
}

#[tokio::test]
async fn a_changed_password_leaves_tokens_alone() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (_, reader) = program(&app, &ana, &["READ"]).await;
    crate::user::change_password(&ana, crate::support::PASSWORD, "a better password").await.data();
    assert_eq!(reader.gql(VIEWER).await.status, 200);
}

#[tokio::test]
async fn the_access_log_tells_a_token_from_a_login() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (_, reader) = program(&app, &ana, &["READ"]).await;
    let (log, _guard) = Log::start();
    reader.gql(VIEWER).await.data();
    ana.gql(VIEWER).await.data();
    let callers: Vec<Value> = log.lines("taskward::request").iter().map(|line| line["caller"].clone()).collect();
    assert_eq!(callers, ["api_token", "access_token"]);
    let user = log.lines("taskward::request")[0]["user"].clone();
    assert_eq!(user, ana.user_id());
}

#[tokio::test]
async fn requests_and_points_are_charged_to_the_user() {
    let app = TestApp::with(|config| config.rate_limit.user = "4/minute".parse().unwrap()).await;
    let ana = app.user("ana").await;
    let (_, first) = program(&app, &ana, &["READ"]).await;
    let (_, second) = program(&app, &ana, &["READ"]).await;
    let left = async |client: &Client| {
        let answer = client.at("198.51.100.1").gql("{ viewer { sessions { id } } }").await;
        answer.json()["extensions"]["cost"]["remaining"].as_u64().unwrap()
    };
    let before = left(&first).await;
    assert!(left(&second).await < before, "the points of one are gone for the other");
    for client in [&ana, &first, &second] {
        assert_eq!(client.gql(VIEWER).await.status, 429);
    }
}
