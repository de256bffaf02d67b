//! `server.*`: where the server listens, as whom, and behind what.

use std::net::{Ipv4Addr, SocketAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

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
        }
    }
}
