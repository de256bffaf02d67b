//! A budget gives what it promises, no more, and again after the time it tells; its memory is bounded.

use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use taskward::clock::Clock;
use taskward::config::{Cost, Rate, RateLimit};
use taskward::edge::client_address::{AddressKey, ClientAddress};
use taskward::edge::concurrency::CallerKey;
use taskward::edge::request_rate::{
    AccountKey, Budget, BudgetState, LoginKey, RefreshKey, RequestBudgets, ratelimit_headers,
};
use taskward::edge::{MediaType, request_rate};
use taskward::ids::{SessionId, UserId};
use taskward::random::Random;

use super::support::respond;

fn clock() -> Clock {
    Clock::fixed(DateTime::UNIX_EPOCH + TimeDelta::days(20_000))
}

fn budget(rate: &str, clock: &Clock) -> Budget<u32> {
    Budget::new("requests", "rate_limit.user", rate.parse().unwrap(), clock)
}

fn state(limit: u32, remaining: u32, reset_millis: u64, window_millis: u64) -> BudgetState {
    let (reset_after, window) = (Duration::from_millis(reset_millis), Duration::from_millis(window_millis));
    BudgetState { limit, remaining, reset_after, window }
}

#[test]
fn the_limit_passes_and_one_above_is_refused_until_its_time_has_come() {
    let clock = clock();
    let budget = budget("100/minute", &clock);
    for used in 1..=100 {
        let left = budget.charge(&1).unwrap();
        assert_eq!(left, state(100, 100 - used, 600, 60_000));
    }
    let exhausted = budget.charge(&1).unwrap_err();
    assert_eq!(exhausted.retry_after, Duration::from_millis(600));
    assert_eq!(exhausted.state, state(100, 0, 600, 60_000));

    clock.advance(TimeDelta::microseconds(599_999));
    assert_eq!(budget.charge(&1).unwrap_err().retry_after, Duration::from_micros(1));
    clock.advance(TimeDelta::microseconds(1));
    assert_eq!(budget.charge(&1).unwrap().remaining, 0);
    assert!(budget.charge(&1).is_err());

    clock.advance(TimeDelta::seconds(60));
    assert_eq!(budget.peek(&1), state(100, 100, 0, 60_000));
    clock.advance(TimeDelta::days(365));
    assert_eq!((1..=200).filter(|_| budget.charge(&1).is_ok()).count(), 100, "an idle year saves up nothing");
}

#[test]
fn a_burst_of_its_own_bounds_what_may_come_at_once() {
    for (rate, at_once, window) in
        [("100/minute burst 10", 10, 6_000), ("20/second burst 40", 40, 2_000), ("5/hour", 5, 3_600_000)]
    {
        let budget = budget(rate, &clock());
        assert_eq!(budget.peek(&1), state(at_once, at_once, 0, window), "{rate}");
        assert_eq!((0..1_000).filter(|_| budget.charge(&1).is_ok()).count(), at_once as usize, "{rate}");
    }
}

#[test]
fn many_units_are_charged_at_once_or_not_at_all() {
    let clock = clock();
    let budget = budget("50/second burst 2000", &clock);
    assert_eq!(budget.charge_many(&1, 0).unwrap(), state(2_000, 2_000, 0, 40_000));
    assert_eq!(budget.keys(), 0, "nothing is nothing");
    assert_eq!(budget.charge_many(&1, 1_990).unwrap(), state(2_000, 10, 20, 40_000));
    assert_eq!(budget.peek(&1).full_after(), Duration::from_millis(39_800));
    let exhausted = budget.charge_many(&1, 11).unwrap_err();
    assert_eq!((exhausted.retry_after, exhausted.state.remaining), (Duration::from_millis(20), 10));
    assert_eq!(budget.charge_many(&1, 1_010).unwrap_err().retry_after, Duration::from_secs(20));
    assert_eq!(budget.charge_many(&1, 10).unwrap().remaining, 0);
    for more_than_there_is in [2_001, u32::MAX] {
        assert_eq!(budget.charge_many(&2, more_than_there_is).unwrap().remaining, 0, "all that there is");
        let exhausted = budget.charge_many(&2, more_than_there_is).unwrap_err();
        assert_eq!(exhausted.retry_after, Duration::from_secs(40));
        clock.advance(TimeDelta::seconds(40));
    }
}

#[test]
fn a_refund_fills_the_budget_and_never_more() {
    let clock = clock();
    let budget = budget("50/second burst 2000", &clock);
    budget.charge_many(&1, 1_000).unwrap();
    assert_eq!(budget.refund(&1, 990), state(2_000, 1_990, 20, 40_000));
    for units in [10, 1, 2_000, u32::MAX] {
        assert_eq!(budget.refund(&1, units), state(2_000, 2_000, 0, 40_000));
    }
    assert_eq!(budget.charge_many(&1, 2_000).unwrap().remaining, 0, "refunds save up nothing");
    assert!(budget.charge(&1).is_err());
    assert_eq!(budget.refund(&2, 100), state(2_000, 2_000, 0, 40_000));
    assert_eq!(budget.keys(), 1, "a stranger is not remembered for a refund");

    budget.refund(&1, 2_000);
    budget.charge_many(&1, 1_000).unwrap();
    clock.advance(TimeDelta::seconds(10));
    assert_eq!(budget.refund(&1, 999).remaining, 2_000, "500 had come back by themselves");
}

#[test]
fn newcomers_who_share_a_budget_get_no_refund_out_of_it() {
    let rate: Rate = "1/second burst 10".parse().unwrap();
    let budget = Budget::with_capacity("cost", "cost.anonymous_budget", rate, &clock(), 1);
    budget.charge(&1).unwrap();
    assert_eq!(budget.charge_many(&2, 8).unwrap().remaining, 2);
    assert_eq!(budget.refund(&2, 8).remaining, 2);
    assert_eq!(budget.refund(&1, 1).remaining, 10);
}

#[test]
fn keys_do_not_share_a_budget() {
    let budget = budget("1/minute", &clock());
    assert!(budget.charge(&1).is_ok());
    assert!(budget.charge(&1).is_err());
    assert!(budget.charge(&2).is_ok());
}

#[test]
fn peeking_charges_nothing_and_remembers_nobody() {
    let budget = budget("2/minute", &clock());
    for _ in 0..10 {
        assert_eq!(budget.peek(&1).remaining, 2);
    }
    assert_eq!(budget.keys(), 0);
    budget.charge(&1).unwrap();
    assert_eq!((budget.peek(&1).remaining, budget.peek(&1).remaining), (1, 1));
}

#[test]
fn refused_requests_do_not_lengthen_the_wait() {
    let budget = budget("1/minute", &clock());
    budget.charge(&1).unwrap();
    for _ in 0..1_000 {
        assert_eq!(budget.charge(&1).unwrap_err().retry_after, Duration::from_mins(1));
    }
}

#[test]
fn a_sweep_forgets_those_whose_budget_is_full() {
    let clock = clock();
    let budget = budget("60/minute", &clock);
    budget.charge(&1).unwrap();
    for _ in 0..3 {
        budget.charge(&2).unwrap();
    }
    clock.advance(TimeDelta::microseconds(999_999));
    budget.sweep();
    assert_eq!(budget.keys(), 2);
    clock.advance(TimeDelta::microseconds(1));
    budget.sweep();
    assert_eq!(budget.keys(), 1);
    assert_eq!(budget.peek(&2).remaining, 58);
    assert_eq!(budget.peek(&1).remaining, 60);
}

#[test]
fn a_flood_of_new_keys_shares_one_budget_and_leaves_the_others_alone() {
    let clock = clock();
    let rate: Rate = "10/minute".parse().unwrap();
    let budget = Budget::with_capacity("requests", "rate_limit.anonymous", rate, &clock, 100);
    for key in 0..100 {
        assert_eq!(budget.charge(&key).unwrap().remaining, 9);
    }
    let passed = (100..100_000).filter(|key| budget.charge(key).is_ok()).count();
    assert_eq!(passed, 10, "the newcomers share one budget");
    assert_eq!(budget.keys(), 100);
    assert_eq!(budget.peek(&100_000), state(10, 0, 6_000, 60_000));
    assert_eq!(budget.charge(&7).unwrap().remaining, 8, "who was there before is not affected");

    // After six seconds all but the one that came twice are full again; the next newcomer makes room by itself.
    clock.advance(TimeDelta::seconds(6));
    assert_eq!(budget.charge(&100_000).unwrap().remaining, 9);
    assert_eq!(budget.keys(), 2);
    assert_eq!(budget.peek(&7).remaining, 9);
}

#[test]
fn a_full_store_sweeps_itself_at_most_once_a_second() {
    let clock = clock();
    let rate: Rate = "100/second".parse().unwrap();
    let budget = Budget::with_capacity("requests", "rate_limit.anonymous", rate, &clock, 1);
    budget.charge(&1).unwrap();
    clock.advance(TimeDelta::milliseconds(999));
    // The first key is idle, but the sweep of the start was less than a second ago.
    budget.charge(&2).unwrap();
    assert_eq!(budget.peek(&3).remaining, 99, "2 went into the shared budget");
    clock.advance(TimeDelta::milliseconds(1));
    budget.charge(&2).unwrap();
    assert_eq!(budget.keys(), 1);
    assert_eq!(budget.peek(&1).remaining, 99, "now 1 is the newcomer");
}

#[test]
fn rates_at_the_bounds_of_arithmetic_are_kept() {
    let most = NonZeroU32::MAX;
    for rate in [format!("{most}/second"), format!("1/hour burst {most}"), format!("{most}/second burst 1")] {
        let budget = budget(&rate, &clock());
        assert!(budget.charge(&1).is_ok(), "{rate}");
        let state = budget.peek(&1);
        assert!(state.remaining <= state.limit, "{rate}: {state:?}");
    }
}

#[test]
fn an_account_and_an_address_are_charged_apart() {
    let budgets = RequestBudgets::new(&RateLimit::default(), &Cost::default(), &clock());
    let account = |name: &str| LoginKey::Account(AccountKey::new(name));
    for _ in 0..5 {
        budgets.login.charge(&account("ana")).unwrap();
    }
    assert!(budgets.login.charge(&account("ana")).is_err());
    assert!(budgets.login.charge(&account("bob")).is_ok());
    assert!(budgets.login.charge(&account(&"x".repeat(1_000_000))).is_ok());
    let address = AddressKey::from(ClientAddress([203, 0, 113, 7].into()));
    assert!(budgets.login.charge(&LoginKey::Address(address)).is_ok());

    let session = SessionId::generate(DateTime::UNIX_EPOCH, &Random::seeded(1));
    for _ in 0..30 {
        budgets.refresh.charge(&RefreshKey::Session(session)).unwrap();
    }
    assert!(budgets.refresh.charge(&RefreshKey::Session(session)).is_err());
    assert!(budgets.refresh.charge(&RefreshKey::Address(address)).is_ok());
}

#[test]
fn users_and_addresses_have_the_budgets_of_their_settings() {
    let budgets = RequestBudgets::new(&RateLimit::default(), &Cost::default(), &clock());
    let user = UserId::generate(DateTime::UNIX_EPOCH, &Random::seeded(1));
    let network = |host: u16| AddressKey::from(ClientAddress([0x2001, 0xdb8, 1, 2, 0, 0, 0, host].into()));
    assert_eq!((0..1_000).filter(|_| budgets.user.charge(&user).is_ok()).count(), 100);
    assert_eq!((0..1_000).filter(|host| budgets.anonymous.charge(&network(*host)).is_ok()).count(), 50);
    let caller = CallerKey::User(user);
    assert_eq!(budgets.cost.charge(&caller, 1_500).unwrap(), state(2_000, 500, 20, 40_000));
    assert_eq!(budgets.cost.charge(&CallerKey::Address(network(1)), 200).unwrap(), state(300, 100, 200, 60_000));
    assert_eq!(budgets.cost.peek(&CallerKey::Address(network(2))).remaining, 100, "one network, one budget");
    assert_eq!(budgets.cost.refund(&caller, 1_500).remaining, 2_000);
    budgets.sweep();
    assert_eq!((budgets.cost.user.keys(), budgets.cost.anonymous.keys()), (0, 1));
    assert_eq!((budgets.user.keys(), budgets.anonymous.keys()), (1, 1));
}

#[tokio::test]
async fn the_refusal_is_429_and_tells_when_to_come_back() {
    let clock = clock();
    let rates = RateLimit { login: "7/hour burst 1".parse().unwrap(), ..RateLimit::default() };
    let budgets = RequestBudgets::new(&rates, &Cost::default(), &clock);
    let key = LoginKey::Account(AccountKey::new("ana"));
    budgets.login.charge(&key).unwrap();
    clock.advance(TimeDelta::milliseconds(1_500));
    let exhausted = budgets.login.charge(&key).unwrap_err();
    let answer = respond(exhausted.refusal(), MediaType::Json).await;
    assert_eq!((answer.status, answer.code().as_str()), (429, "RATE_LIMITED"));
    assert_eq!(answer.json()["errors"][0]["extensions"]["policy"], "credentials");
    // 3600 s / 7 less the 1.5 s that have passed.
    assert_eq!(answer.header("retry-after"), Some("513"));
    let [_, (_, left)] = ratelimit_headers(&[("credentials", exhausted.state)]);
    assert_eq!(left, "\"credentials\";r=0;t=513", "t is not later than Retry-After");
}

#[test]
fn the_fields_follow_the_draft() {
    let [policy, left] = ratelimit_headers(&[("requests", state(100, 99, 600, 60_000))]);
    assert_eq!((policy.0, policy.1.to_str().unwrap()), (request_rate::RATELIMIT_POLICY, "\"requests\";q=100;w=60"));
    assert_eq!((left.0, left.1.to_str().unwrap()), (request_rate::RATELIMIT, "\"requests\";r=99;t=1"));

    let two = [("requests", state(100, 100, 0, 60_000)), ("cost", state(2_000, 1_958, 20, 40_000))];
    let [policy, left] = ratelimit_headers(&two);
    assert_eq!(policy.1, "\"requests\";q=100;w=60, \"cost\";q=2000;w=40");
    assert_eq!(left.1, "\"requests\";r=100;t=0, \"cost\";r=1958;t=1");
}

#[test]
fn many_threads_get_the_limit_and_no_more() {
    let budget = budget("1000/hour", &clock());
    let passed: usize = std::thread::scope(|scope| {
        let charge = || (0..1_000).filter(|_| budget.charge(&1).is_ok()).count();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(charge)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(passed, 1_000);
}
