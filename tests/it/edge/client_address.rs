//! The address is the peer's, or what trusted proxies say; nobody can choose it or multiply it.

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::http::Method;
use taskward::edge::client_address::{AddressKey, ClientAddress};

use super::support::{Server, empty, get_request};
use crate::support::TestApp;

#[test]
fn budgets_are_kept_by_the_network_of_an_ipv6_address_and_by_all_of_an_ipv4_one() {
    let key = |address: &str| AddressKey::from(ClientAddress(address.parse::<IpAddr>().unwrap()));
    assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
    assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    assert_ne!(key("198.51.100.1"), key("198.51.100.2"));
    assert_eq!(key("::ffff:198.51.100.1"), key("198.51.100.1"));
}

#[tokio::test]
async fn the_stack_tells_handlers_the_address() {
    let request = || empty(get_request("/echo").header("x-forwarded-for", "198.51.100.1"));
    assert_eq!(Server::behind_proxy().send(request()).await.json()["address"], "198.51.100.1");
    assert_eq!(Server::new().send(request()).await.json()["address"], "203.0.113.7");
    let mut server = Server::new();
    server.peer = SocketAddr::from((IpAddr::from([0, 0, 0, 0, 0, 0xffff, 0x0a00, 0x0001]), 1));
    assert_eq!(server.send(request()).await.json()["address"], "10.0.0.1");
}

/// A header field for each request, or an address of one's own network, does not make a newcomer of anybody.
#[tokio::test]
async fn nobody_gets_another_budget_by_another_name() {
    let app = TestApp::with(|config| config.rate_limit.anonymous = "50/minute".parse().unwrap()).await;
    let forge = |number: usize| {
        let request = app.anonymous().request(Method::POST, "/graphql").header("content-type", "application/json");
        let address = format!("198.51.100.{number}");
        let fields = ["x-forwarded-for", "x-real-ip", "true-client-ip", "cf-connecting-ip", "x-client-ip"];
        let request = fields.iter().fold(request, |it, name| it.header(*name, &address));
        let request = request.header("forwarded", format!("for={address}"));
        (app.anonymous(), request.body(Body::from(r#"{"query":"{ viewer { id } }"}"#)).unwrap())
    };
    for number in 0..51 {
        let (client, request) = forge(number);
        assert_eq!(client.send(request).await.status, if number < 50 { 200 } else { 429 }, "{number}");
    }
    for number in 0..51 {
        let client = app.anonymous().at(&format!("2001:db8:1:2:{number:x}::1"));
        assert_eq!(client.gql("{ viewer { id } }").await.status, if number < 50 { 200 } else { 429 }, "{number}");
    }
    assert_eq!(app.anonymous().at("2001:db8:1:3::1").gql("{ viewer { id } }").await.status, 200, "another network");
}
