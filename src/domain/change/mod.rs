//! The change log of tasks, as one reads it who was away, and as one follows it who is there.

mod announce;
mod feed;
mod shared_tail;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::paging::{Page, PageArguments};
use super::{Error, Fields, InvalidValue, Op, PathSegment, Result, Rule};
use crate::ids::{TaskId, UserId};
use crate::storage;
use crate::storage::change::{Logs, Part};
use crate::storage::instant::{from_micros, to_micros};
use crate::storage::paging::{KeyValue, Position, Slice};

pub use crate::storage::change::Kind;
pub use announce::announce;
pub use feed::{Feed, follow};
pub use shared_tail::SharedTail;

/// What cursors of the log are bound to.
const SCOPE: &str = "task changes";

/// How many entries, or tasks, are removed in one transaction, so that nobody waits long for the writer.
const REMOVED_AT_ONCE: u64 = 1_000;

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The task that changed.
    pub task_id: TaskId,
    /// What happened to it.
    pub kind: Kind,
    /// Who did it; `None` when it was nobody we know.
    pub actor_id: Option<UserId>,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

/// The changes that were meant for the caller, oldest first. Only `first` and `after` of the arguments are looked at.
///
/// # Errors
/// [`Error::Unauthenticated`] for a caller we don't know, and [`Error::Invalid`] for arguments out of range and for a
/// cursor whose successors have been removed from the log.
pub async fn page(op: &Op, arguments: &PageArguments) -> Result<Page<Change>> {
    let viewer = op.viewer()?;
    let window = arguments.window(op, SCOPE)?;
    let after = match &window.after {
        Some(position) => unexpired(op, position).await?,
        None => 0,
    };
    let limit = u64::from(window.limit).saturating_add(1);
    let through = storage::change::last_sequence(op.store()).await?;
    let logs = Logs::of(op.store(), viewer).await?;
    let mut rows = storage::change::page(op.store(), &logs, Part { after, through, limit }).await?;
    let more = rows.len() > usize::try_from(window.limit).unwrap_or(usize::MAX);
    rows.truncate(usize::try_from(window.limit).unwrap_or(usize::MAX));
    Ok(Page::new((op, SCOPE), &window, Slice { rows, more }, |row| position(row.sequence), Change::from))
}

/// The cursor of the log's end: what happens from now on is behind it.
///
/// # Errors
/// [`Error::Unauthenticated`] for a caller we don't know.
pub async fn latest_cursor(op: &Op) -> Result<String> {
    op.viewer()?;
    let last = storage::change::last_sequence(op.store()).await?;
    Ok(super::cursor::encode(&op.services().keys.cursor, SCOPE, &position(last)))
}

/// Removes what is older than `tasks.change_log_days` from the log, for the operator.
///
/// # Errors
/// [`Error::Forbidden`] for anybody else.
pub async fn prune(op: &Op) -> Result<u64> {
    op.require_operator()?;
    let before = op.now() - TimeDelta::days(op.services().tasks.change_log_days.into());
    let mut removed: u64 = 0;
    loop {
        let transaction = op.store().begin().await?;
        let some = storage::change::prune(&transaction, to_micros(before), REMOVED_AT_ONCE).await?;
        transaction.commit().await?;
        removed = removed.saturating_add(some);
        if some < REMOVED_AT_ONCE {
            return Ok(removed);
        }
    }
}

/// The number of the entry at `position`, if everything behind it is still in the log.
///
/// # Errors
/// [`Error::Invalid`] when it is not.
async fn unexpired(op: &Op, position: &Position) -> Result<i64> {
    let after = sequence(position);
    if after < storage::change::pruned_through(op.store()).await? { Err(expired()) } else { Ok(after) }
}

fn expired() -> Error {
    let mut fields = Fields::at(Vec::new());
    let message =
        "is older than the change log: start over, by reading the tasks and then the changes without a cursor";
    fields.refuse(&[PathSegment::Name("after")], InvalidValue::new(Rule::Expired, message));
    fields.into_error()
}

/// An entry stands where its number says; there are no ties that an id had to settle.
fn position(sequence: i64) -> Position {
    Position { keys: vec![KeyValue::Integer(sequence)], id: Uuid::nil() }
}

fn sequence(position: &Position) -> i64 {
    match position.keys.as_slice() {
        [KeyValue::Integer(sequence)] => *sequence,
        _ => 0,
    }
}

impl From<storage::change::Model> for Change {
    fn from(row: storage::change::Model) -> Self {
        Self {
            task_id: TaskId::from_uuid(row.task_id),
            kind: Kind::stored(row.kind),
            actor_id: row.actor_id.map(UserId::from_uuid),
            occurred_at: from_micros(row.occurred_at),
        }
    }
}
