//! `healthcheck` asks the server on this machine.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};

use super::{Setup, stderr};

/// A server that answers one request with `answer`; joined, it gives the request.
fn server(answer: &'static str) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            request.push(byte[0]);
        }
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(request).unwrap()
    });
    (address, thread)
}

#[test]
fn a_server_is_ready_when_it_answers_200() {
    for (answer, status) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 0),
        ("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n", 1),
        ("HTTP/1.1 204 No Content\r\n\r\n", 1),
        ("nonsense", 1),
        ("", 1),
    ] {
        let (address, server) = server(answer);
        let output = Setup::new().run(&["healthcheck", "--listen", &address.to_string()]);
        assert_eq!(output.status.code(), Some(status), "{answer:?}: {}", stderr(&output));
        let request = server.join().unwrap();
        assert!(request.starts_with("GET /readyz HTTP/1.1\r\nHost: localhost\r\n"), "{request}");
    }
}

#[test]
fn a_server_that_listens_on_every_address_is_asked_on_this_machine() {
    let (address, server) = server("HTTP/1.1 200 OK\r\n\r\n");
    let setup = Setup::new()
        .env("TASKWARD_SERVER__LISTEN", &format!("0.0.0.0:{}", address.port()))
        .env("TASKWARD_AUTH__SIGNING_KEY", super::KEY)
        .env("TASKWARD_SERVER__ALLOWED_HOSTS", "tasks.example.com")
        .env("TASKWARD_SERVER__TRUSTED_PROXIES", "10.0.0.0/8");
    let output = setup.run(&["healthcheck"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    server.join().unwrap();
}

#[test]
fn a_server_that_is_not_there_is_not_ready() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = Setup::new().run(&["healthcheck", "--listen", &address.to_string()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains(&address.to_string()));
}
