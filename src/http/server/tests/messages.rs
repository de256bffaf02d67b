//! What is taken, what is refused, and what the router is told.

use axum::extract::{ConnectInfo, Request};

use super::*;
use crate::edge::https::Secure;
use crate::http::tls::tests::{Files, connect};

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
        for before in [String::new(), format!("POST / HTTP/1.1\r\nHost: x\r\n{length}\r\n12345")] {
            calls.store(0, Ordering::SeqCst);
            let answer = server.exchange(format!("{before}{both}POST / HTTP/1.1\r\nHost: x\r\n\r\n")).await;
            let refusal = answer.find("HTTP/1.1 400 Bad Request\r\n").expect(&answer);
            assert!(answer[refusal..].contains(r#""code":"BAD_REQUEST""#), "{answer}");
            assert!(answer[refusal..].contains("connection: close\r\n"), "{answer}");
            assert!(answer[refusal..].contains("x-content-type-options: nosniff\r\n"), "{answer}");
            assert_eq!(answer.matches("HTTP/1.1 ").count(), 1 + usize::from(!before.is_empty()), "{answer}");
            assert_eq!(calls.load(Ordering::SeqCst), usize::from(!before.is_empty()), "{fields}");
        }
    }
}

#[tokio::test]
async fn a_head_with_too_many_or_too_large_fields_is_answered_431() {
    let server = Running::start(echo(), |_| {}).await;
    let head = |fields: usize, size: usize| {
        let lines = format!("X: {}\r\n", "v".repeat(size)).repeat(fields);
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
async fn requests_know_their_peer_and_whether_it_used_tls() {
    let about = get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request| {
        format!("{peer} {}", request.extensions().get::<Secure>().is_some())
    });
    let router = Router::new().route("/", about);
    let request = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    let plain = Running::start(router.clone(), |_| {}).await;
    let mut stream = plain.connect().await;
    let own = stream.local_addr().unwrap();
    stream.write_all(request).await.unwrap();
    let answer = until_closed(&mut stream).await;
    assert!(answer.ends_with(&format!("\r\n\r\n{own} false")), "{answer}");

    let files = Files::new();
    let secure = Running::start(router, |settings| settings.tls = files.acceptor()).await;
    let stream = secure.connect().await;
    let own = stream.local_addr().unwrap();
    let mut stream = connect(&files, &[], stream).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("the server closes").unwrap();
    assert!(answer.ends_with(&format!("\r\n\r\n{own} true")), "{answer}");
}
