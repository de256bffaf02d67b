//! Removing what is old from the change log.

use sea_orm::entity::prelude::*;
use sea_orm::{QuerySelect, Set};

use super::entity::{Column, Entity};
use crate::storage::{Result, Source, Transaction};

mod pruned {
    use sea_orm::entity::prelude::*;

    /// How far the log has been removed: one row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "task_changes_pruned")]
    pub(super) struct Model {
        /// The last entry that was removed.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) through: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The number of the last entry that has been removed, 0 before the first.
#[expect(clippy::disallowed_methods, reason = "a number that is the same for everybody")]
pub async fn pruned_through(source: &impl Source) -> Result<i64> {
    Ok(pruned::Entity::find().one(&source.executor()).await?.map_or(0, |pruned| pruned.through))
}

/// The number of the last entry of the whole log, removed ones included.
#[expect(clippy::disallowed_methods, reason = "a number that is the same for everybody")]
pub async fn last_sequence(source: &impl Source) -> Result<i64> {
    let last = Entity::find().select_only().column_as(Column::Sequence.max(), "last");
    end(source, last.into_tuple::<Option<i64>>().one(&source.executor()).await?.flatten()).await
}

/// The end of a log of which `last` is the last entry that is there.
pub(super) async fn end(source: &impl Source, last: Option<i64>) -> Result<i64> {
    match last {
        Some(last) => Ok(last),
        None => pruned_through(source).await,
    }
}

/// Removes at most `limit` of the oldest entries from before `instant`, and says how many there were.
#[expect(clippy::disallowed_methods, reason = "the log of everybody, by its age alone")]
pub async fn prune(transaction: &Transaction, instant: i64, limit: u64) -> Result<u64> {
    use sea_orm::QueryOrder;
    let old = Entity::find().filter(Column::OccurredAt.lt(instant)).order_by_asc(Column::OccurredAt).limit(limit);
    let sequences = old.select_only().column(Column::Sequence).into_tuple::<i64>();
    let sequences = sequences.all(&transaction.executor()).await?;
    let Some(through) = sequences.iter().max() else { return Ok(0) };
    let removed = Entity::delete_many().filter(Column::Sequence.lte(*through)).exec(&transaction.executor()).await?;
    let pruned = pruned::ActiveModel { through: Set(*through) };
    pruned::Entity::update_many()
        .set(pruned)
        .filter(pruned::Column::Through.lt(*through))
        .exec(&transaction.executor())
        .await?;
    Ok(removed.rows_affected)
}
