//! The labels that a user has put on tasks.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{QueryOrder, QuerySelect, Select, SelectTwo, Set};

use super::entity::label;
use super::entity::task_label::{ActiveModel, Column, Entity};
use crate::ids::{LabelId, TaskId, UserId};
use crate::storage::{Result, Source, Transaction};

/// The viewer's labels on those of `tasks` that bear any, by name, each with its task.
pub async fn of_tasks(source: &impl Source, viewer: UserId, tasks: &[TaskId]) -> Result<Vec<(TaskId, label::Model)>> {
    let rows = select_of_tasks(viewer, tasks).all(&source.executor()).await?;
    Ok(rows.into_iter().filter_map(|(on, label)| Some((TaskId::from_uuid(on.task_id), label?))).collect())
}

#[expect(clippy::disallowed_methods, reason = "scoped to the viewer's own labels")]
pub(super) fn select_of_tasks(viewer: UserId, tasks: &[TaskId]) -> SelectTwo<Entity, label::Entity> {
    Entity::find()
        .find_also_related(label::Entity)
        .filter(Column::TaskId.is_in(tasks.iter().map(|id| id.uuid())))
        .filter(label::Column::UserId.eq(viewer.uuid()))
        .order_by_asc(label::Column::NameKey)
        .order_by_asc(label::Column::Id)
}

/// The ids of the viewer's labels on a task, in no order.
pub async fn ids_on(transaction: &Transaction, viewer: UserId, task: TaskId) -> Result<Vec<LabelId>> {
    let ids = own_on(viewer, task).select_only().column(Column::LabelId).into_tuple::<Uuid>();
    Ok(ids.all(&transaction.executor()).await?.into_iter().map(LabelId::from_uuid).collect())
}

/// Puts labels on a task, which it does not bear and which were found behind [`super::lock`].
pub async fn add(transaction: &Transaction, task: TaskId, labels: &[LabelId]) -> Result<()> {
    let rows = labels.iter().map(|label| ActiveModel { task_id: Set(task.uuid()), label_id: Set(label.uuid()) });
    Entity::insert_many(rows).exec_without_returning(&transaction.executor()).await?;
    Ok(())
}

/// Takes labels off a task, which were found on it behind [`super::lock`].
#[expect(clippy::disallowed_methods, reason = "labels that were found in the viewer's scope")]
pub async fn remove(transaction: &Transaction, task: TaskId, labels: &[LabelId]) -> Result<()> {
    let rows = Entity::delete_many().filter(Column::TaskId.eq(task.uuid()));
    rows.filter(Column::LabelId.is_in(labels.iter().map(|id| id.uuid()))).exec(&transaction.executor()).await?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "scoped to the viewer's own labels")]
fn own_on(viewer: UserId, task: TaskId) -> Select<Entity> {
    Entity::find().filter(Column::TaskId.eq(task.uuid())).filter(Column::LabelId.in_subquery(own(viewer)))
}

/// The ids of the tasks that bear every one of `labels`, each of which stands there once; none when one of them is not the
/// viewer's.
pub(in crate::storage) fn bearing_all(viewer: UserId, labels: &[LabelId]) -> SelectStatement {
    let own = own(viewer).and_where(label::Column::Id.is_in(labels.iter().map(|id| id.uuid()))).to_owned();
    Query::select()
        .column(Column::TaskId)
        .from(Entity)
        .and_where(Column::LabelId.in_subquery(own))
        .group_by_col(Column::TaskId)
        .and_having(Expr::col(Asterisk).count().eq(i64::try_from(labels.len()).unwrap_or(i64::MAX)))
        .to_owned()
}

/// The ids of the viewer's labels.
pub(super) fn own(viewer: UserId) -> SelectStatement {
    Query::select()
        .column(label::Column::Id)
        .from(label::Entity)
        .and_where(label::Column::UserId.eq(viewer.uuid()))
        .to_owned()
}
