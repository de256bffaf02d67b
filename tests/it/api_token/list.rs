//! The list of tokens: what its owner sees of it, how long, and ending one of them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{create, list, program, revoke, text};
use crate::session::without_request_id;
use crate::support::TestApp;

const VIEWER: &str = "{ viewer { username } }";

#[tokio::test]
async fn tokens_are_listed_newest_first_to_their_owner_alone() {
    let app = TestApp::new().await;
    let (ana, bob) = (app.user("ana").await, app.user("bob").await);
    let (first, _) = program(&app, &ana, &["READ"]).await;
    app.clock.advance(TimeDelta::seconds(1));
    let (second, reader) = program(&app, &ana, &["READ"]).await;
    let (foreign, _) = program(&app, &bob, &["READ"]).await;
    let ids = |tokens: Vec<Value>| tokens.iter().map(|token| text(&token["id"])).collect::<Vec<_>>();
    assert_eq!(ids(list(&ana).await), [second.as_str(), &first]);
    assert_eq!(ids(list(&reader).await), [second.as_str(), &first], "a token sees what its user sees");
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    let answer = ana.gql_with(query, json!({ "ids": [first, foreign, second] })).await;
    let node = |id: &str| json!({ "__typename": "ApiToken", "id": id });
    assert_eq!(answer.data()["nodes"], json!([node(&first), null, node(&second)]));
}

#[tokio::test]
async fn the_last_use_is_known_to_within_a_minute_once_the_server_has_tidied_up() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (_, reader) = program(&app, &ana, &["READ"]).await;
    let used = async || list(&ana).await[0]["lastUsedAt"].clone();
    app.app.tidy().await.unwrap();
    assert_eq!(used().await, Value::Null, "it never was");
    reader.gql(VIEWER).await.data();
    assert_eq!(used().await, Value::Null, "reading does not write");
    app.app.tidy().await.unwrap();
    assert_eq!(used().await, "2026-11-23T09:30:00.000000Z");
    app.clock.advance(TimeDelta::minutes(1) - TimeDelta::microseconds(1));
    reader.gql(VIEWER).await.data();
    app.app.tidy().await.unwrap();
    assert_eq!(used().await, "2026-11-23T09:30:00.000000Z", "less than a minute ago is not worth a write");
    app.clock.advance(TimeDelta::microseconds(1));
    reader.gql(VIEWER).await.data();
    app.app.tidy().await.unwrap();
    assert_eq!(used().await, "2026-11-23T09:31:00.000000Z");
}

#[tokio::test]
async fn an_expired_token_is_listed_for_30_days_more() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    create(&ana, json!({ "name": "a", "scopes": ["READ"], "expiresAt": "2026-11-23T09:30:01Z" })).await.data();
    program(&app, &ana, &["READ"]).await;
    app.clock.advance(TimeDelta::days(30) + TimeDelta::seconds(1) - TimeDelta::microseconds(1));
    let login = crate::session::login(&app.anonymous(), "ana", crate::support::PASSWORD).await;
    let ana = app.anonymous().with_tokens(&login.data()["login"]);
    app.app.tidy().await.unwrap();
    assert_eq!(list(&ana).await.len(), 2);
    app.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(list(&ana).await.len(), 2, "until it is tidied up");
    app.app.tidy().await.unwrap();
    let left = list(&ana).await;
    assert_eq!((left.len(), &left[0]["expiresAt"]), (1, &Value::Null), "what never expires stays");
}

#[tokio::test]
async fn a_revoked_token_ends_at_once() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (id, reader) = program(&app, &ana, &["READ"]).await;
    let (_, other) = program(&app, &ana, &["READ"]).await;
    assert_eq!(reader.gql(VIEWER).await.data()["viewer"]["username"], "ana");
    assert_eq!(revoke(&ana, &id).await.data(), json!({ "revokeApiToken": { "apiTokenId": id } }));
    assert_eq!(reader.gql(VIEWER).await.status, 401);
    assert_eq!(other.gql(VIEWER).await.status, 200);
    assert_eq!(list(&ana).await.len(), 1);
    assert_eq!(revoke(&ana, &id).await.code(), "NOT_FOUND", "twice");
}

#[tokio::test]
async fn tokens_of_others_and_what_is_no_token_are_not_found() {
    let app = TestApp::new().await;
    let (ana, bob) = (app.user("ana").await, app.user("bob").await);
    let (foreign, reader) = program(&app, &bob, &["READ"]).await;
    let expected = without_request_id(&revoke(&ana, "token_01jd3qvh7eefhazk9a8w2tn4tz").await);
    for id in [foreign.as_str(), "", "token_", "\u{0}", ana.user_id(), &foreign.to_uppercase(), &"x".repeat(10_000)] {
        let answer = revoke(&ana, id).await;
        assert_eq!(answer.code(), "NOT_FOUND", "{id:.50}");
        assert_eq!(without_request_id(&answer), expected, "{id:.50}");
    }
    assert_eq!(reader.gql(VIEWER).await.status, 200);
    assert_eq!(revoke(&app.anonymous(), &foreign).await.code(), "UNAUTHENTICATED");
}
