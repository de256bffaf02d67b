//! Raw sockets against the whole server.

use std::convert::Infallible;
use std::future::pending;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::{Response, StatusCode, header};
use axum::routing::{any, get, post};
use futures_util::stream;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;
use crate::config::Profile;
use crate::http::tls::TlsConnection;

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

#[tokio::test]
async fn a_connection_serves_request_after_request() {
    let server = Running::start(echo(), |_| {}).await;
    let mut stream = server.connect().await;
    stream.write_all(HELLO.as_bytes()).await.unwrap();
    let answer = until(&mut stream, "hello").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && !answer.contains("connection: close"), "{answer}");
    let pipelined = "\r\nPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nfirst\
         POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\nsecond";
    for byte in pipelined.bytes() {
        stream.write_all(&[byte]).await.unwrap();
    }
    until(&mut stream, "first").await;
    until(&mut stream, "second").await;
}

#[tokio::test]
async fn a_chunked_body_is_taken_and_ends_the_connection() {
    let server = Running::start(echo(), |_| {}).await;
    let chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n2\r\nfg\r\n0\r\n\r\n";
    let answer = server.exchange(format!("{chunked}{HELLO}")).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("connection: close\r\n"), "{answer}");
    assert!(answer.ends_with("abcdefg"), "{answer}");
}

#[tokio::test]
async fn a_head_that_does_not_arrive_in_time_closes_the_connection() {
    let server = Running::start(echo(), |settings| settings.header = SHORT).await;
    for sent in ["", "\r\n", "G", "GET /hello HTTP/1.1\r\nHost: x\r\n"] {
        let answer = server.exchange(sent).await;
        assert_eq!(answer, "", "after {sent:?}");
    }
    let answer = server.exchange(format!("{HELLO}GET /hello HTTP/1.1\r\n")).await;
    assert_eq!(answer.matches("hello").count(), 1, "{answer}");
}

#[tokio::test]
async fn a_trickle_of_bytes_does_not_extend_the_deadline_of_a_head() {
    let server = Running::start(echo(), |settings| settings.header = SHORT).await;
    let (mut reading, mut writing) = server.connect().await.into_split();
    writing.write_all(b"GET /hello HTTP/1.1\r\nX: ").await.unwrap();
    let trickle = async {
        while writing.write_all(b"x").await.is_ok() {
            sleep(SHORT / 10).await
        }
    };
    let closed = async { reading.read_u8().await.map_err(|error| error.kind()) };
    let closed = timeout(PATIENCE, async {
        tokio::select! { closed = closed => closed, () = trickle => Err(ErrorKind::BrokenPipe) }
    });
    assert!(closed.await.expect("the server closes").is_err());
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_the_idle_time_and_not_after_the_header_time() {
    let server = Running::start(echo(), |settings| settings.idle = SHORT).await;
    let answer = server.exchange(HELLO).await;
    assert!(answer.ends_with("hello"), "{answer}");

    let server = Running::start(echo(), |settings| settings.header = SHORT).await;
    let mut stream = server.connect().await;
    for _ in 0..2 {
        stream.write_all(HELLO.as_bytes()).await.unwrap();
        until(&mut stream, "hello").await;
        assert!(timeout(SHORT * 2, stream.read_u8()).await.is_err(), "still open after twice the header time");
    }
}

#[tokio::test]
async fn the_header_time_does_not_run_while_a_request_does() {
    let slow = Router::new().route(
        "/",
        post(async || {
            sleep(SHORT * 3).await;
            "slow"
        }),
    );
    let server = Running::start(slow, |settings| settings.header = SHORT).await;
    let mut stream = server.connect().await;
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    until(&mut stream, "slow").await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut() {
    let ended = Arc::new(Notify::new());
    let guard = Arc::clone(&ended);
    let endless = Router::new().route(
        "/",
        get(async move || {
            let on_drop = NotifyOnDrop(guard);
            Body::from_stream(stream::repeat_with(move || {
                let _ = &on_drop;
                Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 64 * 1024]))
            }))
        }),
    );
    let server = Running::start(endless, |settings| settings.idle = SHORT).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    timeout(PATIENCE, ended.notified()).await.expect("the answer is dropped");
}

struct NotifyOnDrop(Arc<Notify>);

impl Drop for NotifyOnDrop {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[tokio::test]
async fn a_request_with_two_lengths_is_refused_and_its_connection_closed() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let count = move |_: Bytes| {
        counter.fetch_add(1, Ordering::SeqCst);
        async { "called" }
    };
    let server = Running::start(Router::new().route("/", any(count)), |_| {}).await;
    let (length, encoding, chunks) = ("Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n");
    for fields in [
        format!("{length}{encoding}"),
        format!("{encoding}{length}"),
        format!("{}{}", length.to_lowercase(), encoding.to_uppercase()),
        format!("{length}X: y\r\n{length}{encoding}"),
    ] {
        let both = format!("POST / HTTP/1.1\r\nHost: x\r\n{fields}\r\n{chunks}");
        for before in ["".to_owned(), format!("POST / HTTP/1.1\r\nHost: x\r\n{length}\r\n12345")] {
            calls.store(0, Ordering::SeqCst);
            let answer = server.exchange(format!("{before}{both}POST / HTTP/1.1\r\nHost: x\r\n\r\n")).await;
            let refusal = answer.find("HTTP/1.1 400 Bad Request\r\n").expect(&answer);
            assert!(answer[refusal..].contains(r#""code":"BAD_REQUEST""#), "{answer}");
            assert!(answer[refusal..].contains("connection: close\r\n"), "{answer}");
            assert_eq!(answer.matches("HTTP/1.1 ").count(), 1 + usize::from(!before.is_empty()), "{answer}");
            assert_eq!(calls.load(Ordering::SeqCst), usize::from(!before.is_empty()), "{fields}");
        }
    }
}

#[tokio::test]
async fn a_head_with_too_many_or_too_large_fields_is_answered_431() {
    let server = Running::start(echo(), |_| {}).await;
    let head = |fields: usize, size: usize| {
        let lines: String = (0..fields).map(|number| format!("X-{number}: {}\r\n", "v".repeat(size))).collect();
        format!("GET /hello HTTP/1.1\r\n{lines}Connection: close\r\n\r\n")
    };
    for (head, status) in [
        (head(99, 1), "HTTP/1.1 200 OK"),
        (head(100, 1), "HTTP/1.1 431 Request Header Fields Too Large"),
        (head(1, 31 * 1024), "HTTP/1.1 200 OK"),
        (head(1, 32 * 1024), "HTTP/1.1 431 Request Header Fields Too Large"),
    ] {
        let answer = server.exchange(head).await;
        assert!(answer.starts_with(status), "{status}: {answer}");
    }
}

#[tokio::test]
async fn at_the_cap_newcomers_wait_until_somebody_leaves() {
    let server = Running::start(echo(), |settings| settings.max_connections = 1).await;
    let mut first = server.connect().await;
    first.write_all(HELLO.as_bytes()).await.unwrap();
    until(&mut first, "hello").await;
    let mut second = server.connect().await;
    second.write_all(HELLO.as_bytes()).await.unwrap();
    assert!(timeout(SHORT, second.read_u8()).await.is_err(), "no answer while the first is open");
    drop(first);
    until(&mut second, "hello").await;
}

#[tokio::test]
async fn an_upgraded_connection_passes_bytes_and_keeps_its_place() {
    let upgrade = Router::new().route(
        "/",
        get(async |mut request: Request| {
            let upgraded = hyper::upgrade::on(&mut request);
            tokio::spawn(async move {
                let (mut reading, mut writing) = tokio::io::split(TokioIo::new(upgraded.await.unwrap()));
                tokio::io::copy(&mut reading, &mut writing).await.unwrap();
            });
            let switching = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
            switching
                .header(header::CONNECTION, "upgrade")
                .header(header::UPGRADE, "websocket")
                .body(Body::empty())
                .unwrap()
        }),
    );
    let server = Running::start(upgrade.merge(Router::new().route("/hello", get(async || "hello"))), |settings| {
        settings.max_connections = 1;
        settings.header = SHORT;
    })
    .await;
    let mut socket = server.connect().await;
    let request = |path| format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n\r\n");
    socket.write_all(request("/").as_bytes()).await.unwrap();
    until(&mut socket, "\r\n\r\n").await;
    let mut second = server.connect().await;
    second.write_all(HELLO.as_bytes()).await.unwrap();
    assert!(timeout(SHORT * 2, second.read_u8()).await.is_err(), "the upgraded connection counts");
    socket.write_all(b"ping\n\npong").await.unwrap();
    until(&mut socket, "ping\n\npong").await;
    drop(socket);
    until(&mut second, "hello").await;
    drop(second);
    let refused = server.exchange(request("/hello")).await;
    assert!(refused.ends_with("hello"), "an upgrade that is not granted is answered, and the last: {refused}");
}

#[tokio::test]
async fn a_shutdown_lets_a_running_request_finish_and_closes_idle_connections() {
    let (started, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (on_start, on_release) = (Arc::clone(&started), Arc::clone(&release));
    let waiting = get(async move || {
        on_start.notify_one();
        on_release.notified().await;
        "finished"
    });
    let server = Running::start(echo().route("/wait", waiting), |_| {}).await;
    let mut idle = server.connect().await;
    idle.write_all(HELLO.as_bytes()).await.unwrap();
    until(&mut idle, "hello").await;
    let mut unused = server.connect().await;
    let mut running = server.connect().await;
    running.write_all(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    started.notified().await;

    server.shutdown.cancel();
    assert_eq!(until_closed(&mut idle).await, "");
    assert_eq!(until_closed(&mut unused).await, "");
    assert!(!server.task.is_finished(), "a request still runs");
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody else is let in");
    release.notify_one();
    let answer = until_closed(&mut running).await;
    assert!(answer.ends_with("finished") && answer.contains("connection: close"), "{answer}");
    server.stopped().await;
}

#[tokio::test]
async fn a_shutdown_cuts_what_still_runs_at_its_deadline() {
    let started = Arc::new(Notify::new());
    let on_start = Arc::clone(&started);
    let stuck = get(async move || {
        on_start.notify_one();
        pending::<()>().await
    });
    let server = Running::start(Router::new().route("/", stuck), |settings| settings.drain = SHORT).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    started.notified().await;
    server.shutdown.cancel();
    assert_eq!(until_closed(&mut stream).await, "");
    server.stopped().await;
}

#[tokio::test]
async fn a_panic_ends_its_connection_and_nothing_else() {
    #[expect(clippy::unused_async, reason = "a handler")]
    async fn panics() {
        panic!("on purpose")
    }
    let server = Running::start(echo().route("/panic", get(panics)), |settings| settings.max_connections = 1).await;
    assert_eq!(server.exchange("GET /panic HTTP/1.1\r\nHost: x\r\n\r\n").await, "");
    let mut stream = server.connect().await;
    stream.write_all(HELLO.as_bytes()).await.unwrap();
    until(&mut stream, "hello").await;
}

#[tokio::test]
async fn requests_know_their_peer_and_whether_it_used_tls() {
    let about = get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request| {
        format!("{peer} {}", request.extensions().get::<TlsConnection>().is_some())
    });
    let server = Running::start(Router::new().route("/", about), |_| {}).await;
    let socket = TcpSocket::new_v4().unwrap();
    let mut stream = socket.connect(server.address).await.unwrap();
    let own = stream.local_addr().unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let answer = until_closed(&mut stream).await;
    assert!(answer.ends_with(&format!("\r\n\r\n{own} false")), "{answer}");
}

#[test]
fn only_errors_of_one_connection_are_skipped() {
    assert!(is_about_one_peer(&ErrorKind::ConnectionAborted.into()));
    for out_of_descriptors in [23, 24] {
        assert!(!is_about_one_peer(&io::Error::from_raw_os_error(out_of_descriptors)));
    }
}
