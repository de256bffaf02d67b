//! Making a token: its rules, its secret that is told once, and how many there may be.

use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use taskward::domain::api_token::MAX_API_TOKENS;

use super::{create, list, program, revoke, text};
use crate::session::open_database;
use crate::support::TestApp;

#[tokio::test]
async fn a_token_is_made_and_its_secret_told_once() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let input = json!({ "name": "  The   backup ", "scopes": ["WRITE", "READ", "READ"],
        "expiresAt": "2026-12-01T10:00:00+01:00" });
    let answer = create(&ana, input).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let payload = answer.data()["createApiToken"].clone();
    let secret = text(&payload["secret"]);
    assert!(secret.starts_with("twp_") && secret.len() == 36, "{secret}");
    let token = &payload["apiToken"];
    assert!(text(&token["id"]).starts_with("token_"));
    let expected = json!({ "id": token["id"], "name": "The backup", "scopes": ["READ", "WRITE"],
        "lastFour": secret[32..], "createdAt": "2026-11-23T09:30:00.000000Z", "lastUsedAt": null,
        "expiresAt": "2026-12-01T09:00:00.000000Z" });
    assert_eq!(token, &expected);
    assert_eq!(list(&ana).await, [expected]);
    let everything = "query($id: ID!) { node(id: $id) { id } viewer { apiTokens { id lastFour } } }";
    let answer = ana.gql_with(everything, json!({ "id": token["id"] })).await;
    assert_eq!(answer.data()["node"]["id"], token["id"]);
    assert!(!answer.text.contains(&secret[..32]));
}

#[tokio::test]
async fn the_database_holds_the_hash_and_not_the_secret() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let payload = create(&ana, json!({ "name": "backup", "scopes": ["READ"] })).await.data()["createApiToken"].clone();
    let secret = text(&payload["secret"]);
    let database = open_database(&app).await;
    let query = "SELECT name, secret_hash, last_four FROM api_tokens";
    let statement = Statement::from_string(database.get_database_backend(), query);
    let row = database.query_one_raw(statement).await.unwrap().unwrap();
    assert_eq!(row.try_get::<Vec<u8>>("", "secret_hash").unwrap(), Sha256::digest(&secret).to_vec());
    assert_eq!(row.try_get::<String>("", "last_four").unwrap(), secret[32..]);
    assert_eq!(row.try_get::<String>("", "name").unwrap(), "backup");
}

#[tokio::test]
async fn every_invalid_field_is_told_at_once() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (at_limit, above) = ("é".repeat(100), "é".repeat(101));
    for (name, scopes, expires_at, fields) in [
        (
            "",
            json!([]),
            json!("2026-11-23T09:30:00Z"),
            &["name: TOO_SMALL", "scopes: TOO_SMALL", "expiresAt: TOO_SMALL"][..],
        ),
        (" \n ", json!(["READ"]), Value::Null, &["name: TOO_SMALL"]),
        (&above, json!(["READ"]), Value::Null, &["name: TOO_LARGE"]),
        ("a\u{202E}b", json!(["READ"]), Value::Null, &["name: INVALID_CHARACTER"]),
        ("a\u{1b}[1m", json!(["READ"]), Value::Null, &["name: INVALID_CHARACTER"]),
        ("a", json!(["READ"]), json!("1970-01-01T00:00:00Z"), &["expiresAt: TOO_SMALL"]),
    ] {
        let answer = create(&ana, json!({ "name": name, "scopes": scopes, "expiresAt": expires_at })).await;
        let expected: Vec<_> = fields.iter().map(|field| format!("input.{field}")).collect();
        assert_eq!(answer.invalid_fields(), expected, "{name:?}");
    }
    assert_eq!(list(&ana).await, Vec::<Value>::new());
    for (name, expires_at) in [
        (at_limit.as_str(), json!("2026-11-23T09:30:00.000001Z")),
        ("🎉!", json!("9999-12-31T23:59:59Z")),
        ("🎉!", Value::Null),
    ] {
        create(&ana, json!({ "name": name, "scopes": ["READ"], "expiresAt": expires_at })).await.data();
    }
    for input in [json!({ "name": "a", "scopes": ["ADMIN"] }), json!({ "name": "a" }), json!({ "scopes": ["READ"] })] {
        assert_eq!(create(&ana, input).await.code(), "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn the_51st_token_is_refused_until_one_is_revoked() {
    let app = TestApp::new().await;
    let (ana, bob) = (app.user("ana").await, app.user("bob").await);
    let soon = json!({ "name": "soon", "scopes": ["READ"], "expiresAt": "2026-11-23T09:31:00Z" });
    create(&ana, soon).await.data();
    for _ in 1..MAX_API_TOKENS {
        program(&app, &ana, &["READ"]).await;
    }
    app.clock.advance(TimeDelta::minutes(1));
    let next = json!({ "name": "one more", "scopes": ["READ"] });
    assert_eq!(create(&ana, next.clone()).await.code(), "CONFLICT", "the one that has expired is still listed");
    create(&bob, next.clone()).await.data();
    let tokens = list(&ana).await;
    assert_eq!(tokens.len(), 50);
    revoke(&ana, &text(&tokens[49]["id"])).await.data();
    create(&ana, next.clone()).await.data();
    assert_eq!(create(&ana, next).await.code(), "CONFLICT");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_want_the_last_places_as_many_get_one_as_there_are() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    for _ in 2..MAX_API_TOKENS {
        program(&app, &ana, &["READ"]).await;
    }
    let attempts = (0..6).map(|_| {
        let client = ana.clone();
        tokio::spawn(async move { create(&client, json!({ "name": "last", "scopes": ["READ"] })).await })
    });
    let answers = futures::future::join_all(attempts).await;
    let (made, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().map(Result::unwrap).partition(|answer| answer.json().get("errors").is_none());
    assert_eq!((made.len(), refused.len()), (2, 4));
    assert!(refused.iter().all(|answer| answer.code() == "CONFLICT"));
    assert_eq!(list(&ana).await.len(), 50);
}
