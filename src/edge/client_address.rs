//! Finds the address that a request is charged to.
//!
//! - *Attack.* A new `X-Forwarded-For` in each request, or a new address out of one's own IPv6 network, to get a new
//!   budget each time.
//! - *Setting.* `server.trusted_proxies`.
//! - *Answer.* Unchanged; budgets are kept by [`AddressKey`].
//! - *Test.* `tests/it/edge/client_address.rs`

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::Extensions;
use axum::middleware::Next;
use axum::response::Response;

use super::forwarded::TrustedProxies;

/// The bits of an IPv6 address that a customer's network has in common: a single machine commonly gets a /64 for itself
/// (RFC 6177).
const IPV6_NETWORK: u128 = !0 << 64;

/// The address of the client, seen through trusted proxies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// What budgets of an address are kept by: all of IPv4, the first 64 bits of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressKey(IpAddr);

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<ClientAddress> for AddressKey {
    fn from(ClientAddress(address): ClientAddress) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & IPV6_NETWORK)),
            IpAddr::V4(address) => IpAddr::V4(address),
        })
    }
}

/// Puts the [`ClientAddress`] into the request's extensions.
pub async fn resolve(State(proxies): State<TrustedProxies>, mut request: Request, next: Next) -> Response {
    let address = proxies.client_address(peer(request.extensions()), request.headers());
    request.extensions_mut().insert(ClientAddress(address));
    next.run(request).await
}

/// The address that [`resolve`] found; `0.0.0.0` where it did not run, so that such requests share one budget.
#[must_use]
pub fn of(extensions: &Extensions) -> ClientAddress {
    extensions.get().copied().unwrap_or(ClientAddress(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
}

/// The other end of the connection; `0.0.0.0` where the listener does not tell.
#[must_use]
pub fn peer(extensions: &Extensions) -> IpAddr {
    let info = extensions.get::<ConnectInfo<SocketAddr>>();
    info.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip())
}
