//! `timeouts.*`: how long each step of a request may take.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::limits::Limit;

/// The `timeouts` section; each is 1 to 600 seconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    /// `timeouts.handshake_seconds`: for the TLS handshake, then the connection is closed; 10 by default.
    pub handshake_seconds: u64,
    /// `timeouts.header_seconds`: for the request line and headers to arrive, then the connection is closed; 5 by default.
    pub header_seconds: u64,
    /// `timeouts.body_seconds`: for the whole body to arrive, then 408; 10 by default.
    pub body_seconds: u64,
    /// `timeouts.parse_milliseconds`: for a document to be parsed, checked and validated, then 400; 250 by default.
    pub parse_milliseconds: u64,
    /// `timeouts.execution_seconds`: for the operation to run, then 503; 10 by default.
    pub execution_seconds: u64,
    /// `timeouts.statement_seconds`: for one SQL statement, the wait for a connection included, then it is stopped and the
    /// operation fails; 5 by default.
    pub statement_seconds: u64,
    /// `timeouts.idle_seconds`: for the next request on a kept-alive connection to arrive, and for a client to read any
    /// of an answer, then the connection is closed; 30 by default.
    pub idle_seconds: u64,
    /// `timeouts.shutdown_seconds`: for running requests to finish once the server is told to stop, then their connections
    /// are cut; 10 by default.
    pub shutdown_seconds: u64,
}

impl Timeouts {
    /// `timeouts.handshake_seconds` as a duration.
    #[must_use]
    pub const fn handshake(&self) -> Duration {
        Duration::from_secs(self.handshake_seconds)
    }

    /// `timeouts.header_seconds` as a duration.
    #[must_use]
    pub const fn header(&self) -> Duration {
        Duration::from_secs(self.header_seconds)
    }

    /// `timeouts.body_seconds` as a duration.
    #[must_use]
    pub const fn body(&self) -> Duration {
        Duration::from_secs(self.body_seconds)
    }

    /// `timeouts.parse_milliseconds` as a duration.
    #[must_use]
    pub const fn parse(&self) -> Duration {
        Duration::from_millis(self.parse_milliseconds)
    }

    /// `timeouts.execution_seconds` as a duration.
    #[must_use]
    pub const fn execution(&self) -> Duration {
        Duration::from_secs(self.execution_seconds)
    }

    /// `timeouts.statement_seconds` as a duration.
    #[must_use]
    pub const fn statement(&self) -> Duration {
        Duration::from_secs(self.statement_seconds)
    }

    /// `timeouts.idle_seconds` as a duration.
    #[must_use]
    pub const fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_seconds)
    }

    /// `timeouts.shutdown_seconds` as a duration.
    #[must_use]
    pub const fn shutdown(&self) -> Duration {
        Duration::from_secs(self.shutdown_seconds)
    }

    /// Every setting by its full name, as clients may read it.
    pub(super) fn report(&self) -> BTreeMap<&'static str, Limit> {
        BTreeMap::from([
            ("timeouts.handshake_seconds", Limit::new(self.handshake_seconds, "seconds")),
            ("timeouts.header_seconds", Limit::new(self.header_seconds, "seconds")),
            ("timeouts.body_seconds", Limit::new(self.body_seconds, "seconds")),
            ("timeouts.parse_milliseconds", Limit::new(self.parse_milliseconds, "milliseconds")),
            ("timeouts.execution_seconds", Limit::new(self.execution_seconds, "seconds")),
            ("timeouts.statement_seconds", Limit::new(self.statement_seconds, "seconds")),
            ("timeouts.idle_seconds", Limit::new(self.idle_seconds, "seconds")),
            ("timeouts.shutdown_seconds", Limit::new(self.shutdown_seconds, "seconds")),
        ])
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            handshake_seconds: 10,
            header_seconds: 5,
            body_seconds: 10,
            parse_milliseconds: 250,
            execution_seconds: 10,
            statement_seconds: 5,
            idle_seconds: 30,
            shutdown_seconds: 10,
        }
    }
}
