//! The row of a task.

use sea_orm::entity::prelude::*;

/// A task as the database keeps it. Instants are microseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tasks")]
pub struct Model {
    /// The UUID of the id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who made it.
    pub created_by: Uuid,
    /// The title as people read it.
    pub title: String,
    /// The title as it is ordered.
    pub title_key: String,
    /// The description.
    pub description: String,
    /// The words of title and description as they are searched, with single spaces between them.
    pub words: String,
    /// From 0 (none) to 4 (urgent).
    pub priority: i16,
    /// When it is due.
    pub due_at: Option<i64>,
    /// When it was completed, while it is.
    pub completed_at: Option<i64>,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// When it went to the trash, while it is there.
    pub deleted_at: Option<i64>,
    /// Grows by one with every change.
    pub version: i32,
    /// The project that it belongs to.
    pub project_id: Option<Uuid>,
    /// The task that it is a part of.
    pub parent_id: Option<Uuid>,
    /// Who is to do it.
    pub assignee_id: Option<Uuid>,
    /// The task whose deletion took this one to the trash, while it is there.
    pub deleted_with: Option<Uuid>,
    /// SHA-256 of the input that made it, when the client chose the id.
    pub creation_hash: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
