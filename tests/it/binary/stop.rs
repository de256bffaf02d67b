//! Stopping the server: in order at the first signal, at once at the second.

use std::io::ErrorKind;

use serde_json::{Value, json};

use super::{Server, Site, until};

const BODY: &str = r#"{"query":"{ viewer { username } }"}"#;

/// Tells the server to stop and waits until it lets nobody in.
fn close_door(server: &Server, signal: &str) {
    server.signal(signal);
    until("the server stops accepting", || !server.is_listening());
}

#[test]
fn a_request_that_runs_is_answered_and_everybody_else_is_sent_away() {
    for signal in ["TERM", "INT"] {
        let site = Site::new();
        let server = site.start();
        let mut running = server.register("ana");
        let (mut idle, mut unused) = (server.connect(), server.connect());
        assert_eq!(idle.get("/readyz").unwrap().status, 200);
        running.begin(BODY).unwrap();

        close_door(&server, signal);
        assert!(idle.is_closed() && unused.is_closed(), "SIG{signal}");
        running.write(BODY).unwrap();
        let reply = running.reply().unwrap();
        assert_eq!(reply.data()["viewer"]["username"], "ana", "SIG{signal}");
        assert!(reply.head.to_lowercase().contains("connection: close"), "SIG{signal}: {}", reply.head);
        assert_eq!(server.wait(), Some(0), "SIG{signal}");
    }
}

#[test]
fn a_request_that_never_ends_is_cut_at_the_deadline() {
    let site = Site::new().set("timeouts.body_seconds", "600").set("timeouts.shutdown_seconds", "1");
    let server = site.start();
    let mut stuck = server.connect();
    stuck.begin(BODY).unwrap();
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    assert!(stuck.is_closed());
}

#[test]
fn a_second_signal_ends_the_process_at_once() {
    for (first, second) in [("TERM", "TERM"), ("INT", "TERM"), ("TERM", "INT")] {
        let site = Site::new().set("timeouts.body_seconds", "600");
        let server = site.start();
        let mut stuck = server.connect();
        stuck.begin(BODY).unwrap();
        close_door(&server, first);
        server.signal(second);
        assert_eq!(server.wait(), Some(1), "{first}, {second}: status 0 would mean that it waited for the deadline");
    }
}

#[test]
fn what_was_written_before_the_stop_is_there_after_it() {
    let site = Site::new();
    let server = site.start();
    let mut ana = server.register("ana");
    let document = "mutation($title: String!) { createTask(input: { title: $title }) { task { id } } }";
    let mut made = 0;
    server.signal("TERM");
    // The connection is closed after some answer, or between two.
    loop {
        match ana.gql(document, &json!({ "title": format!("Task {made}") })) {
            Ok(reply) => {
                assert!(reply.data()["createTask"]["task"]["id"].is_string());
                made += 1;
            }
            Err(error) => {
                let expected = [ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
                assert!(expected.contains(&error.kind()), "{error}");
                break;
            }
        }
    }
    assert_eq!(server.wait(), Some(0));
    let server = site.start();
    let mut ana = server.connect().with_token(ana.token());
    assert_eq!(ana.gql("{ tasks { totalCount } }", &Value::Null).unwrap().data()["tasks"]["totalCount"], made);
}
