//! Who is to do a task: somebody who sees it.

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::Patch;
use super::save::Edit;
use crate::domain::{Error, Result};
use crate::ids::{ProjectId, UserId};
use crate::storage::task::Model;
use crate::storage::{Transaction, project};

/// Gives a new task to `assignee`.
///
/// # Errors
/// [`Error::NotFound`] when they can't see it, as when there is no such user.
pub(super) async fn assign_new(transaction: &Transaction, assignee: Option<UserId>, task: &mut Model) -> Result<()> {
    task.assignee_id = assignee.map(UserId::uuid);
    Sight::of(transaction, [&*task].into_iter()).await?.require(task)
}

/// Gives the first `chosen` tasks of `edits` to `assignee`, and takes those that move from whoever can't see them any more.
///
/// # Errors
/// [`Error::NotFound`] when the new assignee can't see one of the tasks, as when there is no such user.
pub(super) async fn assign(
    transaction: &Transaction,
    assignee: Patch<UserId>,
    chosen: usize,
    edits: &mut [Edit],
) -> Result<()> {
    for edit in edits.iter_mut().take(chosen) {
        edit.after.assignee_id = assignee.map(UserId::uuid).applied_to(edit.before.assignee_id);
    }
    let is_new = |edit: &Edit| edit.after.assignee_id != edit.before.assignee_id;
    let moves = |edit: &Edit| edit.after.project_id != edit.before.project_id;
    let affected = edits.iter().filter(|edit| is_new(edit) || moves(edit)).map(|edit| &edit.after);
    let sight = Sight::of(transaction, affected).await?;
    for (place, edit) in edits.iter_mut().enumerate() {
        if place < chosen && assignee != Patch::Keep {
            if is_new(edit) || moves(edit) {
                sight.require(&edit.after)?;
            }
        } else if moves(edit) && !sight.is_seen_by_assignee(&edit.after) {
            edit.after.assignee_id = None;
        }
    }
    Ok(())
}

/// The members of the projects that assigned tasks are in.
struct Sight(HashMap<Uuid, HashSet<Uuid>>);

impl Sight {
    async fn of(transaction: &Transaction, tasks: impl Iterator<Item = &Model>) -> Result<Self> {
        // The creator sees a task wherever it is.
        let by_others = tasks.filter(|task| task.assignee_id.is_some_and(|user| user != task.created_by));
        let projects = by_others.filter_map(|task| task.project_id).collect::<BTreeSet<_>>();
        let mut members = HashMap::with_capacity(projects.len());
        for id in projects {
            let ids = project::member_ids(transaction, ProjectId::from_uuid(id)).await?;
            members.insert(id, ids.into_iter().map(UserId::uuid).collect());
        }
        Ok(Self(members))
    }

    fn require(&self, task: &Model) -> Result<()> {
        if self.is_seen_by_assignee(task) {
            Ok(())
        } else {
            Err(Error::NotFound("There is no such user who can see the task."))
        }
    }

    fn is_seen_by_assignee(&self, task: &Model) -> bool {
        let Some(assignee) = task.assignee_id else { return true };
        let members = task.project_id.and_then(|project| self.0.get(&project));
        assignee == task.created_by || members.is_some_and(|members| members.contains(&assignee))
    }
}
