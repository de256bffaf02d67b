//! What is sent over a socket and what is sent over HTTP is charged to one account.

use serde_json::{Value, json};
use taskward::config::PersistedMode;
use taskward::edge::concurrency::CallerKey;
use taskward::guard::persisted::DocumentHash;

use super::{CHANGES, begin, until};
use crate::support::project::user_id;
use crate::support::{Client, Socket, TestApp, UPGRADE};

const VIEWER: &str = "{ viewer { username } }";

async fn socket_of(app: &TestApp, client: &Client) -> Socket {
    app.socket().await.init(Some(client.access_token())).await
}

async fn expect_limited(socket: &mut Socket, id: &str, policy: &str) {
    let error = socket.expect_error(id).await;
    let extensions = &error["extensions"];
    assert_eq!((extensions["code"].as_str(), extensions["policy"].as_str()), (Some("RATE_LIMITED"), Some(policy)));
}

#[tokio::test]
async fn requests_come_out_of_one_budget_whatever_brings_them() {
    let app = TestApp::with(|config| config.rate_limit.user = "6/minute".parse().unwrap()).await;
    let ana = app.user("ana").await;
    let left = || app.app.budgets.user.peek(&user_id(&ana)).remaining;
    assert_eq!(left(), 6);
    let mut socket = socket_of(&app, &ana).await;
    assert_eq!(left(), 5, "the connection_init");
    ana.gql(VIEWER).await.data();
    assert_eq!(left(), 4);
    socket.subscribe("query", VIEWER).await;
    socket.expect_data("query").await;
    socket.expect_complete("query").await;
    assert_eq!(left(), 3);
    begin(&app, &mut socket, "changes", CHANGES).await;
    assert_eq!(left(), 2);
    socket.subscribe("none", "{ nothing }").await;
    socket.expect_errors("none").await;
    assert_eq!(left(), 1, "what is not valid is a request as well");
    super::create(&ana, "Milk").await;
    socket.expect_data("changes").await;
    assert_eq!(left(), 0, "events are none");

    for query in [VIEWER, CHANGES, "mutation { createTask(input: { title: \"Tea\" }) { task { id } } }"] {
        socket.subscribe("more", query).await;
        expect_limited(&mut socket, "more", "requests").await;
    }
    let answer = ana.gql(VIEWER).await;
    assert_eq!((answer.status, answer.code().as_str()), (429, "RATE_LIMITED"));
    let mut another = app.socket().await;
    let payload = json!({ "Authorization": format!("Bearer {}", ana.access_token()) });
    another.send(&json!({ "type": "connection_init", "payload": payload })).await;
    another.expect_close(1013).await;
    // The socket itself goes on, and so does everybody else.
    app.clock.advance(chrono::TimeDelta::seconds(10));
    socket.subscribe("again", VIEWER).await;
    socket.expect_data("again").await;
    socket_of(&app, &app.user("ben").await).await.close().await;
}

#[tokio::test]
async fn strangers_on_sockets_have_the_budget_of_their_address() {
    let app = TestApp::with(|config| config.rate_limit.anonymous = "4/minute".parse().unwrap()).await;
    let mut socket = app.socket_from("127.0.0.9").await.init(None).await;
    for _ in 0..3 {
        socket.subscribe("1", "{ __typename }").await;
        socket.expect_data("1").await;
        socket.expect_complete("1").await;
    }
    socket.subscribe("1", "{ __typename }").await;
    expect_limited(&mut socket, "1", "requests").await;
    assert_eq!(app.anonymous().at("127.0.0.9").gql("{ __typename }").await.status, 429);
    assert_eq!(app.anonymous().at("127.0.0.8").gql("{ __typename }").await.status, 200);
}

#[tokio::test]
async fn points_come_out_of_one_budget_whatever_spends_them() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let key = CallerKey::User(user_id(&ana));
    let left = || app.app.budgets.cost.peek(&key).remaining;
    let mut socket = socket_of(&app, &ana).await;
    let query = "{ tasks(first: 3) { nodes { title } } }";
    let before = left();
    ana.gql(query).await.data();
    let over_http = before - left();
    let before = left();
    socket.subscribe("1", query).await;
    let payload = socket.expect_next("1").await;
    socket.expect_complete("1").await;
    assert_eq!(before - left(), over_http);
    assert_eq!(payload["extensions"]["cost"]["remaining"], left());
    let before = left();
    begin(&app, &mut socket, "changes", CHANGES).await;
    let subscription = before - left();
    assert!(subscription > 0, "a subscription is charged when it begins");
    let before = left();
    super::create(&ana, "Milk").await;
    let creation = before - left();
    socket.expect_data("changes").await;
    assert_eq!(before - left(), creation, "events are free");

    app.app.budgets.cost.charge(&key, left()).unwrap();
    for query in [query, CHANGES] {
        socket.subscribe("1", query).await;
        expect_limited(&mut socket, "1", "cost").await;
    }
    let answer = ana.gql(query).await;
    assert_eq!(answer.json()["errors"][0]["extensions"]["policy"], "cost");
}

#[tokio::test]
async fn a_caller_runs_as_many_operations_at_once_over_both() {
    let app = TestApp::with(|config| config.concurrency.caller = 1).await;
    let ana = app.user("ana").await;
    let mut socket = socket_of(&app, &ana).await;
    // A subscription that waits for events keeps nobody from running.
    begin(&app, &mut socket, "changes", CHANGES).await;
    super::create(&ana, "Milk").await;
    socket.expect_data("changes").await;
    let turn = app.app.concurrency.enter(CallerKey::User(user_id(&ana))).await.unwrap();
    for query in [VIEWER, CHANGES] {
        socket.subscribe("1", query).await;
        expect_limited(&mut socket, "1", "concurrency").await;
    }
    assert_eq!(ana.gql(VIEWER).await.status, 429);
    drop(turn);
    socket.subscribe("1", VIEWER).await;
    socket.expect_data("1").await;
}

#[tokio::test]
async fn a_mutation_over_a_socket_is_one() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut socket = socket_of(&app, &ana).await;
    begin(&app, &mut socket, "changes", CHANGES).await;
    let query = "mutation Create($input: CreateTaskInput!) { createTask(input: $input) { task { id } } } query Other { viewer { id } }";
    let variables = json!({ "input": { "title": "Milk" } });
    let body = json!({ "query": query, "operationName": "Create", "variables": variables });
    socket.subscribe_with("create", &body).await;
    let id = socket.expect_data("create").await["createTask"]["task"]["id"].take();
    socket.expect_complete("create").await;
    assert_eq!(socket.expect_data("changes").await["taskChanged"]["taskId"], id);
    let tasks = ana.gql("{ tasks { nodes { id title } } }").await.data()["tasks"]["nodes"].clone();
    assert_eq!(tasks, json!([{ "id": id, "title": "Milk" }]));
    // What is wrong with the rest of a request is told as over HTTP.
    for (change, code) in [
        (json!({ "operationName": "Third" }), "OPERATION_RESOLUTION_FAILURE"),
        (json!({ "operationName": null }), "OPERATION_RESOLUTION_FAILURE"),
        (json!({ "variables": {} }), "BAD_USER_INPUT"),
    ] {
        let mut body = body.clone();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(ana.post(&body).await.code(), code);
        socket.subscribe_with("1", &body).await;
        assert_eq!(socket.expect_error_code("1").await, code, "{change}");
    }
}

fn persisted(text: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": DocumentHash::of(text).to_string() } })
}

#[tokio::test]
async fn a_document_that_one_of_them_registered_is_known_to_both() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut socket = socket_of(&app, &ana).await;
    let by_hash = json!({ "extensions": persisted(VIEWER) });
    socket.subscribe_with("1", &by_hash).await;
    assert_eq!(socket.expect_error_code("1").await, "PERSISTED_QUERY_NOT_FOUND");
    socket.subscribe_with("1", &json!({ "query": VIEWER, "extensions": persisted(VIEWER) })).await;
    socket.expect_data("1").await;
    socket.expect_complete("1").await;
    socket.subscribe_with("1", &by_hash).await;
    assert_eq!(socket.expect_data("1").await["viewer"]["username"], "ana");
    socket.expect_complete("1").await;
    assert_eq!(ana.post(&by_hash).await.data()["viewer"]["username"], "ana");
    let forged = json!({ "query": "{ __typename }", "extensions": persisted(VIEWER) });
    socket.subscribe_with("1", &forged).await;
    assert_eq!(socket.expect_error_code("1").await, "BAD_REQUEST");
    // A subscription, too.
    let changes = json!({ "query": CHANGES, "extensions": persisted(CHANGES) });
    for (id, body) in [("text", changes), ("hash", json!({ "extensions": persisted(CHANGES) }))] {
        let before = app.app.services.bus.listeners();
        socket.subscribe_with(id, &body).await;
        until("it begins", || app.app.services.bus.listeners() > before).await;
    }
    super::create(&ana, "Milk").await;
    socket.expect_data("text").await;
    socket.expect_data("hash").await;
}

#[tokio::test]
async fn where_documents_are_trusted_no_other_runs_on_a_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("documents.json");
    std::fs::write(&path, json!({ "viewer": VIEWER, "changes": CHANGES }).to_string()).unwrap();
    let app = TestApp::with(|config| {
        config.persisted.mode = PersistedMode::Trusted;
        config.persisted.manifests = vec![path];
    })
    .await;
    let mut socket = app.socket().await.init(None).await;
    socket.subscribe_with("1", &json!({ "documentId": "viewer" })).await;
    assert_eq!(socket.expect_data("1").await, json!({ "viewer": null }));
    socket.expect_complete("1").await;
    socket.subscribe_with("1", &json!({ "documentId": "changes" })).await;
    assert_eq!(socket.expect_error_code("1").await, "UNAUTHENTICATED");
    socket.subscribe_with("1", &json!({ "documentId": "other" })).await;
    assert_eq!(socket.expect_error_code("1").await, "PERSISTED_QUERY_NOT_FOUND");
    for query in [VIEWER, CHANGES, "{ __typename }"] {
        socket.subscribe("1", query).await;
        assert_eq!(socket.expect_error_code("1").await, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn the_handshake_asks_for_the_receipts_of_all_operations_which_have_no_body() {
    let app = TestApp::new().await;
    let fields = [&UPGRADE[..], &[("X-Taskward-Budget", "report")]].concat();
    let mut socket = app.upgrade("GET", &fields).await.ok().unwrap().init(None).await;
    for (id, query) in [("1", VIEWER), ("2", "{ rateLimit { cost { limit } } }")] {
        socket.subscribe(id, query).await;
        let budget = socket.expect_next(id).await["extensions"]["budget"].take();
        assert!(budget["depth"]["used"].is_u64() && budget["rate_limit.anonymous"]["used"].is_u64(), "{budget}");
        assert_eq!(budget.get("body_bytes"), None, "{budget}");
    }
}
