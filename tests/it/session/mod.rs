//! Sessions: logging in, staying logged in, and being logged out.

mod access_token;
mod list;
mod login;
mod refresh;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use serde_json::json;

use crate::support::{Answer, Client, TestApp};

/// The answer to a login.
pub(crate) async fn login(client: &Client, username: &str, password: &str) -> Answer {
    let query = "mutation($input: LoginInput!) {
        login(input: $input) { accessToken expiresAt refreshToken user { id username } }
    }";
    client.gql_with(query, json!({ "input": { "username": username, "password": password } })).await
}

/// The answer to a refresh token.
pub(crate) async fn refresh(client: &Client, token: &str) -> Answer {
    let query = "mutation($input: RefreshSessionInput!) {
        refreshSession(input: $input) { accessToken expiresAt refreshToken user { id username } }
    }";
    client.gql_with(query, json!({ "input": { "refreshToken": token } })).await
}

/// The answer to the end of a session.
async fn revoke(client: &Client, id: &str) -> Answer {
    let query = "mutation($input: RevokeSessionInput!) { revokeSession(input: $input) { sessionId } }";
    client.gql_with(query, json!({ "input": { "id": id } })).await
}

/// The client with the tokens of its refreshed session.
async fn refreshed(app: &TestApp, client: &Client) -> Client {
    let answer = refresh(&app.anonymous(), client.refresh_token()).await;
    client.with_tokens(&answer.data()["refreshSession"])
}

/// The id of the session that the client uses.
pub(crate) async fn session_id(client: &Client) -> String {
    let sessions = client.gql("{ viewer { sessions { id current } } }").await.data();
    let sessions = sessions["viewer"]["sessions"].as_array().unwrap().clone();
    let current = sessions.iter().find(|session| session["current"] == true).unwrap();
    current["id"].as_str().unwrap().to_owned()
}

/// What an answer says, without the request id and the points that are left, which are never the same.
pub(crate) fn without_request_id(answer: &Answer) -> String {
    assert!(answer.text.contains(answer.header("x-request-id")), "{}", answer.text);
    let text = answer.text.replace(answer.header("x-request-id"), "…");
    let (before, after) = text.split_once("\"remaining\":").unwrap_or((&text, ""));
    format!("{} {before}{}", answer.status, after.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// A second way into the database, past the server.
pub(crate) async fn open_database(app: &TestApp) -> DatabaseConnection {
    Database::connect(app.database().connection_url()).await.unwrap()
}

/// How many sessions have a row.
async fn rows(app: &TestApp) -> i64 {
    let database = open_database(app).await;
    let statement = sea_orm::Statement::from_string(
        database.get_database_backend(),
        "SELECT CAST(COUNT(*) AS BIGINT) AS rows FROM sessions",
    );
    database.query_one_raw(statement).await.unwrap().unwrap().try_get("", "rows").unwrap()
}
