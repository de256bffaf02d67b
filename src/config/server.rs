//! `server.*`: where the server listens, as whom, and behind what.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::limits::Limit;

/// How careful the server is about its own settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// For one machine: introspection, playground and suggestions on, and a signing key is made.
    Development,
    /// For everybody else: the server refuses to start with an unsafe setting.
    Production,
}

/// The `server` section.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// `server.profile`: `development` by default while `server.listen` is a loopback address, `production` otherwise.
    pub profile: Profile,
    /// `server.listen`: address and port, `127.0.0.1:8000` by default.
    pub listen: SocketAddr,
    /// `server.allowed_hosts`: the names that `Host` may hold, without port; the loopback names by default. Any other is
    /// answered 421.
    pub allowed_hosts: Vec<String>,
    /// `server.trusted_proxies`: address ranges whose `X-Forwarded-*` and `Forwarded` are believed; none by default.
    pub trusted_proxies: Vec<IpNet>,
    /// `server.max_connections`: connections at once, 1 to 10,000; 960 by default, which leaves descriptors for the
    /// database and the log under the usual soft limit of 1,024. At the cap the server stops accepting and newcomers wait
    /// in the kernel's queue, so that a burst is late and not lost.
    pub max_connections: usize,
    /// `server.max_connections_per_address`: connections at once of one address, or of one /64 in IPv6, 1 to 10,000; 100
    /// by default, where a browser opens six and a socket. One more is closed at once. It does not apply to trusted
    /// proxies, who speak for many, and not to loopback: that is a proxy on the same machine, or somebody who has easier
    /// ways to hurt the server.
    pub max_connections_per_address: usize,
}

impl Server {
    /// The section when nothing is set.
    #[must_use]
    pub fn defaults(profile: Profile) -> Self {
        Self {
            profile,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8000)),
            allowed_hosts: ["localhost", "127.0.0.1", "[::1]"].map(String::from).to_vec(),
            trusted_proxies: Vec::new(),
            max_connections: 960,
            max_connections_per_address: 100,
        }
    }

    /// The limits of the section by their full names, as clients may read them.
    pub(super) fn report(&self) -> BTreeMap<&'static str, Limit> {
        BTreeMap::from([
            ("server.max_connections", Limit::new(self.max_connections, "connections")),
            ("server.max_connections_per_address", Limit::new(self.max_connections_per_address, "connections")),
        ])
    }
}
