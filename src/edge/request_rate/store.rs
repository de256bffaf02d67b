//! The bounded memory of a budget: which key's bucket will be full when.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::nanos::Nanos;
use governor::state::StateStore;

use crate::clock::Clock;

/// The least time between two sweeps that a full store makes by itself. A sweep visits every key; without this, a flood
/// of new keys would have each of its requests pay for one.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// Our clock as governor reads it: nanoseconds since this value was made.
#[derive(Debug, Clone)]
pub(super) struct Ticks {
    clock: Clock,
    start: Duration,
}

impl Ticks {
    pub(super) fn new(clock: &Clock) -> Self {
        Self { clock: clock.clone(), start: clock.monotonic() }
    }

    pub(super) fn nanos(&self) -> Nanos {
        let elapsed = self.clock.monotonic().saturating_sub(self.start);
        Nanos::new(u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.nanos()
    }
}

/// At most `capacity` keys. When that many are in use, a new key shares a single further entry with all other new ones:
/// a flood can't grow the memory, and those who came before it keep what they have.
#[derive(Clone)]
pub(super) struct Store<K> {
    capacity: usize,
    ticks: Ticks,
    table: Arc<Mutex<Table<K>>>,
}

struct Table<K> {
    full_at: HashMap<K, Nanos>,
    overflow: Option<Nanos>,
    swept_at: Nanos,
}

impl<K: Hash + Eq + Clone> Store<K> {
    pub(super) fn new(capacity: usize, ticks: Ticks) -> Self {
        let table = Table { full_at: HashMap::new(), overflow: None, swept_at: ticks.nanos() };
        Self { capacity, ticks, table: Arc::new(Mutex::new(table)) }
    }

    /// The instant at which the bucket that `key` is charged to will be full, or was.
    pub(super) fn full_at(&self, key: &K) -> Nanos {
        let table = self.lock();
        let shared = if table.full_at.len() < self.capacity { None } else { table.overflow };
        table.full_at.get(key).copied().or(shared).unwrap_or_default()
    }

    /// Lets the bucket of `key` be full by `time` earlier. A key without an entry of its own gets nothing: its bucket is
    /// full, or it shares one with others whom the refund would not belong to.
    pub(super) fn refund(&self, key: &K, time: Nanos) {
        if let Some(full_at) = self.lock().full_at.get_mut(key) {
            *full_at = full_at.saturating_sub(time);
        }
    }

    pub(super) fn sweep(&self) {
        self.lock().sweep(self.ticks.nanos());
    }

    pub(super) fn keys(&self) -> usize {
        self.lock().full_at.len()
    }

    fn lock(&self) -> MutexGuard<'_, Table<K>> {
        // Every change is a single insertion or removal, so a poisoned lock is as good as any.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq + Clone> StateStore for Store<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut table = self.lock();
        if let Some(full_at) = table.full_at.get_mut(key) {
            let (outcome, next) = measure(Some(*full_at))?;
            *full_at = next;
            return Ok(outcome);
        }
        if table.full_at.len() >= self.capacity {
            table.sweep_at_times(self.ticks.nanos());
        }
        if table.full_at.len() >= self.capacity {
            let (outcome, next) = measure(table.overflow)?;
            table.overflow = Some(next);
            return Ok(outcome);
        }
        let (outcome, next) = measure(None)?;
        table.full_at.insert(key.clone(), next);
        Ok(outcome)
    }
}

impl<K> Table<K> {
    fn sweep_at_times(&mut self, now: Nanos) {
        if Duration::from(now.saturating_sub(self.swept_at)) >= SWEEP_INTERVAL {
            self.sweep(now);
        }
    }

    fn sweep(&mut self, now: Nanos) {
        self.full_at.retain(|_, full_at| *full_at > now);
        self.swept_at = now;
    }
}
