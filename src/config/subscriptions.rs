//! `subscriptions.*`: web sockets and event streams, and what they may carry.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::limits::Limit;
use super::rate_limit::{Period, Rate};

/// The `subscriptions` section. Event streams of subscriptions count as sockets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscriptions {
    /// `subscriptions.init_seconds`: from the opening of a socket to its `connection_init`, 1 to 60; 3 by default.
    pub init_seconds: u32,
    /// `subscriptions.message_bytes`: bytes of one message, 1,024 to 1,048,576; 32,768 by default.
    pub message_bytes: usize,
    /// `subscriptions.operations`: operations of one socket at once, 1 to 1,000; 20 by default.
    pub operations: usize,
    /// `subscriptions.sockets`: sockets and streams of everybody, 1 to 100,000; 500 by default.
    pub sockets: usize,
    /// `subscriptions.sockets_per_user`: sockets and streams of one user, 1 to 10,000; 5 by default.
    pub sockets_per_user: usize,
    /// `subscriptions.sockets_per_address`: sockets and streams of one address without a token, 1 to 10,000; 3 by default.
    pub sockets_per_address: usize,
    /// `subscriptions.opening_per_address`: sockets of one address on which nobody has said yet who they are, 1 to 10,000; 20 by
    /// default.
    pub opening_per_address: usize,
    /// `subscriptions.messages_per_second`: messages that a socket may send in the long run, 1 to 10,000; 10 by default.
    pub messages_per_second: NonZeroU32,
    /// `subscriptions.messages_burst`: messages that a rested socket may send at once, 1 to 10,000; 30 by default.
    pub messages_burst: NonZeroU32,
    /// `subscriptions.ping_seconds`: between two pings of a socket, or two comments of a stream, 1 to 600; 20 by default.
    pub ping_seconds: u32,
    /// `subscriptions.queue`: messages that wait until a socket takes them, 1 to 10,000; 64 by default. Together they have at
    /// most `limits.response_bytes`, and the operations of the socket wait for room.
    pub queue: usize,
    /// `subscriptions.send_seconds`: for a socket to take a message, 1 to 600; 10 by default.
    pub send_seconds: u32,
    /// `subscriptions.events`: events of everybody that are resolved at once, and who read the change log for events at once,
    /// 1 to 10,000; 32 by default.
    pub events: usize,
}

impl Subscriptions {
    /// [`init_seconds`](Self::init_seconds) as a duration.
    #[must_use]
    pub fn init(&self) -> Duration {
        Duration::from_secs(self.init_seconds.into())
    }

    /// [`ping_seconds`](Self::ping_seconds) as a duration.
    #[must_use]
    pub fn ping(&self) -> Duration {
        Duration::from_secs(self.ping_seconds.into())
    }

    /// [`send_seconds`](Self::send_seconds) as a duration.
    #[must_use]
    pub fn send(&self) -> Duration {
        Duration::from_secs(self.send_seconds.into())
    }

    /// How fast a socket may send messages.
    #[must_use]
    pub const fn messages(&self) -> Rate {
        Rate { requests: self.messages_per_second, period: Period::Second, burst: self.messages_burst }
    }

    /// Every setting by its full name, as clients may read it.
    pub(super) fn report(&self) -> BTreeMap<&'static str, Limit> {
        BTreeMap::from([
            ("subscriptions.init_seconds", Limit::new(self.init_seconds, "seconds")),
            ("subscriptions.message_bytes", Limit::new(self.message_bytes, "bytes")),
            ("subscriptions.operations", Limit::new(self.operations, "operations")),
            ("subscriptions.sockets", Limit::new(self.sockets, "sockets")),
            ("subscriptions.sockets_per_user", Limit::new(self.sockets_per_user, "sockets")),
            ("subscriptions.sockets_per_address", Limit::new(self.sockets_per_address, "sockets")),
            ("subscriptions.opening_per_address", Limit::new(self.opening_per_address, "sockets")),
            ("subscriptions.messages_per_second", Limit::new(self.messages_per_second.get(), "messages per second")),
            ("subscriptions.messages_burst", Limit::new(self.messages_burst.get(), "messages")),
            ("subscriptions.ping_seconds", Limit::new(self.ping_seconds, "seconds")),
            ("subscriptions.queue", Limit::new(self.queue, "messages")),
            ("subscriptions.send_seconds", Limit::new(self.send_seconds, "seconds")),
            ("subscriptions.events", Limit::new(self.events, "events")),
        ])
    }
}

impl Default for Subscriptions {
    fn default() -> Self {
        Self {
            init_seconds: 3,
            message_bytes: 32 * 1024,
            operations: 20,
            sockets: 500,
            sockets_per_user: 5,
            sockets_per_address: 3,
            opening_per_address: 20,
            messages_per_second: const { NonZeroU32::new(10).unwrap() },
            messages_burst: const { NonZeroU32::new(30).unwrap() },
            ping_seconds: 20,
            queue: 64,
            send_seconds: 10,
            events: 32,
        }
    }
}
