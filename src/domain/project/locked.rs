//! A project that is about to change, and who may change it.

use super::{NOT_FOUND, Project, Role};
use crate::domain::{Error, Op, Result};
use crate::ids::{ProjectId, UserId};
use crate::storage::project::{MemberModel, Model};
use crate::storage::{self, Transaction};

/// A project and its members, which nobody else changes until the transaction ends. So of two owners who leave at the same
/// moment, the second sees that they are the last one.
pub(super) struct Locked {
    pub(super) project: Model,
    pub(super) members: Vec<MemberModel>,
    viewer: UserId,
}

impl Locked {
    /// The project of this id.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none that the caller is a member of.
    pub(super) async fn read(transaction: &Transaction, op: &Op, id: ProjectId) -> Result<Self> {
        let viewer = op.viewer()?;
        let project = storage::project::lock(transaction, viewer, id).await?.ok_or(NOT_FOUND)?;
        // Only what is read after the lock is sure to be as the one before left it.
        let members = storage::project::members(transaction, id).await?;
        let locked = Self { project, members, viewer };
        locked.role_of(viewer).map(|_| locked).ok_or(NOT_FOUND)
    }

    /// The role of a member; `None` when `user` is none.
    pub(super) fn role_of(&self, user: UserId) -> Option<Role> {
        let member = self.members.iter().find(|member| member.user_id == user.uuid());
        member.map(|member| Role::stored(member.role))
    }

    /// Refuses a caller who does not own the project.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for one who is only an editor or a viewer.
    pub(super) fn require_owner(&self) -> Result<()> {
        match self.role_of(self.viewer) {
            Some(Role::Owner) => Ok(()),
            _ => Err(Error::Forbidden("Only owners of the project may do this.")),
        }
    }

    /// Refuses to take `user` away from the owners when they are the last one. One whose account is disabled does not
    /// count: nobody could manage the project.
    ///
    /// # Errors
    /// [`Error::Conflict`] when `user` is an owner and none besides them may log in.
    pub(super) async fn require_owner_besides(&self, transaction: &Transaction, user: UserId) -> Result<()> {
        if self.role_of(user) != Some(Role::Owner) {
            return Ok(());
        }
        let owners = self.members.iter().filter(|member| Role::stored(member.role) == Role::Owner);
        let others = owners.map(|owner| UserId::from_uuid(owner.user_id)).filter(|owner| *owner != user);
        let others = storage::user::find_named(transaction, &others.collect::<Vec<_>>()).await?;
        if others.iter().any(|other| other.disabled_at.is_none()) {
            return Ok(());
        }
        Err(Error::Conflict("The project would have no owner: make somebody else one first, or delete it."))
    }

    /// The project as the caller sees it, in the role that they have now.
    pub(super) fn into_project(self, viewer_role: Role) -> Project {
        Project::seen_by(viewer_role, self.project)
    }
}
