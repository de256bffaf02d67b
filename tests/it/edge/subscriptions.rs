//! So many sockets and streams have room, so many are one caller's, and a socket talks no faster than it may.

use chrono::{DateTime, TimeDelta};
use futures::future::poll_immediate;
use taskward::clock::Clock;
use taskward::code::ErrorCode;
use taskward::config;
use taskward::edge::client_address::{AddressKey, ClientAddress};
use taskward::edge::concurrency::CallerKey;
use taskward::edge::subscriptions::Subscriptions;
use taskward::ids::UserId;
use taskward::random::Random;

fn clock() -> Clock {
    Clock::fixed(DateTime::UNIX_EPOCH)
}

fn defaults() -> Subscriptions {
    Subscriptions::new(&config::Subscriptions::default(), &clock())
}

fn user(seed: u64) -> CallerKey {
    CallerKey::User(UserId::generate(clock().now(), &Random::seeded(seed)))
}

fn address(text: &str) -> CallerKey {
    CallerKey::Address(AddressKey::from(ClientAddress(text.parse().unwrap())))
}

#[test]
fn everybody_has_500_together_and_one_more_is_refused() {
    let subscriptions = defaults();
    let mut rooms: Vec<_> = (0..500).map(|_| subscriptions.open().unwrap()).collect();
    let refusal = subscriptions.open().unwrap_err();
    assert_eq!((refusal.code, refusal.limit), (ErrorCode::Overloaded, Some("subscriptions.sockets")));
    assert!(refusal.retry_after.is_some());
    rooms.pop();
    assert!(subscriptions.open().is_ok(), "one was closed");
}

#[test]
fn a_user_has_five_and_an_address_three() {
    let subscriptions = defaults();
    for (key, other, most, setting) in [
        (user(1), user(2), 5, "subscriptions.sockets_per_user"),
        (address("192.0.2.1"), address("192.0.2.2"), 3, "subscriptions.sockets_per_address"),
    ] {
        let mut shares: Vec<_> = (0..most).map(|_| subscriptions.enter(key).unwrap()).collect();
        let refusal = subscriptions.enter(key).unwrap_err();
        assert_eq!((refusal.code, refusal.policy), (ErrorCode::RateLimited, Some("subscriptions")));
        assert_eq!(refusal.limit, Some(setting));
        assert!(subscriptions.enter(other).is_ok(), "another caller is not concerned");
        shares.pop();
        assert!(subscriptions.enter(key).is_ok(), "one was closed");
    }
}

#[test]
fn a_socket_sends_30_messages_at_once_and_10_a_second() {
    let clock = clock();
    let subscriptions = Subscriptions::new(&config::Subscriptions::default(), &clock);
    let (socket, other) = (subscriptions.socket_id(), subscriptions.socket_id());
    let sent = || (0..100).take_while(|_| subscriptions.may_send(socket)).count();
    assert_eq!(sent(), 30);
    assert!(subscriptions.may_send(other), "another socket is not concerned");
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(sent(), 10);
    subscriptions.sweep();
    assert_eq!(sent(), 0, "a socket that talks is not forgotten");
}

#[tokio::test]
async fn events_wait_for_their_turn() {
    let settings = config::Subscriptions { events: 1, ..config::Subscriptions::default() };
    let subscriptions = Subscriptions::new(&settings, &clock());
    let first = subscriptions.event().await;
    assert!(poll_immediate(subscriptions.event()).await.is_none());
    drop(first);
    assert!(poll_immediate(subscriptions.event()).await.is_some());
}
