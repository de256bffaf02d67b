//! Attack 72: who gets a socket, decided before there is one.

use crate::support::{TestApp, UPGRADE};

/// The fields of an upgrade, of which one is another or left out.
fn with<'a>(name: &'static str, value: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
    let others = UPGRADE.into_iter().filter(|(it, _)| *it != name);
    others.chain(value.map(|value| (name, value))).collect()
}

#[tokio::test]
async fn a_page_of_another_site_gets_no_socket() {
    let app = TestApp::new().await;
    for origin in ["https://evil.example", "null", "http://localhost:5173.evil.example"] {
        let answer = app.upgrade("GET", &with("Origin", Some(origin))).await.err().unwrap();
        assert_eq!((answer.status, answer.code().as_str()), (403, "CSRF_REJECTED"), "{origin}");
    }
}

#[tokio::test]
async fn our_pages_those_that_are_allowed_and_programs_get_one() {
    let app = TestApp::new().await;
    let own = format!("http://{}", app.address().await);
    for origin in [Some(own.as_str()), Some("http://localhost:5173"), None] {
        let fields: Vec<_> = UPGRADE.into_iter().chain(origin.map(|origin| ("Origin", origin))).collect();
        let socket = app.upgrade("GET", &fields).await;
        socket.unwrap_or_else(|answer| panic!("{origin:?}: {}", answer.text)).init(None).await.close().await;
    }
}

#[tokio::test]
async fn only_the_one_subprotocol_is_spoken() {
    let app = TestApp::new().await;
    for protocol in [None, Some("graphql-ws"), Some("soap"), Some("Graphql-Transport-WS")] {
        let answer = app.upgrade("GET", &with("Sec-WebSocket-Protocol", protocol)).await.err().unwrap();
        assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_REQUEST"), "{protocol:?}");
    }
    let both = with("Sec-WebSocket-Protocol", Some("graphql-ws, graphql-transport-ws"));
    assert!(app.upgrade("GET", &both).await.is_ok(), "the harness asserts which one was chosen");
}

#[tokio::test]
async fn an_upgrade_that_is_none_is_refused() {
    let app = TestApp::new().await;
    for (method, fields) in [
        ("POST", UPGRADE.to_vec()),
        ("GET", with("Sec-WebSocket-Key", None)),
        ("GET", with("Sec-WebSocket-Version", None)),
        ("GET", with("Sec-WebSocket-Version", Some("8"))),
        ("GET", with("Connection", None)),
        ("GET", with("Upgrade", Some("h2c"))),
    ] {
        let answer = app.upgrade(method, &fields).await.err().unwrap();
        assert!((400..500).contains(&answer.status), "{method} {fields:?}: {} {}", answer.status, answer.text);
        assert!(answer.json()["errors"][0]["extensions"]["code"].is_string(), "{}", answer.text);
    }
}

/// Traefik does so.
#[tokio::test]
async fn our_page_gets_one_through_a_proxy_that_calls_the_scheme_wss() {
    let app = TestApp::with(|config| {
        config.server.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        config.https.redirect = true;
    })
    .await;
    let own = format!("https://{}", app.address().await);
    for (scheme, status) in [("wss", 101), ("https", 101), ("ws", 308), ("http", 308)] {
        let mut fields = with("Origin", Some(own.as_str()));
        fields.push(("X-Forwarded-Proto", scheme));
        let answer = app.upgrade("GET", &fields).await.err();
        assert_eq!(answer.map_or(101, |answer| answer.status), status, "{scheme}");
    }
}
