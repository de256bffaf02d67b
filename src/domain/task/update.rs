//! Changing tasks. A change, its new version and its entry in the change log are one transaction; what changes nothing
//! makes no version and no entry.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::log::{self, Change};
use super::values::search_words;
use super::{Description, LabelIds, MAX_IDS, Priority, Task, Title, access, labels};
use crate::domain::{Error, Fields, InvalidValue, Op, PathSegment, Result, Rule};
use crate::ids::TaskId;
use crate::storage::change::Kind;
use crate::storage::instant::to_micros;
use crate::storage::task::Model;
use crate::storage::{self, Transaction};

const NOT_FOUND: Error = Error::NotFound("There is no such task.");

/// What becomes of a value that may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It goes.
    Clear,
    /// It becomes this.
    Set(T),
}

/// What is to change of a task; what is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskUpdate {
    /// What to do, in a line.
    pub title: Option<Title>,
    /// What to do, at length.
    pub description: Option<Description>,
    /// Whether it is done.
    pub completed: Option<bool>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// When it is due.
    pub due_at: Patch<DateTime<Utc>>,
    /// The caller's labels on it.
    pub labels: Option<LabelIds>,
}

/// One update for many tasks.
#[derive(Debug, Clone)]
pub struct BulkUpdate {
    /// The tasks.
    pub ids: Vec<TaskId>,
    /// What is to change of each.
    pub update: TaskUpdate,
}

/// Changes a task. Whoever sees it may change their own labels on it.
///
/// # Errors
/// [`Error::NotFound`] when there is none that the caller may see, or no such label; [`Error::Forbidden`] when they may only
/// see it and more than labels is to change; and [`Error::Conflict`] when it is in the trash, in an archived project, or at
/// another version than `if_version`.
pub async fn update(op: &Op, id: TaskId, if_version: Option<i32>, update: &TaskUpdate) -> Result<Task> {
    if let Some(labels) = update.labels_alone() {
        return labels::replace(op, id, if_version, labels).await;
    }
    let transaction = op.store().begin().await?;
    let row = lock(&transaction, op, id, if_version).await?;
    refuse_trashed(&row)?;
    let version = row.version;
    let labels = match &update.labels {
        Some(labels) => labels::set(&transaction, op, &row, labels).await?,
        None => labels::Set::Same,
    };
    let rows = save(&transaction, op, vec![row], Kind::Updated, |task, now| update.apply(task, now)).await?;
    // A new version is told to everybody who sees the task, and so to the caller.
    if let (labels::Set::Others, Some(row)) = (labels, rows.iter().find(|row| row.version == version)) {
        labels::log(&transaction, op, row).await?;
    }
    transaction.commit().await?;
    one(rows)
}

/// Moves a task to the trash. One that is there already stays as it is.
///
/// # Errors
/// [`Error::NotFound`] when there is none that the caller may see, [`Error::Forbidden`] when they may only see it, and
/// [`Error::Conflict`] when it is at another version than `if_version`.
pub async fn delete(op: &Op, id: TaskId, if_version: Option<i32>) -> Result<Task> {
    let transaction = op.store().begin().await?;
    let row = lock(&transaction, op, id, if_version).await?;
    let trash = |task: &mut Model, now| task.deleted_at = task.deleted_at.or(Some(now));
    let rows = save(&transaction, op, vec![row], Kind::Deleted, trash).await?;
    transaction.commit().await?;
    one(rows)
}

/// Brings a task back from the trash. One that is not there stays as it is.
///
/// # Errors
/// [`Error::NotFound`] when there is none that the caller may see, and [`Error::Forbidden`] when they may only see it.
pub async fn restore(op: &Op, id: TaskId) -> Result<Task> {
    let transaction = op.store().begin().await?;
    let row = lock(&transaction, op, id, None).await?;
    let rows = save(&transaction, op, vec![row], Kind::Restored, |task, _| task.deleted_at = None).await?;
    transaction.commit().await?;
    one(rows)
}

/// Changes many tasks: all or none. They come back in the order of their ids in `bulk`.
///
/// # Errors
/// [`Error::Invalid`] for more than 100 ids, or one of them twice; [`Error::NotFound`] when there is one that the caller
/// may not see, [`Error::Forbidden`] when there is one that they may only see, and [`Error::Conflict`] when one is in the
/// trash.
pub async fn update_many(op: &Op, bulk: &BulkUpdate) -> Result<Vec<Task>> {
    let viewer = op.viewer()?;
    check_ids(&bulk.ids)?;
    let transaction = op.store().begin().await?;
    let rows = storage::task::lock_many(&transaction, viewer, &bulk.ids).await?;
    if rows.len() < bulk.ids.len() {
        return Err(NOT_FOUND);
    }
    access::require_write(&transaction, op, &rows).await?;
    rows.iter().try_for_each(refuse_trashed)?;
    let rows = save(&transaction, op, rows, Kind::Updated, |task, now| bulk.update.apply(task, now)).await?;
    transaction.commit().await?;
    let mut changed = rows.into_iter().map(|row| (row.id, row)).collect::<HashMap<_, _>>();
    bulk.ids.iter().map(|id| changed.remove(&id.uuid()).map(Task::from).ok_or(NOT_FOUND)).collect()
}

/// The task, which the caller may change, kept from changing until the transaction ends.
async fn lock(transaction: &Transaction, op: &Op, id: TaskId, if_version: Option<i32>) -> Result<Model> {
    let row = storage::task::lock_many(transaction, op.viewer()?, &[id]).await?.pop().ok_or(NOT_FOUND)?;
    access::require_write(transaction, op, std::slice::from_ref(&row)).await?;
    check_version(&row, if_version)?;
    Ok(row)
}

/// Refuses a task that is at another version than the client has seen.
pub(super) fn check_version(task: &Model, if_version: Option<i32>) -> Result<()> {
    match if_version {
        Some(version) if version != task.version => {
            Err(Error::Conflict("The task has changed meanwhile: read it again."))
        }
        _ => Ok(()),
    }
}

/// Writes what `change` makes of each of `rows`, with its next version and an entry in the change log; nothing of those
/// that stay the same. The rows come back in their order.
async fn save(
    transaction: &Transaction,
    op: &Op,
    rows: Vec<Model>,
    kind: Kind,
    change: impl Fn(&mut Model, i64),
) -> Result<Vec<Model>> {
    let now = to_micros(op.now());
    let mut saved = Vec::with_capacity(rows.len());
    let mut changes = Vec::new();
    for before in rows {
        let mut after = before.clone();
        change(&mut after, now);
        if after != before {
            after.version =
                before.version.checked_add(1).ok_or_else(|| Error::Internal("no versions are left".into()))?;
            // Clocks of several servers differ: a later version is never older.
            after.updated_at = now.max(before.updated_at);
            storage::task::update(transaction, after.clone()).await?;
            changes.push(Change { before: Some(before), after: after.clone(), kind });
        }
        saved.push(after);
    }
    log::write(transaction, op, &changes).await?;
    Ok(saved)
}

fn one(rows: Vec<Model>) -> Result<Task> {
    rows.into_iter().next().map(Task::from).ok_or(NOT_FOUND)
}

/// Refuses a task that is in the trash.
pub(super) fn refuse_trashed(task: &Model) -> Result<()> {
    match task.deleted_at {
        Some(_) => Err(access::IN_TRASH),
        None => Ok(()),
    }
}

fn check_ids(ids: &[TaskId]) -> Result<()> {
    let mut fields = Fields::of_input();
    if ids.len() > MAX_IDS {
        let message = format!("must hold at most {MAX_IDS} ids");
        fields.refuse(&[PathSegment::Name("ids")], InvalidValue::new(Rule::TooLarge, message));
    }
    let mut first_places = HashMap::new();
    for (place, id) in ids.iter().enumerate().take(MAX_IDS) {
        if first_places.insert(id, place).is_some() {
            let path = [PathSegment::Name("ids"), PathSegment::Index(place)];
            fields.refuse(&path, InvalidValue::new(Rule::Duplicate, "stands in the list already"));
        }
    }
    fields.finish(|| Some(()))
}

impl TaskUpdate {
    /// The labels, when nothing else is to change.
    fn labels_alone(&self) -> Option<&LabelIds> {
        let labels = self.labels.as_ref()?;
        let rest = Self { labels: None, ..self.clone() };
        (rest == Self::default()).then_some(labels)
    }

    fn apply(&self, task: &mut Model, now: i64) {
        if let Some(title) = &self.title {
            title.as_str().clone_into(&mut task.title);
            task.title_key = title.sort_key();
        }
        if let Some(description) = &self.description {
            description.as_str().clone_into(&mut task.description);
        }
        if self.title.is_some() || self.description.is_some() {
            let title = Title::stored(task.title.clone());
            task.words = search_words(&title, &Description::stored(task.description.clone()));
        }
        match self.completed {
            Some(true) => task.completed_at = task.completed_at.or(Some(now)),
            Some(false) => task.completed_at = None,
            None => {}
        }
        if let Some(priority) = self.priority {
            task.priority = priority.to_stored();
        }
        match self.due_at {
            Patch::Keep => {}
            Patch::Clear => task.due_at = None,
            Patch::Set(due_at) => task.due_at = Some(to_micros(due_at)),
        }
    }
}
