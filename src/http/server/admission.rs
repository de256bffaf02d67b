//! How many connections there may be: in all, and of one address.
//!
//! Attack. One machine that takes every connection the server has, and needs no bandwidth to keep them.
//! Setting. `server.max_connections`, `server.max_connections_per_address`, `server.trusted_proxies`.
//! Answer. Above the first the server stops accepting; above the second the connection is closed at once.
//! Test. `tests/`.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ServerSettings;
use crate::edge::client_address::{AddressKey, ClientAddress};
use crate::edge::tally::{Share, Tally};

/// The right to accept one connection; `None` could only come of a closed semaphore, and this one is never closed.
pub(super) type Room = Option<OwnedSemaphorePermit>;

/// Counts connections.
pub(super) struct Admission {
    all: Arc<Semaphore>,
    peers: Tally<AddressKey>,
    max_per_address: usize,
    exempt: Vec<IpNet>,
}

/// The place of one connection, given back when it is dropped.
pub(super) struct Slot {
    _room: Room,
    _peer: Option<Share<AddressKey>>,
}

impl Admission {
    pub(super) fn new(settings: &ServerSettings) -> Self {
        Self {
            all: Arc::new(Semaphore::new(settings.max_connections.min(Semaphore::MAX_PERMITS))),
            peers: Tally::default(),
            max_per_address: settings.max_connections_per_address,
            exempt: settings.exempt_peers.clone(),
        }
    }

    /// Waits until there is room for another connection.
    pub(super) async fn room(&self) -> Room {
        Arc::clone(&self.all).acquire_owned().await.ok()
    }

    /// The place of a connection from `peer`, `None` when that address has as many as it may.
    pub(super) fn admit(&self, room: Room, peer: IpAddr) -> Option<Slot> {
        if peer.is_loopback() || self.exempt.iter().any(|range| range.contains(&peer)) {
            return Some(Slot { _room: room, _peer: None });
        }
        let peer = self.peers.enter(AddressKey::from(ClientAddress(peer)), self.max_per_address)?;
        Some(Slot { _room: room, _peer: Some(peer) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Profile, Server, Timeouts};

    fn admission(max_per_address: usize, exempt: &str) -> Admission {
        let settings = ServerSettings::new(&Server::defaults(Profile::Development), &Timeouts::default(), None);
        Admission::new(&ServerSettings {
            max_connections_per_address: max_per_address,
            exempt_peers: vec![exempt.parse().unwrap()],
            ..settings
        })
    }

    #[test]
    fn one_address_has_at_most_its_share_and_gets_it_back() {
        let admission = admission(2, "10.0.0.0/8");
        for (first, second, other) in
            [("192.0.2.1", "192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::ffff:0:0:1", "2001:db8:0:1::1")]
        {
            let (first, second, other) = (first.parse().unwrap(), second.parse().unwrap(), other.parse().unwrap());
            let one = admission.admit(None, first).unwrap();
            let two = admission.admit(None, second).unwrap();
            assert!(admission.admit(None, first).is_none(), "{first}: one too many");
            assert!(admission.admit(None, other).is_some(), "{other} is somebody else");
            drop(one);
            assert!(admission.admit(None, second).is_some(), "{second}: a place was given back");
            drop(two);
        }
        assert_eq!(admission.peers.keys(), 0, "nothing is remembered of those who left");
    }

    #[test]
    fn trusted_proxies_and_loopback_have_no_share() {
        let admission = admission(0, "10.0.0.0/8");
        for (peer, admitted) in
            [("10.1.2.3", true), ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("11.0.0.1", false)]
        {
            assert_eq!(admission.admit(None, peer.parse().unwrap()).is_some(), admitted, "{peer}");
        }
    }
}
