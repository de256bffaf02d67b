//! The end of the change log, read once for all who ask for it at the same time.
//!
//! A change wakes everybody who follows the log, and all of them look at its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

use crate::storage::change::{Tail, tail};
use crate::storage::{Result, Store};

/// Reads the end of the log for one, while the others wait for it.
#[derive(Debug, Default)]
pub struct SharedTail {
    /// How many readings have begun.
    begun: AtomicU64,
    last: Mutex<Option<Reading>>,
}

/// What came of a reading.
#[derive(Debug)]
struct Reading {
    /// How many had begun with it.
    number: u64,
    tail: Result<Arc<Tail>>,
}

impl SharedTail {
    /// The end of the log, by a reading that has begun after this was asked: it has everything that happened before.
    ///
    /// # Errors
    /// What failed, which those who waited for the same reading are told, too: each would try again in vain, one after the
    /// other.
    pub(super) async fn read(&self, store: &Store) -> Result<Arc<Tail>> {
        let begun = self.begun.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        if let Some(reading) = last.as_ref().filter(|reading| reading.number > begun) {
            return reading.tail.clone();
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        let tail = tail(store).await.map(Arc::new);
        *last = Some(Reading { number, tail: tail.clone() });
        tail
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::future::join_all;
    use futures::{FutureExt, poll};
    use secrecy::SecretString;
    use tempfile::TempDir;

    use super::*;
    use crate::config::Database;

    async fn store() -> (Store, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let url = SecretString::from(format!("sqlite://{}", folder.path().join("tail.db").display()));
        let store = Store::connect(&Database { url, ..Database::default() }, Duration::from_secs(5)).await.unwrap();
        (store, folder)
    }

    #[tokio::test]
    async fn a_hundred_who_ask_at_once_share_two_readings() {
        let (store, _folder) = store().await;
        store.migrate_up().await.unwrap();
        let shared = SharedTail::default();
        let tails = join_all((0..100).map(|_| shared.read(&store))).await;
        assert!(tails.iter().all(|tail| tail.as_ref().unwrap().through() == 0));
        // Most of them asked when the first reading had begun, which may have missed something.
        assert!((1..=2).contains(&shared.begun.load(Ordering::SeqCst)));
    }

    #[tokio::test]
    async fn who_asks_while_it_is_read_gets_what_is_read_after_that() {
        let (store, _folder) = store().await;
        store.migrate_up().await.unwrap();
        let shared = SharedTail::default();
        let mut first = Box::pin(shared.read(&store));
        assert!(poll!(first.as_mut()).is_pending());
        let mut second = Box::pin(shared.read(&store));
        assert!(poll!(second.as_mut()).is_pending());
        let first = first.await.unwrap();
        assert!(!Arc::ptr_eq(&first, &second.await.unwrap()));
        assert!(!Arc::ptr_eq(&first, &shared.read(&store).await.unwrap()), "nothing is kept for later");
    }

    #[tokio::test]
    async fn who_gives_up_holds_up_nobody() {
        let (store, _folder) = store().await;
        store.migrate_up().await.unwrap();
        let shared = SharedTail::default();
        assert!(shared.read(&store).now_or_never().is_none());
        assert!(shared.read(&store).await.is_ok());
    }

    #[tokio::test]
    async fn a_failure_is_told_to_those_who_wait_and_not_to_who_comes_later() {
        let (store, _folder) = store().await;
        let shared = SharedTail::default();
        let tails = join_all((0..100).map(|_| shared.read(&store))).await;
        assert!(tails.iter().all(Result::is_err), "there are no tables");
        assert!((1..=2).contains(&shared.begun.load(Ordering::SeqCst)));
        store.migrate_up().await.unwrap();
        assert!(shared.read(&store).await.is_ok());
    }
}
