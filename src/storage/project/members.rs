//! The members of projects.

use std::collections::HashMap;

use sea_orm::Select;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::entity::member::{ActiveModel, Column, Entity, Model};
use super::{Role, visible_ids};
use crate::bus::Topic;
use crate::ids::{ProjectId, UserId};
use crate::storage::paging::{Direction, KeyValue, Nulls, Position, Slice, SortKey, Window, count_each};
use crate::storage::{Result, Source, Transaction};

impl Model {
    /// Where this member stands in the list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { keys: vec![KeyValue::Integer(self.joined_at)], id: self.user_id }
    }
}

/// By when they joined.
const ORDER: [SortKey<Column>; 1] =
    [SortKey { column: Column::JoinedAt, direction: Direction::Ascending, nulls: Nulls::Never }];

/// Members of those of `projects` that `viewer` may see.
#[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
fn visible_to(viewer: UserId, projects: &[ProjectId]) -> Select<Entity> {
    Entity::find()
        .filter(Column::ProjectId.is_in(projects.iter().map(|id| id.uuid())))
        .filter(Column::ProjectId.in_subquery(visible_ids(viewer)))
}

/// A page of the members of each of `projects`. A project that the viewer can't see is left out.
pub async fn member_pages(
    source: &impl Source,
    viewer: UserId,
    projects: &[ProjectId],
    window: &Window,
) -> Result<HashMap<ProjectId, Slice<Model>>> {
    let members = visible_to(viewer, projects);
    let select = window.apply_to_each(members, (Column::ProjectId, projects.len()), &ORDER, Column::UserId);
    let members = select.all(&source.executor()).await?;
    Ok(window.cut_each(members, |member| ProjectId::from_uuid(member.project_id)))
}

/// How many members each of `projects` has. A project that the viewer can't see is left out.
pub async fn member_counts(
    source: &impl Source,
    viewer: UserId,
    projects: &[ProjectId],
) -> Result<HashMap<ProjectId, i64>> {
    count_each(source, visible_to(viewer, projects), Column::ProjectId, ProjectId::from_uuid).await
}

/// All members of a project that was read with [`lock`](super::lock), in no order.
#[expect(clippy::disallowed_methods, reason = "the caller has found the project in its own scope")]
pub async fn members(transaction: &Transaction, id: ProjectId) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::ProjectId.eq(id.uuid())).all(&transaction.executor()).await?)
}

/// Writes a new member of a project that was read with [`lock`](super::lock).
pub async fn insert_member(transaction: &Transaction, member: Model) -> Result<()> {
    transaction.note(Topic::Account(UserId::from_uuid(member.user_id)));
    let member = ActiveModel::from(member).reset_all();
    Entity::insert(member).exec_without_returning(&transaction.executor()).await?;
    Ok(())
}

/// Gives a member another role.
#[expect(clippy::disallowed_methods, reason = "one member of a project that the caller has locked")]
pub async fn set_role(transaction: &Transaction, id: ProjectId, user: UserId, role: Role) -> Result<()> {
    transaction.note(Topic::Account(user));
    let update = Entity::update_many().col_expr(Column::Role, Expr::value(role as i16)).filter(is(id, user));
    update.exec(&transaction.executor()).await?;
    Ok(())
}

/// Removes a member.
#[expect(clippy::disallowed_methods, reason = "one member of a project that the caller has locked")]
pub async fn remove_member(transaction: &Transaction, id: ProjectId, user: UserId) -> Result<()> {
    transaction.note(Topic::Account(user));
    Entity::delete_many().filter(is(id, user)).exec(&transaction.executor()).await?;
    Ok(())
}

fn is(id: ProjectId, user: UserId) -> sea_orm::Condition {
    sea_orm::Condition::all().add(Column::ProjectId.eq(id.uuid())).add(Column::UserId.eq(user.uuid()))
}
