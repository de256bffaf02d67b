//! The comments on a task, oldest first.

use std::collections::HashMap;

use super::Comment;
use crate::domain::paging::{Page, PageArguments, Window};
use crate::domain::{Op, Result};
use crate::ids::TaskId;
use crate::storage;
use crate::storage::paging::Slice;

/// What cursors are bound to.
const SCOPE: &str = "comments";

/// The part of a list of comments that `arguments` ask for.
///
/// # Errors
/// [`Error::Invalid`](crate::domain::Error::Invalid) for paging arguments out of range.
pub fn window(op: &Op, arguments: &PageArguments) -> Result<Window> {
    arguments.window(op, SCOPE)
}

/// A page of the comments on each of `tasks`, in one statement. On a task that the caller can't see there are none.
///
/// # Errors
/// [`Error::Unauthenticated`](crate::domain::Error::Unauthenticated) for a caller we don't know.
pub async fn pages(op: &Op, tasks: &[TaskId], window: &Window) -> Result<HashMap<TaskId, Page<Comment>>> {
    let mut slices = storage::comment::pages(op.store(), op.viewer()?, tasks, window).await?;
    let page = |task: &TaskId| {
        let slice = slices.remove(task).unwrap_or(Slice { rows: Vec::new(), more: false });
        let page = Page::new((op, SCOPE), window, slice, storage::comment::Model::position, Comment::from);
        (*task, page)
    };
    Ok(tasks.iter().map(page).collect())
}

/// How many comments there are on each of `tasks`, in one statement.
///
/// # Errors
/// [`Error::Unauthenticated`](crate::domain::Error::Unauthenticated) for a caller we don't know.
pub async fn counts(op: &Op, tasks: &[TaskId]) -> Result<HashMap<TaskId, i64>> {
    let counts = storage::comment::counts(op.store(), op.viewer()?, tasks).await?;
    Ok(tasks.iter().map(|task| (*task, counts.get(task).copied().unwrap_or(0))).collect())
}
