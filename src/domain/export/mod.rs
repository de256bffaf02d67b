//! Taking a user's data out of the database, for the operator.
//!
//! It is read chunk by chunk and handed on record by record, so that it takes the same memory however much there is. Each
//! chunk is what is committed when it is read.

mod record;

use super::{Error, Op, Result, user};
use crate::ids::{CommentId, LabelId, TaskId, UserId};
use crate::storage;
use crate::storage::task::Model;

pub use record::{Record, VERSION};
pub(super) use record::{priority_name, role_name};

/// How many rows are read at once.
const CHUNK: u64 = 500;

/// The levels of tasks that are a part of each other, one more than there can be.
const LEVELS: usize = super::task::MAX_LEVELS.saturating_add(2);

/// How many tasks the user made, for telling how far an export is.
///
/// # Errors
/// [`Error::Forbidden`] for anybody but the operator, and [`Error::NotFound`] when there is no user of this name.
pub async fn count_tasks(op: &Op, username: &str) -> Result<u64> {
    op.require_operator()?;
    Ok(storage::task::count_made_by(op.store(), user::find(op, username).await?.id).await?)
}

/// Hands everything of the user's to `write`, in an order in which it can be put into another database: what a record
/// refers to comes before it.
///
/// # Errors
/// [`Error::Forbidden`] for anybody but the operator, [`Error::NotFound`] when there is no user of this name, and what
/// `write` refuses.
pub async fn export(op: &Op, username: &str, mut write: impl FnMut(&Record) -> Result<()>) -> Result<()> {
    op.require_operator()?;
    let user = user::find(op, username).await?;
    let id = user.id;
    write(&Record::Header { version: VERSION })?;
    write(&Record::from(user))?;
    for (project, member) in storage::project::all_of(op.store(), id).await? {
        write(&Record::of_project(project, &member))?;
    }
    let labels = storage::label::all_of(op.store(), id).await?;
    for label in &labels {
        write(&Record::from(label.clone()))?;
    }
    write_tasks(op, id, &mut write).await?;
    for label in labels {
        write_bearers(op, LabelId::from_uuid(label.id), &mut write).await?;
    }
    write_comments(op, id, &mut write).await
}

/// A level of tasks that is being read: the tasks it is a part of, and the last task that was read of it.
struct Level {
    parents: Option<Vec<TaskId>>,
    after: Option<TaskId>,
}

/// Tasks come after what they are a part of: below each chunk of a level comes everything that is a part of it.
async fn write_tasks(op: &Op, user: UserId, write: &mut impl FnMut(&Record) -> Result<()>) -> Result<()> {
    let mut levels = vec![Level { parents: None, after: None }];
    while let Some(level) = levels.last_mut() {
        let chunk = read(op, user, level).await?;
        let ids = chunk.iter().map(|task| TaskId::from_uuid(task.id)).collect::<Vec<_>>();
        let Some(last) = ids.last() else {
            levels.pop();
            continue;
        };
        level.after = Some(*last);
        chunk.into_iter().try_for_each(|task| write(&Record::from(task)))?;
        // Never so deep, unless the tasks go round in a circle, which nobody could make them do.
        if levels.len() >= LEVELS {
            return Err(Error::Internal("the subtasks never end".into()));
        }
        levels.push(Level { parents: Some(ids), after: None });
    }
    Ok(())
}

async fn read(op: &Op, user: UserId, Level { parents, after }: &Level) -> Result<Vec<Model>> {
    Ok(match parents {
        Some(parents) => storage::task::parts(op.store(), user, parents, *after, CHUNK).await?,
        None => storage::task::roots(op.store(), user, *after, CHUNK).await?,
    })
}

async fn write_bearers(op: &Op, label: LabelId, write: &mut impl FnMut(&Record) -> Result<()>) -> Result<()> {
    let mut after = None;
    loop {
        let chunk = storage::label::bearers(op.store(), label, after, CHUNK).await?;
        let Some(last) = chunk.last().copied() else { return Ok(()) };
        after = Some(last);
        chunk.into_iter().try_for_each(|task| write(&Record::of_label_on_task(task, label)))?;
    }
}

async fn write_comments(op: &Op, user: UserId, write: &mut impl FnMut(&Record) -> Result<()>) -> Result<()> {
    let mut after = None;
    loop {
        let chunk = storage::comment::written_by(op.store(), user, after, CHUNK).await?;
        let Some(last) = chunk.last() else { return Ok(()) };
        after = Some(CommentId::from_uuid(last.id));
        chunk.into_iter().try_for_each(|comment| write(&Record::from(comment)))?;
    }
}
