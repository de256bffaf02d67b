//! The smallest and the largest value of each number.

use std::ops::RangeInclusive;

/// By setting; a number that is missing here fails a test.
const BOUNDS: &[(&str, RangeInclusive<u64>)] = &[
    ("auth.access_token_seconds", 2..=86_400),
    ("auth.refresh_token_days", 1..=365),
    ("concurrency.caller", 1..=10_000),
    ("concurrency.queue", 0..=100_000),
    ("concurrency.server", 1..=100_000),
    ("cost.anonymous_budget", 100..=1_000_000),
    ("cost.anonymous_limit", 100..=1_000_000),
    ("cost.anonymous_refill", 1..=1_000_000),
    ("cost.event_limit", 1..=1_000_000),
    ("cost.user_budget", 100..=1_000_000),
    ("cost.user_limit", 100..=1_000_000),
    ("cost.user_refill", 1..=1_000_000),
    ("database.max_connections", 1..=1_000),
    ("https.hsts_seconds", 0..=315_360_000),
    ("limits.aliases", 0..=1_000),
    ("limits.body_bytes", 1_024..=16 * 1024 * 1024),
    ("limits.copies", 1..=100),
    ("limits.depth", 1..=32),
    ("limits.directives", 0..=1_000),
    ("limits.directives_per_location", 0..=20),
    ("limits.document_bytes", 256..=256 * 1024),
    ("limits.errors", 1..=100),
    ("limits.fragments", 0..=200),
    ("limits.header_bytes", 1_024..=20 * 1024),
    ("limits.headers", 16..=96),
    ("limits.json_array", 1..=1_000),
    ("limits.json_nesting", 2..=64),
    ("limits.json_nodes", 16..=20_000),
    ("limits.nesting", 2..=64),
    ("limits.operation_name", 1..=1_024),
    ("limits.operations", 1..=50),
    ("limits.page_size", 1..=1_000),
    ("limits.response_bytes", 4_096..=64 * 1024 * 1024),
    ("limits.root_mutation_fields", 1..=100),
    ("limits.root_query_fields", 1..=100),
    ("limits.selections", 1..=10_000),
    ("limits.tokens", 16..=20_000),
    ("limits.uri_bytes", 256..=8 * 1024),
    ("limits.variables", 0..=500),
    ("server.max_connections", 1..=10_000),
    ("server.max_connections_per_address", 1..=10_000),
    ("subscriptions.events", 1..=10_000),
    ("subscriptions.init_seconds", 1..=60),
    ("subscriptions.message_bytes", 1_024..=1024 * 1024),
    ("subscriptions.messages_burst", 1..=10_000),
    ("subscriptions.messages_per_second", 1..=10_000),
    ("subscriptions.opening_per_address", 1..=10_000),
    ("subscriptions.operations", 1..=1_000),
    ("subscriptions.ping_seconds", 1..=600),
    ("subscriptions.queue", 1..=10_000),
    ("subscriptions.send_seconds", 1..=600),
    ("subscriptions.sockets", 1..=100_000),
    ("subscriptions.sockets_per_address", 1..=10_000),
    ("subscriptions.sockets_per_user", 1..=10_000),
    ("tasks.change_log_days", 1..=3_650),
    ("tasks.trash_days", 1..=3_650),
    ("timeouts.body_seconds", 1..=600),
    ("timeouts.execution_seconds", 1..=600),
    ("timeouts.handshake_seconds", 1..=600),
    ("timeouts.header_seconds", 1..=600),
    ("timeouts.idle_seconds", 1..=600),
    ("timeouts.parse_milliseconds", 10..=10_000),
    ("timeouts.shutdown_seconds", 1..=600),
    ("timeouts.statement_seconds", 1..=600),
];

/// The bounds of a setting; `None` when it is no number.
pub(super) fn bounds(setting: &str) -> Option<&'static RangeInclusive<u64>> {
    BOUNDS.iter().find(|(bounded, _)| *bounded == setting).map(|(_, bounds)| bounds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::merge::{settings, tree};
    use crate::config::{Config, Profile};

    #[test]
    fn every_number_has_bounds_that_hold_its_default() {
        for profile in [Profile::Development, Profile::Production] {
            let tree = tree(&Config::defaults(profile));
            for (setting, default) in settings(&tree).into_iter().filter_map(|(s, v)| Some((s, v.as_u64()?))) {
                assert!(bounds(&setting).expect(&setting).contains(&default), "{setting} = {default}");
            }
        }
    }
}
