//! Caps, upgrades, panics and the shutdown.

use std::future::pending;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, StatusCode, header};
use hyper_util::rt::TokioIo;

use super::*;

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
        pending::<()>().await;
    });
    let server = Running::start(Router::new().route("/", stuck), |settings| settings.drain = SHORT).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    started.notified().await;
    server.shutdown.cancel();
    assert_eq!(until_closed(&mut stream).await, "");
    server.stopped().await;
}

/// The clock stands still but for what is waited for, so the request ends a moment before or after the deadline.
#[tokio::test]
async fn a_running_request_has_the_time_of_the_shutdown_and_not_a_moment_more() {
    let (deadline, moment) = (Timeouts::default().shutdown(), Duration::from_millis(5));
    for (wait, finishes) in [(deadline.saturating_sub(moment), true), (deadline + moment, false)] {
        let started = Arc::new(Notify::new());
        let (on_start, shutdown) = (Arc::clone(&started), CancellationToken::new());
        let told = shutdown.clone();
        let waiting = get(async move || {
            on_start.notify_one();
            told.cancelled().await;
            sleep(wait).await;
            "finished"
        });
        let router = Router::new().route("/", waiting);
        let server = Running::start(router, |settings| settings.drain = deadline).await;
        let mut stream = server.connect().await;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        started.notified().await;
        tokio::time::pause();
        server.shutdown.cancel();
        shutdown.cancel();
        server.task.await.unwrap();
        tokio::time::resume();
        assert_eq!(until_closed(&mut stream).await.ends_with("finished"), finishes, "{wait:?}");
    }
}

#[test]
fn every_bound_of_a_connection_is_a_setting() {
    let mut section = Server::defaults(Profile::Development);
    (section.max_connections, section.max_connections_per_address) = (11, 12);
    section.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    let timeouts = Timeouts {
        header_seconds: 1,
        idle_seconds: 2,
        handshake_seconds: 3,
        shutdown_seconds: 4,
        ..Timeouts::default()
    };
    let settings = ServerSettings::new(&section, &timeouts, None);
    let times = [settings.header, settings.idle, settings.handshake, settings.drain];
    assert_eq!(times, [1, 2, 3, 4].map(Duration::from_secs));
    assert_eq!((settings.max_connections, settings.max_connections_per_address), (11, 12));
    assert_eq!(settings.exempt_peers, section.trusted_proxies);
}

#[tokio::test]
async fn a_panic_ends_its_connection_and_nothing_else() {
    async fn panics() {
        panic!("on purpose")
    }
    let server = Running::start(echo().route("/panic", get(panics)), |settings| settings.max_connections = 1).await;
    assert_eq!(server.exchange("GET /panic HTTP/1.1\r\nHost: x\r\n\r\n").await, "");
    let mut stream = server.connect().await;
    stream.write_all(HELLO.as_bytes()).await.unwrap();
    until(&mut stream, "hello").await;
}

#[test]
fn only_errors_of_one_connection_are_skipped() {
    assert!(is_about_one_peer(&ErrorKind::ConnectionAborted.into()));
    for out_of_descriptors in [23, 24] {
        assert!(!is_about_one_peer(&io::Error::from_raw_os_error(out_of_descriptors)));
    }
}
