//! Tasks.

mod copy;
pub(super) mod entity;
mod filter;
mod list;
mod order;
mod tree;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, OnConflict, SelectStatement};
use sea_orm::{Condition, Iterable, QuerySelect, QueryTrait, Select};

use super::{Result, Source, Transaction, project};
use crate::ids::{ProjectId, TaskId, UserId};

pub use copy::{count_made_by, find_taken, insert_many, parts, roots};
pub use entity::Model;
use entity::{ActiveModel, Column, Entity};
pub use filter::{Filter, InstantRange};
pub use list::{Listing, Places, count, counts, page, pages};
pub use order::{Order, OrderField};
pub use tree::{lock_trees, trees};

/// Tasks that `viewer` may see, in the trash or not: those they made, and those of projects that they are a member of.
#[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
fn visible_to(viewer: UserId) -> Select<Entity> {
    Entity::find().filter(visible(viewer))
}

fn visible(viewer: UserId) -> Condition {
    let shared = Column::ProjectId.in_subquery(project::shared_with(viewer));
    Condition::any().add(Column::CreatedBy.eq(viewer.uuid())).add(shared)
}

/// Whether `viewer` may see the task that `id`, a column of another table, names.
pub(super) fn is_visible(viewer: UserId, id: impl IntoColumnRef) -> Expr {
    let mut task = visible_to(viewer).filter(Expr::col((Entity, Column::Id)).equals(id)).into_query();
    Expr::exists(task.clear_selects().expr(Expr::val(1)).to_owned())
}

/// Whether the task that `id`, a column of another table, names is in a project.
#[expect(
    clippy::disallowed_methods,
    reason = "the caller has found the project in its own scope, and learns nothing else"
)]
pub(super) fn is_in(project: ProjectId, id: impl IntoColumnRef) -> Expr {
    let mut task = Entity::find().filter(Expr::col((Entity, Column::Id)).equals(id)).into_query();
    let is_in = Expr::col((Entity, Column::ProjectId)).eq(project.uuid());
    Expr::exists(task.clear_selects().expr(Expr::val(1)).and_where(is_in).to_owned())
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

/// Writes a new task; [`Error::Taken`](super::Error::Taken) when the id is taken.
pub async fn insert(transaction: &Transaction, task: Model) -> Result<()> {
    let task = ActiveModel::from(task).reset_all();
    Entity::insert(task).exec_without_returning(&transaction.executor()).await?;
    Ok(())
}

/// SQLite takes 32,766 parameters in one statement, and a task is eighteen.
const ROWS_AT_ONCE: usize = 1_000;

/// Writes every column of tasks that were read with [`lock_many`], in one statement for a thousand of them.
pub async fn update_many(transaction: &Transaction, tasks: &[Model]) -> Result<()> {
    // Neither engine has a simpler way to give many rows a value each. The rows are locked, so none is ever inserted.
    let columns = Column::iter().filter(|column| !matches!(column, Column::Id));
    let instead = OnConflict::column(Column::Id).update_columns(columns).to_owned();
    for tasks in tasks.chunks(ROWS_AT_ONCE) {
        let tasks = tasks.iter().cloned().map(|task| ActiveModel::from(task).reset_all());
        let insert = Entity::insert_many(tasks).on_conflict(instead.clone());
        insert.exec_without_returning(&transaction.executor()).await?;
    }
    Ok(())
}

/// Removes at most `limit` tasks that went to the trash before `instant`, with their comments and labels, and says how many
/// there were.
#[expect(clippy::disallowed_methods, reason = "the trash of everybody, by its age alone")]
pub async fn purge(transaction: &Transaction, instant: i64, limit: u64) -> Result<u64> {
    let old = Entity::find().filter(Column::DeletedAt.lt(instant)).limit(limit);
    let ids = old.select_only().column(Column::Id).into_tuple::<Uuid>().all(&transaction.executor()).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    let removed = Entity::delete_many().filter(Column::Id.is_in(ids)).exec(&transaction.executor()).await?;
    Ok(removed.rows_affected)
}
