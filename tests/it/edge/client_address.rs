//! The address is the peer's, or what trusted proxies say; nobody can choose it or multiply it.

use std::net::{IpAddr, SocketAddr};

use taskward::edge::client_address::{AddressKey, ClientAddress};

use super::support::{Server, empty, get_request};

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
