//! How tasks hang together: which is a part of which.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CommonTableExpression, Expr, ExprTrait, Query, SelectStatement, UnionType, WithClause};
use sea_orm::{DbBackend, Statement};

use super::entity::{Column, Entity};
use crate::storage::{Result, Source, Transaction};

/// Keeps others from moving, making, deleting and restoring subtasks until the transaction ends: on PostgreSQL by a lock, and
/// SQLite has one writer anyway. It is taken before any row is, so that nobody waits for each other.
pub async fn lock_trees(transaction: &Transaction) -> Result<()> {
    let executor = transaction.executor();
    if executor.get_database_backend() == DbBackend::Postgres {
        let lock = "SELECT pg_advisory_xact_lock('tasks'::regclass::oid::bigint)";
        executor.execute_raw(Statement::from_string(DbBackend::Postgres, lock)).await?;
    }
    Ok(())
}

/// The whole trees that the tasks of `ids` are in: the id of each task in them and that of its parent, whoever may see
/// them, in the trash or not.
pub async fn trees(transaction: &Transaction, ids: &[Uuid]) -> Result<Vec<(Uuid, Option<Uuid>)>> {
    let rows = transaction.executor().query_all(&select_trees(ids)).await?;
    let task = |row: &sea_orm::QueryResult| Ok((row.try_get("", "id")?, row.try_get("", "parent_id")?));
    rows.iter().map(task).collect()
}

/// Goes up to the roots, and down again from them. Rows that are known already are not followed again, so that it ends
/// whatever the tasks say.
pub(super) fn select_trees(ids: &[Uuid]) -> SelectStatement {
    let given = tasks().and_where(Column::Id.is_in(ids.iter().copied())).to_owned();
    let roots = Query::select()
        .columns(["id", "parent_id"])
        .from("ancestor")
        .and_where(Expr::col("parent_id").is_null())
        .to_owned();
    let parents =
        tasks().inner_join("ancestor", Expr::col((Entity, Column::Id)).equals(("ancestor", "parent_id"))).to_owned();
    let children = tasks().inner_join("tree", Expr::col((Entity, Column::ParentId)).equals(("tree", "id"))).to_owned();
    let clause = WithClause::new()
        .recursive(true)
        .cte(recursive("ancestor", given, parents))
        .cte(recursive("tree", roots, children))
        .to_owned();
    Query::select().columns(["id", "parent_id"]).from("tree").with_cte(clause).to_owned()
}

fn tasks() -> SelectStatement {
    Query::select().column((Entity, Column::Id)).column((Entity, Column::ParentId)).from(Entity).to_owned()
}

fn recursive(name: &'static str, mut first: SelectStatement, then: SelectStatement) -> CommonTableExpression {
    CommonTableExpression::new()
        .table_name(name)
        .columns(["id", "parent_id"])
        .query(first.union(UnionType::Distinct, then).to_owned())
        .to_owned()
}
