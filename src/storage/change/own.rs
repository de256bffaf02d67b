//! Logging what a user did to any number of tasks for themselves alone.

use sea_orm::ConnectionTrait;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, Query, SelectStatement};

use super::entity::{Column, Entity};
use super::{Kind, Scope};
use crate::bus::Topic;
use crate::ids::UserId;
use crate::storage::{Error, Result, Source, Transaction};

/// Logs in `viewer`'s own log that they changed every task that `tasks` selects, by its id and its version. What
/// [`insert`](super::insert) says of locks holds here too.
pub(in crate::storage) async fn insert_own(
    transaction: &Transaction,
    viewer: UserId,
    mut tasks: SelectStatement,
    occurred_at: i64,
) -> Result<()> {
    transaction.note(Topic::Log(viewer.uuid()));
    tasks
        .expr(Expr::value(Kind::Updated as i16))
        .expr(Expr::value(viewer.uuid()))
        .expr(Expr::value(occurred_at))
        .expr(Expr::value(Scope::User(viewer).uuid()));
    let insert = Query::insert()
        .into_table(Entity)
        .columns([Column::TaskId, Column::Version, Column::Kind, Column::ActorId, Column::OccurredAt, Column::ScopeId])
        .select_from(tasks)
        .map_err(|mismatch| Error::Database(DbErr::Custom(mismatch.to_string())))?
        .to_owned();
    transaction.executor().execute(&insert).await?;
    Ok(())
}
