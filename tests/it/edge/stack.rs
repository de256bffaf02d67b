//! The order of the checks, and odd requests through the whole stack.

use axum::extract::Request;
use axum::http::Method;

use super::support::{Server, empty, get_request, post_request};

/// Each request breaks one rule and every later one; the first rule answers.
#[tokio::test]
async fn the_first_broken_rule_answers() {
    let mut server = Server::new();
    server.config.https.redirect = true;
    let evil = || post_request().header("content-type", "text/plain").header("origin", "https://evil.example");
    let long = format!("/graphql?{}", "a".repeat(3_000));
    let cases = [
        (evil().uri(&long).header("x-large", "a".repeat(20_000)).header("host", "evil.example"), 414),
        (evil().header("x-large", "a".repeat(20_000)).header("host", "evil.example"), 431),
        (evil().header("host", "evil.example"), 400),
        (evil(), 308),
    ];
    for (request, status) in cases {
        assert_eq!(server.send(empty(request)).await.status, status);
    }
    server.config.https.redirect = false;
    assert_eq!(server.send(empty(evil())).await.status, 415);
    let evil_json = post_request().header("origin", "https://evil.example");
    assert_eq!(server.send(empty(evil_json)).await.status, 403);
    assert_eq!(server.send(empty(post_request())).await.status, 200);
}

#[tokio::test]
async fn no_refusal_is_larger_than_2_kib_or_has_data() {
    let large = "a".repeat(100_000);
    let requests = [
        get_request("/panic"),
        get_request("/graphql").header("x-large", &large),
        get_request(&format!("/graphql?{}", &large[..60_000])),
        Request::builder().uri("/graphql").header("host", format!("{large}.example")),
        post_request().header("origin", "https://evil.example"),
        get_request("/graphql").method("POST").header("content-type", "text/plain"),
    ];
    for request in requests {
        let answer = Server::new().send(empty(request)).await;
        assert!(answer.status >= 400);
        assert!(answer.body.len() < 2_048, "{} bytes", answer.body.len());
        assert!(answer.json().get("data").is_none());
        assert!(answer.header("x-request-id").is_some());
        assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    }
}

#[tokio::test]
async fn odd_methods_and_targets_are_answered() {
    let server = Server::new();
    for method in [Method::CONNECT, Method::TRACE, Method::HEAD, Method::PUT, Method::OPTIONS] {
        for target in ["*", "localhost:443", "http://localhost", "/", "/graphql"] {
            let answer = server.send(empty(get_request(target).method(&method))).await;
            assert!(answer.status < 500, "{method} {target}: {}", answer.status);
            assert!(answer.header("x-request-id").is_some(), "{method} {target}");
        }
    }
}
