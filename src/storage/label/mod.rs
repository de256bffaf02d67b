//! Labels. They are a user's own: whoever sees a task has their own labels on it, and nobody else sees those.

mod copy;
mod entity;
mod on_task;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::LockType;
use sea_orm::{PaginatorTrait, QuerySelect, Select};

use super::paging::{Direction, KeyValue, Nulls, Position, Slice, SortKey, Window};
use super::{Result, Source, Transaction, change, task, user};
use crate::ids::{LabelId, UserId};

pub use copy::{add_pairs, all_of, bearers, find_taken, pairs};
pub use entity::label::Model;
use entity::label::{ActiveModel, Column, Entity};
pub(super) use on_task::bearing_all;
use on_task::own as own_labels;
pub use on_task::{add, ids_on, of_tasks, remove};

/// Labels of `viewer`, which nobody else may see.
#[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
fn visible_to(viewer: UserId) -> Select<Entity> {
    Entity::find().filter(Column::UserId.eq(viewer.uuid()))
}

/// Those of `ids` that there are, in no order.
pub async fn find_many(source: &impl Source, viewer: UserId, ids: &[LabelId]) -> Result<Vec<Model>> {
    let ids = ids.iter().map(|id| id.uuid());
    Ok(visible_to(viewer).filter(Column::Id.is_in(ids)).all(&source.executor()).await?)
}

/// A page of the viewer's labels, by name.
pub async fn page(source: &impl Source, viewer: UserId, window: &Window) -> Result<Slice<Model>> {
    let page = window.apply(visible_to(viewer), &[BY_NAME], Column::Id);
    Ok(window.cut(page.all(&source.executor()).await?))
}

/// How many labels the viewer has.
pub async fn count(source: &impl Source, viewer: UserId) -> Result<u64> {
    Ok(visible_to(viewer).count(&source.executor()).await?)
}

/// Keeps others from changing any of the viewer's labels, and what bears them, until the transaction ends: whoever changes
/// them calls this first, behind the locks of tasks and projects. So a number of labels that was counted stays true, a
/// label that was found stays there, and whoever waits for the change log holds nothing that its writer wants.
#[expect(clippy::disallowed_methods, reason = "the row of the viewer")]
pub async fn lock(transaction: &Transaction, viewer: UserId) -> Result<()> {
    let row = user::Entity::find().filter(user::Column::Id.eq(viewer.uuid())).select_only().column(user::Column::Id);
    // Not exclusively: rows that refer to the user, such as new tasks, don't wait for it.
    row.lock(LockType::NoKeyUpdate).into_tuple::<Uuid>().one(&transaction.executor()).await?;
    Ok(())
}

/// Writes a new label; [`Error::Taken`](super::Error::Taken) when the user has one of this name.
pub async fn insert(transaction: &Transaction, label: Model) -> Result<()> {
    let label = ActiveModel::from(label).reset_all();
    Entity::insert(label).exec_without_returning(&transaction.executor()).await?;
    Ok(())
}

/// Writes every column of a label that was found behind [`lock`]; [`Error::Taken`](super::Error::Taken) when the user has
/// another of this name.
pub async fn update(transaction: &Transaction, label: Model) -> Result<()> {
    let label = ActiveModel::from(label).reset_all();
    Entity::update(label).exec(&transaction.executor()).await?;
    Ok(())
}

/// Removes a label that was found behind [`lock`], from all tasks too, with an entry in the viewer's own log for each of
/// those that they see.
///
/// The entries are written first, while it is still known which tasks they are about. Nobody is kept waiting by what
/// follows them, because [`lock`] has locked it.
pub async fn delete(transaction: &Transaction, viewer: UserId, id: LabelId, occurred_at: i64) -> Result<()> {
    let tasks = task::versions(viewer, bearing_all(viewer, &[id]));
    change::insert_own(transaction, viewer, tasks, occurred_at).await?;
    #[expect(clippy::disallowed_methods, reason = "scoped to the viewer's own labels")]
    let labels = Entity::delete_many().filter(Column::UserId.eq(viewer.uuid()));
    labels.filter(Column::Id.eq(id.uuid())).exec(&transaction.executor()).await?;
    Ok(())
}

/// Names are the same to no two labels of a user, so the id never has to decide.
const BY_NAME: SortKey<Column> =
    SortKey { column: Column::NameKey, direction: Direction::Ascending, nulls: Nulls::Never };

impl Model {
    /// Where this label stands in the list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { keys: vec![KeyValue::Text(self.name_key.clone())], id: self.id }
    }
}
