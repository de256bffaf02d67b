//! `rate_limit.*`: request budgets, each `N/second`, `N/minute` or `N/hour`, with an optional ` burst M`.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::limits::Limit;

/// The `rate_limit` section. All four count requests to `/graphql`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// `rate_limit.user`: for each caller with a valid token; `100/minute` by default.
    pub user: Rate,
    /// `rate_limit.anonymous`: for each address without one; `50/minute` by default.
    pub anonymous: Rate,
    /// `rate_limit.login`: logins, registrations and password changes, for each address and for each account;
    /// `5/minute` by default.
    pub login: Rate,
    /// `rate_limit.refresh`: refreshed sessions, for each address and for each session; `30/minute` by default.
    pub refresh: Rate,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self {
            user: Rate::per_minute(const { NonZeroU32::new(100).unwrap() }),
            anonymous: Rate::per_minute(const { NonZeroU32::new(50).unwrap() }),
            login: Rate::per_minute(const { NonZeroU32::new(5).unwrap() }),
            refresh: Rate::per_minute(const { NonZeroU32::new(30).unwrap() }),
        }
    }
}

impl RateLimit {
    /// Every setting by its full name, as clients may read it. The size of a burst is told by the header fields of every
    /// answer.
    pub(super) fn report(&self) -> BTreeMap<&'static str, Limit> {
        BTreeMap::from([
            ("rate_limit.user", self.user.report()),
            ("rate_limit.anonymous", self.anonymous.report()),
            ("rate_limit.login", self.login.report()),
            ("rate_limit.refresh", self.refresh.report()),
        ])
    }
}

/// The time in which a budget refills from empty to full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// One second.
    Second,
    /// Sixty seconds.
    Minute,
    /// 3,600 seconds.
    Hour,
}

impl Period {
    /// The period as a duration.
    #[must_use]
    pub const fn duration(self) -> Duration {
        match self {
            Self::Second => Duration::from_secs(1),
            Self::Minute => Duration::from_mins(1),
            Self::Hour => Duration::from_hours(1),
        }
    }
}

/// A budget: so many requests a period, and so many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests that the budget regains in one period.
    pub requests: NonZeroU32,
    /// The period.
    pub period: Period,
    /// Requests that a rested caller may send at once; equal to `requests` unless said.
    pub burst: NonZeroU32,
}

impl Rate {
    /// `requests` a minute, all of which may come at once.
    #[must_use]
    pub const fn per_minute(requests: NonZeroU32) -> Self {
        Self { requests, period: Period::Minute, burst: requests }
    }

    fn report(&self) -> Limit {
        let unit = match self.period {
            Period::Second => "requests per second",
            Period::Minute => "requests per minute",
            Period::Hour => "requests per hour",
        };
        Limit::new(self.requests.get(), unit)
    }
}

impl FromStr for Rate {
    type Err = String;

    /// The budget that `text` spells, such as `100/minute` or `20/second burst 40`; the error says what is expected.
    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("expected N/second, N/minute or N/hour, with an optional ` burst M`, not {text:?}");
        let (rate, burst) = match text.split_once(" burst ") {
            Some((rate, burst)) => (rate, Some(burst.trim().parse().map_err(|_| expected())?)),
            None => (text, None),
        };
        let (requests, period) = rate.split_once('/').ok_or_else(expected)?;
        let requests = requests.trim().parse().map_err(|_| expected())?;
        let period = match period.trim() {
            "second" => Period::Second,
            "minute" => Period::Minute,
            "hour" => Period::Hour,
            _ => return Err(expected()),
        };
        Ok(Self { requests, period, burst: burst.unwrap_or(requests) })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let period = match self.period {
            Period::Second => "second",
            Period::Minute => "minute",
            Period::Hour => "hour",
        };
        write!(f, "{}/{period}", self.requests)?;
        if self.burst == self.requests { Ok(()) } else { write!(f, " burst {}", self.burst) }
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_back_as_it_is_written() {
        for text in ["100/minute", "1/second", "5/hour", "20/second burst 40"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_rate_that_makes_no_sense_is_refused() {
        for text in
            ["", "100", "0/minute", "-1/minute", "100/day", "100/minute burst 0", "100/minute burst", "1e9/hour"]
        {
            assert!(text.parse::<Rate>().unwrap_err().contains("expected N/second"), "{text}");
        }
    }
}
