//! Doorbells: who waits for a change is woken, and reads for themselves what it was.
//!
//! A ring says that something of a topic has changed and nothing else, so it can be lost, come twice or come for nothing
//! without harm: the database is what holds. Rings that were not heard yet are one ring, so a listener takes the same
//! room however much happens while it sleeps.

use std::collections::{HashMap, HashSet};
use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use uuid::Uuid;

use crate::ids::UserId;

/// What can be listened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The change log of this scope, a project or a user, has grown.
    Log(Uuid),
    /// What this user may do has changed: their sessions, their API tokens, their password, their memberships.
    Account(UserId),
}

/// Carries rings from those who change something to those who listen for it.
pub trait Bus: Debug + Send + Sync {
    /// Wakes everybody who listens for one of `topics`.
    fn publish(&self, topics: &[Topic]);

    /// A listener, which listens for nothing yet.
    fn listen(&self) -> Listener;

    /// How many listeners there are.
    fn listeners(&self) -> usize;
}

/// The bus of one process.
#[derive(Debug, Default)]
pub struct LocalBus(Arc<Registry>);

/// Somebody who listens for topics, until it is dropped.
#[derive(Debug)]
pub struct Listener {
    id: u64,
    topics: HashSet<Topic>,
    bell: Arc<Bell>,
    registry: Arc<Registry>,
}

/// What a listener was woken by since it was last told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Heard {
    /// A [`Topic::Log`].
    pub log: bool,
    /// A [`Topic::Account`].
    pub account: bool,
}

impl Bus for LocalBus {
    fn publish(&self, topics: &[Topic]) {
        let rooms = self.0.rooms();
        for topic in topics {
            for bell in rooms.listeners.get(topic).into_iter().flat_map(HashMap::values) {
                bell.ring(*topic);
            }
        }
    }

    fn listen(&self) -> Listener {
        let registry = Arc::clone(&self.0);
        let id = registry.next_id.fetch_add(1, Ordering::Relaxed);
        let listener = Listener { id, topics: HashSet::new(), bell: Arc::default(), registry };
        listener.registry.rooms().present.insert(id);
        listener
    }

    fn listeners(&self) -> usize {
        self.0.rooms().present.len()
    }
}

impl Listener {
    /// Listens for `topics` and for nothing else from now on, and says whether one of them is new: what happened to that
    /// before was not heard.
    pub fn set(&mut self, topics: impl IntoIterator<Item = Topic>) -> bool {
        let topics = topics.into_iter().collect::<HashSet<_>>();
        if topics == self.topics {
            return false;
        }
        let mut rooms = self.registry.rooms();
        for topic in self.topics.difference(&topics) {
            rooms.remove(*topic, self.id);
        }
        let mut is_new = false;
        for topic in topics.difference(&self.topics) {
            rooms.listeners.entry(*topic).or_default().insert(self.id, Arc::clone(&self.bell));
            is_new = true;
        }
        drop(rooms);
        self.topics = topics;
        is_new
    }

    /// Waits for a ring, and says what all the rings since the last time were for. Nothing is lost when this is dropped
    /// before it is done.
    pub async fn heard(&mut self) -> Heard {
        loop {
            let heard = self.take();
            if heard != Heard::default() {
                return heard;
            }
            self.bell.notify.notified().await;
        }
    }

    /// What the rings since the last time were for, without waiting for one.
    pub fn take(&mut self) -> Heard {
        let take = |flag: &AtomicBool| flag.swap(false, Ordering::AcqRel);
        Heard { log: take(&self.bell.log), account: take(&self.bell.account) }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut rooms = self.registry.rooms();
        rooms.present.remove(&self.id);
        for topic in &self.topics {
            rooms.remove(*topic, self.id);
        }
    }
}

/// Wakes one listener.
#[derive(Debug, Default)]
struct Bell {
    log: AtomicBool,
    account: AtomicBool,
    notify: Notify,
}

impl Bell {
    fn ring(&self, topic: Topic) {
        match topic {
            Topic::Log(_) => self.log.store(true, Ordering::Release),
            Topic::Account(_) => self.account.store(true, Ordering::Release),
        }
        // Kept for the listener when it does not wait at this moment.
        self.notify.notify_one();
    }
}

/// Who listens for what.
#[derive(Debug, Default)]
struct Registry {
    next_id: AtomicU64,
    rooms: Mutex<Rooms>,
}

impl Registry {
    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The listeners, and the bells of those of each topic: a ring costs as much as there are listeners whom it is for.
#[derive(Debug, Default)]
struct Rooms {
    present: HashSet<u64>,
    listeners: HashMap<Topic, HashMap<u64, Arc<Bell>>>,
}

impl Rooms {
    fn remove(&mut self, topic: Topic, id: u64) {
        let Some(bells) = self.listeners.get_mut(&topic) else { return };
        bells.remove(&id);
        if bells.is_empty() {
            self.listeners.remove(&topic);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    const LOG: Heard = Heard { log: true, account: false };

    fn log(number: u128) -> Topic {
        Topic::Log(Uuid::from_u128(number))
    }

    fn account(number: u128) -> Topic {
        Topic::Account(UserId::from_uuid(Uuid::from_u128(number)))
    }

    fn heard(listener: &mut Listener) -> Option<Heard> {
        listener.heard().now_or_never()
    }

    #[test]
    fn a_topic_wakes_those_who_listen_for_it_and_nobody_else() {
        let bus = LocalBus::default();
        let [mut one, mut other, mut deaf] = [bus.listen(), bus.listen(), bus.listen()];
        one.set([log(1), account(1)]);
        other.set([log(2), account(1)]);
        bus.publish(&[log(1), log(3)]);
        assert_eq!([&mut one, &mut other, &mut deaf].map(heard), [Some(LOG), None, None]);
        bus.publish(&[account(1)]);
        let account = Some(Heard { log: false, account: true });
        assert_eq!([&mut one, &mut other, &mut deaf].map(heard), [account, account, None]);
        bus.publish(&[log(2)]);
        assert_eq!([&mut one, &mut other, &mut deaf].map(heard), [None, Some(LOG), None]);
    }

    #[test]
    fn rings_that_were_not_heard_are_one() {
        let bus = LocalBus::default();
        let mut listener = bus.listen();
        listener.set([log(1), account(1)]);
        for _ in 0..10_000 {
            bus.publish(&[log(1), account(1)]);
        }
        assert_eq!(heard(&mut listener), Some(Heard { log: true, account: true }));
        assert_eq!(heard(&mut listener), None);
        assert_eq!(bus.0.rooms().listeners.len(), 2, "nothing is kept but who listens");
    }

    #[test]
    fn topics_are_replaced_and_new_ones_are_told() {
        let bus = LocalBus::default();
        let mut listener = bus.listen();
        assert!(listener.set([log(1), log(2)]));
        assert!(!listener.set([log(2), log(1)]), "the same");
        assert!(!listener.set([log(2)]), "fewer");
        assert!(listener.set([log(2), log(3)]));
        bus.publish(&[log(1)]);
        assert_eq!(heard(&mut listener), None);
        bus.publish(&[log(3)]);
        assert_eq!(heard(&mut listener), Some(LOG));
    }

    #[test]
    fn a_listener_that_goes_leaves_nothing_behind() {
        let bus = LocalBus::default();
        let [mut one, mut other] = [bus.listen(), bus.listen()];
        one.set([log(1), log(2)]);
        other.set([log(2)]);
        assert_eq!(bus.listeners(), 2);
        drop(one);
        assert_eq!(bus.listeners(), 1);
        assert_eq!(bus.0.rooms().listeners.keys().copied().collect::<Vec<_>>(), [log(2)]);
        drop(other);
        assert_eq!(bus.listeners(), 0);
        assert!(bus.0.rooms().listeners.is_empty());
    }

    #[tokio::test]
    async fn a_listener_that_sleeps_is_woken_and_one_that_gives_up_loses_nothing() {
        let bus = LocalBus::default();
        let mut listener = bus.listen();
        listener.set([log(1)]);
        // Given up while it waits; then rung for; then given up after the ring and before it was polled again.
        assert_eq!(heard(&mut listener), None);
        {
            let mut waiting = std::pin::pin!(listener.heard());
            assert!(futures::poll!(waiting.as_mut()).is_pending());
            bus.publish(&[log(1)]);
        }
        assert_eq!(heard(&mut listener), Some(LOG));

        let sleeper = tokio::spawn(async move { listener.heard().await });
        tokio::task::yield_now().await;
        bus.publish(&[log(1)]);
        assert_eq!(sleeper.await.unwrap(), LOG);
    }
}
