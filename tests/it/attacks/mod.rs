//! The corpus of attacks against the whole server: it refuses each, runs nothing, and goes on.

mod clairvoyance;
mod cop;
#[path = "../../attacks/corpus.rs"]
pub(crate) mod corpus;
mod overload;
mod request;

use axum::http::header::AUTHORIZATION;
use serde_json::json;
use taskward::code::INTERNAL_MESSAGE;
use taskward::config::{Config, Profile};
use taskward::guard::persisted::DocumentHash;

pub(crate) use self::request::{Attempt, attempts};
use crate::support::{Answer, Client, TestApp};

/// What a server in production has set of what these tests are about.
fn production(config: &mut Config) {
    let defaults = Config::defaults(Profile::Production);
    config.server.profile = Profile::Production;
    config.graphql = defaults.graphql;
    config.cors = defaults.cors;
}

/// Asserts what is true of every answer, whatever it answers.
#[track_caller]
fn assert_harmless(attempt: &Attempt, answer: &Answer) {
    let name = &attempt.name;
    assert!(answer.text.len() < 2_048, "{name}: {}", answer.text);
    assert!(answer.status != 500 && !answer.text.contains(INTERNAL_MESSAGE), "{name}: {}", answer.text);
    assert!(answer.header("x-request-id").starts_with("req_"), "{name}");
    if attempt.is_for_the_endpoint() {
        let left = answer.header("ratelimit");
        assert!(left.contains("\"requests\";r=") && left.contains("\"cost\";r="), "{name}: {left}");
    }
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{name}");
    assert_eq!(answer.header("cache-control"), "no-store", "{name}");
    if !answer.text.is_empty() {
        assert!(answer.header("content-type").ends_with("json; charset=utf-8"), "{name}");
    }
}

/// Sends the attempt, and asserts that it is answered as it must be and that no statement is sent to the database but
/// those that tell who calls.
async fn check(app: &TestApp, client: &Client, attempt: &Attempt, authentication: u64) {
    let (answer, statements) = app.statements(client.send(attempt.request())).await;
    assert_harmless(attempt, &answer);
    assert!(statements <= authentication, "{}: {statements} statements", attempt.name);
    attempt.expected.check(&attempt.name, answer.status, &answer.text);
    for (name, value) in &attempt.fields_of_answer {
        assert_eq!(answer.header(name), value, "{}", attempt.name);
    }
    for name in &attempt.missing {
        assert!(!answer.headers.contains_key(name), "{}: {name}", attempt.name);
    }
}

#[tokio::test]
async fn every_attack_is_refused_and_runs_no_statement() {
    let app = TestApp::with(production).await;
    for attempt in attempts().iter().filter(|attempt| !attempt.only_on_a_socket) {
        check(&app, &app.anonymous(), attempt, 0).await;
        let told = ["secret", "Did you mean", "tracing", "exception"];
        let answer = app.anonymous().send(attempt.request()).await;
        assert!(told.iter().all(|word| !answer.text.contains(word)), "{}: {}", attempt.name, answer.text);
    }
    app.user("ana").await.gql("{ viewer { username } }").await.data();
}

/// Users are told more than strangers are, and may spend more; that must not open anything.
#[tokio::test]
async fn every_attack_of_a_user_is_refused_and_runs_no_statement() {
    let app = TestApp::with(production).await;
    let ana = app.user("ana").await;
    let (_, authentication) = app.statements(ana.gql("{ __typename }")).await;
    let token = format!("Bearer {}", ana.access_token());
    for mut attempt in attempts().into_iter().filter(|attempt| !attempt.only_on_a_socket) {
        if attempt.fields.iter().all(|(name, _)| !name.eq_ignore_ascii_case(AUTHORIZATION.as_str())) {
            attempt.fields.push((AUTHORIZATION.to_string(), token.clone().into_bytes()));
        }
        let (answer, statements) = app.statements(ana.send(attempt.request())).await;
        assert_harmless(&attempt, &answer);
        assert!(statements <= authentication, "{}: {statements} statements", attempt.name);
        assert!(!answer.text.contains("Did you mean"), "{}: {}", attempt.name, answer.text);
    }
    assert_eq!(ana.gql("{ tasks { totalCount } }").await.data()["tasks"]["totalCount"], 0);
    assert_eq!(ana.gql("{ viewer { username } }").await.data()["viewer"]["username"], "ana");
}

/// Attacks 6 and 76: the way of persisted documents leads past no check, and keeps nothing of an attack.
#[tokio::test]
async fn no_attack_can_be_registered() {
    let app = TestApp::with(production).await;
    for attack in corpus::documents() {
        let (text, variables) = (attack.text(), attack.variables());
        let extensions =
            json!({ "persistedQuery": { "version": 1, "sha256Hash": DocumentHash::of(text).to_string() } });
        let body = |query| {
            let name = attack.get("Operation");
            json!({ "query": query, "variables": variables, "operationName": name, "extensions": extensions })
        };
        let expected = request::expected_of_document(&attack);
        let (answer, statements) = app.statements(app.anonymous().post(&body(Some(text)))).await;
        assert_eq!(statements, 0, "{}", attack.name);
        expected.check(&attack.name, answer.status, &answer.text);
        if answer.json().get("errors").is_some() {
            let answer = app.anonymous().post(&body(None)).await;
            assert_eq!(answer.code(), "PERSISTED_QUERY_NOT_FOUND", "{}", attack.name);
        }
    }
}
