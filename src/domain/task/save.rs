//! Writing changed tasks: the row, its new version and its entry in the change log are one.

use super::log::{self, Change};
use crate::domain::{Error, Op, Result};
use crate::storage::change::Kind;
use crate::storage::task::Model;
use crate::storage::{self, Transaction};

/// What a task becomes.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    /// The task as it is.
    pub(super) before: Model,
    /// The task as it is going to be.
    pub(super) after: Model,
}

impl Edit {
    /// What `change` makes of `task`.
    pub(super) fn of(task: &Model, change: impl FnOnce(&mut Model)) -> Self {
        let mut after = task.clone();
        change(&mut after);
        Self { before: task.clone(), after }
    }
}

/// Writes the tasks, changed at `now`, with their next versions and entries of `kind` in the change log, as the last thing
/// in the transaction. Nothing is written of those that stay the same. They come back in their order.
pub(super) async fn save(
    transaction: &Transaction,
    op: &Op,
    now: i64,
    edits: Vec<Edit>,
    kind: Kind,
) -> Result<Vec<Model>> {
    let mut saved = Vec::with_capacity(edits.len());
    let mut changes = Vec::new();
    for Edit { before, mut after } in edits {
        if after != before {
            after.version =
                before.version.checked_add(1).ok_or_else(|| Error::Internal("no versions are left".into()))?;
            // Clocks of several servers differ: a later version is never older.
            after.updated_at = now.max(before.updated_at);
            changes.push(Change { before: Some(before), after: after.clone(), kind });
        }
        saved.push(after);
    }
    let rows = changes.iter().map(|change| change.after.clone()).collect::<Vec<_>>();
    storage::task::update_many(transaction, &rows).await?;
    log::write(transaction, op.viewer()?, now, &changes).await?;
    Ok(saved)
}
