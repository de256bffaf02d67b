//! Comments: what people say about a task.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect, Select};

use super::paging::{Direction, KeyValue, Nulls, Position, Slice, SortKey, Window, count_each};
use super::{Result, Source, Transaction, task};
use crate::ids::{CommentId, TaskId, UserId};

mod entity {
    use sea_orm::entity::prelude::*;

    /// A comment as the database keeps it. Instants are microseconds since 1970.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "comments")]
    pub struct Model {
        /// The UUID of the id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// What it is about.
        pub task_id: Uuid,
        /// Who wrote it.
        pub author_id: Uuid,
        /// What it says.
        pub body: String,
        /// When it was written.
        pub created_at: i64,
        /// When it was last changed.
        pub updated_at: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model;
use entity::{ActiveModel, Column, Entity};

/// Oldest first.
const ORDER: [SortKey<Column>; 1] =
    [SortKey { column: Column::CreatedAt, direction: Direction::Ascending, nulls: Nulls::Never }];

impl Model {
    /// Where this comment stands among those of its task.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { keys: vec![KeyValue::Integer(self.created_at)], id: self.id }
    }
}

/// Comments on tasks that `viewer` may see.
#[expect(clippy::disallowed_methods, reason = "the scoped finder itself")]
fn visible_to(viewer: UserId) -> Select<Entity> {
    Entity::find().filter(task::is_visible(viewer, (Entity, Column::TaskId)))
}

/// Those of `ids` that there are, in no order.
pub async fn find_many(source: &impl Source, viewer: UserId, ids: &[CommentId]) -> Result<Vec<Model>> {
    let ids = ids.iter().map(|id| id.uuid());
    Ok(visible_to(viewer).filter(Column::Id.is_in(ids)).all(&source.executor()).await?)
}

/// The comment of this id, kept from changing until the transaction ends.
pub async fn lock(transaction: &Transaction, viewer: UserId, id: CommentId) -> Result<Option<Model>> {
    let comment = visible_to(viewer).filter(Column::Id.eq(id.uuid())).lock_exclusive();
    Ok(comment.one(&transaction.executor()).await?)
}

/// A page of the comments on each of `tasks`; a task without any is left out.
pub async fn pages(
    source: &impl Source,
    viewer: UserId,
    tasks: &[TaskId],
    window: &Window,
) -> Result<HashMap<TaskId, Slice<Model>>> {
    let select = window.apply_to_each(on(viewer, tasks), (Column::TaskId, tasks.len()), &ORDER, Column::Id);
    let comments = select.all(&source.executor()).await?;
    Ok(window.cut_each(comments, |comment| TaskId::from_uuid(comment.task_id)))
}

/// How many comments each of `tasks` has; a task without any is left out.
pub async fn counts(source: &impl Source, viewer: UserId, tasks: &[TaskId]) -> Result<HashMap<TaskId, i64>> {
    count_each(source, on(viewer, tasks), Column::TaskId, TaskId::from_uuid).await
}

fn on(viewer: UserId, tasks: &[TaskId]) -> Select<Entity> {
    visible_to(viewer).filter(Column::TaskId.is_in(tasks.iter().map(|id| id.uuid())))
}

/// Writes a new comment.
pub async fn insert(transaction: &Transaction, comment: Model) -> Result<()> {
    let comment = ActiveModel::from(comment).reset_all();
    Entity::insert(comment).exec_without_returning(&transaction.executor()).await?;
    Ok(())
}

/// Writes every column of a comment that was read with [`lock`].
pub async fn update(transaction: &Transaction, comment: Model) -> Result<()> {
    let comment = ActiveModel::from(comment).reset_all();
    Entity::update(comment).exec(&transaction.executor()).await?;
    Ok(())
}

/// At most `limit` of the comments that `author` wrote, after `after`, by their ids, for the operator.
#[expect(clippy::disallowed_methods, reason = "scoped to one user's own comments")]
pub async fn written_by(
    source: &impl Source,
    author: UserId,
    after: Option<CommentId>,
    limit: u64,
) -> Result<Vec<Model>> {
    let comments = Entity::find().filter(Column::AuthorId.eq(author.uuid()));
    let rest = match after {
        Some(after) => comments.filter(Column::Id.gt(after.uuid())),
        None => comments,
    };
    Ok(rest.order_by_asc(Column::Id).limit(limit).all(&source.executor()).await?)
}

/// Those of `ids` that there are, whoever may see them, for the operator.
#[expect(clippy::disallowed_methods, reason = "the operator asks which ids are taken")]
pub async fn find_taken(transaction: &Transaction, ids: &[Uuid]) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids.iter().copied())).all(&transaction.executor()).await?)
}

/// Writes new comments, at most a thousand, whose ids are free.
pub async fn insert_many(transaction: &Transaction, comments: &[Model]) -> Result<()> {
    let comments = comments.iter().cloned().map(|comment| ActiveModel::from(comment).reset_all());
    Entity::insert_many(comments).exec_without_returning(&transaction.executor()).await?;
    Ok(())
}

/// Removes a comment that was read with [`lock`].
#[expect(clippy::disallowed_methods, reason = "one comment, which the caller has found in its own scope")]
pub async fn delete(transaction: &Transaction, comment: &Model) -> Result<()> {
    Entity::delete_many().filter(Column::Id.eq(comment.id)).exec(&transaction.executor()).await?;
    Ok(())
}
