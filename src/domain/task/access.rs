//! Who may change a task. Whoever can see one is decided by the finders of storage; this is about the rest.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::domain::{Error, Op, Result};
use crate::ids::ProjectId;
use crate::storage::project::{Role, Standing, lock_archived_at, lock_standing};
use crate::storage::{Transaction, task::Model};

const ONLY_EDITORS: Error = Error::Forbidden("Only editors and owners of the project may change its tasks.");
const ARCHIVED: Error = Error::Conflict("The project is archived: take it out of the archive first.");
pub(super) const IN_TRASH: Error = Error::Conflict("The task is in the trash: restore it first.");

/// Refuses a caller who can see `tasks` and may not change one of them: in a project that takes an editor, and outside of
/// one its creator, who alone sees it.
///
/// # Errors
/// [`Error::Forbidden`] without the right, and [`Error::Conflict`] when its project is archived.
pub(super) async fn require_write(transaction: &Transaction, op: &Op, tasks: &[&Model]) -> Result<()> {
    for project in tasks.iter().filter_map(|task| task.project_id).collect::<BTreeSet<_>>() {
        require_editor(transaction, op, project).await?;
    }
    Ok(())
}

/// Refuses a caller who may not write tasks in the project of this id, which they name.
///
/// # Errors
/// [`Error::NotFound`] when there is none that they may see, [`Error::Forbidden`] without the right, and
/// [`Error::Conflict`] when it is archived.
pub(super) async fn require_project(transaction: &Transaction, op: &Op, id: ProjectId) -> Result<()> {
    let standing = lock_standing(transaction, op.viewer()?, id).await?;
    may_write(standing.ok_or(Error::NotFound("There is no such project."))?)
}

/// Refuses a caller who may not write tasks in `project`, in which they see one.
async fn require_editor(transaction: &Transaction, op: &Op, project: Uuid) -> Result<()> {
    let standing = lock_standing(transaction, op.viewer()?, ProjectId::from_uuid(project)).await?;
    may_write(standing.ok_or(ONLY_EDITORS)?)
}

const fn may_write(standing: Standing) -> Result<()> {
    match standing {
        Standing { role: Role::Viewer, .. } => Err(ONLY_EDITORS),
        Standing { archived_at: Some(_), .. } => Err(ARCHIVED),
        Standing { archived_at: None, .. } => Ok(()),
    }
}

/// Refuses to have anything said or noted about a task that is only kept: in the trash, or in an archived project.
///
/// # Errors
/// [`Error::Conflict`] then.
pub(in crate::domain) async fn require_open(transaction: &Transaction, task: &Model) -> Result<()> {
    match task.deleted_at {
        Some(_) => Err(IN_TRASH),
        None => require_unarchived(transaction, task).await,
    }
}

/// Refuses to change anything on a task in an archived project, whoever may otherwise.
///
/// # Errors
/// [`Error::Conflict`] when the project is archived.
pub(super) async fn require_unarchived(transaction: &Transaction, task: &Model) -> Result<()> {
    let Some(project) = task.project_id else { return Ok(()) };
    let archived_at = lock_archived_at(transaction, ProjectId::from_uuid(project)).await?;
    archived_at.map_or(Ok(()), |_| Err(ARCHIVED))
}
