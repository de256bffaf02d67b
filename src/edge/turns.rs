//! Turns by key: as many at once as there may be, and more for those who can wait until one ends.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The turns of each key. Keys that nobody has or awaits a turn of are not kept.
#[derive(Debug)]
pub struct Turns<K> {
    most: usize,
    keys: Keys<K>,
}

type Keys<K> = Arc<Mutex<HashMap<K, Key>>>;

/// One turn, until this is dropped.
#[derive(Debug)]
#[must_use = "dropped, the turn has ended"]
pub struct KeyTurn<K: Hash + Eq + Copy> {
    // Dropped in this order: whoever waits for the turn keeps the key.
    _permit: OwnedSemaphorePermit,
    _user: User<K>,
}

#[derive(Debug)]
struct Key {
    /// How many have a turn or wait for one.
    users: usize,
    turns: Arc<Semaphore>,
}

/// Somebody who has a turn of the key, or waits for one.
#[derive(Debug)]
struct User<K: Hash + Eq + Copy> {
    key: K,
    keys: Keys<K>,
}

impl<K: Hash + Eq + Copy> Turns<K> {
    /// Of each key `most` at once.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, keys: Arc::default() }
    }

    /// A turn of `key`; `None` when there are as many already as there may be.
    #[must_use]
    pub fn try_enter(&self, key: K) -> Option<KeyTurn<K>> {
        let (user, turns) = self.user(key);
        let permit = turns.try_acquire_owned().ok()?;
        Some(KeyTurn { _permit: permit, _user: user })
    }

    /// A turn of `key`, when it comes to that: who waits longest is the next. `None` never, as nobody closes a semaphore.
    pub async fn enter(&self, key: K) -> Option<KeyTurn<K>> {
        let (user, turns) = self.user(key);
        let permit = turns.acquire_owned().await.ok()?;
        Some(KeyTurn { _permit: permit, _user: user })
    }

    /// The number of keys that somebody has or awaits a turn of.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn user(&self, key: K) -> (User<K>, Arc<Semaphore>) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = keys.entry(key).or_insert_with(|| Key { users: 0, turns: Arc::new(Semaphore::new(self.most)) });
        entry.users = entry.users.saturating_add(1);
        (User { key, keys: Arc::clone(&self.keys) }, Arc::clone(&entry.turns))
    }
}

impl<K: Hash + Eq + Copy> Drop for User<K> {
    fn drop(&mut self) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        match keys.get_mut(&self.key) {
            Some(key) if key.users > 1 => key.users = key.users.saturating_sub(1),
            _ => drop(keys.remove(&self.key)),
        }
    }
}
