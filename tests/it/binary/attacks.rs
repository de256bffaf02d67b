//! Attacks against the binary: one process takes them all, answers the next request, and has not grown.

use std::fs;

use serde_json::Value;

use super::{Server, Site, until};
use crate::attacks::{Attempt, attempts};

/// How often the corpus is sent before the memory is looked at: caches fill, and the allocator keeps what it once had.
const WARM_UP: usize = 4;
/// How often it is sent after that.
const ROUNDS: usize = 4;
/// How many KiB the memory may grow in those rounds. In forty of them it goes up and down by as much, as threads come and
/// go; what is more would be 30 KiB that each attack leaves behind.
const GROWTH: u64 = 24 * 1024;

/// A server of the production profile, as attackers find it, which does not count how often they come.
fn production() -> Site {
    [
        ("server.profile", "production"),
        ("server.allowed_hosts", "taskward.example,127.0.0.1,localhost"),
        ("server.trusted_proxies", "192.0.2.1/32"),
        ("auth.signing_key", "a key for tests, of 32 bytes and more"),
        ("cost.anonymous_budget", "1000000"),
        ("cost.anonymous_refill", "1000000"),
    ]
    .into_iter()
    .fold(Site::new(), |site, (setting, value)| site.set(setting, value))
}

#[test]
fn the_process_that_took_every_attack_goes_on_and_has_not_grown() {
    let site = production();
    let server = site.start();
    let attempts = attempts();
    let rounds = |count| (0..count).for_each(|_| attempts.iter().for_each(|attempt| assert_refused(&server, attempt)));
    rounds(WARM_UP);
    let before = memory(&server);
    rounds(ROUNDS);
    match (before, memory(&server)) {
        (Some(before), Some(after)) => {
            let grown = [after[0].saturating_sub(before[0]), after[1].saturating_sub(before[1])];
            assert!(grown.iter().all(|it| *it <= GROWTH), "{before:?} KiB before, {after:?} KiB after");
        }
        _ => skipped(),
    }
    let mut ana = server.register("ana");
    assert_eq!(ana.gql("{ viewer { username } }", &Value::Null).unwrap().data()["viewer"]["username"], "ana");
    server.stop();
}

#[track_caller]
fn assert_refused(server: &Server, attempt: &Attempt) {
    let mut connection = server.connect();
    // A server that has seen enough closes before it has all of the request; its answer is there nevertheless.
    let _ = connection.write_bytes(&attempt.bytes(&server.address.to_string()));
    let reply = connection.reply_to(attempt.is_head()).unwrap_or_else(|error| panic!("{}: {error}", attempt.name));
    attempt.expected_on_a_socket.check(&attempt.name, reply.status, &reply.body);
    assert!(reply.head.len() + reply.body.len() < 4_096, "{}: {} {}", attempt.name, reply.head, reply.body);
    // What is no HTTP is refused below the router, which adds them.
    if !reply.body.is_empty() && !attempt.name.starts_with("server/") {
        for field in ["x-request-id: req_", "x-content-type-options: nosniff", "cache-control: no-store"] {
            assert!(reply.head.contains(field), "{}: {}", attempt.name, reply.head);
        }
    }
}

/// What the process has in memory now, and the most it ever had, in KiB; nothing where there is no `/proc`.
fn memory(server: &Server) -> Option<[u64; 2]> {
    let status = fs::read_to_string(format!("/proc/{}/status", server.process.0.id())).ok()?;
    let kib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    };
    Some([kib("VmRSS")?, kib("VmHWM")?])
}

#[expect(clippy::print_stdout, reason = "says what was not tested")]
fn skipped() {
    println!("skipped: only Linux tells how much memory a process has");
}

/// Attack 53: heads and bodies that come byte by byte or not at all take connections, and nothing else.
#[test]
fn slowloris_is_cut_off_while_others_are_served() {
    let site = production().set("timeouts.header_seconds", "1").set("timeouts.body_seconds", "1");
    let server = site.start();
    let mut ana = server.register("ana");
    let host = server.address.to_string();
    let begin = |text: String| {
        let mut connection = server.connect();
        connection.write(&text).unwrap();
        connection
    };
    let mut slow: Vec<_> = (0..100)
        .flat_map(|_| {
            let post = format!("POST /graphql HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n");
            [
                String::new(),
                format!("GET / HTTP/1.1\r\nHost: {host}\r\nX: "),
                format!("{post}Content-Length: 9\r\n\r\n{{"),
            ]
        })
        .map(begin)
        .collect();
    for _ in 0..10 {
        ana.gql("{ viewer { username } }", &Value::Null).unwrap().data();
    }
    for (number, connection) in slow.iter_mut().enumerate() {
        if number % 3 == 2 {
            assert_eq!(connection.reply().unwrap().status, 408);
        }
        assert!(connection.is_closed(), "{number}");
    }
    ana.gql("{ viewer { username } }", &Value::Null).unwrap().data();
    server.stop();
}

/// Attack 55: the server speaks HTTP/1.1 alone, so rapid resets and floods of frames have no place to begin.
#[test]
fn http_2_is_refused_and_a_flood_of_its_frames_changes_nothing() {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    // An empty SETTINGS frame; HEADERS of stream 1 and its RST_STREAM; an empty CONTINUATION and DATA.
    const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    const RESET: &[u8] = &[0, 0, 1, 1, 4, 0, 0, 0, 1, 0x82, 0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8];
    const CONTINUATION: &[u8] = &[0, 0, 0, 9, 0, 0, 0, 0, 1];
    const DATA: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 0, 1];
    let site = production();
    let server = site.start();
    let flood = |frame: &[u8]| {
        let mut connection = server.connect();
        // The server closes before it has read all of it.
        let _ = connection.write_bytes(&[PREFACE, SETTINGS, &frame.repeat(50_000)].concat());
        let answer = connection.rest();
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(&answer));
    };
    let all = || [SETTINGS, RESET, CONTINUATION, DATA].iter().for_each(|frame| flood(frame));
    (0..WARM_UP).for_each(|_| all());
    let before = memory(&server);
    (0..ROUNDS).for_each(|_| all());
    if let (Some(before), Some(after)) = (before, memory(&server)) {
        assert!(after[0].saturating_sub(before[0]) <= GROWTH, "{before:?} KiB before, {after:?} KiB after");
    } else {
        skipped();
    }
    // An upgrade from HTTP/1.1 is not taken either: the request is answered as it stands.
    let upgrade = format!(
        "GET /healthz HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n",
        server.address
    );
    let mut connection = server.connect();
    connection.write(&upgrade).unwrap();
    assert_eq!(connection.reply().unwrap().status, 200);
    server.stop();
}

/// Attack 68: a thousand clients that leave before their answer leave nothing behind that runs or waits.
#[test]
fn a_thousand_clients_that_leave_free_what_they_held() {
    let site = production();
    let server = site.start();
    let mut ana = server.register("ana");
    for _ in 0..1_000 {
        let mut leaving = server.connect().with_token(ana.token());
        leaving.send_gql("{ tasks(first: 100) { totalCount nodes { id } } }", &Value::Null).unwrap();
    }
    until("the server answers again", || {
        let reply = ana.gql("{ viewer { username } }", &Value::Null).unwrap();
        reply.status == 200 && reply.data()["viewer"]["username"] == "ana"
    });
    server.stop();
}
