//! Deadlines of heads, idle connections, handshakes and answers.

use std::convert::Infallible;

use axum::body::Body;
use futures_util::stream;

use super::*;
use crate::http::tls::tests::{Files, connect};

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
            sleep(SHORT / 10).await;
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
                Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 16 * 1024]))
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
async fn handshakes_and_heads_over_tls_have_their_deadlines() {
    let files = Files::new();
    let server = Running::start(echo(), |settings| {
        settings.tls = files.acceptor();
        settings.handshake = SHORT;
    });
    assert_eq!(server.await.exchange("").await, "", "a client that does not begin the handshake");

    let server = Running::start(echo(), |settings| {
        settings.tls = files.acceptor();
        settings.header = SHORT;
    });
    let mut stream = connect(&files, &[], server.await.connect().await).await.unwrap();
    stream.write_all(b"GET /hello HTTP/1.1\r\n").await.unwrap();
    let mut answer = Vec::new();
    let closed = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the server closes");
    assert!(closed.is_err() || answer.is_empty(), "{answer:?}");
}
