//! The caller's own labels on a task. Whoever sees a task puts theirs on it, and nobody else sees those; so they are no part
//! of the task, make no version of it, and are told in the caller's own change log alone.

use std::collections::{BTreeSet, HashSet};

use sha2::{Digest, Sha256};

use super::{Task, access, update};
use crate::domain::{Error, Fields, InvalidValue, Op, PathSegment, Result, Rule, label};
use crate::ids::{LabelId, TaskId, UserId};
use crate::storage::change::{Kind, NewChange, Scope};
use crate::storage::instant::to_micros;
use crate::storage::task::{Filter, Model};
use crate::storage::{self, Transaction, change};

/// The most labels of a user on a task.
pub(in crate::domain) const MAX_LABELS: usize = 20;

/// The labels that a task is to bear for the caller, each once. Text that is no id of a label stands among them as `None`,
/// the id of no label.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelIds(BTreeSet<Option<LabelId>>);

impl LabelIds {
    /// The labels of `ids`, or `None` after their rules were noted in `fields`: more than 20 of them, or one of them twice.
    pub fn parse(fields: &mut Fields, ids: &[impl AsRef<str>]) -> Option<Self> {
        let name = PathSegment::Name("labelIds");
        if ids.len() > MAX_LABELS {
            let message = format!("must hold at most {MAX_LABELS} ids");
            fields.refuse(&[name], InvalidValue::new(Rule::TooLarge, message));
            return None;
        }
        let mut texts = HashSet::with_capacity(ids.len());
        for (place, id) in ids.iter().enumerate() {
            if !texts.insert(id.as_ref()) {
                let path = [name.clone(), PathSegment::Index(place)];
                fields.refuse(&path, InvalidValue::new(Rule::Duplicate, "stands in the list already"));
            }
        }
        (texts.len() == ids.len()).then(|| Self(ids.iter().map(|id| id.as_ref().parse().ok()).collect()))
    }

    /// Adds what tells these labels from others to the hash of an input, and nothing when there are none.
    pub(super) fn hash(&self, hash: &mut Sha256) {
        for id in &self.0 {
            hash.update("label");
            hash.update(id.map_or([0; 16], |id| id.uuid().into_bytes()));
        }
    }

    fn ids(&self) -> Result<BTreeSet<LabelId>> {
        self.0.iter().copied().collect::<Option<_>>().ok_or(label::NOT_FOUND)
    }
}

/// Passes the tasks that bear every label of `ids` for the caller, and none when there are no ids or one of them is the id
/// of no label.
pub fn label_filter(ids: &[impl AsRef<str>]) -> Filter {
    let labels = ids.iter().map(|id| id.as_ref().parse().ok()).collect::<Option<BTreeSet<_>>>();
    // No task bears more, so the statement needn't be longer.
    match labels.filter(|labels| (1..=MAX_LABELS).contains(&labels.len())) {
        Some(labels) => Filter::Labels(labels.into_iter().collect()),
        None => Filter::nothing(),
    }
}

/// Makes `labels` the caller's labels on a task, and changes nothing else of it: whoever sees the task may.
///
/// # Errors
/// [`Error::NotFound`] when there is no task, or no label, that the caller may see, and [`Error::Conflict`] when the task is
/// in the trash, in an archived project, or at another version than `if_version`.
pub(super) async fn replace(op: &Op, id: TaskId, if_version: Option<i32>, labels: &LabelIds) -> Result<Task> {
    let transaction = op.store().begin().await?;
    let tasks = storage::task::lock_many(&transaction, op.viewer()?, &[id]).await?;
    let task = tasks.into_iter().next().ok_or(Error::NotFound("There is no such task."))?;
    access::require_unarchived(&transaction, &task).await?;
    update::check_version(&task, if_version)?;
    update::refuse_trashed(&task)?;
    if set(&transaction, op, &task, labels).await? == Set::Others {
        log(&transaction, op.viewer()?, to_micros(op.now()), [&task]).await?;
    }
    transaction.commit().await?;
    Ok(Task::from(task))
}

/// Whether a task bears other labels than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    /// It bears others.
    Others,
    /// It bears the same.
    Same,
}

/// Makes `labels` the caller's labels on `task`, which they see. Comes before anything of the transaction is logged.
pub(super) async fn set(transaction: &Transaction, op: &Op, task: &Model, labels: &LabelIds) -> Result<Set> {
    let (viewer, id) = (op.viewer()?, TaskId::from_uuid(task.id));
    let after = labels.ids()?;
    storage::label::lock(transaction, viewer).await?;
    let before = storage::label::ids_on(transaction, viewer, id).await?.into_iter().collect::<BTreeSet<_>>();
    let added = after.difference(&before).copied().collect::<Vec<_>>();
    let removed = before.difference(&after).copied().collect::<Vec<_>>();
    if !removed.is_empty() {
        storage::label::remove(transaction, id, &removed).await?;
    }
    if !added.is_empty() {
        label::require(transaction, op, &added).await?;
        storage::label::add(transaction, id, &added).await?;
    }
    Ok(if before == after { Set::Same } else { Set::Others })
}

/// Logs for `viewer` alone that `tasks` have other labels since `now`, as the last thing in the transaction.
pub(in crate::domain) async fn log<'a>(
    transaction: &Transaction,
    viewer: UserId,
    now: i64,
    tasks: impl IntoIterator<Item = &'a Model>,
) -> Result<()> {
    let entry = |task: &Model| NewChange {
        task_id: TaskId::from_uuid(task.id),
        kind: Kind::Updated,
        version: task.version,
        actor_id: viewer,
        occurred_at: now.max(task.updated_at),
        scope: Scope::User(viewer),
        left: None,
    };
    Ok(change::insert(transaction, &tasks.into_iter().map(entry).collect::<Vec<_>>()).await?)
}
