//! Tasks: what there is to do.

mod access;
mod assignee;
mod create;
mod delete;
mod labels;
mod list;
mod log;
mod place;
mod purge;
mod save;
mod tree;
mod update;
mod values;

use chrono::{DateTime, Utc};

use super::{Error, Op, Result};
use crate::ids::{ProjectId, TaskId, UserId};
use crate::storage;
use crate::storage::instant::from_micros;

pub(super) use access::require_open;
pub use create::{NewTask, create};
pub use delete::{delete, restore};
pub use labels::{LabelIds, label_filter};
pub(super) use labels::{MAX_LABELS as MAX_LABELS_ON_TASK, log as log_labels};
pub use list::{TaskList, Within, count, counts_within, page, pages_within};
pub(super) use log::{Change, write as log_changes};
pub use purge::purge;
pub(super) use tree::Trees;
pub use tree::{MAX_LEVELS, MAX_SUBTASKS};
pub use update::{BulkUpdate, Patch, TaskUpdate, update, update_many};
pub(super) use values::search_words;
pub use values::{Description, Priority, Search, Title, priority_filter};

pub use crate::storage::task::{Filter, InstantRange, Order, OrderField};

/// The most tasks that one operation may name.
pub const MAX_IDS: usize = 100;

/// The most filters in one, nested ones and itself included. A long chain of conditions overflows the stack of whoever walks
/// it, and SQLite takes no expression deeper than 1,000 (<https://www.sqlite.org/limits.html>).
pub const MAX_FILTERS: usize = 100;

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What to do, in a line.
    pub title: Title,
    /// What to do, at length.
    pub description: Description,
    /// How urgent it is.
    pub priority: Priority,
    /// When it is due.
    pub due_at: Option<DateTime<Utc>>,
    /// When it was completed, while it is.
    pub completed_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it went to the trash, while it is there.
    pub deleted_at: Option<DateTime<Utc>>,
    /// Grows by one with every change.
    pub version: i32,
    /// Who made it.
    pub created_by: UserId,
    /// The project that it is in, whether or not the caller may see that.
    pub project_id: Option<ProjectId>,
    /// The task that it is a part of, whether or not the caller may see that.
    pub parent_id: Option<TaskId>,
    /// Who is to do it.
    pub assignee_id: Option<UserId>,
}

const NOT_FOUND: Error = Error::NotFound("There is no such task.");

/// The task of this id, or `None` when there is none that the caller may see. Tasks in the trash are found too.
///
/// # Errors
/// [`Error::Unauthenticated`] for a caller we don't know.
pub async fn get(op: &Op, id: TaskId) -> Result<Option<Task>> {
    Ok(storage::task::find(op.store(), op.viewer()?, id).await?.map(Task::from))
}

/// Those of `ids` that there are and that the caller may see, in no order.
///
/// # Errors
/// [`Error::Unauthenticated`] for a caller we don't know.
pub async fn get_many(op: &Op, ids: &[TaskId]) -> Result<Vec<Task>> {
    let tasks = storage::task::find_many(op.store(), op.viewer()?, ids).await?;
    Ok(tasks.into_iter().map(Task::from).collect())
}

impl From<storage::task::Model> for Task {
    fn from(row: storage::task::Model) -> Self {
        Self {
            id: TaskId::from_uuid(row.id),
            title: Title::stored(row.title),
            description: Description::stored(row.description),
            priority: Priority::stored(row.priority),
            due_at: row.due_at.map(from_micros),
            completed_at: row.completed_at.map(from_micros),
            created_at: from_micros(row.created_at),
            updated_at: from_micros(row.updated_at),
            deleted_at: row.deleted_at.map(from_micros),
            version: row.version,
            created_by: UserId::from_uuid(row.created_by),
            project_id: row.project_id.map(ProjectId::from_uuid),
            parent_id: row.parent_id.map(TaskId::from_uuid),
            assignee_id: row.assignee_id.map(UserId::from_uuid),
        }
    }
}
