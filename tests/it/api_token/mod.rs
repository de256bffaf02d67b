//! API tokens: made and revoked by their owner, sent by programs, and bound to their scopes.

mod create;
mod list;
mod scope;
mod secret;

use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

/// The answer to a new token.
async fn create(client: &Client, input: Value) -> Answer {
    let query = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) {
        apiToken { id name scopes lastFour createdAt lastUsedAt expiresAt } secret
    } }";
    client.gql_with(query, json!({ "input": input })).await
}

/// A new token of these scopes: its id, and a program that calls with its secret.
pub(crate) async fn program(app: &TestApp, owner: &Client, scopes: &[&str]) -> (String, Client) {
    let payload =
        create(owner, json!({ "name": "A program", "scopes": scopes })).await.data()["createApiToken"].clone();
    (text(&payload["apiToken"]["id"]), calling_with(app, &text(&payload["secret"])))
}

fn calling_with(app: &TestApp, secret: &str) -> Client {
    app.anonymous().with_authorization(&format!("Bearer {secret}"))
}

/// The answer to the end of a token.
pub(crate) async fn revoke(client: &Client, id: &str) -> Answer {
    let query = "mutation($input: RevokeApiTokenInput!) { revokeApiToken(input: $input) { apiTokenId } }";
    client.gql_with(query, json!({ "input": { "id": id } })).await
}

/// The caller's tokens as the schema tells them.
async fn list(client: &Client) -> Vec<Value> {
    let query = "{ viewer { apiTokens { id name scopes lastFour createdAt lastUsedAt expiresAt } } }";
    client.gql(query).await.data()["viewer"]["apiTokens"].as_array().unwrap().clone()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
