//! The queue of a socket: what its operations say and the client has not taken yet, bounded in messages and in bytes.
//!
//! Attack. A client that reads nothing and has much to be told: every message that waits for it takes memory.
//! Setting. `subscriptions.queue`, `limits.response_bytes` for all that waits together.
//! Answer. None: operations wait for room, a query or mutation with its answer, and an event is resolved only when there is
//! some.
//! Test. `tests/it/socket/limits.rs`

use std::sync::Arc;

use axum::extract::ws::Message;
use bytes::Bytes;
use tokio::sync::mpsc::{self, Permit, Receiver, Sender};
use tokio::sync::{Mutex, MutexGuard, OwnedSemaphorePermit, Semaphore};

/// The entrance of the queue. Clones lead into the same one.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    queue: Sender<Queued>,
    bytes: Arc<Semaphore>,
    most_bytes: u32,
    /// Held while an event is resolved: a socket that has many subscriptions holds one event outside of its queue.
    event: Arc<Mutex<()>>,
}

/// A message that waits, and the room that it takes.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) message: Message,
    _bytes: Option<OwnedSemaphorePermit>,
}

/// The socket has no writer any more.
#[derive(Debug)]
pub(super) struct Closed;

/// A place in the queue, for an event that is resolved now.
pub(super) struct Place<'a> {
    outgoing: &'a Outgoing,
    slot: Permit<'a, Queued>,
    _event: MutexGuard<'a, ()>,
}

/// A queue of at most so many messages, which take at most so many bytes together; a larger message waits until it is alone.
pub(super) fn queue(messages: usize, bytes: usize) -> (Outgoing, Receiver<Queued>) {
    let most_bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    let (queue, receiver) = mpsc::channel(messages);
    let bytes = Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS)));
    (Outgoing { queue, bytes, most_bytes, event: Arc::default() }, receiver)
}

impl Outgoing {
    /// Puts a message into the queue, when there is room for it. Takes a slot first and bytes then, as events do: who holds
    /// bytes is in the queue, so that nobody waits for one who waits.
    pub(super) async fn send(&self, message: Message) -> Result<(), Closed> {
        let slot = self.queue.reserve().await.map_err(|_| Closed)?;
        slot.send(self.queued(message).await);
        Ok(())
    }

    /// A place for an event, when there is one: those of one socket come one after the other.
    pub(super) async fn place(&self) -> Result<Place<'_>, Closed> {
        let event = self.event.lock().await;
        let slot = self.queue.reserve().await.map_err(|_| Closed)?;
        Ok(Place { outgoing: self, slot, _event: event })
    }

    async fn queued(&self, message: Message) -> Queued {
        let length = match &message {
            Message::Text(text) => text.as_str().len(),
            _ => 0,
        };
        let room = u32::try_from(length).unwrap_or(u32::MAX).min(self.most_bytes);
        let bytes = Arc::clone(&self.bytes).acquire_many_owned(room).await;
        Queued { message, _bytes: bytes.ok() }
    }
}

impl Queued {
    /// A ping of WebSocket itself, which has not to wait.
    pub(super) const fn ping() -> Self {
        Self { message: Message::Ping(Bytes::new()), _bytes: None }
    }
}

impl Place<'_> {
    /// Puts the event into the queue, when there is room for its bytes too.
    pub(super) async fn send(self, message: Message) {
        let queued = self.outgoing.queued(message).await;
        self.slot.send(queued);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn text(bytes: usize) -> Message {
        Message::text("x".repeat(bytes))
    }

    #[tokio::test]
    async fn a_queue_holds_so_many_messages_and_one_more_waits() {
        let (outgoing, mut queue) = queue(2, 1_000);
        for _ in 0..2 {
            outgoing.send(text(1)).await.unwrap();
        }
        assert!(outgoing.send(text(1)).now_or_never().is_none());
        assert!(outgoing.place().now_or_never().is_none());
        drop(queue.recv().await);
        assert!(outgoing.place().now_or_never().is_some());
        assert!(outgoing.send(text(1)).now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_queue_holds_so_many_bytes_and_one_more_waits() {
        let (outgoing, mut queue) = queue(10, 1_000);
        outgoing.send(text(999)).await.unwrap();
        assert!(outgoing.send(text(2)).now_or_never().is_none());
        outgoing.send(text(1)).await.unwrap();
        let place = outgoing.place().await.unwrap();
        assert!(place.send(text(1)).now_or_never().is_none());
        drop(queue.recv().await);
        outgoing.place().await.unwrap().send(text(1)).await;
    }

    #[tokio::test]
    async fn a_message_that_is_larger_than_the_queue_waits_until_it_is_alone() {
        let (outgoing, mut queue) = queue(10, 1_000);
        outgoing.send(text(1)).await.unwrap();
        assert!(outgoing.send(text(2_000)).now_or_never().is_none());
        drop(queue.recv().await);
        outgoing.send(text(2_000)).await.unwrap();
        assert!(outgoing.send(text(1)).now_or_never().is_none());
    }

    #[tokio::test]
    async fn bug_an_event_that_takes_all_bytes_and_a_message_waited_for_each_other() {
        let (outgoing, mut queue) = queue(1, 1_000);
        let place = outgoing.place().await.unwrap();
        let mut message = Box::pin(outgoing.send(text(1)));
        assert!(message.as_mut().now_or_never().is_none());
        assert!(place.send(text(2_000)).now_or_never().is_some());
        drop(queue.recv().await);
        message.await.unwrap();
    }

    #[tokio::test]
    async fn the_events_of_one_socket_come_one_after_the_other() {
        let (outgoing, _queue) = queue(10, 1_000);
        let first = outgoing.place().await.unwrap();
        assert!(outgoing.place().now_or_never().is_none());
        first.send(text(1)).await;
        assert!(outgoing.place().now_or_never().is_some());
    }
}
