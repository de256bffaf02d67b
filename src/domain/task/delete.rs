//! The trash: a task goes there with everything below it, and brings back what went with it.

use super::place::keeps_parent;
use super::save::{Edit, save};
use super::tree::Family;
use super::update::check_version;
use super::{NOT_FOUND, Task, access};
use crate::domain::{Op, Result};
use crate::ids::TaskId;
use crate::storage;
use crate::storage::change::Kind;
use crate::storage::instant::to_micros;
use crate::storage::task::Model;

/// Moves a task to the trash, and everything below it. One that is there already stays as it is.
///
/// # Errors
/// [`Error::NotFound`](crate::domain::Error::NotFound) when there is none that the caller may see,
/// [`Error::Forbidden`](crate::domain::Error::Forbidden) when they may only see it, and
/// [`Error::Conflict`](crate::domain::Error::Conflict) when it is at another version than `if_version`, or its project is
/// archived.
pub async fn delete(op: &Op, id: TaskId, if_version: Option<i32>) -> Result<Task> {
    let transaction = op.store().begin().await?;
    let family = Family::lock(&transaction, op, &[id], None).await?;
    let task = family.task(id)?;
    access::require_write(&transaction, op, &[task]).await?;
    check_version(task, if_version)?;
    if task.deleted_at.is_some() {
        return Ok(Task::from(task.clone()));
    }
    let now = to_micros(op.now());
    let trashed = |task: &Model, root: Option<TaskId>| {
        Edit::of(task, |task| {
            task.deleted_at = Some(now);
            task.deleted_with = root.map(TaskId::uuid);
        })
    };
    let below = family.below(task.id).filter(|task| task.deleted_at.is_none());
    let edits = [trashed(task, None)].into_iter().chain(below.map(|task| trashed(task, Some(id)))).collect();
    let saved = save(&transaction, op, now, edits, Kind::Deleted).await?;
    transaction.commit().await?;
    saved.into_iter().next().map(Task::from).ok_or(NOT_FOUND)
}

/// Brings a task back from the trash, and what went there with it. One that is not there stays as it is. It is no subtask
/// any more when its parent is out of the caller's sight.
///
/// # Errors
/// [`Error::NotFound`](crate::domain::Error::NotFound) when there is none that the caller may see,
/// [`Error::Forbidden`](crate::domain::Error::Forbidden) when they may only see it, and
/// [`Error::Conflict`](crate::domain::Error::Conflict) when its parent is in the trash, or its project is archived.
pub async fn restore(op: &Op, id: TaskId) -> Result<Task> {
    let transaction = op.store().begin().await?;
    let family = Family::lock(&transaction, op, &[id], None).await?;
    let task = family.task(id)?;
    access::require_write(&transaction, op, &[task]).await?;
    if task.deleted_at.is_none() {
        return Ok(Task::from(task.clone()));
    }
    let parent = match task.parent_id.map(TaskId::from_uuid) {
        Some(parent) => storage::task::find(&transaction, op.viewer()?, parent).await?,
        None => None,
    };
    let is_subtask = keeps_parent(task, parent.as_ref())?;
    let mut edits = vec![restored(task, is_subtask)];
    for task in family.below(task.id).filter(|task| task.deleted_with == Some(id.uuid())) {
        let is_with_parent = edits.iter().any(|edit| Some(edit.after.id) == task.parent_id);
        edits.push(restored(task, is_with_parent));
    }
    let saved = save(&transaction, op, to_micros(op.now()), edits, Kind::Restored).await?;
    transaction.commit().await?;
    saved.into_iter().next().map(Task::from).ok_or(NOT_FOUND)
}

/// The task out of the trash, with its parent only if that is there.
fn restored(task: &Model, keeps_parent: bool) -> Edit {
    Edit::of(task, |task| {
        task.deleted_at = None;
        task.deleted_with = None;
        task.parent_id = task.parent_id.filter(|_| keeps_parent);
    })
}
