//! The sending side of a socket: what waits for the client, one message after the other, and a ping now and then.
//!
//! Attack. A client that reads nothing, so that what is meant for it fills the memory.
//! Setting. `subscriptions.queue`, `subscriptions.send_seconds`, `subscriptions.ping_seconds`.
//! Answer. The socket's operations wait; after the time it is closed with 1013, if the client still hears it.
//! Test. `tests/it/socket/limits.rs`

use std::future::poll_fn;
use std::time::Duration;

use axum::extract::ws::Message;
use futures_util::{FutureExt, Sink, SinkExt};
use tokio::sync::mpsc::Receiver;
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};

use super::close::Close;
use super::outgoing::Queued;
use crate::config::Subscriptions;

/// How long the last messages and the close frame may take.
const CLOSING: Duration = Duration::from_secs(2);

/// Sends messages.
pub(super) struct Writer<S> {
    sink: S,
    queue: Receiver<Queued>,
    /// What is sent next. It is here, so that nothing is lost when [`Writer::run`] is dropped.
    next: Option<Queued>,
    pings: Interval,
    patience: Duration,
}

impl<S: Sink<Message> + Unpin> Writer<S> {
    pub(super) fn new(sink: S, queue: Receiver<Queued>, settings: &Subscriptions) -> Self {
        let mut pings = interval(settings.ping());
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first one is over at once, and the client has just shown that it is there.
        pings.reset();
        Self { sink, queue, next: None, pings, patience: settings.send() }
    }

    /// Sends what is put into the queue, until nobody can put anything in.
    ///
    /// # Errors
    /// With how the socket is to be closed, `None` when the client has left.
    pub(super) async fn run(&mut self) -> Result<(), Option<Close>> {
        while self.fill().await? {
            let patience = self.patience;
            within(patience, poll_fn(|context| self.sink.poll_ready_unpin(context))).await?;
            if let Some(queued) = self.next.take() {
                self.sink.start_send_unpin(queued.message).map_err(|_| None)?;
            }
        }
        Ok(())
    }

    /// Sends what still waits, and then the close frame.
    pub(super) async fn close(mut self, close: Close) {
        let last_words = async {
            // Nothing more is to be said to one who does not read.
            if close != Close::SLOW_READER {
                self.run().await.map_err(drop)?;
            }
            self.sink.send(Message::Close(Some(close.into()))).await.map_err(drop)
        };
        if let Ok(Err(())) | Err(_) = timeout(CLOSING, last_words).await {
            tracing::debug!(target: "taskward::socket", "the client does not hear why it is closed");
        }
    }

    /// Waits until there is a message to be sent; false when no more can come.
    async fn fill(&mut self) -> Result<bool, Option<Close>> {
        if self.next.is_none() {
            // A client that has always something to read has nothing to say, so only a ping shows that it is there.
            let ping = self.pings.tick().now_or_never().map(|_| Queued::ping());
            self.next = ping.or_else(|| self.queue.try_recv().ok());
        }
        if self.next.is_none() {
            within(self.patience, self.sink.flush()).await?;
            self.next = tokio::select! {
                queued = self.queue.recv() => queued,
                _ = self.pings.tick() => Some(Queued::ping()),
            };
        }
        Ok(self.next.is_some())
    }
}

async fn within<E>(patience: Duration, sent: impl Future<Output = Result<(), E>>) -> Result<(), Option<Close>> {
    match timeout(patience, sent).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_left)) => Err(None),
        Err(_elapsed) => Err(Some(Close::SLOW_READER)),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::sink::drain;

    use super::super::outgoing;
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn bug_a_client_that_was_always_behind_was_not_pinged() {
        let settings = Subscriptions::default();
        let (outgoing, queue) = outgoing::queue(2, 1_000);
        let mut writer = Writer::new(drain(), queue, &settings);
        for _ in 0..2 {
            outgoing.send(Message::text("event")).await.unwrap();
        }
        tokio::time::advance(settings.ping()).await;
        for is_ping in [true, false] {
            assert_eq!(writer.fill().await, Ok(true));
            let queued = writer.next.take().unwrap();
            assert_eq!(matches!(queued.message, Message::Ping(_)), is_ping, "{queued:?}");
        }
    }
}
