//! The newest entries of the change log: all that those who follow it have not read yet, most of the time.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use super::entity::{Column, Entity, Model};
use super::page::{Log, Logs, Only, Part};
use super::prune::end;
use crate::ids::ProjectId;
use crate::storage::{Result, Source};

/// The most entries of a tail.
const LENGTH: u64 = 100;

/// The newest entries of the log, whomever they are meant for, as they were at one moment.
#[derive(Debug)]
pub struct Tail {
    /// Oldest first.
    entries: Vec<Model>,
    /// Every entry behind this one is in `entries`.
    after: i64,
    through: i64,
}

impl Tail {
    /// The number of the last entry of the whole log, removed ones included.
    #[must_use]
    pub const fn through(&self) -> i64 {
        self.through
    }
}

/// The tail of the log.
#[expect(clippy::disallowed_methods, reason = "nobody gets an entry but by `Logs`, which says what is meant for them")]
pub async fn tail(source: &impl Source) -> Result<Tail> {
    let newest = Entity::find().order_by_desc(Column::Sequence).limit(LENGTH);
    let mut entries = newest.all(&source.executor()).await?;
    entries.reverse();
    let through = end(source, entries.last().map(|last| last.sequence)).await?;
    let is_cut = u64::try_from(entries.len()).unwrap_or(u64::MAX) >= LENGTH;
    let after = entries.first().filter(|_| is_cut).map_or(0, |first| first.sequence.saturating_sub(1));
    Ok(Tail { entries, after, through })
}

impl Logs {
    /// A part of these logs, oldest first, as [`page`](super::page()) reads it; `None` when `tail` does not tell.
    #[must_use]
    pub fn part_of(&self, tail: &Tail, part: Part) -> Option<Vec<Model>> {
        if part.after < tail.after || part.through > tail.through {
            return None;
        }
        let logs = self.logs.iter().map(|log| (log.scope, log)).collect::<HashMap<_, _>>();
        let mut entries = Vec::new();
        for entry in &tail.entries {
            if entry.sequence <= part.after || entry.sequence > part.through {
                continue;
            }
            let Some(log) = logs.get(&entry.scope_id) else { continue };
            if log.has(entry)? {
                entries.push(entry.clone());
            }
        }
        entries.truncate(usize::try_from(part.limit).unwrap_or(usize::MAX));
        Some(entries)
    }
}

impl Log {
    /// Whether what is read of this log has `entry`, which is in the log; `None` when the entry alone does not tell.
    fn has(&self, entry: &Model) -> Option<bool> {
        let left = |project: ProjectId| entry.left_project_id == Some(project.uuid());
        match self.only {
            _ if entry.sequence <= self.after => Some(false),
            None => Some(true),
            Some(Only::Left(project)) => Some(left(project)),
            // Where the task is now stands with the task.
            Some(Only::About(project)) => left(project).then_some(true),
        }
    }
}
