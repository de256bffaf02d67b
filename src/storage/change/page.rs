//! Reading the change log: the entries that were meant for a user.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Asterisk, ExprTrait, Query, SelectStatement, UnionType};
use sea_orm::{QueryOrder, QuerySelect, QueryTrait, Select};

use super::entity::{Column, Entity, Model};
use crate::ids::{ProjectId, UserId};
use crate::storage::{Result, Source, project, task};

/// The logs that one statement reads. SQLite puts at most 500 selects together
/// (<https://www.sqlite.org/limits.html>).
const LOGS_AT_ONCE: usize = 200;

/// The logs that a user reads, by the memberships of one moment.
///
/// Entries that were there before that moment and are in one of these logs were meant for the user, and there are no
/// others that were. So whoever must not miss one asks for the end of the log first, then for this, and then reads up to
/// that end.
#[derive(Debug, Clone)]
pub struct Logs {
    pub(super) logs: Vec<Log>,
    /// Whether they never grow again.
    pub(super) closed: bool,
}

/// A part of the log: at most `limit` entries.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// The number of the entry behind which it begins.
    pub after: i64,
    /// The number of the last entry that may be in it.
    pub through: i64,
    /// The most entries.
    pub limit: u64,
}

/// One log, and what the reader may read of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Log {
    pub(super) scope: Uuid,
    /// The entry behind which they may read it.
    pub(super) after: i64,
    /// What of it is read; everything when that is not said.
    pub(super) only: Option<Only>,
}

/// What of a log is read by who follows one project.
#[derive(Debug, Clone, Copy)]
pub(super) enum Only {
    /// Changes of tasks that are in the project now, or left it with the change.
    About(ProjectId),
    /// Changes by which tasks left the project.
    Left(ProjectId),
}

impl Logs {
    /// Everything that was meant for `viewer`.
    pub async fn of(source: &impl Source, viewer: UserId) -> Result<Self> {
        let memberships = project::memberships(source, viewer).await?;
        let projects = memberships.into_iter().map(|member| Log {
            scope: member.project_id.uuid(),
            after: member.joined_after,
            only: None,
        });
        let own = Log { scope: viewer.uuid(), after: 0, only: None };
        Ok(Self { logs: projects.chain([own]).collect(), closed: false })
    }

    /// What was meant for `viewer` and is about tasks of a project: the project's log, of the viewer's own what is about
    /// tasks that are in the project now, and of all their logs by what tasks left it. `None` when they are no member of it.
    /// A deleted project is closed: its log tells how it ended.
    pub async fn of_project(source: &impl Source, viewer: UserId, id: ProjectId) -> Result<Option<Self>> {
        let memberships = project::memberships(source, viewer).await?;
        let Some(closed) = memberships.iter().find(|it| it.project_id == id).map(|it| it.deleted_at.is_some()) else {
            return Ok(None);
        };
        let projects = memberships.into_iter().map(|member| Log {
            scope: member.project_id.uuid(),
            after: member.joined_after,
            only: (member.project_id != id).then_some(Only::Left(id)),
        });
        let own = Log { scope: viewer.uuid(), after: 0, only: Some(Only::About(id)) };
        Ok(Some(Self { logs: projects.chain([own]).collect(), closed }))
    }

    /// Whose logs tell of anything that is to be read, when they grow: the ids of projects and users. The log of a project
    /// counts as grown when a task left it, too.
    pub fn scopes(&self) -> impl Iterator<Item = Uuid> {
        self.logs.iter().filter(|log| !matches!(log.only, Some(Only::Left(_)))).map(|log| log.scope)
    }

    /// Whether no entry will ever be added that is meant for the reader.
    #[must_use]
    pub const fn are_closed(&self) -> bool {
        self.closed
    }
}

/// A part of `logs`, oldest first.
pub async fn page(source: &impl Source, logs: &Logs, part: Part) -> Result<Vec<Model>> {
    let mut entries = Vec::new();
    for logs in logs.logs.chunks(LOGS_AT_ONCE) {
        entries.extend(together(logs, part).all(&source.executor()).await?);
    }
    entries.sort_by_key(|entry| entry.sequence);
    entries.truncate(usize::try_from(part.limit).unwrap_or(usize::MAX));
    Ok(entries)
}

/// A part of `logs`. Each log is cut to the limit by its index before they are put together, so that a page costs the same
/// however long they are.
#[expect(clippy::disallowed_methods, reason = "every log is one that the viewer may read")]
pub(super) fn together(logs: &[Log], part: Part) -> Select<Entity> {
    let mut selects = logs.iter().map(|log| {
        let entries = Entity::find()
            .filter(Column::ScopeId.eq(log.scope))
            .filter(Column::Sequence.gt(Ord::max(log.after, part.after)))
            .filter(Column::Sequence.lte(part.through));
        let left = |project: ProjectId| Column::LeftProjectId.eq(project.uuid());
        let entries = match log.only {
            Some(Only::About(project)) => {
                entries.filter(task::is_in(project, (Entity, Column::TaskId)).or(left(project)))
            }
            Some(Only::Left(project)) => entries.filter(left(project)),
            None => entries,
        };
        let entries = entries.order_by_asc(Column::Sequence).limit(part.limit).into_query();
        Query::select().column(Asterisk).from_subquery(entries, "part").to_owned()
    });
    let first = selects.next().unwrap_or_else(SelectStatement::new);
    let all = selects.fold(first, |mut all, select| all.union(UnionType::All, select).to_owned());
    let mut entries = Entity::find().order_by_asc(Column::Sequence).limit(part.limit);
    QuerySelect::query(&mut entries).from_clear().from_subquery(all, Entity.table_name());
    entries
}
