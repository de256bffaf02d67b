//! Operations over a socket go the way of a request.

use serde_json::{Value, json};

use super::{CHANGES, create};
use crate::attacks::corpus;
use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn a_query_has_one_result_with_its_cost() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    let query = "query A($id: ID!) { task(id: $id) { id } } query B { viewer { username } }";
    socket.subscribe_with("1", &json!({ "query": query, "operationName": "B" })).await;
    let payload = socket.expect_next("1").await;
    assert_eq!(payload["data"]["viewer"]["username"], "ana");
    assert_eq!(payload["extensions"]["cost"]["actual"], 1, "{payload}");
    socket.expect_complete("1").await;
    let id = create(&ana, "Milk").await;
    let body = json!({ "query": query, "operationName": "A", "variables": { "id": id } });
    socket.subscribe_with("1", &body).await;
    assert_eq!(socket.expect_data("1").await["task"]["id"], id, "an id is free once its operation has ended");
    socket.expect_complete("1").await;
}

/// Attack 71.
#[tokio::test]
async fn an_id_that_is_taken_closes_whatever_the_operation() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    for query in [CHANGES, "{ viewer { id } }", "{"] {
        let mut socket = app.socket().await.init(Some(ana.access_token())).await;
        socket.subscribe("1", CHANGES).await;
        socket.subscribe("1", query).await;
        assert_eq!(socket.expect_close(4409).await, "Subscriber for 1 already exists");
    }
}

#[tokio::test]
async fn an_id_is_free_when_its_subscription_was_ended() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    socket.subscribe("1", CHANGES).await;
    socket.complete("1").await;
    create(&ana, "Milk").await;
    socket.expect_nothing_of("1").await;
    socket.subscribe("1", "{ viewer { username } }").await;
    assert_eq!(socket.expect_data("1").await["viewer"]["username"], "ana");
}

/// Attacks 6, 9 and 75: the guard stands before the socket, too, and the process goes on.
#[tokio::test]
async fn every_document_of_the_corpus_is_refused_as_over_http() {
    let app = TestApp::new().await;
    let mut socket = app.socket().await.init(None).await;
    for (number, attack) in corpus::documents().iter().enumerate() {
        let id = number.to_string();
        let body = json!({
            "query": attack.text(), "variables": attack.variables(), "operationName": attack.get("Operation"),
        });
        let answer = app.anonymous().post(&body).await.json();
        // What is larger than a message may be closes the socket; `limits.rs` has it.
        if answer.get("errors").is_none() || body.to_string().len() > 30_000 {
            continue;
        }
        socket.subscribe_with(&id, &body).await;
        let codes =
            |errors: &[Value]| errors.iter().map(|error| error["extensions"]["code"].clone()).collect::<Vec<_>>();
        let expected = codes(answer["errors"].as_array().unwrap());
        assert_eq!(codes(&socket.expect_errors(&id).await), expected, "{}", attack.name);
        app.clock.advance(chrono::TimeDelta::seconds(1));
    }
}

#[tokio::test]
async fn a_subscription_has_one_root_field() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    socket.subscribe("1", "subscription { a: taskChanged { kind } b: taskChanged { kind } }").await;
    assert_eq!(socket.expect_error_code("1").await, "TOO_MANY_ROOT_FIELDS");
}

/// Attack 59.
#[tokio::test]
async fn nobody_logs_in_over_a_socket() {
    let app = TestApp::new().await;
    app.user("ana").await;
    let login = |name: usize| {
        format!("a{name}: login(input: {{ username: \"ana\", password: \"{PASSWORD}\" }}) {{ accessToken }} ")
    };
    let mut socket = app.socket().await.init(None).await;
    socket.subscribe("one", &format!("mutation {{ {} }}", login(1))).await;
    assert_eq!(socket.expect_error_code("one").await, "FORBIDDEN");
    socket.subscribe("many", &format!("mutation {{ {} }}", (0..15).map(login).collect::<String>())).await;
    assert_ne!(socket.expect_error_code("many").await, "INTERNAL_SERVER_ERROR");
}

#[tokio::test]
async fn bug_a_subscription_in_a_fragment_failed_inside() {
    const FRAGMENT: &str = "fragment Changes on Subscription { taskChanged { task { title } } }";
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    for fields in ["...Changes", "... { ...Changes }", "... on Subscription { ...Changes }"] {
        let mut socket = app.socket().await.init(Some(ana.access_token())).await;
        let query = format!("subscription {{ {fields} }} {FRAGMENT}");
        let latest = ana.gql("{ taskChanges { latestCursor } }").await.data()["taskChanges"]["latestCursor"].take();
        let query = query.replace("taskChanged", &format!("taskChanged(after: {latest})"));
        socket.subscribe("1", &query).await;
        create(&ana, "Milk").await;
        assert_eq!(socket.expect_data("1").await["taskChanged"]["task"]["title"], "Milk", "{query}");
    }
}
