//! The time source: the system's clock, or a fixed one that tests move by hand.
//!
//! Nobody else reads the time; `clippy.toml` bans the global functions.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// Where the server's time comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock; the instant is when this value was made, for [`Clock::monotonic`].
    System(Instant),
    /// Microseconds since 1970, moved only by [`Clock::advance`].
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place where the monotonic time is read")]
    pub fn system() -> Self {
        Self::System(Instant::now())
    }

    /// A clock that stands at `start` until it is advanced.
    #[must_use]
    pub fn fixed(start: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(start.timestamp_micros())))
    }

    /// The instant now, in UTC, cut to microseconds: what both databases can store and give back unchanged.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place where the time is read")]
    pub fn now(&self) -> DateTime<Utc> {
        let micros = match self {
            Self::System(_) => Utc::now().timestamp_micros(),
            Self::Fixed(micros) => micros.load(Ordering::SeqCst),
        };
        DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// The time since an arbitrary start that never goes back, for rates and durations.
    #[must_use]
    pub fn monotonic(&self) -> Duration {
        match self {
            Self::System(start) => start.elapsed(),
            Self::Fixed(micros) => Duration::from_micros(micros.load(Ordering::SeqCst).try_into().unwrap_or(0)),
        }
    }

    /// Moves a fixed clock forward; the system's clock moves by itself and stays as it is.
    pub fn advance(&self, by: TimeDelta) {
        if let Self::Fixed(micros) = self {
            micros.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_advanced() {
        let clock = Clock::fixed(DateTime::UNIX_EPOCH);
        assert_eq!(clock.now(), clock.now());
        clock.advance(TimeDelta::seconds(5));
        assert_eq!(clock.now(), DateTime::UNIX_EPOCH + TimeDelta::seconds(5));
        assert_eq!(clock.monotonic(), Duration::from_secs(5));
    }

    #[test]
    fn the_system_clock_gives_whole_microseconds() {
        assert_eq!(Clock::system().now().timestamp_subsec_nanos() % 1_000, 0);
    }
}
