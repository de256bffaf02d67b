//! Changing tasks. A change, its new version and its entry in the change log are one transaction; what changes nothing
//! makes no version and no entry.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::assignee::assign;
use super::place::relocate;
use super::save::{Edit, save};
use super::tree::Family;
use super::values::search_words;
use super::{Description, LabelIds, MAX_IDS, NOT_FOUND, Priority, Task, Title, access, labels};
use crate::domain::{Error, Fields, InvalidValue, Op, PathSegment, Result, Rule};
use crate::ids::{ProjectId, TaskId, UserId};
use crate::storage::Transaction;
use crate::storage::change::Kind;
use crate::storage::instant::to_micros;
use crate::storage::task::Model;

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
    /// The project that it is in.
    pub project_id: Patch<ProjectId>,
    /// The task that it is a part of.
    pub parent_id: Patch<TaskId>,
    /// Who is to do it.
    pub assignee_id: Patch<UserId>,
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

/// Changes a task. What is below it follows it to another project, and who can't see it there is not its assignee any more.
///
/// # Errors
/// [`Error::NotFound`] when there is none that the caller may see, [`Error::Forbidden`] when they may only see it, and
/// [`Error::Conflict`] when it is in the trash, at another version than `if_version`, or in an archived project. The same
/// for the project and the parent that it is to have, and [`Error::Invalid`] when the two don't go together, or with the
/// task; [`Error::NotFound`] for an assignee who can't see it, and for a label that is not the caller's. Whoever sees the task
/// may change their own labels on it.
pub async fn update(op: &Op, id: TaskId, if_version: Option<i32>, update: &TaskUpdate) -> Result<Task> {
    if let Some(labels) = update.labels_alone() {
        return labels::replace(op, id, if_version, labels).await;
    }
    change(op, &[id], if_version, update).await?.pop().ok_or(NOT_FOUND)
}

/// Changes many tasks: all or none. They come back in the order of their ids in `bulk`.
///
/// # Errors
/// [`Error::Invalid`] for more than 100 ids, or one of them twice; and what [`update`] refuses of one of them.
pub async fn update_many(op: &Op, bulk: &BulkUpdate) -> Result<Vec<Task>> {
    check_ids(&bulk.ids)?;
    change(op, &bulk.ids, None, &bulk.update).await
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

async fn change(op: &Op, ids: &[TaskId], if_version: Option<i32>, update: &TaskUpdate) -> Result<Vec<Task>> {
    let transaction = op.store().begin().await?;
    let family = if update.moves() {
        Family::lock(&transaction, op, ids, update.parent_id.value()).await?
    } else {
        Family::lock_alone(&transaction, op, ids).await?
    };
    let tasks = ids.iter().map(|id| family.task(*id)).collect::<Result<Vec<_>>>()?;
    access::require_write(&transaction, op, &tasks).await?;
    for task in &tasks {
        check_version(task, if_version)?;
        refuse_trashed(task)?;
    }
    let relabelled = relabel(&transaction, op, update, &tasks).await?;
    let now = to_micros(op.now());
    let mut edits = tasks.into_iter().map(|task| Edit::of(task, |task| update.apply(task, now))).collect::<Vec<_>>();
    if update.moves() {
        relocate(&transaction, op, update, &family, &mut edits).await?;
    }
    assign(&transaction, update.assignee_id, ids.len(), &mut edits).await?;
    let saved = save(&transaction, op, now, edits, Kind::Updated).await?;
    // A new version is told to everybody who sees the task, and so to the caller.
    let relabelled = saved.iter().filter(|task| relabelled.contains(&(task.id, task.version)));
    labels::log(&transaction, op.viewer()?, now, relabelled).await?;
    transaction.commit().await?;
    // Those that followed come behind those that were asked for.
    Ok(saved.into_iter().take(ids.len()).map(Task::from).collect())
}

/// Puts the caller's labels on `tasks`; the tasks that bear others than before, each with its version.
async fn relabel(
    transaction: &Transaction,
    op: &Op,
    update: &TaskUpdate,
    tasks: &[&Model],
) -> Result<Vec<(Uuid, i32)>> {
    let mut relabelled = Vec::new();
    if let Some(labels) = &update.labels {
        for task in tasks {
            if labels::set(transaction, op, task, labels).await? == labels::Set::Others {
                relabelled.push((task.id, task.version));
            }
        }
    }
    Ok(relabelled)
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
        task.due_at = self.due_at.map(to_micros).applied_to(task.due_at);
    }

    /// Whether a task may go to another place.
    fn moves(&self) -> bool {
        self.project_id != Patch::Keep || self.parent_id != Patch::Keep
    }
}

impl<T> Patch<T> {
    /// The same with what `change` makes of the new value.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(change(value)),
        }
    }

    /// What it makes of `current`.
    pub(super) fn applied_to(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The new value, when there is one.
    pub(super) fn value(self) -> Option<T> {
        self.applied_to(None)
    }
}
