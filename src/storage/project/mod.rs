//! Projects and their members.
//!
//! On PostgreSQL rows are locked in one order, so that two transactions rarely wait for each other: tasks, then projects and
//! members, then the change log.

mod entity;
mod list;
mod members;
mod tasks;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{JoinType, QuerySelect, RelationTrait, Select};

use super::{Result, Source, Transaction};
use crate::ids::{ProjectId, UserId};

pub use entity::member::Model as MemberModel;
pub use entity::project::Model;
use entity::{member, project};
pub use list::{Shared, all_of, count, find_shared, find_taken, page};
pub use members::{insert_member, member_counts, member_pages, members, remove_member, set_role};
pub use tasks::{Deed, lock_tasks, lock_tasks_of, move_tasks_to_trash, tell_joined, tell_left, unassign};

/// What a member of a project may do. Each may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Read the tasks and comment on them.
    Viewer = 1,
    /// Change the tasks.
    Editor = 2,
    /// Change the project and its members.
    Owner = 3,
}

impl Role {
    /// The role that storage keeps as `number`. A number that is none may do the least.
    #[must_use]
    pub const fn stored(number: i16) -> Self {
        match number {
            3 => Self::Owner,
            2 => Self::Editor,
            _ => Self::Viewer,
        }
    }
}

/// What the caller may do in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Their role.
    pub role: Role,
    /// When the project was archived, while it is: its tasks are then only read.
    pub archived_at: Option<i64>,
}

/// Projects that `viewer` may see: those they are a member of.
#[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
fn visible_to(viewer: UserId) -> Select<project::Entity> {
    project::Entity::find()
        .filter(project::Column::DeletedAt.is_null())
        .filter(project::Column::Id.in_subquery(shared_with(viewer)))
}

/// The ids of the projects that `viewer` is a member of. Some may be deleted; those have no tasks and show nobody.
pub(super) fn shared_with(viewer: UserId) -> SelectStatement {
    Query::select()
        .column(member::Column::ProjectId)
        .from(member::Entity)
        .and_where(member::Column::UserId.eq(viewer.uuid()))
        .to_owned()
}

/// A row when `viewer` is a member of the project `id`, and none otherwise.
pub(super) fn membership(viewer: UserId, id: ProjectId) -> SelectStatement {
    shared_with(viewer).and_where(member::Column::ProjectId.eq(id.uuid())).to_owned()
}

/// The memberships of `viewer` under the name `alias`, without any column.
pub(super) fn shared_with_as(viewer: UserId, alias: &'static str) -> SelectStatement {
    Query::select()
        .from_as(member::Entity, alias)
        .and_where(Expr::col((alias, member::Column::UserId)).eq(viewer.uuid()))
        .to_owned()
}

/// The ids of the users who are members of a project that `viewer` is a member of.
pub(super) fn fellows_of(viewer: UserId) -> SelectStatement {
    Query::select()
        .column(member::Column::UserId)
        .from(member::Entity)
        .and_where(member::Column::ProjectId.in_subquery(visible_ids(viewer)))
        .to_owned()
}

/// The ids of the projects that `viewer` may see.
fn visible_ids(viewer: UserId) -> SelectStatement {
    Query::select()
        .column(project::Column::Id)
        .from(project::Entity)
        .and_where(project::Column::Id.in_subquery(shared_with(viewer)))
        .and_where(project::Column::DeletedAt.is_null())
        .to_owned()
}

/// The project of this id.
pub async fn find(source: &impl Source, viewer: UserId, id: ProjectId) -> Result<Option<Model>> {
    Ok(visible_to(viewer).filter(project::Column::Id.eq(id.uuid())).one(&source.executor()).await?)
}

/// What `viewer` may do in a project, kept so until the transaction ends; `None` when they are no member.
#[expect(clippy::disallowed_methods, reason = "scoped to the viewer's own membership")]
pub async fn lock_standing(transaction: &Transaction, viewer: UserId, id: ProjectId) -> Result<Option<Standing>> {
    let project = visible_to(viewer).filter(project::Column::Id.eq(id.uuid())).lock_shared();
    let Some(project) = project.one(&transaction.executor()).await? else { return Ok(None) };
    let member = member::Entity::find_by_id((id.uuid(), viewer.uuid())).one(&transaction.executor()).await?;
    Ok(member.map(|member| Standing { role: Role::stored(member.role), archived_at: project.archived_at }))
}

/// When a project was archived, while it is, kept so until the transaction ends.
#[expect(clippy::disallowed_methods, reason = "the caller has found a task of the project in its own scope")]
pub async fn lock_archived_at(transaction: &Transaction, id: ProjectId) -> Result<Option<i64>> {
    let project = project::Entity::find().filter(project::Column::Id.eq(id.uuid())).lock_shared();
    Ok(project.one(&transaction.executor()).await?.and_then(|project| project.archived_at))
}

/// What a membership says of reading the log of its project.
pub(super) struct Membership {
    pub(super) project_id: ProjectId,
    /// The last entry of the log before the viewer joined.
    pub(super) joined_after: i64,
    /// When the project was deleted, if it was.
    pub(super) deleted_at: Option<i64>,
}

/// The memberships of `viewer`, those in deleted projects included: their logs tell how they ended.
#[expect(clippy::disallowed_methods, reason = "scoped to the viewer's own memberships")]
pub(super) async fn memberships(source: &impl Source, viewer: UserId) -> Result<Vec<Membership>> {
    let memberships = member::Entity::find()
        .filter(member::Column::UserId.eq(viewer.uuid()))
        .join(JoinType::InnerJoin, member::Relation::Project.def())
        .select_only()
        .columns([member::Column::ProjectId, member::Column::JoinedAfter])
        .column(project::Column::DeletedAt);
    let memberships = memberships.into_tuple::<(Uuid, i64, Option<i64>)>().all(&source.executor()).await?;
    let membership = |(project_id, joined_after, deleted_at)| Membership {
        project_id: ProjectId::from_uuid(project_id),
        joined_after,
        deleted_at,
    };
    Ok(memberships.into_iter().map(membership).collect())
}

/// The members of a project, in no order.
#[expect(clippy::disallowed_methods, reason = "the caller has found the project in its own scope")]
pub async fn member_ids(transaction: &Transaction, id: ProjectId) -> Result<Vec<UserId>> {
    let members = member::Entity::find().filter(member::Column::ProjectId.eq(id.uuid()));
    let members = members.all(&transaction.executor()).await?;
    Ok(members.into_iter().map(|member| UserId::from_uuid(member.user_id)).collect())
}

/// The project of this id, kept from changing until the transaction ends, and its members with it: whoever changes them
/// locks the project first.
pub async fn lock(transaction: &Transaction, viewer: UserId, id: ProjectId) -> Result<Option<Model>> {
    let project = visible_to(viewer).filter(project::Column::Id.eq(id.uuid()));
    Ok(project.lock_exclusive().one(&transaction.executor()).await?)
}

/// Writes a new project.
pub async fn insert(transaction: &Transaction, project: Model) -> Result<()> {
    let project = project::ActiveModel::from(project).reset_all();
    project::Entity::insert(project).exec_without_returning(&transaction.executor()).await?;
    Ok(())
}

/// Writes every column of a project that was read with [`lock`].
pub async fn update(transaction: &Transaction, project: Model) -> Result<()> {
    let project = project::ActiveModel::from(project).reset_all();
    project::Entity::update(project).exec(&transaction.executor()).await?;
    Ok(())
}
