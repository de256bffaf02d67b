//! Making, changing and deleting projects.

use super::locked::Locked;
use super::{MAX_PROJECTS, Name, Project, Role};
use crate::domain::task::Description;
use crate::domain::{Error, Op, Result};
use crate::ids::{ProjectId, UserId};
use crate::storage::instant::to_micros;
use crate::storage::project::{Deed, MemberModel, Model};
use crate::storage::{self, Transaction};

/// A project that is to be made.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// What it is called.
    pub name: Name,
    /// What it is about.
    pub description: Description,
}

/// What is to change of a project; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct ProjectUpdate {
    /// What it is called.
    pub name: Option<Name>,
    /// What it is about.
    pub description: Option<Description>,
    /// Whether its tasks are only read.
    pub archived: Option<bool>,
}

/// Makes a project, which the caller owns.
///
/// # Errors
/// [`Error::Conflict`] when the caller is a member of 100 projects already.
pub async fn create(op: &Op, new: &NewProject) -> Result<Project> {
    let viewer = op.viewer()?;
    let now = op.now();
    let row = Model {
        id: ProjectId::generate(now, &op.services().random).uuid(),
        name: new.name.as_str().to_owned(),
        name_key: new.name.sort_key(),
        description: new.description.as_str().to_owned(),
        archived_at: None,
        created_at: to_micros(now),
        updated_at: to_micros(now),
        deleted_at: None,
    };
    let transaction = op.store().begin().await?;
    storage::user::lock(&transaction, viewer).await?;
    require_room(&transaction, viewer).await?;
    storage::project::insert(&transaction, row.clone()).await?;
    let owner = new_member(&transaction, row.created_at, ProjectId::from_uuid(row.id), viewer, Role::Owner).await?;
    storage::project::insert_member(&transaction, owner).await?;
    transaction.commit().await?;
    Ok(Project::seen_by(Role::Owner, row))
}

/// Changes a project.
///
/// # Errors
/// [`Error::NotFound`] when there is none that the caller is a member of, and [`Error::Forbidden`] when they don't own it.
pub async fn update(op: &Op, id: ProjectId, update: &ProjectUpdate) -> Result<Project> {
    let transaction = op.store().begin().await?;
    let mut locked = Locked::read(&transaction, op, id).await?;
    locked.require_owner()?;
    let now = to_micros(op.now());
    let before = locked.project.clone();
    update.apply(&mut locked.project, now);
    if locked.project != before {
        // Clocks of several servers differ: a later state is never older.
        locked.project.updated_at = now.max(before.updated_at);
        storage::project::update(&transaction, locked.project.clone()).await?;
        transaction.commit().await?;
    }
    Ok(locked.into_project(Role::Owner))
}

/// Deletes a project. Its tasks go to the trash, each of them its creator's alone.
///
/// # Errors
/// [`Error::NotFound`] when there is none that the caller is a member of, and [`Error::Forbidden`] when they don't own it.
pub async fn delete(op: &Op, id: ProjectId) -> Result<ProjectId> {
    let viewer = op.viewer()?;
    let transaction = op.store().begin().await?;
    storage::project::lock_tasks(&transaction, viewer, id).await?;
    let locked = Locked::read(&transaction, op, id).await?;
    locked.require_owner()?;
    let now = to_micros(op.now());
    let gone = Model { deleted_at: Some(now), updated_at: now.max(locked.project.updated_at), ..locked.project };
    storage::project::update(&transaction, gone).await?;
    let deed = Deed { actor_id: viewer, occurred_at: now };
    storage::project::move_tasks_to_trash(&transaction, id, deed).await?;
    transaction.commit().await?;
    Ok(id)
}

/// Refuses a user who can be in no more projects. The caller has locked them, so that two do not take the last place.
///
/// # Errors
/// [`Error::Conflict`] when they are a member of 100 already.
pub(super) async fn require_room(transaction: &Transaction, user: UserId) -> Result<()> {
    if storage::project::count(transaction, user).await? < MAX_PROJECTS {
        return Ok(());
    }
    Err(Error::Conflict("Nobody can be a member of more than 100 projects: leave or delete one first."))
}

/// The row of somebody who joins at `joined_at`. What is in the log by now was never meant for them.
pub(super) async fn new_member(
    transaction: &Transaction,
    joined_at: i64,
    project: ProjectId,
    user: UserId,
    role: Role,
) -> Result<MemberModel> {
    Ok(MemberModel {
        project_id: project.uuid(),
        user_id: user.uuid(),
        role: role as i16,
        joined_at,
        joined_after: storage::change::last_sequence(transaction).await?,
    })
}

impl ProjectUpdate {
    fn apply(&self, project: &mut Model, now: i64) {
        if let Some(name) = &self.name {
            name.as_str().clone_into(&mut project.name);
            project.name_key = name.sort_key();
        }
        if let Some(description) = &self.description {
            description.as_str().clone_into(&mut project.description);
        }
        match self.archived {
            Some(true) => project.archived_at = project.archived_at.or(Some(now)),
            Some(false) => project.archived_at = None,
            None => {}
        }
    }
}
