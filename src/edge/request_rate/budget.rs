//! One budget for each key, refilled at a steady rate: governor's GCRA (generic cell rate algorithm) over our own clock
//! and store.

use std::fmt;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::{Quota, RateLimiter};

use super::store::{Store, Ticks};
use crate::clock::Clock;
use crate::code::ErrorCode;
use crate::config::Rate;
use crate::edge::Refusal;

/// Keys of one budget that are kept at once: a few megabytes.
const KEYS: usize = 100_000;

/// The longest that a full burst may take to refill. A burst that would take longer is cut; it keeps the arithmetic of
/// governor far from its bounds.
const LONGEST_REFILL: Duration = Duration::from_hours(24 * 365);

/// A budget for each `K`.
pub struct Budget<K: Hash + Eq + Clone> {
    policy: &'static str,
    setting: &'static str,
    interval: Duration,
    burst: u32,
    ticks: Ticks,
    store: Store<K>,
    limiter: RateLimiter<K, Store<K>, Ticks, NoOpMiddleware<Nanos>>,
}

/// How much of a budget is left.
///
/// What a budget counts, requests or points, is called a unit here.
///
/// A budget is a bucket of `limit` units into which one unit falls back every `window / limit`, so that both are true: at most `limit` at once, and at most `limit` a `window` in the long run. For `100/minute` they are 100 and 60 s,
/// for `100/minute burst 10` they are 10 and 6 s: the same rate, told by the smaller bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetState {
    /// Units that fit into the bucket.
    pub limit: u32,
    /// Units that may be spent at once now.
    pub remaining: u32,
    /// The time until one more than `remaining` may be spent; zero when the bucket is full.
    pub reset_after: Duration,
    /// The time in which an empty bucket fills.
    pub window: Duration,
}

/// The budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted {
    /// The time until what was asked for may be spent.
    pub retry_after: Duration,
    /// What is left: less than was asked for.
    pub state: BudgetState,
    policy: &'static str,
    setting: &'static str,
}

impl<K: Hash + Eq + Clone> Budget<K> {
    /// Full budgets of `rate`; clients know them as `policy`, operators as `setting`.
    #[must_use]
    pub fn new(policy: &'static str, setting: &'static str, rate: Rate, clock: &Clock) -> Self {
        Self::with_capacity(policy, setting, rate, clock, KEYS)
    }

    /// The same for at most `keys` keys at once; further keys share one budget until others are forgotten.
    #[must_use]
    pub fn with_capacity(policy: &'static str, setting: &'static str, rate: Rate, clock: &Clock, keys: usize) -> Self {
        let interval = (rate.period.duration() / rate.requests.get()).max(Duration::from_nanos(1));
        let burst = rate.burst.min(longest_burst(interval));
        let ticks = Ticks::new(clock);
        let store = Store::new(keys, ticks.clone());
        let quota = Quota::with_period(interval).unwrap_or(Quota::per_second(burst)).allow_burst(burst);
        let limiter = RateLimiter::new(quota, store.clone(), ticks.clone());
        Self { policy, setting, interval, burst: burst.get(), ticks, store, limiter }
    }

    /// Takes one unit out of the budget of `key`; what is left then, or when to come back.
    pub fn charge(&self, key: &K) -> Result<BudgetState, Exhausted> {
        self.charge_many(key, 1)
    }

    /// Takes `units` out of the budget of `key` at once, or none of them; what is left then, or when to come back. More
    /// than the bucket holds is charged as all that it holds: nothing would ever be enough for it.
    pub fn charge_many(&self, key: &K, units: u32) -> Result<BudgetState, Exhausted> {
        let Some(units) = NonZeroU32::new(units.min(self.burst)) else { return Ok(self.peek(key)) };
        let charged = self.limiter.check_key_n(key, units).unwrap_or(Ok(()));
        let state = self.peek(key);
        charged.map(|()| state).map_err(|until| Exhausted {
            // A request beside this one may have been charged in between.
            retry_after: until.wait_time_from(self.ticks.nanos()).max(state.reset_after),
            state,
            policy: self.policy,
            setting: self.setting,
        })
    }

    /// Puts `units` that were charged and not used back into the budget of `key`, which never gets more than full; what
    /// is left then.
    ///
    /// What fell back into the bucket in the meantime stays there. So over any time, `key` spends no more than a full
    /// bucket and what falls back in that time, but it may do so in one go after its refunds.
    pub fn refund(&self, key: &K, units: u32) -> BudgetState {
        let interval = u64::try_from(self.interval.as_nanos()).unwrap_or(u64::MAX);
        self.store.refund(key, Nanos::new(interval.saturating_mul(u64::from(units.min(self.burst)))));
        self.peek(key)
    }

    /// What is left in the budget of `key`, which stays as it is.
    #[must_use]
    pub fn peek(&self, key: &K) -> BudgetState {
        let interval = self.interval.as_nanos();
        let window = interval.saturating_mul(u128::from(self.burst));
        // GCRA keeps the instant at which the bucket will be full.
        let missing = u128::from(self.store.full_at(key).saturating_sub(self.ticks.nanos()).as_u64());
        let remaining = window.saturating_sub(missing) / interval;
        let reset_after = match missing {
            0 => 0,
            _ => missing.saturating_add(remaining.saturating_add(1).saturating_mul(interval)).saturating_sub(window),
        };
        BudgetState {
            limit: self.burst,
            remaining: u32::try_from(remaining).unwrap_or(u32::MAX),
            reset_after: duration(reset_after),
            window: duration(window),
        }
    }

    /// The name by which clients know the budget.
    #[must_use]
    pub const fn policy(&self) -> &'static str {
        self.policy
    }

    /// Forgets the keys whose budget is full: they are as good as new.
    pub fn sweep(&self) {
        self.store.sweep();
    }

    /// The number of keys that are kept.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.store.keys()
    }
}

impl BudgetState {
    /// The time until the bucket is full, if nothing is spent until then.
    #[must_use]
    pub fn full_after(&self) -> Duration {
        if self.reset_after.is_zero() {
            return Duration::ZERO;
        }
        let interval = self.window.checked_div(self.limit).unwrap_or_default();
        let further = self.limit.saturating_sub(self.remaining).saturating_sub(1);
        interval.saturating_mul(further).saturating_add(self.reset_after)
    }
}

impl Exhausted {
    /// What the client is told.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let mut refusal = Refusal::new("request_rate", ErrorCode::RateLimited, "Too many requests.");
        refusal.policy = Some(self.policy);
        refusal.retry_after = Some(self.retry_after);
        refusal.of_limit(self.setting)
    }
}

impl<K: Hash + Eq + Clone> fmt::Debug for Budget<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget").field("setting", &self.setting).finish_non_exhaustive()
    }
}

/// The burst that takes [`LONGEST_REFILL`] to refill at one request an `interval`.
fn longest_burst(interval: Duration) -> NonZeroU32 {
    let burst = LONGEST_REFILL.as_nanos() / interval.as_nanos();
    NonZeroU32::new(u32::try_from(burst).unwrap_or(u32::MAX)).unwrap_or(NonZeroU32::MIN)
}

fn duration(nanos: u128) -> Duration {
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}
