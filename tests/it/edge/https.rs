//! Requests in the clear are sent to HTTPS when the setting says so, and only secure answers tell browsers to remember.

use axum::http::request::Builder;
use taskward::edge::https::Secure;

use super::support::{Answer, Server, empty, get_request};

fn redirecting(mut server: Server) -> Server {
    server.config.https.redirect = true;
    server
}

async fn send(server: &Server, request: Builder) -> Answer {
    server.send(empty(request)).await
}

#[tokio::test]
async fn a_plain_request_is_redirected_to_the_same_path() {
    let cases = [
        ("/graphql?query=%7Bme%7D", "https://localhost/graphql?query=%7Bme%7D"),
        ("//evil.example/", "https://localhost//evil.example/"),
        ("http://localhost:8000/a", "https://localhost/a"),
        ("*", "https://localhost/"),
    ];
    for (target, location) in cases {
        for method in ["GET", "POST"] {
            let answer = send(&redirecting(Server::new()), get_request(target).method(method)).await;
            assert_eq!((answer.status, answer.header("location")), (308, Some(location)), "{method} {target}");
            assert_eq!(answer.header("strict-transport-security"), None);
        }
    }
}

#[tokio::test]
async fn nothing_is_redirected_by_default_nor_to_a_host_that_is_not_ours() {
    assert_eq!(send(&Server::new(), get_request("/echo")).await.status, 200);
    let other = axum::extract::Request::builder().uri("/echo").header("host", "evil.example");
    assert_eq!(send(&redirecting(Server::new()), other).await.status, 421);
}

#[tokio::test]
async fn health_checks_are_not_redirected() {
    for path in ["/healthz", "/readyz"] {
        assert_eq!(send(&redirecting(Server::new()), get_request(path)).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_tls_connection_is_secure() {
    let mut request = empty(get_request("/echo"));
    request.extensions_mut().insert(Secure);
    let answer = redirecting(Server::new()).send(request).await;
    assert_eq!(answer.json()["secure"], true);
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
}

#[tokio::test]
async fn only_a_trusted_proxy_can_say_that_a_request_was_secure() {
    let cases: [(&[(&str, &str)], bool); 14] = [
        (&[], false),
        (&[("x-forwarded-proto", "https")], true),
        (&[("x-forwarded-proto", "HTTPS")], true),
        (&[("x-forwarded-proto", "http")], false),
        // Traefik names the scheme of the socket that the request opens.
        (&[("x-forwarded-proto", "wss")], true),
        (&[("x-forwarded-proto", "ws")], false),
        (&[("x-forwarded-proto", "wss"), ("forwarded", "for=198.51.100.1;proto=https")], true),
        // The last proxy wrote the last entry.
        (&[("x-forwarded-proto", "https, http")], false),
        (&[("x-forwarded-proto", "http"), ("x-forwarded-proto", "https")], true),
        (&[("forwarded", "for=198.51.100.1;proto=https")], true),
        // The client's own connection counts, not the one between two proxies, nor what the client wrote.
        (&[("forwarded", "for=198.51.100.1;proto=https, for=10.0.0.9;proto=http")], true),
        (&[("forwarded", "for=1.1.1.1;proto=https, for=198.51.100.1;proto=http")], false),
        (&[("x-forwarded-proto", "http"), ("forwarded", "for=198.51.100.1;proto=https")], false),
        (&[("x-forwarded-ssl", "on"), ("front-end-https", "on")], false),
    ];
    for (fields, secure) in cases {
        let request =
            || fields.iter().fold(get_request("/echo"), |request, (name, value)| request.header(*name, *value));
        let answer = send(&Server::behind_proxy(), request()).await;
        assert_eq!(answer.json()["secure"], secure, "{fields:?}");
        assert_eq!(answer.header("strict-transport-security").is_some(), secure, "{fields:?}");
        let answer = send(&redirecting(Server::behind_proxy()), request()).await;
        assert_eq!(answer.status, if secure { 200 } else { 308 }, "{fields:?}");
        let answer = send(&Server::new(), request()).await;
        assert_eq!(answer.json()["secure"], false, "{fields:?} from a stranger");
    }
}

#[tokio::test]
async fn zero_seconds_leave_hsts_out() {
    let mut server = Server::behind_proxy();
    server.config.https.hsts_seconds = 0;
    let answer = send(&server, get_request("/echo").header("x-forwarded-proto", "https")).await;
    assert_eq!(answer.header("strict-transport-security"), None);
}
