//! At each limit a request passes, one above it is refused; a length told twice ends the connection.

use std::net::SocketAddr;

use axum::http::request::Builder;
use taskward::config::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::support::{Server, empty, get_request};

/// The defaults, and others.
fn settings() -> [Limits; 2] {
    [Limits::default(), Limits { headers: 16, header_bytes: 20 * 1024, uri_bytes: 256, ..Limits::default() }]
}

async fn status_and_code(limits: &Limits, request: Builder) -> (u16, String) {
    let mut server = Server::new();
    server.config.limits = limits.clone();
    let answer = server.send(empty(request)).await;
    (answer.status, if answer.status < 400 { String::new() } else { answer.code() })
}

/// A request with `count` fields, `Host` included.
fn with_fields(count: usize) -> Builder {
    (1..count).fold(get_request("/echo"), |request, _| request.header("x-many", "1"))
}

/// A request with `bytes` of names and values, `Host` included.
fn with_header_bytes(bytes: usize) -> Builder {
    let rest = bytes - "hostlocalhost:8000".len() - "x-large".len();
    get_request("/echo").header("x-large", "a".repeat(rest))
}

#[tokio::test]
async fn header_fields_are_counted() {
    for limits in settings() {
        assert_eq!(status_and_code(&limits, with_fields(limits.headers)).await.0, 200);
        let above = status_and_code(&limits, with_fields(limits.headers + 1)).await;
        assert_eq!(above, (431, String::from("HEADERS_TOO_LARGE")));
    }
}

#[tokio::test]
async fn header_bytes_are_counted() {
    for limits in settings() {
        assert_eq!(status_and_code(&limits, with_header_bytes(limits.header_bytes)).await.0, 200);
        let above = status_and_code(&limits, with_header_bytes(limits.header_bytes + 1)).await;
        assert_eq!(above, (431, String::from("HEADERS_TOO_LARGE")));
    }
}

#[tokio::test]
async fn the_target_is_measured_with_its_query_and_authority() {
    for limits in settings() {
        for prefix in ["/echo?", "http://localhost/echo?"] {
            let target = |bytes: usize| format!("{prefix}{}", "a".repeat(bytes - prefix.len()));
            assert_eq!(status_and_code(&limits, get_request(&target(limits.uri_bytes))).await.0, 200, "{prefix}");
            let above = status_and_code(&limits, get_request(&target(limits.uri_bytes + 1))).await;
            assert_eq!(above, (414, String::from("URI_TOO_LONG")), "{prefix}");
        }
    }
}

#[tokio::test]
async fn two_lengths_are_refused_and_the_connection_is_closed() {
    let request = get_request("/echo").header("content-length", "3").header("transfer-encoding", "chunked");
    let answer = Server::new().send(empty(request)).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_REQUEST"));
    assert_eq!(answer.header("connection"), Some("close"));
}

/// hyper takes the `Content-Length` away before the layer sees it. What matters is that nothing after such a message is
/// read as a request: the chunks below end at once, and what follows would be answered if the connection stayed open.
#[tokio::test]
async fn what_follows_two_lengths_is_never_a_second_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = Server::new().router().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });

    for lengths in
        ["Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5"]
    {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let first = format!("POST /graphql HTTP/1.1\r\nHost: localhost\r\n{lengths}\r\n\r\n0\r\n\r\n");
        let second = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
        stream.write_all(format!("{first}{second}").as_bytes()).await.unwrap();
        let mut answers = Vec::new();
        // The server may well reset the connection, as the second request is never read.
        _ = stream.read_to_end(&mut answers).await;
        let answers = String::from_utf8(answers).unwrap();
        assert!(answers.matches("HTTP/1.1 ").count() <= 1, "{answers}");
        assert!(!answers.contains("alive"), "{answers}");
    }
}
