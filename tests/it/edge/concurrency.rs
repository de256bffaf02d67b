//! So many operations at once pass, and one more is refused.

use futures::FutureExt;
use taskward::clock::Clock;
use taskward::code::ErrorCode;
use taskward::config;
use taskward::edge::concurrency::{CallerKey, Concurrency};
use taskward::ids::UserId;
use taskward::random::Random;

fn caller(seed: u64) -> CallerKey {
    CallerKey::User(UserId::generate(Clock::fixed(chrono::DateTime::UNIX_EPOCH).now(), &Random::seeded(seed)))
}

#[tokio::test]
async fn a_caller_has_as_many_operations_at_once_as_the_setting_says() {
    let concurrency = Concurrency::new(&config::Concurrency::default());
    let mut turns = Vec::new();
    for _ in 0..10 {
        turns.push(concurrency.enter(caller(1)).await.unwrap());
    }
    let refusal = concurrency.enter(caller(1)).await.unwrap_err();
    assert_eq!((refusal.code, refusal.policy), (ErrorCode::RateLimited, Some("concurrency")));
    assert!(refusal.retry_after.is_some());
    drop(concurrency.enter(caller(2)).await.expect("another caller is not concerned"));
    turns.pop();
    drop(concurrency.enter(caller(1)).await.expect("one has ended"));
}

#[tokio::test]
async fn what_the_server_can_not_run_waits_and_what_can_not_wait_is_refused() {
    let concurrency = Concurrency::new(&config::Concurrency { caller: 10, server: 2, queue: 1 });
    let first = concurrency.enter(caller(1)).await.unwrap();
    let _second = concurrency.enter(caller(2)).await.unwrap();
    let mut waiting = Box::pin(concurrency.enter(caller(3)));
    assert!(waiting.as_mut().now_or_never().is_none(), "it waits for its turn");
    let refusal = concurrency.enter(caller(4)).await.unwrap_err();
    assert_eq!((refusal.code, refusal.limit), (ErrorCode::Overloaded, Some("concurrency.queue")));
    assert!(refusal.retry_after.is_some());
    drop(first);
    drop(waiting.await.expect("its turn has come"));
    drop(concurrency.enter(caller(4)).await.expect("there is room again"));
}

#[tokio::test]
async fn who_leaves_the_queue_frees_the_place() {
    let concurrency = Concurrency::new(&config::Concurrency { caller: 1, server: 1, queue: 1 });
    let _running = concurrency.enter(caller(1)).await.unwrap();
    for _ in 0..3 {
        assert!(concurrency.enter(caller(2)).now_or_never().is_none(), "it waits, and is gone at once");
    }
    assert!(concurrency.enter(caller(3)).now_or_never().is_none(), "the place in the queue is free");
}
