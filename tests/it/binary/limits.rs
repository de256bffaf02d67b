//! The limits of a head over a real socket: what hyper reads of it is more than we take by any setting.

use super::{Server, Site};

/// A GET with this many header fields, bytes of them, and bytes of its target.
fn head(fields: usize, bytes: usize, target: usize) -> String {
    let names = "Hostlocalhost".len() + "Y".len() + (fields - 2) * "X1".len();
    let target = format!("/healthz?{}", "a".repeat(target - "/healthz?".len()));
    let (many, large) = ("X: 1\r\n".repeat(fields - 2), "b".repeat(bytes - names));
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{many}Y: {large}\r\n\r\n")
}

/// Asserts that one of each passes, and that one more of any is refused in our own words; the connection goes on.
#[track_caller]
fn assert_limits(server: &Server, fields: usize, bytes: usize, target: usize) {
    let mut connection = server.connect();
    for (head, status, code) in [
        (head(fields, bytes, target), 200, "ok"),
        (head(fields + 1, bytes, target), 431, "HEADERS_TOO_LARGE"),
        (head(fields, bytes + 1, target), 431, "HEADERS_TOO_LARGE"),
        (head(fields, bytes, target + 1), 414, "URI_TOO_LONG"),
        (head(fields, bytes, target), 200, "ok"),
    ] {
        connection.write(&head).unwrap();
        let reply = connection.reply().unwrap();
        assert_eq!(reply.status, status, "{}", reply.body);
        assert!(reply.body.contains(&format!("\"{code}\"")) && reply.body.len() < 2_048, "{}", reply.body);
    }
}

#[test]
fn a_head_at_its_limits_passes_and_one_more_is_refused() {
    let server = Site::new().start();
    assert_limits(&server, 64, 16 * 1024, 2 * 1024);
    server.stop();
}

#[test]
fn so_it_is_at_the_bounds_of_the_settings() {
    for (fields, bytes, target) in [(96, 20 * 1024, 8 * 1024), (16, 1024, 256)] {
        let site = Site::new()
            .set("limits.headers", &fields.to_string())
            .set("limits.header_bytes", &bytes.to_string())
            .set("limits.uri_bytes", &target.to_string());
        let server = site.start();
        assert_limits(&server, fields, bytes, target);
        server.stop();
    }
}

/// What could be the end of one message and the beginning of another is refused before anything else is looked at.
#[test]
fn a_length_told_twice_comes_first() {
    let server = Site::new().start();
    let mut connection = server.connect();
    let lengths = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    connection.write(&head(65, 17 * 1024, 3 * 1024).replacen("\r\n\r\n", &format!("\r\n{lengths}"), 1)).unwrap();
    let reply = connection.reply().unwrap();
    assert!(reply.status == 400 && reply.body.contains("BAD_REQUEST"), "{}", reply.body);
    assert!(connection.is_closed());
    server.stop();
}
