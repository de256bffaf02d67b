//! Making a task.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::assignee::assign_new;
use super::log::{self, Change};
use super::place;
use super::values::search_words;
use super::{Description, LabelIds, Priority, Task, Title, labels};
use crate::domain::{Error, Op, Result};
use crate::ids::{ProjectId, TaskId, UserId};
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
    /// The project that it is in; that of the parent, when it has one.
    pub project_id: Option<ProjectId>,
    /// The task that it is a part of.
    pub parent_id: Option<TaskId>,
    /// Who is to do it.
    pub assignee_id: Option<UserId>,
    /// The caller's labels on it.
    pub labels: LabelIds,
}

/// Makes a task of the caller's. With an id that the client chose, the same input sent again answers with the task that
/// it made the first time, as it is now.
///
/// # Errors
/// [`Error::Conflict`] when the id is taken: by another input, or by somebody else. [`Error::NotFound`] for a project or a
/// parent that the caller may not see, [`Error::Forbidden`] for one that they may only see, [`Error::Conflict`] for an
/// archived project or a parent in the trash, [`Error::Invalid`] when the two don't go together, and [`Error::NotFound`]
/// for an assignee who can't see the task, or a label that is not the caller's.
pub async fn create(op: &Op, new: NewTask) -> Result<Task> {
    let viewer = op.viewer()?;
    let mut row = new.row(op, viewer);
    if new.id.is_some() {
        // Before anything else, for the project and the others may have changed since the first time.
        if let Some(task) = sent_before(op, viewer, &row).await? {
            return Ok(task);
        }
    }
    let transaction = op.store().begin().await?;
    row.project_id = place::find(&transaction, op, &new).await?;
    assign_new(&transaction, new.assignee_id, &mut row).await?;
    match storage::task::insert(&transaction, row.clone()).await {
        Err(storage::Error::Taken(_)) if new.id.is_some() => {
            drop(transaction);
            return sent_before(op, viewer, &row).await?.ok_or(TAKEN);
        }
        inserted => inserted?,
    }
    if new.labels != LabelIds::default() {
        labels::set(&transaction, op, &row, &new.labels).await?;
    }
    let change = Change { before: None, after: row.clone(), kind: Kind::Created };
    log::write(&transaction, viewer, row.created_at, &[change]).await?;
    transaction.commit().await?;
    Ok(Task::from(row))
}

const TAKEN: Error = Error::Conflict("The id is taken: choose a fresh one.");

/// The task that the same input made before, if it did. Nothing, too, when somebody made one that the caller can't see.
async fn sent_before(op: &Op, viewer: UserId, row: &storage::task::Model) -> Result<Option<Task>> {
    let existing = storage::task::find(op.store(), viewer, TaskId::from_uuid(row.id)).await?;
    let is_same =
        |task: &storage::task::Model| task.created_by == row.created_by && task.creation_hash == row.creation_hash;
    match existing {
        Some(task) if is_same(&task) => Ok(Some(Task::from(task))),
        Some(_) => Err(TAKEN),
        None => Ok(None),
    }
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
            parent_id: self.parent_id.map(TaskId::uuid),
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
        let places = [
            self.project_id.map(ProjectId::uuid),
            self.parent_id.map(TaskId::uuid),
            self.assignee_id.map(UserId::uuid),
        ];
        for (number, id) in (1_u8..).zip(places) {
            // Nothing for what is left out, so that what was sent before there were places still has its hash.
            if let Some(id) = id {
                hash.update([number]);
                hash.update(id.as_bytes());
            }
        }
        self.labels.hash(&mut hash);
        hash.finalize().to_vec()
    }
}
