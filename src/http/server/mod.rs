//! The server below the router: accepts connections, bounds how many there are, and ends them in order.
//!
//! Attack. Connections that are opened and never used, or used one byte at a time (Slowloris): each costs a descriptor
//! and a few KiB, and `axum::serve` lets them live for ever.
//! Setting. [`ServerSettings`].
//! Answer. The connection is closed.
//! Test. `tests/`.

mod admission;
mod boundary;
mod connection;
mod reader;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::{Server, Timeouts};

use admission::Admission;
use connection::Connections;

/// How long the loop rests when the machine has no descriptor or no memory left for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(250);

/// What bounds connections: settings of `timeouts` and `server`.
#[derive(Clone)]
pub struct ServerSettings {
    /// For the request line and headers to arrive: from the opening of a connection, later from the first byte of each
    /// request (`timeouts.header_seconds`).
    pub header: Duration,
    /// For the next request to arrive on a kept-alive connection, and for a client to read any of an answer
    /// (`timeouts.idle_seconds`).
    pub idle: Duration,
    /// For the TLS handshake (`timeouts.handshake_seconds`).
    pub handshake: Duration,
    /// For running requests to finish after the shutdown began; then their connections are cut
    /// (`timeouts.shutdown_seconds`).
    pub drain: Duration,
    /// Connections at once, upgraded ones included (`server.max_connections`).
    pub max_connections: usize,
    /// Connections at once of one address, or of one /64 in IPv6 (`server.max_connections_per_address`).
    pub max_connections_per_address: usize,
    /// Ranges to which the cap of one address does not apply (`server.trusted_proxies`). Loopback never counts either.
    pub exempt_peers: Vec<IpNet>,
    /// TLS without a proxy; plain HTTP when there is none.
    pub tls: Option<TlsAcceptor>,
}

impl ServerSettings {
    /// The settings of the configuration.
    #[must_use]
    pub fn new(server: &Server, timeouts: &Timeouts, tls: Option<TlsAcceptor>) -> Self {
        Self {
            header: timeouts.header(),
            idle: timeouts.idle(),
            handshake: timeouts.handshake(),
            drain: timeouts.shutdown(),
            max_connections: server.max_connections,
            max_connections_per_address: server.max_connections_per_address,
            exempt_peers: server.trusted_proxies.clone(),
            tls,
        }
    }
}

/// Serves `router` to whoever connects to `listener`, until `shutdown` is cancelled; then stops accepting, lets running
/// requests finish, and returns when all connections have ended or `settings.drain` has passed.
///
/// Every request has `ConnectInfo<SocketAddr>` with the peer's address (an IPv4 address in IPv6 form is turned back) as
/// an extension, and [`Secure`](crate::edge::https::Secure) when it came over TLS. Connections that were upgraded
/// count towards the caps and are not waited for: whoever upgraded them ends them. No error and no panic of one
/// connection ends the server.
pub async fn serve(listener: TcpListener, router: Router, settings: ServerSettings, shutdown: CancellationToken) {
    let drain = settings.drain;
    let admission = Admission::new(&settings);
    let connections = Arc::new(Connections::new(router, settings, shutdown.clone()));
    let tasks = TaskTracker::new();
    let cut = CancellationToken::new();
    while let Some((stream, peer, room)) = next(&listener, &admission, &shutdown).await {
        let Some(slot) = admission.admit(room, peer.ip()) else {
            tracing::debug!(peer = %peer.ip(), "too many connections of one address");
            continue;
        };
        let connection = Arc::clone(&connections).run(stream, peer, slot);
        tasks.spawn(cut.clone().run_until_cancelled_owned(connection));
    }
    drop(listener);
    tasks.close();
    if timeout(drain, tasks.wait()).await.is_err() {
        tracing::warn!(connections = tasks.len(), "requests still ran at the shutdown deadline and are cut");
        cut.cancel();
        tasks.wait().await;
    }
}

/// The next connection with the room it takes, `None` once the shutdown has begun.
async fn next(
    listener: &TcpListener,
    admission: &Admission,
    shutdown: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, admission::Room)> {
    let accepted = async {
        let room = admission.room().await;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => return (stream, SocketAddr::new(peer.ip().to_canonical(), peer.port()), room),
                Err(error) if is_about_one_peer(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "connections can't be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    shutdown.run_until_cancelled(accepted).await
}

/// Whether only the connection that was about to be accepted is broken. Anything else is the machine's (descriptors,
/// memory): the connection stays in the queue, and asking again at once would spin.
fn is_about_one_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset
    )
}
