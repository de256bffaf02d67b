//! Reads what trusted proxies say about the client: `X-Forwarded-For`, `X-Forwarded-Proto` and `Forwarded` (RFC 7239).
//!
//! - *Attack.* Claiming another address, to escape a budget or to use up somebody else's; claiming HTTPS.
//! - *Setting.* `server.trusted_proxies`.
//! - *Answer.* Unchanged: what an untrusted peer says, and what makes no sense, does not count.
//! - *Test.* `tests/it/edge/forwarded.rs`
//!
//! A proxy writes one of the two kinds and may let the other through as the client sent it. When both are there and
//! disagree, neither is believed: the request counts as the proxy's own.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue};
use ipnet::IpNet;

use super::field_syntax;
use crate::config;

const FORWARDED: &str = "forwarded";
const X_FORWARDED_FOR: &str = "x-forwarded-for";
const X_FORWARDED_PROTO: &str = "x-forwarded-proto";

/// The address ranges whose word about the client counts.
#[derive(Debug, Clone)]
pub struct TrustedProxies(Arc<[IpNet]>);

/// One step of the way from the client to us, as a proxy tells it.
struct Hop {
    /// Who spoke to the proxy; nothing when that is hidden or makes no sense.
    address: Option<IpAddr>,
    /// Whether it spoke HTTPS, where the proxy says so.
    https: Option<bool>,
}

impl TrustedProxies {
    /// The ranges of `server.trusted_proxies`.
    #[must_use]
    pub fn new(server: &config::Server) -> Self {
        Self(server.trusted_proxies.as_slice().into())
    }

    /// The address of the client that `peer` speaks for: `peer` itself unless it is trusted, and otherwise the last
    /// address, from the right, that is none of ours. An entry that makes no sense ends the walk at the one before.
    #[must_use]
    pub fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.contains(peer) {
            return peer;
        }
        let by_list = headers.contains_key(X_FORWARDED_FOR).then(|| self.client(peer, address_hops(headers)).0);
        let by_forwarded = headers.contains_key(FORWARDED).then(|| self.client(peer, forwarded_hops(headers)).0);
        agreed(by_list, by_forwarded).unwrap_or(peer)
    }

    /// Whether `peer` is trusted and says that the client came by HTTPS.
    #[must_use]
    pub fn says_https(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        let peer = peer.to_canonical();
        if !self.contains(peer) {
            return false;
        }
        let by_proto = last_value(headers, X_FORWARDED_PROTO).map(is_https);
        let by_forwarded = self.client(peer, forwarded_hops(headers)).1;
        agreed(by_proto, by_forwarded).unwrap_or(false)
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(&address))
    }

    /// Walks `hops`, the nearest first, past trusted addresses.
    fn client(&self, peer: IpAddr, hops: impl Iterator<Item = Hop>) -> (IpAddr, Option<bool>) {
        let mut client = (peer, None);
        for hop in hops {
            let Some(address) = hop.address else { break };
            client = (address, hop.https);
            if !self.contains(address) {
                break;
            }
        }
        client
    }
}

/// What both say, or the only one that says anything.
fn agreed<T: PartialEq>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => (one == other).then_some(one),
        (one, other) => one.or(other),
    }
}

fn address_hops(headers: &HeaderMap) -> impl Iterator<Item = Hop> {
    entries(headers, X_FORWARDED_FOR).map(|entry| Hop { address: entry.and_then(parse_address), https: None })
}

fn forwarded_hops(headers: &HeaderMap) -> impl Iterator<Item = Hop> {
    entries(headers, FORWARDED)
        .map(|entry| entry.and_then(parse_forwarded).unwrap_or(Hop { address: None, https: None }))
}

fn last_value<'a>(headers: &'a HeaderMap, name: &'static str) -> Option<&'a str> {
    headers.contains_key(name).then(|| entries(headers, name).next().flatten().unwrap_or_default())
}

/// The entries of all lines of `name`, the last first. Lines are cut one by one, so that a quote that one line leaves
/// open can't swallow the next. A line that is no text is one entry that makes no sense.
fn entries<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = Option<&'a str>> {
    let lines: Vec<&HeaderValue> = headers.get_all(name).iter().collect();
    lines.into_iter().rev().flat_map(|line| match line.to_str() {
        Ok(text) => field_syntax::split(text, ',').into_iter().rev().filter(|e| !e.is_empty()).map(Some).collect(),
        Err(_) => vec![None],
    })
}

/// One element of `Forwarded`; nothing unless every pair of it fits the grammar and no name comes twice.
fn parse_forwarded(element: &str) -> Option<Hop> {
    let (mut address, mut https) = (None, None);
    for pair in field_syntax::split(element, ';').into_iter().filter(|pair| !pair.is_empty()) {
        let (name, value) = field_syntax::parameter(pair)?;
        let earlier = match name.to_ascii_lowercase().as_str() {
            "for" => address.replace(parse_address(&value)).is_some(),
            "proto" => https.replace(is_https(&value)).is_some(),
            _ => false,
        };
        if earlier {
            return None;
        }
    }
    Some(Hop { address: address.flatten(), https })
}

/// An address with or without port and brackets. An IPv4 address inside an IPv6 one is the IPv4 address.
fn parse_address(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address = text.parse::<IpAddr>().ok().or_else(with_port).or_else(bracketed)?;
    Some(address.to_canonical())
}

/// A request that opens a WebSocket over TLS is one of HTTPS, and some proxies, Traefik among them, call it `wss`.
fn is_https(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("wss")
}
