//! Frames that RFC 6455 forbids end their connection, and nothing else.

use crate::support::{TestApp, frame};

const PING: &[u8] = br#"{"type":"ping"}"#;

/// What is sent, and the code that the RFC names for it (sections 5 and 7.4.1). A server may close without a word.
fn broken() -> Vec<(&'static str, Vec<u8>, u16)> {
    let unmasked = [&[0x81, 15], PING].concat();
    let announced = |length: u64| [&[0x81, 0xFF][..], &length.to_be_bytes(), &[0; 4]].concat();
    vec![
        ("not masked", unmasked, 1002),
        ("first reserved bit", frame(0xC1, PING), 1002),
        ("third reserved bit", frame(0x91, PING), 1002),
        ("reserved data opcode", frame(0x83, PING), 1002),
        ("reserved control opcode", frame(0x8B, b""), 1002),
        ("fragmented control frame", frame(0x09, b"x"), 1002),
        ("control frame of 126 bytes", frame(0x89, &[b'x'; 126]), 1002),
        ("continuation of nothing", frame(0x80, PING), 1002),
        ("text inside of a text", [frame(0x01, b"{"), frame(0x81, PING)].concat(), 1002),
        ("invalid UTF-8", frame(0x81, b"{\"type\":\"\xFF\"}"), 1007),
        ("invalid UTF-8 in fragments", [frame(0x01, b"\xC3"), frame(0x80, b"(")].concat(), 1007),
        ("close frame of one byte", frame(0x88, b"x"), 1002),
        ("length beyond numbers", announced(u64::MAX), 1009),
        ("length of 4 GiB", announced(1 << 32), 1009),
    ]
}

#[tokio::test]
async fn a_broken_frame_ends_its_connection_and_no_other() {
    let app = TestApp::new().await;
    let mut neighbour = app.socket().await.init(None).await;
    for (number, (name, bytes, code)) in broken().into_iter().enumerate() {
        // From an address of its own, so that it needs no place of the one before.
        let mut socket = app.socket_from(&format!("127.0.1.{number}")).await.init(None).await;
        socket.send_bytes(&bytes).await;
        if let Some((actual, reason)) = socket.end().await {
            assert!([code, 1002].contains(&actual), "{name}: {actual} {reason}");
        }
        neighbour.subscribe(name, "{ __typename }").await;
        neighbour.expect_data(name).await;
        neighbour.expect_complete(name).await;
        // Messages are counted, on a clock that stands still.
        app.clock.advance(chrono::TimeDelta::seconds(1));
    }
}

#[tokio::test]
async fn a_message_may_come_in_fragments_with_pings_between() {
    let app = TestApp::new().await;
    let mut socket = app.socket().await.init(None).await;
    let (first, last) = PING.split_at(5);
    socket.send_bytes(&[frame(0x01, first), frame(0x89, b"between"), frame(0x80, last)].concat()).await;
    socket.expect_pong().await;
}
