//! Every answer bears the security headers, and a handler may replace two of them.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::routing::get;
use tower::ServiceExt;

use super::support::{Server, answer, empty, get_request};
use crate::support::TestApp;

#[tokio::test]
async fn every_answer_has_them() {
    let requests = [
        get_request("/graphql"),
        get_request("/healthz"),
        get_request("/nowhere"),
        get_request("/panic"),
        get_request("/graphql").header("host", "evil.example"),
        get_request("/graphql").method("OPTIONS"),
    ];
    for request in requests {
        let answer = Server::new().send(empty(request)).await;
        let expected = [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("cache-control", "no-store"),
        ];
        for (name, value) in expected {
            assert_eq!(answer.header(name), Some(value), "{}", answer.status);
        }
    }
}

#[tokio::test]
async fn a_handler_may_set_its_own_policy_and_caching_and_nothing_else() {
    let page = async || {
        let headers = [
            (CONTENT_SECURITY_POLICY, "default-src 'self'"),
            (CACHE_CONTROL, "max-age=60"),
            (X_CONTENT_TYPE_OPTIONS, "sniff"),
        ];
        (headers, "page")
    };
    let server = Server::new();
    let router = Router::new().route("/playground", get(page));
    let router = server.protect(router);
    let answer = answer(router.oneshot(empty(get_request("/playground"))).await.unwrap()).await;
    assert_eq!(answer.header("content-security-policy"), Some("default-src 'self'"));
    assert_eq!(answer.header("cache-control"), Some("max-age=60"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

/// Attack 79: a script that is stored in a text comes back as data, in an answer that no browser takes for a page.
#[tokio::test]
async fn a_stored_script_is_no_page() {
    let script = "</script><script>alert(1)</script><!-- \" onload=alert(1)";
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let create = "mutation($input: CreateTaskInput!) { createTask(input: $input) { task { description } } }";
    let input = serde_json::json!({ "input": { "title": "A script", "description": script } });
    for accept in ["application/json", "text/html, */*;q=0.1"] {
        let answer = ana.accepting(accept).gql_with(create, input.clone()).await;
        assert_eq!(answer.data()["createTask"]["task"]["description"], script);
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
    }
}
