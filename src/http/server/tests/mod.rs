//! Raw sockets against the whole server.

mod deadlines;
mod lifecycle;
mod messages;

use std::io::ErrorKind;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Bytes;
use axum::routing::{any, get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;
use crate::config::Profile;

/// Long enough for anything that is going to happen, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// A deadline under test.
const SHORT: Duration = Duration::from_millis(150);

struct Running {
    address: SocketAddr,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    async fn start(router: Router, change: impl FnOnce(&mut ServerSettings)) -> Self {
        let mut settings = ServerSettings::new(&Server::defaults(Profile::Development), &Timeouts::default(), None);
        (settings.header, settings.idle, settings.drain) = (PATIENCE, PATIENCE, PATIENCE);
        change(&mut settings);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(serve(listener, router, settings, shutdown.clone()));
        Self { address, shutdown, task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// What the server sends until it closes, when `request` is all it gets.
    async fn exchange(&self, request: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request.as_ref()).await.unwrap();
        until_closed(&mut stream).await
    }

    async fn stopped(self) {
        timeout(PATIENCE, self.task).await.expect("the server stops").unwrap();
    }
}

async fn until_closed(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    match timeout(PATIENCE, stream.read_to_end(&mut text)).await.expect("the server closes") {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    String::from_utf8(text).unwrap()
}

/// Reads until what came ends with `end`.
async fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = Vec::new();
    while !text.ends_with(end.as_bytes()) {
        text.push(timeout(PATIENCE, stream.read_u8()).await.expect("an answer").expect("the whole answer"));
    }
    String::from_utf8(text).unwrap()
}

/// Answers with the body it was sent; `/hello` with a greeting.
fn echo() -> Router {
    Router::new().route("/", any(|body: Bytes| async { body })).route("/hello", get(async || "hello"))
}

const HELLO: &str = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
