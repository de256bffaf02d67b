//! Bounds how many sockets and event streams there are, of one caller and of all together, and how fast a socket talks.
//!
//! - *Attack.* Sockets that are opened and kept, each of which costs memory for as long as its client likes; one that is
//!   flooded with messages.
//! - *Setting.* `subscriptions.sockets`, `subscriptions.sockets_per_user`, `subscriptions.sockets_per_address`,
//!   `subscriptions.opening_per_address`, `subscriptions.messages_per_second`, `subscriptions.messages_burst`,
//!   `subscriptions.events`.
//! - *Answer.* 503 `OVERLOADED` when there is no room for anybody; 429 `RATE_LIMITED` with `extensions.policy`
//!   `subscriptions` for one stream too many of a caller, and for an address that opens too many sockets. A socket is closed,
//!   with 1013 or, for its messages, 1008.
//! - *Test.* `tests/it/edge/subscriptions.rs`, `tests/it/socket/limits.rs`
//!
//! A socket on which nobody has said yet who they are counts among all, and among the few of its address that are opening. It
//! has not long to do so.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Refusal;
use super::client_address::AddressKey;
use super::concurrency::CallerKey;
use super::request_rate::Budget;
use super::tally::{Share, Tally};
use crate::clock::Clock;
use crate::code::ErrorCode;
use crate::config;

/// When it makes sense to come back: sockets stay for minutes.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The sockets and streams that are open.
#[derive(Debug)]
pub struct Subscriptions {
    room: Arc<Semaphore>,
    per_user: usize,
    per_address: usize,
    shares: Tally<CallerKey>,
    opening_per_address: usize,
    opening: Tally<AddressKey>,
    messages: Budget<SocketId>,
    next_id: AtomicU64,
    events: Semaphore,
}

/// Tells one socket from all others of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SocketId(u64);

/// Room for a socket or a stream. It is free again when this is dropped.
#[derive(Debug)]
#[must_use = "dropped, there is room for another one"]
pub struct Room(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl Subscriptions {
    /// Room for as many as the `subscriptions` section says.
    #[must_use]
    pub fn new(settings: &config::Subscriptions, clock: &Clock) -> Self {
        let messages = Budget::new("messages", "subscriptions.messages_per_second", settings.messages(), clock);
        Self {
            room: Arc::new(Semaphore::new(settings.sockets)),
            per_user: settings.sockets_per_user,
            per_address: settings.sockets_per_address,
            shares: Tally::default(),
            opening_per_address: settings.opening_per_address,
            opening: Tally::default(),
            messages,
            next_id: AtomicU64::default(),
            events: Semaphore::new(settings.events),
        }
    }

    /// Room for another socket or stream; refused when everybody together has all there is.
    pub fn open(&self) -> Result<Room, Refusal> {
        let room = Arc::clone(&self.room).try_acquire_owned();
        room.map(Room).map_err(|_full| {
            let message = "There are too many subscriptions: try again in some seconds.";
            let refusal = Refusal::new("subscriptions", ErrorCode::Overloaded, message);
            Refusal { retry_after: Some(RETRY_AFTER), ..refusal.of_limit("subscriptions.sockets") }
        })
    }

    /// The caller's share for another socket or stream; refused when it has as many as it may.
    pub fn enter(&self, key: CallerKey) -> Result<Share<CallerKey>, Refusal> {
        let (setting, most) = match key {
            CallerKey::User(_) => ("subscriptions.sockets_per_user", self.per_user),
            CallerKey::Address(_) => ("subscriptions.sockets_per_address", self.per_address),
        };
        self.shares.enter(key, most).ok_or_else(|| {
            let message = "You have too many subscriptions: end one of them first.";
            Refusal { retry_after: Some(RETRY_AFTER), ..too_many(message, setting) }
        })
    }

    /// The share of an address for another socket on which nobody has said yet who they are; refused when it has as many as
    /// it may.
    pub fn begin_opening(&self, address: AddressKey) -> Result<Share<AddressKey>, Refusal> {
        self.opening.enter(address, self.opening_per_address).ok_or_else(|| {
            let message = "Too many sockets of your address are opening: say on them who you are.";
            Refusal { retry_after: Some(RETRY_AFTER), ..too_many(message, "subscriptions.opening_per_address") }
        })
    }

    /// An id for a socket.
    #[must_use]
    pub fn socket_id(&self) -> SocketId {
        SocketId(self.next_id.fetch_add(1, Ordering::Relaxed))
    }

    /// Whether the socket may send another message so soon.
    #[must_use]
    pub fn may_send(&self, socket: SocketId) -> bool {
        self.messages.charge(&socket).is_ok()
    }

    /// Waits for the turn of an event to be resolved, which it has until this is dropped. Events wait in the order of coming
    /// and never keep a request waiting.
    pub async fn event(&self) -> impl Sized + '_ {
        self.events.acquire().await
    }

    /// Forgets sockets that have not sent anything for long.
    pub fn sweep(&self) {
        self.messages.sweep();
    }

    /// How many sockets and streams there may be besides those that are open.
    #[must_use]
    pub fn free(&self) -> usize {
        self.room.available_permits()
    }
}

/// The refusal of one operation, socket or stream too many.
#[must_use]
pub fn too_many(message: &'static str, setting: &'static str) -> Refusal {
    let refusal = Refusal::new("subscriptions", ErrorCode::RateLimited, message).of_limit(setting);
    Refusal { policy: Some("subscriptions"), ..refusal }
}
