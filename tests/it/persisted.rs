//! Persisted documents, as Apollo's and urql's clients ask for them, and what must not get around a check by their way.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};
use taskward::config::{Config, IntrospectionScope, PersistedMode};
use taskward::guard::persisted::DocumentHash;
use tempfile::TempDir;

use crate::support::{Answer, Client, PASSWORD, TestApp};

const VIEWER: &str = "{ viewer { username } }";
const LOGIN: &str = "mutation Login($input: LoginInput!) { login(input: $input) { accessToken } }";
const CREATE: &str = "mutation Create($input: CreateTaskInput!) { createTask(input: $input) { task { title } } }";

fn hash(text: &str) -> String {
    DocumentHash::of(text).to_string()
}

fn extension(text: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash(text) } })
}

/// Asks for `text` by its hash alone.
async fn by_hash(client: &Client, text: &str, variables: Value) -> Answer {
    client.post(&json!({ "extensions": extension(text), "variables": variables })).await
}

/// Sends `text` together with its hash.
async fn with_hash(client: &Client, text: &str, variables: Value) -> Answer {
    client.post(&json!({ "query": text, "extensions": extension(text), "variables": variables })).await
}

#[track_caller]
fn assert_refused(answer: &Answer, code: &str, message: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (400, code), "{}", answer.text);
    assert_eq!(answer.json()["errors"][0]["message"], message);
    assert!(answer.json().get("data").is_none(), "{}", answer.text);
}

#[track_caller]
fn assert_not_found(answer: &Answer) {
    assert_refused(answer, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound");
}

#[tokio::test]
async fn a_document_is_registered_by_the_handshake_and_then_sent_by_its_hash() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    assert_not_found(&by_hash(&ana, VIEWER, Value::Null).await);
    assert_eq!(with_hash(&ana, VIEWER, Value::Null).await.data()["viewer"]["username"], "ana");
    assert_eq!(by_hash(&ana, VIEWER, Value::Null).await.data()["viewer"]["username"], "ana");
    let by_id = json!({ "documentId": format!("sha256:{}", hash(VIEWER)) });
    assert_eq!(ana.post(&by_id).await.data()["viewer"]["username"], "ana");
    assert_eq!(by_hash(&app.anonymous(), VIEWER, Value::Null).await.data(), json!({ "viewer": null }));
}

#[tokio::test]
async fn urql_says_that_it_missed_when_it_sends_the_text() {
    let app = TestApp::new().await;
    let (client, mut extensions) = (app.anonymous(), extension(VIEWER));
    assert_not_found(&client.post(&json!({ "extensions": extensions })).await);
    extensions["persistedQuery"]["miss"] = true.into();
    client.post(&json!({ "query": VIEWER, "extensions": extensions })).await.data();
    by_hash(&client, VIEWER, Value::Null).await.data();
}

#[tokio::test]
async fn the_status_of_the_handshake_is_that_of_the_media_type() {
    for (mode, code, message) in [
        (PersistedMode::Apq, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound"),
        (PersistedMode::Off, "PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported"),
    ] {
        let app = TestApp::with(|config| config.persisted.mode = mode).await;
        for (accept, status) in [("application/graphql-response+json", 400), ("application/json", 200), ("*/*", 200)] {
            let answer = by_hash(&app.anonymous().accepting(accept), VIEWER, Value::Null).await;
            assert_eq!((answer.status, answer.code().as_str()), (status, code), "{accept}");
            assert_eq!(answer.json()["errors"][0]["message"], message);
        }
    }
}

#[tokio::test]
async fn a_hash_of_another_text_and_another_version_are_refused() {
    let app = TestApp::new().await;
    let client = app.anonymous();
    let answer = client.post(&json!({ "query": VIEWER, "extensions": extension("{ __typename }") })).await;
    assert_refused(&answer, "BAD_REQUEST", "The hash is not the SHA-256 of `query`.");
    assert_not_found(&by_hash(&client, VIEWER, Value::Null).await);
    assert_not_found(&by_hash(&client, "{ __typename }", Value::Null).await);
    let mut extensions = extension(VIEWER);
    extensions["persistedQuery"]["version"] = 2.into();
    let answer = client.post(&json!({ "query": VIEWER, "extensions": extensions })).await;
    assert_refused(&answer, "BAD_REQUEST", "`extensions.persistedQuery.version` is not 1.");
}

#[tokio::test]
async fn when_it_is_off_a_text_runs_whatever_stands_beside_it() {
    let app = TestApp::with(|config| config.persisted.mode = PersistedMode::Off).await;
    let body = json!({ "query": VIEWER, "extensions": extension("{ __typename }"), "documentId": "x" });
    app.anonymous().post(&body).await.data();
    assert_eq!(by_hash(&app.anonymous(), VIEWER, Value::Null).await.code(), "PERSISTED_QUERY_NOT_SUPPORTED");
}

#[tokio::test]
async fn asking_for_two_thousand_unknown_documents_costs_no_memory_and_no_statement() {
    let app = TestApp::new().await;
    let client = app.anonymous();
    let flood = async {
        for number in 0..2_000 {
            let answer = by_hash(&client, &number.to_string(), Value::Null).await;
            assert_eq!(answer.code(), "PERSISTED_QUERY_NOT_FOUND");
        }
    };
    assert_eq!(app.statements(flood).await.1, 0);
    assert_eq!(app.app.persisted.memory(), [0, 0]);
}

fn spread_twice(fragment: u32) -> String {
    format!("{{ ...F{fragment} ...F{fragment} }}")
}

#[tokio::test]
async fn a_refused_document_is_not_kept() {
    let app = TestApp::new().await;
    let client = app.anonymous();
    let doubling = |n: u32| [" fragment F", &n.to_string(), " on Query", &spread_twice(n + 1)].concat();
    let doubling: String = (0..15).map(doubling).collect();
    for (text, code) in [
        (format!("{}{doubling} fragment F15 on Query {{ viewer {{ id }} }}", spread_twice(0)), "QUERY_TOO_LARGE"),
        (format!("{{ viewer {{ {} }} }}", "id ".repeat(501)), "QUERY_TOO_LARGE"),
        (format!("{{ viewer {{ id }} }} #{}", "x".repeat(16 * 1024)), "QUERY_TOO_LARGE"),
        ("{ viewer { id }".to_owned(), "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("query($id: ID!) { node(id: $id) { id } }".to_owned(), "BAD_USER_INPUT"),
        ("mutation { login(input: {}) { accessToken } __typename }".to_owned(), "TOO_MANY_ROOT_FIELDS"),
    ] {
        assert_eq!(with_hash(&client, &text, Value::Null).await.code(), code, "{text}");
        assert_not_found(&by_hash(&client, &text, Value::Null).await);
    }
    assert_eq!(app.app.persisted.memory(), [0, 0]);
}

#[tokio::test]
async fn a_known_document_has_its_variables_and_operation_checked_each_time() {
    let app = TestApp::new().await;
    let client = app.anonymous();
    let text = "query Q($id: ID!) { node(id: $id) { id } } query R { viewer { id } }";
    let ask = async |name: &str, variables: Value| {
        let body = json!({ "extensions": extension(text), "operationName": name, "variables": variables });
        client.post(&body).await
    };
    let body = json!({ "query": text, "extensions": extension(text), "operationName": "R" });
    client.post(&body).await.data();
    ask("R", json!({})).await.data();
    assert_eq!(ask("Q", json!({})).await.code(), "BAD_USER_INPUT");
    assert_eq!(ask("Q", json!({ "id": [] })).await.code(), "BAD_USER_INPUT");
    assert_eq!(ask("S", json!({})).await.code(), "OPERATION_RESOLUTION_FAILURE");
}

#[tokio::test]
async fn the_rule_of_introspection_is_that_of_the_caller() {
    let app = TestApp::with(|config| config.graphql.introspection = IntrospectionScope::Authenticated).await;
    let ana = app.user("ana").await;
    let shallow = "{ __schema { queryType { name } } }";
    let deep = format!("{{ __schema {{ types {{ {}name{} }} }} }}", "ofType { ".repeat(16), " }".repeat(16));
    for text in [shallow, &deep] {
        assert_ne!(with_hash(&ana, text, Value::Null).await.data()["__schema"], Value::Null);
    }
    let nobody = app.anonymous();
    assert_eq!(by_hash(&nobody, shallow, Value::Null).await.data(), json!({ "__schema": null }));
    assert_eq!(by_hash(&nobody, &deep, Value::Null).await.code(), "QUERY_TOO_DEEP");
    assert_ne!(by_hash(&ana, &deep, Value::Null).await.data()["__schema"], Value::Null);
}

#[tokio::test]
async fn a_query_may_be_sent_by_get_with_its_hash_and_a_mutation_not() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let get = async |text: &str, query: &str| {
        let (extensions, variables) = (extension(text).to_string(), r#"{"input":{"title":"From a link"}}"#);
        let query = [("query", query), ("extensions", &extensions), ("variables", variables)];
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        ana.send(ana.request(Method::GET, &format!("/graphql?{query}")).body(Body::empty()).unwrap()).await
    };
    with_hash(&ana, VIEWER, Value::Null).await.data();
    assert_eq!(get(VIEWER, "").await.data()["viewer"]["username"], "ana");
    assert_eq!(get(CREATE, CREATE).await.status, 405);
    assert_not_found(&by_hash(&ana, CREATE, Value::Null).await);
    with_hash(&ana, CREATE, json!({ "input": { "title": "From a page" } })).await.data();
    let answer = get(CREATE, "").await;
    assert_eq!((answer.status, answer.code().as_str()), (405, "METHOD_NOT_ALLOWED"));
    let titles = ana.gql("{ tasks(first: 10) { nodes { title } } }").await.data();
    assert_eq!(titles["tasks"]["nodes"], json!([{ "title": "From a page" }]));
}

#[tokio::test]
async fn credentials_are_never_kept() {
    let app = TestApp::new().await;
    app.user("ana").await;
    let inline =
        format!(r#"mutation {{ login(input: {{ username: "ana", password: "{PASSWORD}" }}) {{ accessToken }} }}"#);
    let variables = json!({ "input": { "username": "ana", "password": PASSWORD } });
    for (text, variables) in [(inline.as_str(), Value::Null), (LOGIN, variables)] {
        with_hash(&app.anonymous(), text, variables.clone()).await.data();
        assert_not_found(&by_hash(&app.anonymous(), text, variables).await);
    }
    assert_eq!(app.app.persisted.memory()[0], 0);
}

/// A server that trusts the documents of a file with this content.
async fn trusting(manifest: &str, change: impl FnOnce(&mut Config)) -> (TestApp, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("documents.json");
    std::fs::write(&path, manifest).unwrap();
    let app = TestApp::with(|config| {
        config.persisted.mode = PersistedMode::Trusted;
        config.persisted.manifests = vec![path];
        change(config);
    });
    (app.await, folder)
}

#[tokio::test]
async fn trusted_documents_come_from_manifests_of_three_forms() {
    let id = hash(VIEWER);
    let apollo = json!({
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [{ "id": id, "name": "Viewer", "type": "query", "body": VIEWER }],
    });
    for manifest in [apollo, json!({ format!("sha256:{id}"): VIEWER }), json!({ &id: VIEWER })] {
        let (app, _folder) = trusting(&manifest.to_string(), |_| {}).await;
        let client = app.anonymous();
        for name in [id.clone(), format!("sha256:{id}")] {
            for body in [
                json!({ "documentId": name }),
                json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": name } } }),
            ] {
                // The second time, the document is kept.
                for _ in 0..2 {
                    assert_eq!(client.post(&body).await.data(), json!({ "viewer": null }), "{manifest} {body}");
                }
            }
        }
    }
}

#[tokio::test]
async fn where_documents_are_trusted_no_text_runs() {
    let (app, _folder) = trusting(&json!({ "viewer": VIEWER }).to_string(), |_| {}).await;
    let client = app.anonymous();
    client.post(&json!({ "documentId": "viewer" })).await.data();
    let message = "Only known documents are taken, by `documentId` or by `extensions.persistedQuery`.";
    for text in [VIEWER, "{ __typename }"] {
        assert_refused(&client.gql(text).await, "BAD_REQUEST", message);
        assert_refused(&with_hash(&client, text, Value::Null).await, "BAD_REQUEST", message);
        assert_refused(&client.post(&json!({ "query": text, "documentId": "viewer" })).await, "BAD_REQUEST", message);
        assert_not_found(&by_hash(&client, text, Value::Null).await);
    }
    assert_not_found(&client.post(&json!({ "documentId": "other" })).await);
}

#[tokio::test]
async fn a_trusted_login_is_charged_like_any_other() {
    let manifest = json!({ "login": LOGIN }).to_string();
    let (app, _folder) = trusting(&manifest, |config| config.rate_limit.login = "5/minute".parse().unwrap()).await;
    let variables = json!({ "input": { "username": "ana", "password": "a wrong password" } });
    let body = json!({ "documentId": "login", "variables": variables });
    for attempt in 1..=5 {
        assert_eq!(app.anonymous().post(&body).await.code(), "UNAUTHENTICATED", "{attempt}");
    }
    let answer = app.anonymous().post(&body).await;
    assert_eq!((answer.status, answer.code().as_str()), (429, "RATE_LIMITED"));
}

#[tokio::test]
async fn a_manifest_that_can_not_be_used_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("documents.json");
    let name = path.display().to_string();
    let many = format!("{{ viewer {{ {} }} }}", "id ".repeat(501));
    for (manifest, told) in [
        (None, format!("{name}: No such file")),
        (Some("{".to_owned()), format!("{name}: not JSON")),
        (Some("{}".to_owned()), format!("{name}: there is no document")),
        (Some(r#"{"a":1}"#.to_owned()), format!("{name}: expected Apollo's manifest")),
        (Some(" ".repeat(16 * 1024 * 1024 + 1)), format!("{name}: the file has more than 16777216 bytes")),
        (Some(json!({ "sha256:00": VIEWER }).to_string()), "the id \"sha256:00\" is not".to_owned()),
        (
            Some(json!({ "good": VIEWER, "bad": many }).to_string()),
            format!("{name}: the document \"bad\" can't be run: "),
        ),
        (
            Some(json!({ "bad": "{ nothing }" }).to_string()),
            format!("{name}: the document \"bad\" can't be run: Unknown field"),
        ),
        (
            Some(json!({ "bad": "query A { viewer { id } } query B { viewer { x } }" }).to_string()),
            format!("{name}: the document \"bad\" can't be run: Unknown field"),
        ),
    ] {
        if let Some(manifest) = &manifest {
            std::fs::write(&path, manifest).unwrap();
        }
        let error = TestApp::start_error(|config| {
            config.persisted.mode = PersistedMode::Trusted;
            config.persisted.manifests = vec![path.clone()];
        });
        let error = error.await;
        assert!(error.starts_with(&format!("persisted.manifests: {told}")), "{error}");
    }
}
