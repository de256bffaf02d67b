//! Tasks.

pub(super) mod entity;
mod filter;
mod order;
#[cfg(test)]
mod tests;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, IntoColumnRef, Query, SelectStatement, UnionType};
use sea_orm::{Condition, PaginatorTrait, QuerySelect, QueryTrait, Select};

use super::paging::{Slice, Window};
use super::{Result, Source, Transaction, project};
use crate::ids::{TaskId, UserId};

pub use entity::Model;
use entity::{ActiveModel, Column, Entity};
pub use filter::{Filter, InstantRange};
pub use order::{Order, OrderField};

/// Tasks that `viewer` may see, in the trash or not: those they made, and those of projects that they are a member of.
#[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
fn visible_to(viewer: UserId) -> Select<Entity> {
    let shared = Column::ProjectId.in_subquery(project::shared_with(viewer));
    Entity::find().filter(Condition::any().add(Column::CreatedBy.eq(viewer.uuid())).add(shared))
}

/// Whether `viewer` may see the task that `id`, a column of another table, names.
pub(super) fn is_visible(viewer: UserId, id: impl IntoColumnRef) -> Expr {
    let mut task = visible_to(viewer).filter(Expr::col((Entity, Column::Id)).equals(id)).into_query();
    Expr::exists(task.clear_selects().expr(Expr::val(1)).to_owned())
}

/// The task of this id, in the trash or not.
pub async fn find(source: &impl Source, viewer: UserId, id: TaskId) -> Result<Option<Model>> {
    Ok(visible_to(viewer).filter(Column::Id.eq(id.uuid())).one(&source.executor()).await?)
}

/// Those of `ids` that there are, in no order.
pub async fn find_many(source: &impl Source, viewer: UserId, ids: &[TaskId]) -> Result<Vec<Model>> {
    let ids = ids.iter().map(|id| id.uuid());
    Ok(visible_to(viewer).filter(Column::Id.is_in(ids)).all(&source.executor()).await?)
}

/// The ids and the versions of those of `ids` that there are, in the order of their ids.
pub(super) fn versions(viewer: UserId, ids: SelectStatement) -> SelectStatement {
    use sea_orm::QueryOrder;
    let tasks = visible_to(viewer).filter(Column::Id.in_subquery(ids)).order_by_asc(Column::Id);
    tasks.select_only().column(Column::Id).column(Column::Version).into_query()
}

/// Those of `ids` that there are, kept from changing until the transaction ends. Locked in the order of their ids, so that
/// two transactions never wait for each other.
pub async fn lock_many(transaction: &Transaction, viewer: UserId, ids: &[TaskId]) -> Result<Vec<Model>> {
    use sea_orm::QueryOrder;
    let tasks = visible_to(viewer).filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())));
    Ok(tasks.order_by_asc(Column::Id).lock_exclusive().all(&transaction.executor()).await?)
}

/// The page of the viewer's tasks that pass `filter`.
pub async fn page(
    source: &impl Source,
    viewer: UserId,
    filter: &Filter,
    order: &[Order],
    window: &Window,
) -> Result<Slice<Model>> {
    let source = source.executor();
    let page = select_page(viewer, &filter.condition(viewer, source.get_database_backend()), order, window);
    Ok(window.cut(page.all(&source).await?))
}

/// The tasks that the viewer made and the others that are shared with them are each cut to the window before they are put
/// together: an index then gives the viewer's own in their order, where both at once would have to be sorted.
#[expect(clippy::disallowed_methods, reason = "the two halves of `visible_to`")]
fn select_page(viewer: UserId, condition: &Condition, order: &[Order], window: &Window) -> Select<Entity> {
    let keys = order::sort_keys(order);
    let half = |scope: Condition| {
        let tasks = Entity::find().filter(scope).filter(condition.clone());
        let tasks = window.apply(tasks, &keys, Column::Id).into_query();
        Query::select().column(Asterisk).from_subquery(tasks, "half").to_owned()
    };
    let shared = Column::ProjectId.in_subquery(project::shared_with(viewer));
    let own = half(Condition::all().add(Column::CreatedBy.eq(viewer.uuid())));
    let others = half(Condition::all().add(shared).add(Column::CreatedBy.ne(viewer.uuid())));
    let both = own.clone().union(UnionType::All, others).to_owned();
    let mut page = window.apply(Entity::find(), &keys, Column::Id);
    QuerySelect::query(&mut page).from_clear().from_subquery(both, Entity.table_name());
    page
}

/// How many of the viewer's tasks pass `filter`.
pub async fn count(source: &impl Source, viewer: UserId, filter: &Filter) -> Result<u64> {
    let source = source.executor();
    let tasks = visible_to(viewer).filter(filter.condition(viewer, source.get_database_backend()));
    Ok(tasks.count(&source).await?)
}

/// Writes a new task; [`Error::Taken`](super::Error::Taken) when the id is taken.
pub async fn insert(transaction: &Transaction, task: Model) -> Result<()> {
    let task = ActiveModel::from(task).reset_all();
    Entity::insert(task).exec_without_returning(&transaction.executor()).await?;
    Ok(())
}

/// Writes every column of a task that was read with [`lock_many`].
pub async fn update(transaction: &Transaction, task: Model) -> Result<()> {
    let task = ActiveModel::from(task).reset_all();
    Entity::update(task).exec(&transaction.executor()).await?;
    Ok(())
}

/// Removes at most `limit` tasks that went to the trash before `instant`, with their comments and labels, and says how many
/// there were.
#[expect(clippy::disallowed_methods, reason = "the trash of everybody, by its age alone")]
pub async fn purge(transaction: &Transaction, instant: i64, limit: u64) -> Result<u64> {
    let old = Entity::find().filter(Column::DeletedAt.lt(instant)).limit(limit);
    let ids = old.select_only().column(Column::Id).into_tuple::<Uuid>().all(&transaction.executor()).await?;
    let removed = Entity::delete_many().filter(Column::Id.is_in(ids)).exec(&transaction.executor()).await?;
    Ok(removed.rows_affected)
}
