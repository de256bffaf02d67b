//! Every answer bears the id of its request, and clients can't choose it.

use std::collections::HashSet;

use taskward::ids::RequestId;

use super::support::{Server, empty, get_request};

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let router_shared = Server::new();
    let requests = [
        get_request("/graphql"),
        get_request("/healthz"),
        get_request("/nowhere"),
        get_request("/panic"),
        get_request("/graphql").header("host", "evil.example"),
        get_request("/graphql").method("OPTIONS").header("origin", "https://evil.example"),
        get_request("/graphql").method("PATCH"),
    ];
    let mut ids = HashSet::new();
    let router = router_shared.router();
    for request in requests {
        let response = tower::ServiceExt::oneshot(router.clone(), empty(request)).await.unwrap();
        let id = response.headers()["x-request-id"].to_str().unwrap();
        ids.insert(id.parse::<RequestId>().unwrap());
    }
    assert_eq!(ids.len(), 7);
}

#[tokio::test]
async fn the_id_of_a_refusal_is_in_its_error_too() {
    let answer = Server::new().send(empty(get_request("/panic"))).await;
    assert_eq!(answer.json()["errors"][0]["extensions"]["requestId"], answer.header("x-request-id").unwrap());
}

#[tokio::test]
async fn an_id_that_the_client_sends_is_ignored() {
    let chosen = "req_00000000000000000000000001";
    let answer = Server::new().send(empty(get_request("/echo").header("x-request-id", chosen))).await;
    assert_ne!(answer.header("x-request-id"), Some(chosen));
    assert!(!answer.body.contains(chosen));
}
