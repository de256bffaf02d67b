//! Reading the change log: the entries that were meant for a user.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Asterisk, Query, SelectStatement, UnionType};
use sea_orm::{QueryOrder, QuerySelect, QueryTrait, Select};

use super::entity::{Column, Entity, Model};
use crate::ids::UserId;
use crate::storage::{Result, Source, project};

/// The logs that one statement reads. SQLite puts at most 500 selects together
/// (<https://www.sqlite.org/limits.html>).
const LOGS_AT_ONCE: usize = 200;

/// One log, and the entry behind which the reader may read it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Log {
    pub(super) scope: Uuid,
    pub(super) after: i64,
}

/// The first `limit` entries behind the one numbered `after` that were meant for `viewer`, oldest first.
pub async fn page(source: &impl Source, viewer: UserId, after: i64, limit: u64) -> Result<Vec<Model>> {
    let projects = project::memberships(source, viewer).await?;
    let projects =
        projects.iter().map(|member| Log { scope: member.project_id, after: member.joined_after.max(after) });
    let logs = projects.chain([Log { scope: viewer.uuid(), after }]).collect::<Vec<_>>();
    let mut entries = Vec::new();
    for logs in logs.chunks(LOGS_AT_ONCE) {
        entries.extend(together(logs, limit).all(&source.executor()).await?);
    }
    entries.sort_by_key(|entry| entry.sequence);
    entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(entries)
}

/// The first `limit` entries of `logs`. Each log is cut to the limit by its index before they are put together, so that a
/// page costs the same however long they are.
#[expect(clippy::disallowed_methods, reason = "every log is one that the viewer may read")]
pub(super) fn together(logs: &[Log], limit: u64) -> Select<Entity> {
    let mut parts = logs.iter().map(|log| {
        let entries = Entity::find().filter(Column::ScopeId.eq(log.scope)).filter(Column::Sequence.gt(log.after));
        let entries = entries.order_by_asc(Column::Sequence).limit(limit).into_query();
        Query::select().column(Asterisk).from_subquery(entries, "part").to_owned()
    });
    let first = parts.next().unwrap_or_else(SelectStatement::new);
    let all = parts.fold(first, |mut all, part| all.union(UnionType::All, part).to_owned());
    let mut entries = Entity::find().order_by_asc(Column::Sequence).limit(limit);
    QuerySelect::query(&mut entries).from_clear().from_subquery(all, Entity.table_name());
    entries
}
