//! One connection from the accepted stream to its end: TLS, hyper, and the router with what it must know of the peer.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutWriter;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::code::ErrorCode;
use crate::edge::https::Secure;
use crate::edge::{MediaType, headers};
use crate::http::tls::handshake;

use super::ServerSettings;
use super::admission::Slot;
use super::boundary::{Ending, MAX_FIELDS, SharedEnding};
use super::reader::RequestReader;

/// Bytes of a request line with all header fields; hyper answers 431 above. Higher than what the edge takes by any
/// setting (20 KiB of headers and a target of 8 KiB), so that most of what is too large is answered in our own words.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// Bytes that hyper buffers in either direction.
const MAX_BUFFER_BYTES: usize = 64 * 1024;

/// What all connections share.
pub(super) struct Connections {
    http: http1::Builder,
    router: Router,
    settings: ServerSettings,
    shutdown: CancellationToken,
}

impl Connections {
    pub(super) fn new(router: Router, settings: ServerSettings, shutdown: CancellationToken) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(settings.idle)
            .max_headers(MAX_FIELDS)
            .max_header_size(MAX_HEAD_BYTES)
            .max_buf_size(MAX_BUFFER_BYTES);
        Self { http, router, settings, shutdown }
    }

    /// Serves a connection until the client or a deadline ends it, or the shutdown finds it without a request.
    pub(super) async fn run(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, slot: Slot) {
        // Answers leave at once: Nagle's algorithm would hold back the end of each until the client acknowledges.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "connection closed before it was used");
            return;
        }
        let Some(acceptor) = &self.settings.tls else {
            return self.serve(stream, Origin { peer, tls: None }, slot).await;
        };
        let handshake = handshake(acceptor, stream, self.settings.handshake);
        match self.shutdown.run_until_cancelled(handshake).await {
            Some(Ok(stream)) => self.serve(stream, Origin { peer, tls: Some(Secure) }, slot).await,
            Some(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
            None => {}
        }
    }

    async fn serve<S>(&self, stream: S, origin: Origin, slot: Slot)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut stream = TimeoutWriter::new(stream);
        stream.set_timeout(Some(self.settings.idle));
        let ending = SharedEnding::default();
        let reader = RequestReader::new(Box::pin(stream), self.settings.header, Arc::clone(&ending), slot);
        let service = service_fn(|request| answer(self.router.clone(), request, origin, ending.get().copied()));
        let mut connection = pin!(self.http.serve_connection(TokioIo::new(reader), service).with_upgrades());
        let outcome = self.shutdown.run_until_cancelled(connection.as_mut()).await;
        let outcome = if let Some(outcome) = outcome {
            outcome
        } else {
            connection.as_mut().graceful_shutdown();
            connection.await
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, "connection ended early");
        }
    }
}

/// Where the requests of a connection come from.
#[derive(Clone, Copy)]
struct Origin {
    peer: SocketAddr,
    tls: Option<Secure>,
}

async fn answer(
    router: Router,
    request: Request<Incoming>,
    origin: Origin,
    ending: Option<Ending>,
) -> Result<Response<Body>, Infallible> {
    if ending == Some(Ending::BothLengths) {
        tracing::info!(peer = %origin.peer.ip(), "refused: both Content-Length and Transfer-Encoding");
        return Ok(headers::add(both_lengths()).await);
    }
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(origin.peer));
    origin.tls.map(|tls| request.extensions_mut().insert(tls));
    let mut response = router.oneshot(request).await?;
    if ending.is_some() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

/// The refusal of a request with two lengths, in the shape of every refusal.
fn both_lengths() -> Response<Body> {
    let error = serde_json::json!({ "errors": [{
        "message": "A request has either Content-Length or Transfer-Encoding.",
        "extensions": { "code": ErrorCode::BadRequest.as_str() },
    }] });
    let mut response = Response::new(Body::from(error.to_string()));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(CONTENT_TYPE, MediaType::Json.content_type());
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::sleep;

    use super::*;
    use crate::config::{Profile, Server, Timeouts};
    use crate::http::server::admission::Admission;

    /// What a deadline is missed by, or kept by: more than the grain of the runtime's clock.
    const MOMENT: Duration = Duration::from_millis(2);

    /// The client's end of a connection with the default settings.
    fn open() -> DuplexStream {
        let settings = ServerSettings::new(&Server::defaults(Profile::Development), &Timeouts::default(), None);
        let peer = SocketAddr::from(([127, 0, 0, 1], 50_000));
        let slot = Admission::new(&settings).admit(None, peer.ip()).unwrap();
        let router = Router::new().route("/", get(async || "hello"));
        let connections = Connections::new(router, settings, CancellationToken::new());
        let (client, server) = duplex(MAX_BUFFER_BYTES);
        tokio::spawn(async move { connections.serve(server, Origin { peer, tls: None }, slot).await });
        client
    }

    /// How many answers the server sends to `first` and, `wait` later, to `second`, until it closes.
    async fn answers(first: &str, wait: Duration, second: &str) -> usize {
        let mut client = open();
        client.write_all(first.as_bytes()).await.unwrap();
        sleep(wait).await;
        // Whether the connection is still there is what is asked.
        let _ = client.write_all(second.as_bytes()).await;
        let mut text = String::new();
        client.read_to_string(&mut text).await.unwrap();
        text.matches("hello").count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_its_time_and_not_a_moment_more() {
        let deadline = Timeouts::default().header();
        let (start, end) = ("GET / HTTP/1.1\r\n", "Host: x\r\nConnection: close\r\n\r\n");
        assert_eq!(answers(start, deadline.saturating_sub(MOMENT), end).await, 1);
        assert_eq!(answers(start, deadline + MOMENT, end).await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_has_its_time_and_not_a_moment_more() {
        let deadline = Timeouts::default().idle();
        let (first, last) = ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.0\r\nHost: x\r\n\r\n");
        assert_eq!(answers(first, deadline.saturating_sub(MOMENT), last).await, 2);
        assert_eq!(answers(first, deadline + MOMENT, last).await, 1);
    }
}
