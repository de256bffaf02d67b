//! Users: who am I, making an account, and changing its password.

use chrono::TimeDelta;
use serde_json::json;
use taskward::config::Registration;

use crate::session::{login, refresh};
use crate::support::{Answer, Client, PASSWORD, TestApp};

async fn register(client: &Client, username: &str, password: &str) -> Answer {
    let query = "mutation($input: RegisterInput!) {
        register(input: $input) { accessToken expiresAt refreshToken user { id username createdAt } }
    }";
    client.gql_with(query, json!({ "input": { "username": username, "password": password } })).await
}

pub(crate) async fn change_password(client: &Client, current: &str, new: &str) -> Answer {
    let query = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { user { username } } }";
    client.gql_with(query, json!({ "input": { "currentPassword": current, "newPassword": new } })).await
}

#[tokio::test]
async fn the_viewer_is_the_caller_and_null_for_a_stranger() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    assert_eq!(ana.gql("{ viewer { username } }").await.data()["viewer"]["username"], "ana");
    assert!(app.anonymous().gql("{ viewer { username } }").await.data()["viewer"].is_null());
}

#[tokio::test]
async fn registering_logs_in() {
    let app = TestApp::new().await;
    let answer = register(&app.anonymous(), "ana_7", "é".repeat(12).as_str()).await;
    let payload = &answer.data()["register"];
    assert_eq!(payload["user"]["username"], "ana_7");
    assert_eq!(payload["user"]["createdAt"], "2026-11-23T09:30:00.000000Z");
    assert_eq!(payload["expiresAt"], "2026-11-23T09:45:00.000000Z");
    let ana = app.anonymous().with_tokens(payload);
    assert_eq!(ana.gql("{ viewer { id } }").await.data()["viewer"]["id"], payload["user"]["id"]);
    assert_eq!(login(&app.anonymous(), "ana_7", &"é".repeat(12)).await.status, 200);
}

#[tokio::test]
async fn every_invalid_field_is_told_at_once() {
    let app = TestApp::new().await;
    let long = "x".repeat(129);
    for (username, password, fields) in [
        ("ab", "short", &["input.username: TOO_SMALL", "input.password: TOO_SMALL"][..]),
        ("Ana", long.as_str(), &["input.username: INVALID_CHARACTER", "input.password: TOO_LARGE"]),
        ("ana", "12345678901", &["input.password: TOO_SMALL"]),
        (&"a".repeat(33), PASSWORD, &["input.username: TOO_LARGE"]),
        ("ana\u{0}", PASSWORD, &["input.username: INVALID_CHARACTER"]),
    ] {
        let (answer, statements) = app.statements(register(&app.anonymous(), username, password)).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.invalid_fields(), fields, "{username:?}");
        assert_eq!(statements, 0);
    }
    assert_eq!(register(&app.anonymous(), &"a".repeat(32), &long[..128]).await.status, 200);
}

#[tokio::test]
async fn a_name_belongs_to_one_user() {
    let app = TestApp::new().await;
    app.user("ana").await;
    let answer = register(&app.anonymous(), "ana", "another good password").await;
    assert_eq!((answer.status, answer.code().as_str()), (200, "CONFLICT"));
    assert_eq!(login(&app.anonymous(), "ana", PASSWORD).await.status, 200, "the first stays as they were");
    assert_eq!(login(&app.anonymous(), "ana", "another good password").await.code(), "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_want_a_name_at_the_same_moment_one_gets_it() {
    let app = TestApp::new().await;
    let attempts = (0..6).map(|_| {
        let client = app.anonymous();
        tokio::spawn(async move { register(&client, "ana", PASSWORD).await })
    });
    let answers = futures::future::join_all(attempts).await;
    let (made, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().map(Result::unwrap).partition(|answer| answer.json().get("errors").is_none());
    assert_eq!((made.len(), refused.len()), (1, 5));
    assert!(refused.iter().all(|answer| answer.code() == "CONFLICT"));
}

#[tokio::test]
async fn closed_registration_is_forbidden_and_login_stays_open() {
    let app = TestApp::with(|config| config.auth.registration = Registration::Closed).await;
    let answer = register(&app.anonymous(), "ana", PASSWORD).await;
    assert_eq!((answer.status, answer.code().as_str()), (200, "FORBIDDEN"));
    assert_eq!(login(&app.anonymous(), "ana", PASSWORD).await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_changed_password_counts_at_once_and_ends_every_other_session() {
    let app = TestApp::new().await;
    let here = app.user("ana").await;
    let there = app.anonymous().with_tokens(&login(&app.anonymous(), "ana", PASSWORD).await.data()["login"]);
    let bob = app.user("bob").await;
    app.clock.advance(TimeDelta::seconds(1));
    let answer = change_password(&here, PASSWORD, "a better password").await;
    assert_eq!(answer.data(), json!({ "changePassword": { "user": { "username": "ana" } } }));
    assert_eq!(there.gql("{ viewer { id } }").await.status, 401);
    assert_eq!(refresh(&app.anonymous(), there.refresh_token()).await.code(), "UNAUTHENTICATED");
    for client in [&here, &bob] {
        assert_eq!(client.gql("{ viewer { sessions { id } } }").await.status, 200);
        assert_eq!(refresh(&app.anonymous(), client.refresh_token()).await.status, 200);
    }
    assert_eq!(login(&app.anonymous(), "ana", PASSWORD).await.code(), "UNAUTHENTICATED");
    assert!(login(&app.anonymous(), "ana", "a better password").await.json().get("errors").is_none());
    assert_eq!(login(&app.anonymous(), "bob", PASSWORD).await.data()["login"]["user"]["username"], "bob");
}

#[tokio::test]
async fn a_password_changes_only_with_the_current_one_and_to_a_good_one() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let there = app.anonymous().with_tokens(&login(&app.anonymous(), "ana", PASSWORD).await.data()["login"]);
    let long = "x".repeat(129);
    for (current, new, fields) in [
        ("not the password", "a better password", &["input.currentPassword: WRONG_PASSWORD"][..]),
        ("", "a better password", &["input.currentPassword: WRONG_PASSWORD"]),
        (PASSWORD, "short", &["input.newPassword: TOO_SMALL"]),
        (PASSWORD, &long, &["input.newPassword: TOO_LARGE"]),
    ] {
        let answer = change_password(&ana, current, new).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.invalid_fields(), fields);
    }
    assert_eq!(change_password(&app.anonymous(), PASSWORD, "a better password").await.code(), "UNAUTHENTICATED");
    assert_eq!(there.gql("{ viewer { id } }").await.status, 200);
    assert_eq!(login(&app.anonymous(), "ana", PASSWORD).await.data()["login"]["user"]["username"], "ana");
}
