//! Projects as a member sees them: each with what that member may do in it.

use sea_orm::entity::prelude::*;
use sea_orm::{JoinType, PaginatorTrait, QueryOrder, QuerySelect, RelationTrait, Select};

use super::entity::{member, project};
use super::{Model, Role};
use crate::ids::{ProjectId, UserId};
use crate::storage::paging::{Direction, KeyValue, Nulls, Position, Slice, SortKey, Window};
use crate::storage::{Result, Source, Transaction};

/// A project, and what the viewer may do in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The project.
    pub project: Model,
    /// The role of the viewer.
    pub role: Role,
}

impl Shared {
    /// Where this project stands in the list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { keys: vec![KeyValue::Text(self.project.name_key.clone())], id: self.project.id }
    }
}

/// By name.
const ORDER: [SortKey<project::Column>; 1] =
    [SortKey { column: project::Column::NameKey, direction: Direction::Ascending, nulls: Nulls::Never }];

/// Projects that `viewer` may see, each beside their membership.
#[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
fn shared_with(viewer: UserId) -> Select<project::Entity> {
    project::Entity::find()
        .join(JoinType::InnerJoin, member::Relation::Project.def().rev())
        .filter(member::Column::UserId.eq(viewer.uuid()))
        .filter(project::Column::DeletedAt.is_null())
}

/// Those of `ids` that there are, in no order.
pub async fn find_shared(source: &impl Source, viewer: UserId, ids: &[ProjectId]) -> Result<Vec<Shared>> {
    let projects = shared_with(viewer).filter(project::Column::Id.is_in(ids.iter().map(|id| id.uuid())));
    all(source, projects).await
}

/// The page of the viewer's projects.
pub async fn page(source: &impl Source, viewer: UserId, window: &Window) -> Result<Slice<Shared>> {
    let page = window.apply(shared_with(viewer), &ORDER, project::Column::Id);
    Ok(window.cut(all(source, page).await?))
}

/// All of the user's projects with their membership, by the ids of the projects, for the operator.
pub async fn all_of(source: &impl Source, user: UserId) -> Result<Vec<(Model, member::Model)>> {
    let rows = shared_with(user).order_by_asc(project::Column::Id).select_also(member::Entity);
    let rows = rows.all(&source.executor()).await?;
    Ok(rows.into_iter().filter_map(|(project, member)| Some((project, member?))).collect())
}

/// The project of this id, deleted or not, whoever may see it, for the operator.
#[expect(clippy::disallowed_methods, reason = "the operator asks whether an id is taken")]
pub async fn find_taken(transaction: &Transaction, id: ProjectId) -> Result<Option<Model>> {
    Ok(project::Entity::find().filter(project::Column::Id.eq(id.uuid())).one(&transaction.executor()).await?)
}

/// How many projects the viewer has.
pub async fn count(source: &impl Source, viewer: UserId) -> Result<u64> {
    Ok(shared_with(viewer).count(&source.executor()).await?)
}

async fn all(source: &impl Source, projects: Select<project::Entity>) -> Result<Vec<Shared>> {
    let rows = projects.select_also(member::Entity).all(&source.executor()).await?;
    let shared = |(project, member): (Model, Option<member::Model>)| {
        member.map(|member| Shared { project, role: Role::stored(member.role) })
    };
    Ok(rows.into_iter().filter_map(shared).collect())
}
