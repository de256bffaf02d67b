//! Instants as the database keeps them: whole microseconds since 1970 in UTC.

use chrono::{DateTime, Utc};

/// What is stored for `instant`.
#[must_use]
pub const fn to_micros(instant: DateTime<Utc>) -> i64 {
    instant.timestamp_micros()
}

/// The instant that was stored as `micros`. Every stored value came from [`to_micros`] and is in range; the start of 1970
/// stands in for one that was not.
#[must_use]
pub fn from_micros(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::UNIX_EPOCH)
}
