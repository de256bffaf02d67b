//! Where a task is: in which project, and a part of which task. A subtask is in the project of its parent, and follows it.

use std::collections::HashSet;

use uuid::Uuid;

use super::save::Edit;
use super::tree::{Family, Trees};
use super::{NOT_FOUND, NewTask, Patch, TaskUpdate, access};
use crate::domain::{Error, Fields, InvalidValue, Op, PathSegment, Result, Rule};
use crate::ids::{ProjectId, TaskId};
use crate::storage::Transaction;
use crate::storage::task::{Model, lock_many};

/// The project that a new task is going to be in.
///
/// # Errors
/// [`Error::NotFound`] for a project or a parent that the caller may not see, [`Error::Forbidden`] for one that they may only
/// see, [`Error::Conflict`] for an archived project or a parent in the trash, and [`Error::Invalid`] for a parent that is
/// in another project, too deep, or has too many subtasks.
pub(super) async fn find(transaction: &Transaction, op: &Op, new: &NewTask) -> Result<Option<Uuid>> {
    let Some(id) = new.parent_id else {
        if let Some(project) = new.project_id {
            access::require_project(transaction, op, project).await?;
        }
        return Ok(new.project_id.map(ProjectId::uuid));
    };
    let trees = Trees::lock(transaction, &[id]).await?;
    let parent = lock_many(transaction, op.viewer()?, &[id]).await?.pop().ok_or(NOT_FOUND)?;
    if let Some(project) = new.project_id {
        access::require_project(transaction, op, project).await?;
    }
    require_parent(transaction, op, &parent).await?;
    check_parent(&trees, None, &parent)?;
    project_of_parent(new.project_id.map_or(Patch::Keep, Patch::Set), &parent)
}

/// Puts the tasks of `edits`, which are of `family`, where `update` wants them, and adds those below them that follow.
///
/// # Errors
/// Those of [`find`]; [`Error::Invalid`] for a parent below the task, and for a project that is not the parent's; and
/// [`Error::Forbidden`] when somebody else made what is to leave its project, for they alone would see it.
pub(super) async fn relocate(
    transaction: &Transaction,
    op: &Op,
    update: &TaskUpdate,
    family: &Family,
    edits: &mut Vec<Edit>,
) -> Result<()> {
    let parent = match update.parent_id {
        Patch::Set(id) => Some(family.task(id)?),
        Patch::Keep | Patch::Clear => None,
    };
    if let Patch::Set(project) = update.project_id {
        access::require_project(transaction, op, project).await?;
    }
    if let Some(parent) = parent {
        require_parent(transaction, op, parent).await?;
    }
    let chosen = edits.iter().map(|edit| edit.before.id).collect::<HashSet<_>>();
    for edit in edits.iter_mut() {
        edit.after.project_id = match parent {
            Some(parent) => {
                check_parent(&family.trees, Some(edit.before.id), parent)?;
                project_of_parent(update.project_id, parent)?
            }
            None => project_alone(update, &edit.before, &chosen)?,
        };
        edit.after.parent_id = update.parent_id.map(TaskId::uuid).applied_to(edit.before.parent_id);
    }
    follow(family, &chosen, edits);
    let viewer = op.viewer()?.uuid();
    let leaves = |edit: &Edit| edit.before.project_id.is_some() && edit.after.project_id.is_none();
    if edits.iter().any(|edit| leaves(edit) && edit.before.created_by != viewer) {
        return Err(Error::Forbidden("Only who made a task and its subtasks may take them out of all projects."));
    }
    Ok(())
}

/// Whether the link of a task to its parent is still good when it comes back from the trash: the caller sees the parent,
/// which has not gone elsewhere meanwhile.
///
/// # Errors
/// [`Error::Conflict`] when the parent is in the trash itself.
pub(super) fn keeps_parent(task: &Model, parent: Option<&Model>) -> Result<bool> {
    match parent.filter(|parent| parent.project_id == task.project_id) {
        Some(parent) if parent.deleted_at.is_some() => {
            Err(Error::Conflict("The task that it is a part of is in the trash: restore that one."))
        }
        parent => Ok(parent.is_some()),
    }
}

/// Adds the tasks below those that change their project: they change it, too.
fn follow(family: &Family, chosen: &HashSet<Uuid>, edits: &mut Vec<Edit>) {
    let mut known = chosen.clone();
    let mut followers = Vec::new();
    for edit in edits.iter().filter(|edit| edit.after.project_id != edit.before.project_id) {
        for task in family.below(edit.before.id) {
            if known.insert(task.id) {
                followers.push(Edit::of(task, |task| task.project_id = edit.after.project_id));
            }
        }
    }
    edits.extend(followers);
}

async fn require_parent(transaction: &Transaction, op: &Op, parent: &Model) -> Result<()> {
    access::require_write(transaction, op, &[parent]).await?;
    match parent.deleted_at {
        Some(_) => Err(Error::Conflict("The parent is in the trash: restore it first.")),
        None => Ok(()),
    }
}

fn check_parent(trees: &Trees, task: Option<Uuid>, parent: &Model) -> Result<()> {
    trees.refusal(task, parent.id).map_or(Ok(()), |invalid| Err(refused("parentId", invalid)))
}

/// The project of a task that becomes a part of `parent`.
fn project_of_parent(project: Patch<ProjectId>, parent: &Model) -> Result<Option<Uuid>> {
    if project.map(ProjectId::uuid).applied_to(parent.project_id) == parent.project_id {
        return Ok(parent.project_id);
    }
    let message = "must be the project of the parent, where every subtask is, or be left out";
    Err(refused("projectId", InvalidValue::new(Rule::Conflicting, message)))
}

/// The project of a task that becomes a part of no other task.
fn project_alone(update: &TaskUpdate, task: &Model, chosen: &HashSet<Uuid>) -> Result<Option<Uuid>> {
    let project = update.project_id.map(ProjectId::uuid).applied_to(task.project_id);
    let stays_behind = task.parent_id.is_some_and(|parent| !chosen.contains(&parent));
    if project == task.project_id || !stays_behind || update.parent_id == Patch::Clear {
        return Ok(project);
    }
    let message = "must be the project of the parent, where every subtask is: clear `parentId`, too";
    Err(refused("projectId", InvalidValue::new(Rule::Conflicting, message)))
}

fn refused(name: &'static str, invalid: InvalidValue) -> Error {
    let mut fields = Fields::of_input();
    fields.refuse(&[PathSegment::Name(name)], invalid);
    fields.into_error()
}
