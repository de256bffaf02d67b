//! `concurrency.*`: how many operations run at once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::limits::Limit;

/// The `concurrency` section.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concurrency {
    /// `concurrency.caller`: operations of one caller at once, a user or the address of an anonymous one; 10 by default.
    /// One more is answered 429.
    pub caller: usize,
    /// `concurrency.server`: operations of everybody at once; 256 by default.
    pub server: usize,
    /// `concurrency.queue`: operations that wait for their turn; 256 by default. One more is answered 503.
    pub queue: usize,
}

impl Concurrency {
    /// Every setting by its full name, as clients may read it.
    pub(super) fn report(&self) -> BTreeMap<&'static str, Limit> {
        BTreeMap::from([
            ("concurrency.caller", Limit::new(self.caller, "operations")),
            ("concurrency.server", Limit::new(self.server, "operations")),
            ("concurrency.queue", Limit::new(self.queue, "operations")),
        ])
    }
}

impl Default for Concurrency {
    fn default() -> Self {
        Self { caller: 10, server: 256, queue: 256 }
    }
}
