//! Only requests for our own names are served.

use axum::extract::Request;
use serde_json::json;

use super::support::{Server, empty, get_request};

async fn answer_to(uri: &str, hosts: &[&str]) -> (u16, String) {
    let request = hosts.iter().fold(Request::builder().uri(uri), |request, host| request.header("host", *host));
    let answer = Server::new().send(empty(request)).await;
    (answer.status, if answer.status < 400 { String::new() } else { answer.code() })
}

#[tokio::test]
async fn our_names_pass_whatever_the_port_and_the_case() {
    for host in ["localhost", "localhost:8000", "LocalHost:1", "127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:8000"] {
        assert_eq!(answer_to("/echo", &[host]).await.0, 200, "{host}");
    }
}

#[tokio::test]
async fn other_names_are_misdirected() {
    for host in ["evil.example", "localhost.evil.example", "evillocalhost", "127.0.0.2", "[::2]", "localhost.", "::1"] {
        let (status, code) = answer_to("/echo", &[host]).await;
        let expected = if host == "::1" { (400, "BAD_REQUEST") } else { (421, "MISDIRECTED_REQUEST") };
        assert_eq!((status, code.as_str()), expected, "{host}");
    }
}

#[tokio::test]
async fn none_two_or_a_malformed_one_is_a_bad_request() {
    let cases: [&[&str]; 8] = [
        &[],
        &["localhost", "localhost"],
        &["localhost", "evil.example"],
        &[""],
        &["localhost:port"],
        &["localhost:70000"],
        &["user@localhost"],
        &["localhost, evil.example"],
    ];
    for hosts in cases {
        assert_eq!(answer_to("/echo", hosts).await, (400, String::from("BAD_REQUEST")), "{hosts:?}");
    }
}

#[tokio::test]
async fn the_host_of_an_absolute_target_wins() {
    assert_eq!(answer_to("http://localhost/echo", &["evil.example"]).await.0, 200);
    assert_eq!(answer_to("http://evil.example/echo", &["localhost"]).await.0, 421);
    assert_eq!(answer_to("http://user@localhost/echo", &["localhost"]).await.0, 400);
    assert_eq!(answer_to("http://localhost/echo", &[]).await.0, 400);
}

#[tokio::test]
async fn health_checks_are_exempt_and_nothing_else_is() {
    for (path, status) in [("/healthz", 200), ("/readyz", 200), ("/healthz/", 421), ("/healthz/../graphql", 421)] {
        assert_eq!(answer_to(path, &["10.2.3.4:8000"]).await.0, status, "{path}");
    }
    assert_eq!(answer_to("/healthz", &[]).await.0, 200);
}

#[tokio::test]
async fn handlers_see_the_name_and_port() {
    let answer = Server::new().send(empty(get_request("/echo"))).await;
    assert_eq!(answer.json()["host"], json!(["localhost", 8000]));
}
