//! The limits of sockets, set to something else than their defaults: what is enforced is the setting.

use std::time::Duration;

use chrono::TimeDelta;
use futures::FutureExt;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{CHANGES, begin, create, until};
use crate::api_token::program;
use crate::support::{Client, Socket, TestApp, UPGRADE};

const PING: &str = r#"{"type":"ping"}"#;

/// A `connection_init` of whoever has this token.
async fn say_init(socket: &mut Socket, token: &str) {
    let payload = json!({ "Authorization": format!("Bearer {token}") });
    socket.send(&json!({ "type": "connection_init", "payload": payload })).await;
}

/// Waits until there is room for so many sockets.
async fn until_free(app: &TestApp, places: usize) {
    until("a socket ends", || app.app.subscriptions.free() >= places).await;
}

#[tokio::test]
async fn a_socket_has_as_long_to_say_who_it_is_as_the_setting_says() {
    let app = TestApp::with(|config| config.subscriptions.init_seconds = 1).await;
    let (mut silent, mut known) = (app.socket().await, app.socket().await);
    assert!(timeout(Duration::from_millis(900), silent.end()).await.is_err(), "it still has time");
    known = known.init(None).await;
    let reason =
        timeout(Duration::from_millis(1_500), silent.expect_close(4408)).await.expect("not the default of 3 s");
    assert_eq!(reason, "Connection initialisation timeout");
    known.subscribe("1", "{ __typename }").await;
    known.expect_data("1").await;
}

#[tokio::test]
async fn a_message_has_as_many_bytes_as_the_setting_says() {
    for most in [1_024, 100_000] {
        let app = TestApp::with(|config| config.subscriptions.message_bytes = most).await;
        let mut socket = app.socket().await.init(None).await;
        let ping_of = |bytes: usize| format!("{PING}{}", " ".repeat(bytes - PING.len()));
        socket.send_text(&ping_of(most)).await;
        socket.expect_pong().await;
        socket.send_text(&ping_of(most + 1)).await;
        socket.expect_close(1009).await;
    }
}

#[tokio::test]
async fn a_socket_has_as_many_operations_as_the_setting_says() {
    for most in [1, 25] {
        let app = TestApp::with(|config| config.subscriptions.operations = most).await;
        let ana = app.user("ana").await;
        let mut socket = app.socket().await.init(Some(ana.access_token())).await;
        for id in 0..most {
            socket.subscribe(&id.to_string(), CHANGES).await;
        }
        for query in [CHANGES, "{ viewer { id } }"] {
            socket.subscribe("one more", query).await;
            let error = socket.expect_error("one more").await;
            assert_eq!(error["extensions"]["code"], "RATE_LIMITED");
            assert_eq!(error["extensions"]["policy"], "subscriptions");
        }
        socket.complete("0").await;
        socket.subscribe("0", "{ viewer { username } }").await;
        assert_eq!(socket.expect_data("0").await["viewer"]["username"], "ana");
    }
}

#[tokio::test]
async fn there_are_as_many_sockets_as_the_setting_says() {
    let app = TestApp::with(|config| config.subscriptions.sockets = 2).await;
    let _first = app.socket().await.init(None).await;
    let second = app.socket().await;
    let refused = app.upgrade("GET", &UPGRADE).await.err().unwrap();
    assert_eq!((refused.status, refused.code().as_str()), (503, "OVERLOADED"));
    assert_eq!(refused.header("retry-after"), "5");
    // A place is free again whether its client says farewell or is gone, and a refused handshake takes none.
    second.close().await;
    until_free(&app, 1).await;
    let second = app.socket().await;
    drop(second);
    until_free(&app, 1).await;
    for _ in 0..3 {
        assert!(app.upgrade("GET", &UPGRADE[..4]).await.is_err());
    }
    app.socket().await.init(None).await.close().await;
}

#[tokio::test]
async fn a_user_has_as_many_sockets_as_the_setting_says() {
    for most in [1, 7] {
        let app = TestApp::with(|config| config.subscriptions.sockets_per_user = most).await;
        let ana = app.user("ana").await;
        let (_, program) = program(&app, &ana, &["READ"]).await;
        let mut sockets = vec![app.socket().await.init(Some(ana.access_token())).await];
        for _ in 1..most {
            sockets.push(app.socket_from("127.0.0.2").await.init(Some(ana.access_token())).await);
        }
        // A program of hers is she, wherever it calls from.
        let secret = program.authorization_sent().trim_start_matches("Bearer ");
        for token in [ana.access_token(), secret] {
            let mut one_more = app.socket_from("127.0.0.3").await;
            say_init(&mut one_more, token).await;
            one_more.expect_close(1013).await;
        }
        app.socket().await.init(None).await.close().await;
        sockets.pop().unwrap().close().await;
        app.socket().await.init(Some(secret)).await.close().await;
    }
}

#[tokio::test]
async fn an_address_has_as_many_sockets_as_the_setting_says() {
    for most in [1, 5] {
        let app = TestApp::with(|config| config.subscriptions.sockets_per_address = most).await;
        let ana = app.user("ana").await;
        let mut sockets = Vec::new();
        for _ in 0..most {
            sockets.push(app.socket().await.init(None).await);
        }
        let mut one_more = app.socket().await;
        one_more.send(&json!({ "type": "connection_init" })).await;
        one_more.expect_close(1013).await;
        app.socket().await.init(Some(ana.access_token())).await.close().await;
        sockets.pop().unwrap().close().await;
        app.socket().await.init(None).await.close().await;
    }
}

#[tokio::test]
async fn an_address_opens_as_many_sockets_at_once_as_the_setting_says() {
    let app = TestApp::with(|config| config.subscriptions.opening_per_address = 2).await;
    let first = app.socket().await;
    let _second = app.socket().await;
    let answer = app.upgrade("GET", &UPGRADE).await.err().unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (429, "RATE_LIMITED"), "{}", answer.text);
    assert_eq!(answer.json()["errors"][0]["extensions"]["policy"], "subscriptions");
    app.socket_from("127.0.0.2").await;
    // Who has said who they are is not opening any more.
    let _open = first.init(None).await;
    app.socket().await;
}

#[tokio::test]
async fn a_socket_sends_as_fast_as_the_settings_say() {
    let app = TestApp::with(|config| {
        config.subscriptions.messages_per_second = 2.try_into().unwrap();
        config.subscriptions.messages_burst = 4.try_into().unwrap();
    })
    .await;
    for waits in [0, 1] {
        let mut socket = app.socket().await.init(None).await;
        let mut may_send = 3;
        for _ in 0..waits {
            app.clock.advance(TimeDelta::seconds(1));
            // Two came back, of which the one that was not used before is none.
            may_send += 1;
        }
        for _ in 0..may_send {
            socket.send_text(PING).await;
            socket.expect_pong().await;
        }
        app.clock.advance(TimeDelta::seconds(1));
        for _ in 0..2 {
            socket.send_text(PING).await;
            socket.expect_pong().await;
        }
        app.clock.advance(TimeDelta::microseconds(499_999));
        socket.send_text(PING).await;
        assert_eq!(socket.expect_close(1008).await, "Too many messages", "after {waits}");
    }
}

#[tokio::test]
async fn who_answers_pings_stays_and_who_is_silent_for_two_periods_is_dropped() {
    let app = TestApp::with(|config| config.subscriptions.ping_seconds = 1).await;
    let all = app.app.config.subscriptions.sockets;
    let mut answers = app.socket().await.init(None).await;
    let silent = app.socket().await.init(None).await;
    let pings = async {
        for _ in 0..5 {
            answers.expect_ping_frame().await;
        }
    };
    let dropped = async {
        assert!(timeout(Duration::from_millis(1_900), until_free(&app, all - 1)).await.is_err(), "two periods");
        timeout(Duration::from_millis(2_500), until_free(&app, all - 1)).await.expect("soon after two periods");
    };
    tokio::join!(pings, dropped);
    drop(silent);
    answers.expect_nothing_of("1").await;
    assert_eq!(app.app.subscriptions.free(), all - 1, "who answers is still there");
}

/// Many tasks that are large to tell of.
async fn flood(client: &Client, tasks: usize) {
    let query = "mutation($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }";
    for number in 0..tasks {
        let input = json!({ "input": { "title": format!("Task {number}"), "description": "x".repeat(9_000) } });
        client.gql_with(query, input).await.data();
    }
}

const LARGE: &str = "subscription { taskChanged { task { title description } } }";

/// Attack 74.
#[tokio::test]
async fn who_does_not_read_is_closed_and_keeps_nobody_waiting() {
    let app = TestApp::with(|config| {
        config.subscriptions.queue = 2;
        config.subscriptions.send_seconds = 1;
    })
    .await;
    let ana = app.user("ana").await;
    let all = app.app.config.subscriptions.sockets;
    let mut slow = app.socket().await.init(Some(ana.access_token())).await;
    for id in 0..20 {
        begin(&app, &mut slow, &id.to_string(), LARGE).await;
    }
    let mut fast = app.socket().await.init(Some(ana.access_token())).await;
    begin(&app, &mut fast, "1", LARGE).await;
    let told = async {
        for number in 0..150 {
            let title = fast.expect_data("1").await["taskChanged"]["task"]["title"].take();
            assert_eq!(title, format!("Task {number}"));
        }
    };
    tokio::join!(flood(&ana, 150), told);
    // Two seconds for its kernel's buffers to fill and for the close frame: the default alone would be ten.
    timeout(Duration::from_secs(4), until_free(&app, all - 1)).await.expect("the slow reader is closed");
    // What was under way reaches it, 150 events of 20 subscriptions do not.
    if let Some((code, _)) = slow.end().await {
        assert_eq!(code, 1013);
    }
    let came = (0..20).map(|id| slow.held_of(&id.to_string())).sum::<usize>();
    assert!(came < 1_500, "{came} messages were buffered");
    create(&ana, "Milk").await;
    assert_eq!(fast.expect_data("1").await["taskChanged"]["task"]["title"], "Milk");
}

#[tokio::test]
async fn as_many_events_are_resolved_at_once_as_the_setting_says() {
    for most in [1, 3] {
        let app = TestApp::with(|config| config.subscriptions.events = most).await;
        let ana = app.user("ana").await;
        let mut socket = app.socket().await.init(Some(ana.access_token())).await;
        begin(&app, &mut socket, "1", CHANGES).await;
        let mut others = Vec::new();
        for _ in 0..most {
            others.push(app.app.subscriptions.event().await);
        }
        // A request takes no turn of an event.
        create(&ana, "Milk").await;
        assert!(timeout(Duration::from_millis(200), socket.expect_next("1")).await.is_err(), "no turn is free");
        assert!(app.app.subscriptions.event().now_or_never().is_none());
        others.pop();
        assert_eq!(socket.expect_data("1").await["taskChanged"]["task"]["title"], "Milk");
    }
}

#[tokio::test]
async fn an_event_costs_as_much_as_the_setting_says_and_no_point_more() {
    let subscribe = async |most: u32| {
        let app = TestApp::with(|config| config.cost.event_limit = most.try_into().unwrap()).await;
        let ana = app.user("ana").await;
        let mut socket = app.socket().await.init(Some(ana.access_token())).await;
        socket
            .subscribe("1", "subscription { taskChanged { task { title project { name } comments { totalCount } } } }")
            .await;
        (app, ana, socket)
    };
    let (_app, _, mut socket) = subscribe(1).await;
    let error = socket.expect_error("1").await;
    let cost = u32::try_from(error["extensions"]["limit"]["used"].as_u64().unwrap()).unwrap();
    assert!(cost > 2, "{error}");

    let (app, ana, mut socket) = subscribe(cost).await;
    until("the subscription begins", || app.app.services.bus.listeners() == 2).await;
    create(&ana, "Milk").await;
    socket.expect_data("1").await;

    let (_app, _, mut socket) = subscribe(cost - 1).await;
    let error = socket.expect_error("1").await;
    assert_eq!(error["extensions"]["code"], "QUERY_TOO_COMPLEX");
    let limit = json!({ "name": "cost.event_limit", "used": cost, "max": cost - 1 });
    assert_eq!(error["extensions"]["limit"], limit);
    // The limit is one of events alone.
    socket.subscribe("1", "{ tasks(first: 100) { nodes { title comments { totalCount } } } }").await;
    assert_eq!(socket.expect_data("1").await["tasks"]["nodes"], Value::Array(Vec::new()));
}

/// Waits until nothing is asked of the database any more: whoever would ask waits for a place in a queue.
async fn until_quiet(app: &TestApp) {
    let mut before = u64::MAX;
    while before != app.app.services.store.statements() {
        before = app.app.services.store.statements();
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// A socket on which everything waits for its reader, the half that reads included; and its client.
async fn stuck() -> (TestApp, Client, Socket) {
    let app = TestApp::with(|config| {
        config.subscriptions.queue = 1;
        config.subscriptions.send_seconds = 60;
    })
    .await;
    let ana = app.user("ana").await;
    let mut slow = app.socket().await.init(Some(ana.access_token())).await;
    for id in 0..20 {
        begin(&app, &mut slow, &id.to_string(), LARGE).await;
    }
    flood(&ana, 100).await;
    until_quiet(&app).await;
    // The server hangs on the answer.
    slow.send_text(PING).await;
    until_quiet(&app).await;
    assert_eq!(app.app.sockets.len(), 1);
    (app, ana, slow)
}

#[tokio::test]
async fn bug_a_slow_reader_held_up_the_shutdown() {
    let (app, _, _slow) = stuck().await;
    app.begin_shutdown();
    app.app.sockets.close();
    timeout(Duration::from_secs(10), app.app.sockets.wait()).await.expect("before the 60 seconds of a slow reader");
}

#[tokio::test]
async fn bug_a_slow_reader_outlived_its_session() {
    let (app, ana, _slow) = stuck().await;
    ana.gql("mutation { logout { sessionId } }").await.data();
    let all = app.app.config.subscriptions.sockets;
    timeout(Duration::from_secs(10), until_free(&app, all)).await.expect("before the 60 seconds of a slow reader");
}

#[tokio::test]
async fn bug_a_slow_reader_outlived_its_access_token() {
    let (app, _, _slow) = stuck().await;
    app.clock.advance(TimeDelta::seconds(920));
    let all = app.app.config.subscriptions.sockets;
    timeout(Duration::from_secs(10), until_free(&app, all)).await.expect("before the 60 seconds of a slow reader");
}
