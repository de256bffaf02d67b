//! What an import tells in the change log.
//!
//! On PostgreSQL whoever writes there keeps everybody else from it until their transaction ends, and nobody changes a task
//! without it. So it comes last, however long the import takes; until then only ids are kept.

use std::collections::BTreeSet;

use crate::domain::Result;
use crate::domain::task::{Change, log_changes, log_labels};
use crate::ids::{TaskId, UserId};
use crate::storage;
use crate::storage::Transaction;
use crate::storage::change::Kind;
use crate::storage::task::Model;

/// The tasks to which something happened in the import.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// They were made.
    pub(super) made: BTreeSet<TaskId>,
    /// They were given labels, which is the user's business alone.
    pub(super) labelled: BTreeSet<TaskId>,
    /// Something was said about them.
    pub(super) commented: BTreeSet<TaskId>,
}

impl Log {
    /// Writes it, as the last thing in the transaction.
    pub(super) async fn write(self, transaction: &Transaction, user: UserId, now: i64) -> Result<()> {
        for ids in chunks(self.made) {
            let made = |after| Change { before: None, after, kind: Kind::Created };
            let ids = ids.into_iter().map(TaskId::uuid).collect::<Vec<_>>();
            let tasks = in_order(storage::task::find_taken(transaction, &ids).await?);
            log_changes(transaction, user, now, &tasks.map(made).collect::<Vec<_>>()).await?;
        }
        for ids in chunks(self.labelled) {
            let tasks = in_order(storage::task::find_many(transaction, user, &ids).await?).collect::<Vec<_>>();
            log_labels(transaction, user, now, &tasks).await?;
        }
        for ids in chunks(self.commented) {
            let commented = |task: Model| Change { before: Some(task.clone()), after: task, kind: Kind::Updated };
            let tasks = in_order(storage::task::find_many(transaction, user, &ids).await?);
            log_changes(transaction, user, now, &tasks.map(commented).collect::<Vec<_>>()).await?;
        }
        Ok(())
    }
}

fn chunks(ids: BTreeSet<TaskId>) -> Vec<Vec<TaskId>> {
    let ids = ids.into_iter().collect::<Vec<_>>();
    ids.chunks(super::CHUNK).map(<[_]>::to_vec).collect()
}

fn in_order(mut tasks: Vec<Model>) -> impl Iterator<Item = Model> {
    tasks.sort_by_key(|task| task.id);
    tasks.into_iter()
}
