//! Joining and leaving projects.

use super::locked::Locked;
use super::manage::{new_member, require_room};
use super::{MAX_MEMBERS, Project, Role};
use crate::domain::user::Username;
use crate::domain::{Error, Op, Result};
use crate::ids::{ProjectId, UserId};
use crate::storage::instant::to_micros;
use crate::storage::project::Deed;
use crate::storage::{self, Transaction};

const NO_SUCH_USER: Error = Error::NotFound("There is no such user.");

/// Makes the user of this name a member of a project, or gives a member another role. Who joins sees every task of it from now
/// on.
///
/// # Errors
/// [`Error::NotFound`] when there is no such project that the caller is a member of, or no user of this name who may log in;
/// [`Error::Forbidden`] when the caller does not own the project; [`Error::Conflict`] when it would have no owner who may log
/// in, or more than 100 members, or the user more than 100 projects.
pub async fn set_member(op: &Op, id: ProjectId, username: &str, role: Role) -> Result<Project> {
    let viewer = op.viewer()?;
    let transaction = op.store().begin().await?;
    let locked = Locked::read(&transaction, op, id).await?;
    locked.require_owner()?;
    let user = find_user(&transaction, username).await?;
    match locked.role_of(user) {
        Some(current) if current == role => {}
        Some(_) => {
            if role != Role::Owner {
                locked.require_owner_besides(&transaction, user).await?;
            }
            storage::project::set_role(&transaction, id, user, role).await?;
        }
        None => join(&transaction, op, &locked, user, role).await?,
    }
    transaction.commit().await?;
    Ok(locked.into_project(if user == viewer { role } else { Role::Owner }))
}

/// Takes a member out of a project. From now on they see only those of its tasks that they made, and are assigned to no
/// others. Answers with the project as the caller saw it before, who may have left it.
///
/// # Errors
/// [`Error::NotFound`] when there is no such project that the caller is a member of, or no such member of it;
/// [`Error::Forbidden`] when the caller removes somebody else and does not own the project; [`Error::Conflict`] when it would
/// have no owner who may log in.
pub async fn remove_member(op: &Op, id: ProjectId, user: UserId) -> Result<Project> {
    let viewer = op.viewer()?;
    let transaction = op.store().begin().await?;
    storage::project::lock_tasks_of(&transaction, viewer, id, user).await?;
    let locked = Locked::read(&transaction, op, id).await?;
    locked.role_of(user).ok_or(Error::NotFound("There is no such member."))?;
    if user != viewer {
        locked.require_owner()?;
    }
    locked.require_owner_besides(&transaction, user).await?;
    storage::project::remove_member(&transaction, id, user).await?;
    let deed = Deed { actor_id: viewer, occurred_at: to_micros(op.now()) };
    storage::project::unassign(&transaction, id, user, deed).await?;
    storage::project::tell_left(&transaction, id, user, deed).await?;
    transaction.commit().await?;
    let role = locked.role_of(viewer).unwrap_or(Role::Viewer);
    Ok(locked.into_project(role))
}

async fn join(transaction: &Transaction, op: &Op, locked: &Locked, user: UserId, role: Role) -> Result<()> {
    if locked.members.len() >= MAX_MEMBERS {
        return Err(Error::Conflict("A project has at most 100 members: remove one first."));
    }
    let row = storage::user::lock(transaction, user).await?;
    row.filter(|user| user.disabled_at.is_none()).ok_or(NO_SUCH_USER)?;
    require_room(transaction, user).await?;
    let project = ProjectId::from_uuid(locked.project.id);
    let member = new_member(transaction, to_micros(op.now()), project, user, role).await?;
    let deed = Deed { actor_id: op.viewer()?, occurred_at: member.joined_at };
    storage::project::insert_member(transaction, member).await?;
    Ok(storage::project::tell_joined(transaction, project, user, deed).await?)
}

/// The user of this name who may log in. Text that is no username is nobody's.
async fn find_user(transaction: &Transaction, username: &str) -> Result<UserId> {
    let username = Username::parse(username).map_err(|_| NO_SUCH_USER)?;
    let user = storage::user::find_by_username(transaction, username.as_str()).await?;
    let user = user.filter(|user| user.disabled_at.is_none()).ok_or(NO_SUCH_USER)?;
    Ok(UserId::from_uuid(user.id))
}
