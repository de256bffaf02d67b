//! A user's labels for the operator, who takes them out of the database and puts them in.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect, Set};

use super::entity::label;
use super::entity::task_label::{ActiveModel, Column, Entity};
use super::{Model, own_labels, visible_to};
use crate::ids::{LabelId, TaskId, UserId};
use crate::storage::{Result, Source, Transaction};

/// All labels of a user, by their ids.
pub async fn all_of(source: &impl Source, user: UserId) -> Result<Vec<Model>> {
    Ok(visible_to(user).order_by_asc(label::Column::Id).all(&source.executor()).await?)
}

/// The label of this id, whosever it is.
#[expect(clippy::disallowed_methods, reason = "the operator asks whether an id is taken")]
pub async fn find_taken(transaction: &Transaction, id: LabelId) -> Result<Option<Model>> {
    Ok(label::Entity::find().filter(label::Column::Id.eq(id.uuid())).one(&transaction.executor()).await?)
}

/// At most `limit` of the tasks that bear a label of the user's, after `after`, by their ids.
#[expect(clippy::disallowed_methods, reason = "scoped to a label that was found as the user's own")]
pub async fn bearers(source: &impl Source, label: LabelId, after: Option<TaskId>, limit: u64) -> Result<Vec<TaskId>> {
    let bearers = Entity::find().filter(Column::LabelId.eq(label.uuid()));
    let rest = match after {
        Some(after) => bearers.filter(Column::TaskId.gt(after.uuid())),
        None => bearers,
    };
    let ids = rest.order_by_asc(Column::TaskId).limit(limit).select_only().column(Column::TaskId);
    Ok(ids.into_tuple::<Uuid>().all(&source.executor()).await?.into_iter().map(TaskId::from_uuid).collect())
}

/// Which of the user's labels are on which of `tasks`.
#[expect(clippy::disallowed_methods, reason = "scoped to the user's own labels")]
pub async fn pairs(transaction: &Transaction, user: UserId, tasks: &[TaskId]) -> Result<Vec<(TaskId, LabelId)>> {
    let pairs = Entity::find()
        .filter(Column::TaskId.is_in(tasks.iter().map(|id| id.uuid())))
        .filter(Column::LabelId.in_subquery(own_labels(user)));
    let pairs = pairs.all(&transaction.executor()).await?;
    Ok(pairs.into_iter().map(|on| (TaskId::from_uuid(on.task_id), LabelId::from_uuid(on.label_id))).collect())
}

/// Puts labels on tasks that don't bear them, and which were found behind [`super::lock`].
pub async fn add_pairs(transaction: &Transaction, pairs: &[(TaskId, LabelId)]) -> Result<()> {
    let row =
        |(task, label): &(TaskId, LabelId)| ActiveModel { task_id: Set(task.uuid()), label_id: Set(label.uuid()) };
    Entity::insert_many(pairs.iter().map(row)).exec_without_returning(&transaction.executor()).await?;
    Ok(())
}
