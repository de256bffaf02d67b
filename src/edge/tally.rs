//! Counts what there is at once by key: operations of a caller, connections of an address. Who is one too many is told so, or
//! waits until there is one less.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How much there is of each key. Keys that nobody has or awaits a share of are not kept, so there are never more keys than
/// shares and those who wait. Clones count together.
#[derive(Debug)]
pub struct Tally<K>(Arc<Mutex<HashMap<K, Count>>>);

/// One that is counted, until this is dropped.
#[derive(Debug)]
#[must_use = "dropped, it is no longer counted"]
pub struct Share<K: Hash + Eq + Copy> {
    // Dropped in this order: whoever waits for the room keeps the key.
    _room: OwnedSemaphorePermit,
    _asker: Asker<K>,
}

#[derive(Debug)]
struct Count {
    /// How many have a share or wait for one.
    askers: usize,
    room: Arc<Semaphore>,
}

/// Somebody who has a share of the key, or waits for one.
#[derive(Debug)]
struct Asker<K: Hash + Eq + Copy> {
    key: K,
    tally: Tally<K>,
}

impl<K: Hash + Eq + Copy> Tally<K> {
    /// One more of `key`; `None` when there are `most` already, which is the same number whenever the key is asked for.
    #[must_use]
    pub fn enter(&self, key: K, most: usize) -> Option<Share<K>> {
        let (asker, room) = self.ask(key, most);
        let room = room.try_acquire_owned().ok()?;
        Some(Share { _room: room, _asker: asker })
    }

    /// The same, but when there are `most` already it waits: who waits longest is the next. Never `None`, as nobody closes a
    /// semaphore.
    pub async fn enter_in_line(&self, key: K, most: usize) -> Option<Share<K>> {
        let (asker, room) = self.ask(key, most);
        let room = room.acquire_owned().await.ok()?;
        Some(Share { _room: room, _asker: asker })
    }

    /// The number of keys that somebody has or awaits a share of.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.counts().len()
    }

    fn ask(&self, key: K, most: usize) -> (Asker<K>, Arc<Semaphore>) {
        let mut counts = self.counts();
        let count = counts.entry(key).or_insert_with(|| {
            let room = Semaphore::new(most.min(Semaphore::MAX_PERMITS));
            Count { askers: 0, room: Arc::new(room) }
        });
        count.askers = count.askers.saturating_add(1);
        (Asker { key, tally: self.clone() }, Arc::clone(&count.room))
    }
}

impl<K> Tally<K> {
    fn counts(&self) -> MutexGuard<'_, HashMap<K, Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K> Clone for Tally<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Hash + Eq + Copy> Drop for Asker<K> {
    fn drop(&mut self) {
        let mut counts = self.tally.counts();
        match counts.get_mut(&self.key) {
            Some(count) if count.askers > 1 => count.askers = count.askers.saturating_sub(1),
            _ => drop(counts.remove(&self.key)),
        }
    }
}
