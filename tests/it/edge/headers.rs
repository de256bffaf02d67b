//! Every answer bears the security headers, and a handler may replace two of them.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::routing::get;
use tower::ServiceExt;

use super::support::{Server, answer, empty, get_request};

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
