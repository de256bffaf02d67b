//! A user's tasks for the operator, who takes them out of the database and puts them in.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{PaginatorTrait, QueryOrder, QuerySelect, Select};

use super::entity::{ActiveModel, Column, Entity};
use super::{Model, ROWS_AT_ONCE};
use crate::ids::{TaskId, UserId};
use crate::storage::{Result, Source, Transaction};

/// At most `limit` of the tasks that `creator` made and that are a part of none of theirs, after `after`, by their ids.
pub async fn roots(source: &impl Source, creator: UserId, after: Option<TaskId>, limit: u64) -> Result<Vec<Model>> {
    // For each task by the id of its one parent: a list of all their tasks would be made anew for each chunk.
    let own_parent = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, "parent")
        .and_where(Expr::col(("parent", Column::Id)).equals((Entity, Column::ParentId)))
        .and_where(Expr::col(("parent", Column::CreatedBy)).eq(creator.uuid()))
        .to_owned();
    let roots = made_by(creator).filter(Expr::exists(own_parent).not());
    Ok(chunk(roots, after, limit).all(&source.executor()).await?)
}

/// At most `limit` of the tasks that `creator` made and that are a part of one of `parents`, after `after`, by their ids.
#[expect(clippy::disallowed_methods, reason = "scoped to one user's own tasks")]
pub async fn parts(
    source: &impl Source,
    creator: UserId,
    parents: &[TaskId],
    after: Option<TaskId>,
    limit: u64,
) -> Result<Vec<Model>> {
    // SQLite has no index for `NOT <>`. With one it would read all tasks of the creator for each chunk, not the few parts.
    let is_own = Column::CreatedBy.ne(creator.uuid()).not();
    let parts = Entity::find().filter(Column::ParentId.is_in(parents.iter().map(|id| id.uuid()))).filter(is_own);
    Ok(chunk(parts, after, limit).all(&source.executor()).await?)
}

/// How many tasks `creator` made, those in the trash included.
pub async fn count_made_by(source: &impl Source, creator: UserId) -> Result<u64> {
    Ok(made_by(creator).count(&source.executor()).await?)
}

/// Those of `ids` that there are, whoever may see them.
#[expect(clippy::disallowed_methods, reason = "the operator asks which ids are taken")]
pub async fn find_taken(transaction: &Transaction, ids: &[Uuid]) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids.iter().copied())).all(&transaction.executor()).await?)
}

/// Writes new tasks, whose ids are free.
pub async fn insert_many(transaction: &Transaction, tasks: &[Model]) -> Result<()> {
    for tasks in tasks.chunks(ROWS_AT_ONCE) {
        let tasks = tasks.iter().cloned().map(|task| ActiveModel::from(task).reset_all());
        Entity::insert_many(tasks).exec_without_returning(&transaction.executor()).await?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "scoped to one user's own tasks")]
fn made_by(creator: UserId) -> Select<Entity> {
    Entity::find().filter(Column::CreatedBy.eq(creator.uuid()))
}

fn chunk(tasks: Select<Entity>, after: Option<TaskId>, limit: u64) -> Select<Entity> {
    let rest = match after {
        Some(after) => tasks.filter(Column::Id.gt(after.uuid())),
        None => tasks,
    };
    rest.order_by_asc(Column::Id).limit(limit)
}
