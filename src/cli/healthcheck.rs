//! `taskward healthcheck`: whether the server on this machine is ready, as an exit status for containers.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use super::failure::Failure;
use super::options::Options;
use super::terminal;

/// How long the server may take to accept the connection, and to send the next part of its answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// The longest status line that is read.
const STATUS_LINE_BYTES: u64 = 256;

/// Asks the server at `server.listen` whether it is ready.
///
/// # Errors
/// When it can't be reached or answers anything but 200.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let config = options.load()?.config;
    let address = reachable(config.server.listen);
    let failed = |error: io::Error| Failure::Failed(format!("{address}: {error}"));
    if config.https.certificate_file.is_some() {
        // The certificate is made out to the public name, so nothing can be asked here that would prove more than this.
        TcpStream::connect_timeout(&address, PATIENCE).map_err(failed)?;
        return terminal::print("listening (with TLS on, readiness itself is not asked)\n");
    }
    match ready_status(address).map_err(failed)? {
        200 => terminal::print("ready\n"),
        status => Err(Failure::Failed(format!("{address} is not ready: it answers {status}"))),
    }
}

/// An address at which the server is reached from this machine: one that means every address is no destination.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// The status that the server gives to `GET /readyz`.
fn ready_status(address: SocketAddr) -> io::Result<u16> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(STATUS_LINE_BYTES).read_to_end(&mut answer)?;
    status(&answer).ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "the answer is not HTTP"))
}

/// The status code of an answer (RFC 9112, section 4).
fn status(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|byte| *byte == b'\r').next()?;
    let (version, rest) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    let code = rest.split(' ').next()?;
    (version.starts_with("HTTP/1.") && code.len() == 3).then(|| code.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_read_from_the_first_line() {
        assert_eq!(status(b"HTTP/1.1 200 OK\r\ndate: x\r\n\r\n{}"), Some(200));
        assert_eq!(status(b"HTTP/1.1 503 \r\n"), Some(503));
        for answer in ["", "\r\n", "HTTP/1.1", "SSH-2.0-OpenSSH 200\r\n", "HTTP/1.1 20\r\n", "HTTP/1.1 abc\r\n"] {
            assert_eq!(status(answer.as_bytes()), None, "{answer:?}");
        }
    }

    #[test]
    fn an_address_that_means_all_becomes_loopback() {
        for (listen, expected) in
            [("0.0.0.0:8000", "127.0.0.1:8000"), ("[::]:8000", "[::1]:8000"), ("127.0.0.2:9000", "127.0.0.2:9000")]
        {
            assert_eq!(reachable(listen.parse().unwrap()), expected.parse().unwrap());
        }
    }
}
