//! Writing comments. Each is in the change log as a change of its task, and makes no new version of it: nothing that a
//! version guards has changed.

use super::{Body, Comment};
use crate::domain::task::{Change, log_changes, require_open};
use crate::domain::{Error, Op, Result};
use crate::ids::{CommentId, ProjectId, TaskId, UserId};
use crate::storage::change::Kind;
use crate::storage::comment::Model;
use crate::storage::instant::to_micros;
use crate::storage::project::{Role, lock_standing};
use crate::storage::{self, Transaction};

const NOT_FOUND: Error = Error::NotFound("There is no such comment.");

/// Says something about a task. Whoever can see the task may.
///
/// # Errors
/// [`Error::NotFound`] when there is no task that the caller may see, and [`Error::Conflict`] when it is in the trash or its
/// project is archived.
pub async fn add(op: &Op, task: TaskId, body: &Body) -> Result<Comment> {
    let viewer = op.viewer()?;
    let transaction = op.store().begin().await?;
    let task = lock_task(&transaction, op, task).await?.ok_or(Error::NotFound("There is no such task."))?;
    let now = op.now();
    let comment = Model {
        id: CommentId::generate(now, &op.services().random).uuid(),
        task_id: task.id,
        author_id: viewer.uuid(),
        body: body.as_str().to_owned(),
        created_at: to_micros(now),
        updated_at: to_micros(now),
    };
    storage::comment::insert(&transaction, comment.clone()).await?;
    finish(transaction, op, comment.updated_at, task).await?;
    Ok(Comment::from(comment))
}

/// Changes what a comment says. Only its author may.
///
/// # Errors
/// [`Error::NotFound`] when there is none that the caller may see, [`Error::Forbidden`] for anybody but its author, and
/// [`Error::Conflict`] when its task is in the trash or in an archived project.
pub async fn update(op: &Op, id: CommentId, body: &Body) -> Result<Comment> {
    let transaction = op.store().begin().await?;
    let (task, comment) = lock(&transaction, op, id).await?;
    if UserId::from_uuid(comment.author_id) != op.viewer()? {
        return Err(Error::Forbidden("Only its author may change a comment."));
    }
    require_open(&transaction, &task).await?;
    if comment.body == body.as_str() {
        return Ok(Comment::from(comment));
    }
    let updated_at = to_micros(op.now()).max(comment.updated_at);
    let comment = Model { body: body.as_str().to_owned(), updated_at, ..comment };
    storage::comment::update(&transaction, comment.clone()).await?;
    finish(transaction, op, updated_at, task).await?;
    Ok(Comment::from(comment))
}

/// Removes a comment for good. Its author may, and the owners of the task's project.
///
/// # Errors
/// [`Error::NotFound`] when there is none that the caller may see, [`Error::Forbidden`] for anybody else, and
/// [`Error::Conflict`] when its task is in the trash or in an archived project.
pub async fn delete(op: &Op, id: CommentId) -> Result<CommentId> {
    let transaction = op.store().begin().await?;
    let (task, comment) = lock(&transaction, op, id).await?;
    if UserId::from_uuid(comment.author_id) != op.viewer()? && !is_owner(&transaction, op, &task).await? {
        return Err(Error::Forbidden("Only its author and the owners of the project may delete a comment."));
    }
    require_open(&transaction, &task).await?;
    storage::comment::delete(&transaction, &comment).await?;
    finish(transaction, op, to_micros(op.now()), task).await?;
    Ok(id)
}

/// The comment and its task, both kept from changing until the transaction ends. The task is locked first, as everywhere.
async fn lock(transaction: &Transaction, op: &Op, id: CommentId) -> Result<(storage::task::Model, Model)> {
    let viewer = op.viewer()?;
    let found = storage::comment::find_many(transaction, viewer, &[id]).await?.pop().ok_or(NOT_FOUND)?;
    let task = TaskId::from_uuid(found.task_id);
    let task = storage::task::lock_many(transaction, viewer, &[task]).await?.pop().ok_or(NOT_FOUND)?;
    let comment = storage::comment::lock(transaction, viewer, id).await?.ok_or(NOT_FOUND)?;
    Ok((task, comment))
}

async fn lock_task(transaction: &Transaction, op: &Op, id: TaskId) -> Result<Option<storage::task::Model>> {
    let task = storage::task::lock_many(transaction, op.viewer()?, &[id]).await?.pop();
    if let Some(task) = &task {
        require_open(transaction, task).await?;
    }
    Ok(task)
}

async fn is_owner(transaction: &Transaction, op: &Op, task: &storage::task::Model) -> Result<bool> {
    let Some(project) = task.project_id.map(ProjectId::from_uuid) else { return Ok(false) };
    let standing = lock_standing(transaction, op.viewer()?, project).await?;
    Ok(standing.is_some_and(|standing| standing.role == Role::Owner))
}

async fn finish(transaction: Transaction, op: &Op, now: i64, task: storage::task::Model) -> Result<()> {
    let change = Change { before: Some(task.clone()), after: task, kind: Kind::Updated };
    log_changes(&transaction, op.viewer()?, now, &[change]).await?;
    transaction.commit().await?;
    Ok(())
}
