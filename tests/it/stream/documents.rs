//! Subscriptions whose document is known to the server.

use serde_json::{Value, json};
use taskward::config::PersistedMode;
use taskward::guard::persisted::DocumentHash;

use super::{CHANGES, create};
use crate::support::{Client, Stream, TestApp};

async fn send(app: &TestApp, client: &Client, body: &Value) -> Stream {
    let stream = app.try_stream(body, &[("Authorization", client.authorization_sent())]).await;
    stream.unwrap_or_else(|answer| panic!("{} {}", answer.status, answer.text))
}

#[tokio::test]
async fn a_document_is_registered_by_the_handshake_and_then_sent_by_its_hash() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let hash = json!({ "persistedQuery": { "version": 1, "sha256Hash": DocumentHash::of(CHANGES).to_string() } });
    let by_hash = json!({ "extensions": hash });
    let mut stream = send(&app, &ana, &by_hash).await;
    assert_eq!(stream.expect_error_code().await, "PERSISTED_QUERY_NOT_FOUND");
    stream.expect_complete().await;
    for body in [json!({ "query": CHANGES, "extensions": hash }), by_hash] {
        let mut stream = send(&app, &ana, &body).await;
        create(&ana, "Milk").await;
        assert_eq!(stream.expect_data().await["taskChanged"]["task"]["title"], "Milk");
    }
}

#[tokio::test]
async fn where_documents_are_trusted_a_known_one_streams_and_no_text_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("documents.json");
    let create = "mutation { createTask(input: { title: \"Milk\" }) { task { id } } }";
    let register =
        "mutation($input: RegisterInput!) { register(input: $input) { accessToken refreshToken user { id } } }";
    std::fs::write(&path, json!({ "changes": CHANGES, "create": create, "register": register }).to_string()).unwrap();
    let app = TestApp::with(|config| {
        config.persisted.mode = PersistedMode::Trusted;
        config.persisted.manifests = vec![path];
    })
    .await;
    let input = json!({ "input": { "username": "ana", "password": crate::support::PASSWORD } });
    let registered = app.anonymous().post(&json!({ "documentId": "register", "variables": input })).await;
    let ana = app.anonymous().with_tokens(&registered.data()["register"]);
    let mut stream = send(&app, &ana, &json!({ "documentId": "changes" })).await;
    ana.post(&json!({ "documentId": "create" })).await.data();
    assert_eq!(stream.expect_data().await["taskChanged"]["task"]["title"], "Milk");
    let refused = app.try_stream(&json!({ "query": CHANGES }), &[("Authorization", ana.authorization_sent())]).await;
    let answer = refused.err().unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_REQUEST"));
}
