//! The address is the peer's, or what trusted proxies say; nobody can choose it.

use std::net::{IpAddr, SocketAddr};

use taskward::config::{Profile, Server as ServerConfig};
use taskward::edge::client_address::{AddressKey, ClientAddress};
use taskward::edge::forwarded::TrustedProxies;

use super::support::{Server, empty, get_request, header_map};

/// Trusts 10.0.0.0/8, 192.0.2.1 and fd00::/8.
fn proxies() -> TrustedProxies {
    let mut server = ServerConfig::defaults(Profile::Development);
    server.trusted_proxies = ["10.0.0.0/8", "192.0.2.1/32", "fd00::/8"].map(|range| range.parse().unwrap()).to_vec();
    TrustedProxies::new(&server)
}

fn client(peer: &str, fields: &[(&'static str, &str)]) -> String {
    proxies().client_address(peer.parse().unwrap(), &header_map(fields)).to_string()
}

#[test]
fn an_untrusted_peer_speaks_for_itself_alone() {
    for fields in [
        &[("x-forwarded-for", "198.51.100.1")][..],
        &[("x-forwarded-for", "10.0.0.1")],
        &[("forwarded", "for=198.51.100.1")],
        &[("x-real-ip", "198.51.100.1"), ("cf-connecting-ip", "198.51.100.1")],
    ] {
        assert_eq!(client("203.0.113.7", fields), "203.0.113.7", "{fields:?}");
    }
}

#[test]
fn a_trusted_peer_names_the_client() {
    let cases = [
        // What is left of the last untrusted address was written by the client and may be anything.
        ("198.51.100.1", "198.51.100.1"),
        ("1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("1.1.1.1, 198.51.100.1, 10.0.0.9", "198.51.100.1"),
        ("10.0.0.9, 198.51.100.1", "198.51.100.1"),
        ("1.1.1.1,198.51.100.1,10.0.0.9,192.0.2.1", "198.51.100.1"),
        // All of them are ours: the farthest is the client.
        ("10.0.0.8, 10.0.0.9", "10.0.0.8"),
        // Spaces, ports, brackets, empty entries, mapped addresses.
        ("  198.51.100.1\t", "198.51.100.1"),
        ("198.51.100.1:4711", "198.51.100.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("198.51.100.1, , ", "198.51.100.1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("198.51.100.1, ::ffff:10.0.0.9", "198.51.100.1"),
        ("198.51.100.1, [fd00::1]:80", "198.51.100.1"),
        // What makes no sense ends the walk at the last good address.
        ("198.51.100.1, unknown", "10.0.0.1"),
        ("198.51.100.1, unknown, 10.0.0.9", "10.0.0.9"),
        ("198.51.100.1 10.0.0.9", "10.0.0.1"),
        ("", "10.0.0.1"),
        ("198.51.100.256", "10.0.0.1"),
        ("fe80::1%eth0", "10.0.0.1"),
    ];
    for (value, expected) in cases {
        assert_eq!(client("10.0.0.1", &[("x-forwarded-for", value)]), expected, "{value:?}");
    }
    assert_eq!(client("::ffff:10.0.0.1", &[("x-forwarded-for", "198.51.100.1")]), "198.51.100.1");
    assert_eq!(client("::ffff:203.0.113.7", &[]), "203.0.113.7");
}

#[test]
fn several_lines_are_one_list() {
    let lines = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "10.0.0.9")];
    assert_eq!(client("10.0.0.1", &lines), "198.51.100.1");
}

#[test]
fn forwarded_is_read_by_its_own_grammar() {
    let cases = [
        ("for=198.51.100.1", "198.51.100.1"),
        ("For=198.51.100.1;Proto=https;By=10.0.0.1", "198.51.100.1"),
        ("for=1.1.1.1, for=198.51.100.1, for=10.0.0.9", "198.51.100.1"),
        (r#"for="[2001:db8::1]:4711""#, "2001:db8::1"),
        (r#"for="198.51.100.1:4711";host="a,b;c""#, "198.51.100.1"),
        ("for=unknown", "10.0.0.1"),
        ("for=_hidden, for=10.0.0.9", "10.0.0.9"),
        ("proto=https", "10.0.0.1"),
        ("for=198.51.100.1;for=1.1.1.1", "10.0.0.1"),
        ("for=[2001:db8::1]", "10.0.0.1"),
        // The client leaves a quote open to swallow what the proxy appends.
        (r#"for=1.1.1.1;x=", for=198.51.100.1"#, "10.0.0.1"),
        (r#"for=1.1.1.1;x=", for="[2001:db8::1]""#, "10.0.0.1"),
        (r#"for=1.1.1.1;x="\", for=198.51.100.1"#, "10.0.0.1"),
    ];
    for (value, expected) in cases {
        assert_eq!(client("10.0.0.1", &[("forwarded", value)]), expected, "{value}");
    }
    let lines = [("forwarded", r#"for=1.1.1.1;x=""#), ("forwarded", "for=198.51.100.1")];
    assert_eq!(client("10.0.0.1", &lines), "198.51.100.1");
}

#[test]
fn two_kinds_that_disagree_are_not_believed() {
    let spoofed = [("x-forwarded-for", "198.51.100.1"), ("forwarded", "for=1.1.1.1")];
    assert_eq!(client("10.0.0.1", &spoofed), "10.0.0.1");
    let agreed = [("x-forwarded-for", "198.51.100.1"), ("forwarded", "for=198.51.100.1")];
    assert_eq!(client("10.0.0.1", &agreed), "198.51.100.1");
}

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
