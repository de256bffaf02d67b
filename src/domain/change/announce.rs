//! Telling those who follow the change log of what another process has written to it.

use std::collections::HashSet;

use crate::bus::Topic;
use crate::domain::{Op, Result};
use crate::storage;

/// How many entries are looked at in one statement.
const ENTRIES_AT_ONCE: u64 = 1_000;

/// Wakes everybody whose log has grown behind the entry numbered `after`, and answers with the number of the last entry, to
/// go on from. Wakes nobody without `after`. For the operator, about once a second: what this process writes it tells of at
/// once, and this is for what others write, `taskward import` or another server.
///
/// # Errors
/// [`Error::Forbidden`](crate::domain::Error::Forbidden) for anybody else.
pub async fn announce(op: &Op, after: Option<i64>) -> Result<i64> {
    op.require_operator()?;
    let bus = &op.services().bus;
    // Before the listeners: whoever comes after both reads what was written until then.
    let last = storage::change::last_sequence(op.store()).await?;
    let Some(mut after) = after.filter(|_| bus.listeners() > 0) else { return Ok(last) };
    loop {
        let entries = storage::change::scopes_behind(op.store(), after, ENTRIES_AT_ONCE).await?;
        let Some((last, ..)) = entries.last() else { return Ok(after) };
        after = *last;
        let grown = entries.iter().flat_map(|(_, scope, left)| [Some(*scope), *left]).flatten();
        let scopes = grown.map(Topic::Log).collect::<HashSet<_>>();
        bus.publish(&scopes.into_iter().collect::<Vec<_>>());
    }
}
