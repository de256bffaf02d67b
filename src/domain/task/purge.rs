//! Emptying the trash.

use chrono::TimeDelta;

use crate::domain::{Op, Result};
use crate::storage;
use crate::storage::instant::to_micros;

/// How many tasks are removed in one transaction, so that nobody waits long for the writer.
const REMOVED_AT_ONCE: u64 = 500;

/// Removes for good what has been in the trash for `tasks.trash_days`, for the operator, and says how many tasks there were.
///
/// # Errors
/// [`Error::Forbidden`](crate::domain::Error::Forbidden) for anybody else.
pub async fn purge(op: &Op) -> Result<u64> {
    op.require_operator()?;
    let before = op.now() - TimeDelta::days(op.services().tasks.trash_days.into());
    let mut removed: u64 = 0;
    loop {
        let transaction = op.store().begin().await?;
        let some = storage::task::purge(&transaction, to_micros(before), REMOVED_AT_ONCE).await?;
        transaction.commit().await?;
        removed = removed.saturating_add(some);
        if some < REMOVED_AT_ONCE {
            return Ok(removed);
        }
    }
}
