//! Making a task.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::log::{self, Change};
use super::values::search_words;
use super::{Description, LabelIds, Priority, Task, Title, labels};
use crate::domain::{Error, Op, Result};
use crate::ids::{TaskId, UserId};
use crate::storage;
use crate::storage::change::Kind;
use crate::storage::instant::to_micros;

/// A task that is to be made.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// The id that the client chose, so that it may send the same again when it got no answer.
    pub id: Option<TaskId>,
    /// What to do, in a line.
    pub title: Title,
    /// What to do, at length.
    pub description: Description,
    /// How urgent it is.
    pub priority: Priority,
    /// When it is due.
    pub due_at: Option<DateTime<Utc>>,
    /// The caller's labels on it.
    pub labels: LabelIds,
}

/// Makes a task of the caller's. With an id that the client chose, the same input sent again answers with the task that
/// it made the first time, as it is now.
///
/// # Errors
/// [`Error::Conflict`] when the id is taken: by another input, or by somebody else. [`Error::NotFound`] when one of the
/// labels is not the caller's.
pub async fn create(op: &Op, new: NewTask) -> Result<Task> {
    let viewer = op.viewer()?;
    let row = new.row(op, viewer);
    let transaction = op.store().begin().await?;
    match storage::task::insert(&transaction, row.clone()).await {
        Err(storage::Error::Taken(_)) if new.id.is_some() => {
            drop(transaction);
            return sent_again(op, viewer, &row).await;
        }
        inserted => inserted?,
    }
    if new.labels != LabelIds::default() {
        labels::set(&transaction, op, &row, &new.labels).await?;
    }
    log::write(&transaction, op, &[Change { before: None, after: row.clone(), kind: Kind::Created }]).await?;
    transaction.commit().await?;
    Ok(Task::from(row))
}

/// The task that the same input made before.
async fn sent_again(op: &Op, viewer: UserId, row: &storage::task::Model) -> Result<Task> {
    let existing = storage::task::find(op.store(), viewer, TaskId::from_uuid(row.id)).await?;
    existing
        .filter(|task| task.created_by == row.created_by && task.creation_hash == row.creation_hash)
        .map(Task::from)
        .ok_or(Error::Conflict("The id is taken: choose a fresh one."))
}

impl NewTask {
    fn row(&self, op: &Op, viewer: UserId) -> storage::task::Model {
        let now = op.now();
        let id = self.id.unwrap_or_else(|| TaskId::generate(now, &op.services().random));
        storage::task::Model {
            id: id.uuid(),
            created_by: viewer.uuid(),
            title: self.title.as_str().to_owned(),
            title_key: self.title.sort_key(),
            description: self.description.as_str().to_owned(),
            words: search_words(&self.title, &self.description),
            priority: self.priority.to_stored(),
            due_at: self.due_at.map(to_micros),
            completed_at: None,
            created_at: to_micros(now),
            updated_at: to_micros(now),
            deleted_at: None,
            version: 1,
            project_id: None,
            parent_id: None,
            assignee_id: None,
            deleted_with: None,
            creation_hash: self.id.map(|_| self.hash()),
        }
    }

    /// Tells inputs apart. Every text ends with a zero byte, which no text holds.
    fn hash(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        for text in [self.title.as_str(), self.description.as_str()] {
            hash.update(text);
            hash.update([0]);
        }
        hash.update(self.priority.to_stored().to_be_bytes());
        hash.update(self.due_at.map_or([0; 8], |due_at| to_micros(due_at).to_be_bytes()));
        hash.update([u8::from(self.due_at.is_some())]);
        self.labels.hash(&mut hash);
        hash.finalize().to_vec()
    }
}
