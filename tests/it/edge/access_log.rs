//! One line a request, which can't be forged, flooded or avoided, and holds no secret.

use std::future::pending;

use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use chrono::{DateTime, TimeDelta};
use futures::FutureExt;
use taskward::edge::access_log::{RequestRecord, client_text};
use taskward::ids::UserId;
use taskward::random::Random;
use tower::ServiceExt;

use super::support::{Server, empty, get_request};
use crate::support::Log;
use crate::support::TestApp;

const TARGET: &str = "taskward::request";

fn user() -> UserId {
    UserId::generate(DateTime::UNIX_EPOCH, &Random::seeded(2))
}

#[tokio::test]
async fn the_line_tells_who_asked_what_and_how_it_ended() {
    let (log, _guard) = Log::start();
    let server = Server::new();
    let clock = server.clock.clone();
    let endpoint = async move |request: Request| {
        request.extensions().get::<RequestRecord>().unwrap().update(|fields| {
            fields.caller = Some("access_token");
            fields.user = Some(user());
            fields.operation_name = Some(String::from("Tasks\r\nforged line"));
            fields.document_hash = Some(String::from("0f0f"));
            fields.cost = Some(42);
        });
        clock.advance(TimeDelta::milliseconds(17));
    };
    let router = Router::new().route("/graphql", get(endpoint));
    let router = server.protect(router);
    let request = get_request("/graphql?query=secret").header("authorization", "Bearer secret");
    router.oneshot(empty(request)).await.unwrap();

    let lines = log.lines(TARGET);
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert!(line["request_id"].as_str().unwrap().starts_with("req_"));
    assert_eq!(line["caller"], "access_token");
    assert_eq!(line["user"], user().to_string());
    assert_eq!(line["address"], "0.0.0.0");
    assert_eq!(line["method"], "GET");
    assert_eq!(line["path"], "/graphql");
    assert_eq!(line["operation_name"], "Tasks\\r\\nforged line");
    assert_eq!(line["document_hash"], "0f0f");
    assert_eq!(line["cost"], 42);
    assert_eq!(line["status"], 200);
    assert_eq!(line["duration_ms"], 17);
    assert!(!log.text().contains("secret"), "{}", log.text());
}

#[tokio::test]
async fn refusals_and_preflights_have_a_line_too_and_unknown_fields_stay_out() {
    let (log, _guard) = Log::start();
    let server = Server::new();
    server.send(empty(get_request("/graphql").header("host", "evil.example"))).await;
    server.send(empty(get_request("/graphql").method("OPTIONS"))).await;
    let lines = log.lines(TARGET);
    assert_eq!(lines.iter().map(|line| line["status"].as_u64().unwrap()).collect::<Vec<_>>(), [400, 200]);
    assert_eq!(lines[0]["address"], "203.0.113.7");
    for field in ["caller", "user", "operation_name", "document_hash", "cost"] {
        assert!(lines[0].get(field).is_none(), "{field}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_before_the_answer_has_a_line_too() {
    let (log, _guard) = Log::start();
    let server = Server::new();
    let router = Router::new().route("/graphql", get(async || pending::<()>().await));
    let router = server.protect(router);
    assert!(router.oneshot(empty(get_request("/graphql"))).now_or_never().is_none());
    let lines = log.lines(TARGET);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].get("status").is_none());
    assert_eq!(lines[0]["message"], "the client left");
}

#[test]
fn client_text_is_escaped_and_cut() {
    assert_eq!(client_text("plain Ünïcödé 任务"), "plain Ünïcödé 任务");
    assert_eq!(client_text("a\r\n\u{1b}[31m\u{202e}\u{200b}\""), "a\\r\\n\\u{1b}[31m\\u{202e}\\u{200b}\\\"");
    assert_eq!(client_text(&"é".repeat(128)), "é".repeat(128));
    assert_eq!(client_text(&"é".repeat(129)), "é".repeat(128));
}

#[tokio::test]
async fn the_endpoint_tells_what_an_operation_cost() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (log, _guard) = Log::start();
    ana.gql("{ viewer { sessions { id } } }").await;
    ana.gql("{ tasks(first: 100) { nodes { createdBy { sessions { id } } } } }").await;
    let lines = log.lines(TARGET);
    assert_eq!(lines[0]["cost"], 2, "what it did cost, out of 51");
    assert!(lines[1].get("cost").is_none(), "it was refused: {}", lines[1]);
}
