//! What a trusted proxy says counts, read from the right; what anybody else says does not.

use taskward::config::{Profile, Server as ServerConfig};
use taskward::edge::forwarded::TrustedProxies;

use super::support::header_map;

/// Proxies in three ranges.
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
