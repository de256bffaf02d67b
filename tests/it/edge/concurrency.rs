//! So many operations at once pass, and one more is refused.

use std::time::Duration;

use futures::FutureExt;
use futures::future::{join_all, poll_immediate};
use taskward::clock::Clock;
use taskward::code::ErrorCode;
use taskward::config;
use taskward::edge::concurrency::{CallerKey, Concurrency};
use taskward::ids::UserId;
use taskward::random::Random;

/// As long as nobody waits in these tests.
const WAIT: Duration = Duration::from_mins(10);

fn caller(seed: u64) -> CallerKey {
    CallerKey::User(UserId::generate(Clock::fixed(chrono::DateTime::UNIX_EPOCH).now(), &Random::seeded(seed)))
}

#[tokio::test]
async fn a_caller_has_as_many_operations_at_once_as_the_setting_says() {
    let concurrency = Concurrency::new(&config::Concurrency::default(), WAIT);
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
async fn those_in_line_wait_for_the_caller_s_others_in_their_order() {
    let concurrency = Concurrency::new(&config::Concurrency { caller: 1, server: 9, queue: 0 }, WAIT);
    let running = concurrency.enter(caller(1)).await.unwrap();
    let mut first = Box::pin(concurrency.enter_in_line(caller(1)));
    let mut second = Box::pin(concurrency.enter_in_line(caller(1)));
    let mut third = Box::pin(concurrency.enter_in_line(caller(1)));
    for turn in [&mut first, &mut second, &mut third] {
        assert!(poll_immediate(turn).await.is_none());
    }
    drop(concurrency.enter_in_line(caller(2)).await.expect("another caller is not concerned"));
    drop(running);
    assert!(poll_immediate(&mut second).await.is_none());
    assert!(concurrency.enter(caller(1)).await.is_err(), "who can't wait does not overtake");
    drop(first.await.unwrap());
    drop(second);
    drop(third.await.expect("who has left is not waited for"));
    assert_eq!(concurrency.callers(), 0);
}

#[tokio::test]
async fn nobody_stays_in_line_longer_than_the_time_to_wait() {
    let settings = config::Concurrency { caller: 1, server: 9, queue: 0 };
    let concurrency = Concurrency::new(&settings, Duration::from_millis(20));
    let running = concurrency.enter(caller(1)).await.unwrap();
    let refusal = concurrency.enter_in_line(caller(1)).await.unwrap_err();
    assert_eq!((refusal.code, refusal.policy), (ErrorCode::RateLimited, Some("concurrency")));
    drop(running);
    assert_eq!(concurrency.callers(), 0);
}

#[tokio::test]
async fn what_the_server_can_not_run_waits_and_what_can_not_wait_is_refused() {
    let concurrency = Concurrency::new(&config::Concurrency { caller: 10, server: 2, queue: 1 }, WAIT);
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
    let concurrency = Concurrency::new(&config::Concurrency { caller: 1, server: 1, queue: 1 }, WAIT);
    let _running = concurrency.enter(caller(1)).await.unwrap();
    for _ in 0..3 {
        assert!(concurrency.enter(caller(2)).now_or_never().is_none(), "it waits, and is gone at once");
    }
    assert!(concurrency.enter(caller(3)).now_or_never().is_none(), "the place in the queue is free");
}

#[tokio::test]
async fn by_default_256_run_256_wait_and_one_more_is_refused() {
    let concurrency = Concurrency::new(&config::Concurrency::default(), WAIT);
    let running = join_all((0..256).map(|seed| concurrency.enter(caller(seed)))).await;
    assert!(running.iter().all(Result::is_ok));
    let mut waiting: Vec<_> = (256..512).map(|seed| Box::pin(concurrency.enter(caller(seed)))).collect();
    for turn in &mut waiting {
        assert!(poll_immediate(turn).await.is_none(), "it waits");
    }
    assert_eq!(concurrency.enter(caller(512)).await.unwrap_err().limit, Some("concurrency.queue"));
    assert_eq!(concurrency.callers(), 512);
    drop(running);
    assert!(join_all(waiting).await.iter().all(Result::is_ok));
    assert_eq!(concurrency.callers(), 0);
}

#[tokio::test]
async fn who_comes_first_is_served_first() {
    let concurrency = Concurrency::new(&config::Concurrency { caller: 2, server: 1, queue: 3 }, WAIT);
    let running = concurrency.enter(caller(1)).await.unwrap();
    let mut first = Box::pin(concurrency.enter(caller(2)));
    let mut second = Box::pin(concurrency.enter(caller(1)));
    let mut third = Box::pin(concurrency.enter(caller(3)));
    for turn in [&mut first, &mut second, &mut third] {
        assert!(poll_immediate(turn).await.is_none());
    }
    drop(running);
    assert!(poll_immediate(&mut third).await.is_none());
    assert!(poll_immediate(&mut second).await.is_none());
    let running = first.await.unwrap();
    drop(second);
    drop(running);
    drop(third.await.expect("who has left is not waited for"));
}

#[tokio::test]
async fn nobody_waits_longer_than_the_time_to_wait() {
    let settings = config::Concurrency { caller: 1, server: 1, queue: 1 };
    let concurrency = Concurrency::new(&settings, Duration::from_millis(20));
    let running = concurrency.enter(caller(1)).await.unwrap();
    let refusal = concurrency.enter(caller(2)).await.unwrap_err();
    assert_eq!((refusal.code, refusal.limit), (ErrorCode::Overloaded, Some("timeouts.execution_seconds")));
    assert!(refusal.retry_after.is_some());
    assert_eq!(concurrency.callers(), 1);
    drop(running);
    drop(concurrency.enter(caller(2)).await.expect("the place is free"));
}
