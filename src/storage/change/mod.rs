//! The change log: one row for every change to a task, in the transaction of the change.

mod own;
mod page;
mod prune;
mod tail;
#[cfg(test)]
mod tests;

use sea_orm::entity::prelude::*;
use sea_orm::{NotSet, QueryOrder, QuerySelect, Set};

use super::{Result, Source, Transaction};
use crate::bus::Topic;
use crate::ids::{ProjectId, TaskId, UserId};

mod entity {
    use sea_orm::entity::prelude::*;

    /// An entry of the log as the database keeps it.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "task_changes")]
    pub struct Model {
        /// Grows with every entry.
        #[sea_orm(primary_key)]
        pub sequence: i64,
        /// The task that changed.
        pub task_id: Uuid,
        /// What happened to it.
        pub kind: i16,
        /// The version that the change made.
        pub version: i32,
        /// Who did it.
        pub actor_id: Option<Uuid>,
        /// When, in microseconds since 1970.
        pub occurred_at: i64,
        /// Whose log it is in.
        pub scope_id: Uuid,
        /// The project that the task left with it, if it did.
        pub left_project_id: Option<Uuid>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model;
pub(super) use own::insert_own;
pub use page::{Logs, Part, page};
pub use prune::{last_sequence, prune, pruned_through};
pub use tail::{Tail, tail};

/// What happened to a task, as the log keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It was made.
    Created = 1,
    /// A field of it changed.
    Updated = 2,
    /// It went to the trash.
    Deleted = 3,
    /// It came back.
    Restored = 4,
}

impl Kind {
    /// The kind that storage keeps as `number`. One that is none is a change like any.
    #[must_use]
    pub const fn stored(number: i16) -> Self {
        match number {
            1 => Self::Created,
            3 => Self::Deleted,
            4 => Self::Restored,
            _ => Self::Updated,
        }
    }
}

/// Whose log a change is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// That of everybody who is a member of this project when it happens.
    Project(ProjectId),
    /// That of this user alone.
    User(UserId),
}

impl Scope {
    /// Ids of different types never collide: both are random.
    pub(super) const fn uuid(self) -> Uuid {
        match self {
            Self::Project(id) => id.uuid(),
            Self::User(id) => id.uuid(),
        }
    }
}

/// A change that is to be logged.
#[derive(Debug, Clone, Copy)]
pub struct NewChange {
    /// The task that changed.
    pub task_id: TaskId,
    /// What happened to it.
    pub kind: Kind,
    /// The version that the change made.
    pub version: i32,
    /// Who did it.
    pub actor_id: UserId,
    /// When, in microseconds since 1970.
    pub occurred_at: i64,
    /// Whose log it belongs in.
    pub scope: Scope,
    /// The project that the task left with it, if it did: who follows that one is told.
    pub left: Option<ProjectId>,
}

/// Logs `changes` in their order. Nothing else may be written or locked after it in the transaction: on PostgreSQL a trigger
/// locks the log from here until the end, so that entries become visible in the order of their numbers and no reader
/// passes one that is still being written.
pub async fn insert(transaction: &Transaction, changes: &[NewChange]) -> Result<()> {
    for change in changes {
        transaction.note(Topic::Log(change.scope.uuid()));
        if let Some(project) = change.left {
            transaction.note(Topic::Log(project.uuid()));
        }
    }
    let rows = changes.iter().map(|change| entity::ActiveModel {
        sequence: NotSet,
        task_id: Set(change.task_id.uuid()),
        kind: Set(change.kind as i16),
        version: Set(change.version),
        actor_id: Set(Some(change.actor_id.uuid())),
        occurred_at: Set(change.occurred_at),
        scope_id: Set(change.scope.uuid()),
        left_project_id: Set(change.left.map(ProjectId::uuid)),
    });
    let rows = rows.collect::<Vec<_>>();
    for rows in rows.chunks(ROWS_AT_ONCE) {
        entity::Entity::insert_many(rows.iter().cloned()).exec_without_returning(&transaction.executor()).await?;
    }
    Ok(())
}

/// At most `limit` entries behind the one numbered `after`, whosever log they are in: each with its number, the id of that
/// log, and the project that the task left. In the order of their numbers.
#[expect(clippy::disallowed_methods, reason = "to wake those who may read it, who then read it themselves")]
pub async fn scopes_behind(source: &impl Source, after: i64, limit: u64) -> Result<Vec<(i64, Uuid, Option<Uuid>)>> {
    let entries = entity::Entity::find().filter(entity::Column::Sequence.gt(after));
    let entries = entries.order_by_asc(entity::Column::Sequence).limit(limit).select_only();
    let entries = entries.columns([entity::Column::Sequence, entity::Column::ScopeId, entity::Column::LeftProjectId]);
    Ok(entries.into_tuple().all(&source.executor()).await?)
}

/// SQLite takes 32,766 parameters in one statement, and an entry is seven.
const ROWS_AT_ONCE: usize = 1_000;

/// Everything that happened to a task, oldest first.
#[expect(clippy::disallowed_methods, reason = "the caller has found the task in its own scope")]
pub async fn of_task(source: &impl Source, task: TaskId) -> Result<Vec<Model>> {
    let log = entity::Entity::find().filter(entity::Column::TaskId.eq(task.uuid()));
    Ok(log.order_by_asc(entity::Column::Sequence).all(&source.executor()).await?)
}
