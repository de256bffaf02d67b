//! Counts what there is at once by key: operations of a caller, connections of an address.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// How much there is of each key. Keys without any are not kept, so there are never more keys than shares. Clones count
/// together.
#[derive(Debug)]
pub struct Tally<K>(Arc<Mutex<HashMap<K, usize>>>);

/// One that is counted, until this is dropped.
#[derive(Debug)]
#[must_use = "dropped, it is no longer counted"]
pub struct Share<K: Hash + Eq + Copy> {
    key: K,
    tally: Tally<K>,
}

impl<K: Hash + Eq + Copy> Tally<K> {
    /// One more of `key`; `None` when there are `most` already.
    #[must_use]
    pub fn enter(&self, key: K, most: usize) -> Option<Share<K>> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(&key).copied().unwrap_or_default();
        if count >= most {
            return None;
        }
        counts.insert(key, count.saturating_add(1));
        Some(Share { key, tally: self.clone() })
    }

    /// The number of keys that there is something of.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
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

impl<K: Hash + Eq + Copy> Drop for Share<K> {
    fn drop(&mut self) {
        let mut counts = self.tally.0.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.get_mut(&self.key) {
            Some(count) if *count > 1 => *count = count.saturating_sub(1),
            _ => drop(counts.remove(&self.key)),
        }
    }
}
