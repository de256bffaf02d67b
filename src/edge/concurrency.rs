//! Bounds how many operations run at once: of one caller, and of all together.
//!
//! - *Attack.* A thousand requests at once, each within every other limit, that keep everybody else waiting.
//! - *Setting.* `concurrency.caller`, `concurrency.server`, `concurrency.queue`; `timeouts.execution_seconds` for the wait.
//! - *Answer.* 429 `RATE_LIMITED` with `extensions.policy` `concurrency` for one caller's, on a socket only when the turn does
//!   not come in time; 503 `OVERLOADED` when the queue is full, or the turn does not come in time. All with `Retry-After`.
//! - *Test.* `tests/it/edge/concurrency.rs`
//!
//! Who waits is served in the order of coming. Nobody fills the queue alone: a caller has no more places in it than it may
//! have operations. Those of a socket wait for one another before that, since a client that comes back begins all of its
//! subscriptions at once; `subscriptions.operations` bounds how many.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Refusal;
use super::client_address::AddressKey;
use super::tally::{Share, Tally};
use crate::code::ErrorCode;
use crate::config;
use crate::ids::UserId;

/// When it makes sense to come back: operations take milliseconds.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Whose operations are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallerKey {
    /// Those of a user, whatever the address.
    User(UserId),
    /// Those of nobody we know, from one address.
    Address(AddressKey),
}

/// The operations that run.
#[derive(Debug)]
pub struct Concurrency {
    per_caller: usize,
    running: Tally<CallerKey>,
    server: Arc<Semaphore>,
    /// A place for each operation that runs or waits.
    places: Arc<Semaphore>,
    /// The longest that one waits.
    wait: Duration,
}

/// A running operation. It has ended when this is dropped.
#[derive(Debug)]
#[must_use = "dropped, the operation has ended"]
pub struct Turn {
    _caller: Share<CallerKey>,
    _server: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

impl Concurrency {
    /// Room for as many operations as the `concurrency` section says, of which none waits longer than `wait` for its turn.
    #[must_use]
    pub fn new(settings: &config::Concurrency, wait: Duration) -> Self {
        Self {
            per_caller: settings.caller,
            running: Tally::default(),
            server: Arc::new(Semaphore::new(settings.server)),
            places: Arc::new(Semaphore::new(settings.server.saturating_add(settings.queue))),
            wait,
        }
    }

    /// The caller's turn, at once or after waiting in the queue. Refused when the caller has too many operations already,
    /// when the queue is full, and when the turn does not come in time. Who stops waiting gives the place back.
    pub async fn enter(&self, key: CallerKey) -> Result<Turn, Refusal> {
        let caller = self.running.enter(key, self.per_caller).ok_or_else(too_many)?;
        self.enter_as(caller).await
    }

    /// The same, but an operation of a caller who has too many already waits until one of them has ended. Refused when that
    /// takes too long.
    pub async fn enter_in_line(&self, key: CallerKey) -> Result<Turn, Refusal> {
        let caller = tokio::time::timeout(self.wait, self.running.enter_in_line(key, self.per_caller)).await;
        self.enter_as(caller.ok().flatten().ok_or_else(too_many)?).await
    }

    /// The number of callers whose operations run or wait.
    #[must_use]
    pub fn callers(&self) -> usize {
        self.running.keys()
    }

    async fn enter_as(&self, caller: Share<CallerKey>) -> Result<Turn, Refusal> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| overloaded("concurrency.queue"))?;
        let turn = tokio::time::timeout(self.wait, Arc::clone(&self.server).acquire_owned()).await;
        let server = turn.ok().and_then(Result::ok).ok_or_else(|| overloaded("timeouts.execution_seconds"))?;
        Ok(Turn { _caller: caller, _server: server, _place: place })
    }
}

fn too_many() -> Refusal {
    let message = "Too many operations at once: wait until some of yours have ended.";
    let refusal = Refusal::new("concurrency", ErrorCode::RateLimited, message).of_limit("concurrency.caller");
    Refusal { policy: Some("concurrency"), retry_after: Some(RETRY_AFTER), ..refusal }
}

/// The refusal of what has to wait for too long, or for too many: nothing is wrong with it, and it may come again.
#[must_use]
pub fn overloaded(limit: &'static str) -> Refusal {
    let refusal = Refusal::new("concurrency", ErrorCode::Overloaded, "The server is busy: try again in a second.");
    Refusal { retry_after: Some(RETRY_AFTER), ..refusal.of_limit(limit) }
}
