//! `cost.*`: points that operations cost, for one of them and over time.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::limits::Limit;

/// The `cost` section. An object of the answer costs a point; the schema says what costs more.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// `cost.user_budget`: points that a rested user may spend at once, 100 to 1,000,000; 2,000 by default. With less than
    /// 100, here and below, nobody could log in.
    pub user_budget: NonZeroU32,
    /// `cost.user_refill`: points that a user regains each second, 1 to 1,000,000; 50 by default.
    pub user_refill: NonZeroU32,
    /// `cost.anonymous_budget`: the same for an address without a valid token; 300 by default.
    pub anonymous_budget: NonZeroU32,
    /// `cost.anonymous_refill`: the same for an address without a valid token; 5 by default.
    pub anonymous_refill: NonZeroU32,
    /// `cost.user_limit`: points of one operation of a user, 100 to 1,000,000 and at most `cost.user_budget`; 1,000 by
    /// default.
    pub user_limit: NonZeroU32,
    /// `cost.anonymous_limit`: points of one operation without a valid token, at most `cost.anonymous_budget`; 300 by
    /// default.
    pub anonymous_limit: NonZeroU32,
    /// `cost.event_limit`: points of one event of a subscription, 1 to 1,000,000; 50 by default. A subscription is charged
    /// for one event when it begins, and for no more.
    pub event_limit: NonZeroU32,
}

impl Default for Cost {
    fn default() -> Self {
        Self {
            user_budget: const { NonZeroU32::new(2_000).unwrap() },
            user_refill: const { NonZeroU32::new(50).unwrap() },
            anonymous_budget: const { NonZeroU32::new(300).unwrap() },
            anonymous_refill: const { NonZeroU32::new(5).unwrap() },
            user_limit: const { NonZeroU32::new(1_000).unwrap() },
            anonymous_limit: const { NonZeroU32::new(300).unwrap() },
            event_limit: const { NonZeroU32::new(50).unwrap() },
        }
    }
}

impl Cost {
    /// Every setting by its full name, as clients may read it.
    pub(super) fn report(&self) -> BTreeMap<&'static str, Limit> {
        let limit = |value: NonZeroU32, unit| Limit::new(value.get(), unit);
        BTreeMap::from([
            ("cost.user_budget", limit(self.user_budget, "points")),
            ("cost.user_refill", limit(self.user_refill, "points per second")),
            ("cost.anonymous_budget", limit(self.anonymous_budget, "points")),
            ("cost.anonymous_refill", limit(self.anonymous_refill, "points per second")),
            ("cost.user_limit", limit(self.user_limit, "points")),
            ("cost.anonymous_limit", limit(self.anonymous_limit, "points")),
            ("cost.event_limit", limit(self.event_limit, "points")),
        ])
    }

    /// The limits of one operation that are above what its caller can ever have, each with its setting and budget: such
    /// an operation would pass the limit and never run.
    pub(super) fn unreachable(&self) -> impl Iterator<Item = (&'static str, NonZeroU32)> {
        let limits = [
            ("cost.user_limit", self.user_limit, self.user_budget),
            ("cost.anonymous_limit", self.anonymous_limit, self.anonymous_budget),
        ];
        limits.into_iter().filter(|(_, limit, budget)| limit > budget).map(|(setting, _, budget)| (setting, budget))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_at_most_its_budget() {
        let budget = NonZeroU32::new(300).unwrap();
        let limit = |limit| Cost { anonymous_limit: NonZeroU32::new(limit).unwrap(), ..Cost::default() };
        assert_eq!(limit(300).unreachable().count(), 0);
        assert_eq!(limit(301).unreachable().collect::<Vec<_>>(), [("cost.anonymous_limit", budget)]);
    }
}
