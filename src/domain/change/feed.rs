//! Following the change log: every entry that is meant for the viewer, as it happens or from a cursor on.
//!
//! The source event stream of a subscription (GraphQL, September 2025, section 6.2.3.1). The log is what counts: rings of
//! the bus say only that it is time to read it, so nothing is lost with a ring, and a follower who was away goes on from
//! their last cursor.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::bus::{Heard, Listener, Topic};
use crate::domain::paging::Edge;
use crate::domain::project::NOT_FOUND;
use crate::domain::{Fields, Op, Result, cursor, require_still_known};
use crate::ids::{ProjectId, UserId};
use crate::storage;
use crate::storage::change::{Logs, Model, Part, Tail, last_sequence};

use super::{Change, SCOPE, position, unexpired};

/// The most entries that a feed holds.
const PAGE_SIZE: u64 = 50;

/// How long a feed that hears nothing waits before it reads all the same.
const SILENCE: Duration = Duration::from_mins(1);

/// The entries of the change log that are meant for the viewer, in their order, none left out and none twice.
#[derive(Debug)]
pub struct Feed {
    op: Op,
    viewer: UserId,
    project: Option<ProjectId>,
    listener: Listener,
    due: Due,
    /// Entries that were read and not handed out yet.
    page: VecDeque<Model>,
    /// The last entry that `page` was read up to, whomever it is meant for.
    read_through: i64,
    /// Everything up to this entry was handed out, or is not meant for the viewer.
    position: i64,
}

/// What is to be done before the feed may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Nothing,
    /// The log may have grown.
    Entries,
    /// What the viewer may do may have changed, too.
    Standing,
}

/// Follows the log from the entry of the cursor `after` on, and from now on without one. With a project, what is about its
/// tasks alone: its log, of the viewer's own log what is about tasks that are in the project then, and the changes by which
/// tasks left it, which are in other logs.
///
/// # Errors
/// [`Unauthenticated`](crate::domain::Error::Unauthenticated) for a caller we don't know,
/// [`NotFound`](crate::domain::Error::NotFound) when there is no such project that the caller is a member of, and
/// [`Invalid`](crate::domain::Error::Invalid) for what is no cursor of the log, and for one whose successors have been
/// removed from it.
pub async fn follow(op: &Op, after: Option<&str>, project: Option<ProjectId>) -> Result<Feed> {
    let viewer = op.viewer()?;
    if let Some(project) = project {
        storage::project::find(op.store(), viewer, project).await?.ok_or(NOT_FOUND)?;
    }
    let position = match after {
        Some(after) => {
            let mut fields = Fields::at(Vec::new());
            let after = fields.take("after", cursor::decode(&op.services().keys.cursor, SCOPE, after));
            unexpired(op, &fields.finish(|| after)?).await?
        }
        None => last_sequence(op.store()).await?,
    };
    Ok(Feed {
        op: op.clone(),
        viewer,
        project,
        listener: op.services().bus.listen(),
        due: Due::Standing,
        page: VecDeque::new(),
        read_through: position,
        position,
    })
}

impl Feed {
    /// The next entry, when there is one; `None` when no more can come, because the viewer has left the project that they
    /// follow, or it was deleted. Nothing is lost when this is dropped before it is done.
    ///
    /// # Errors
    /// [`Unauthenticated`](crate::domain::Error::Unauthenticated) when the session or the API token is not good any more, or
    /// its user was shut out.
    pub async fn next(&mut self) -> Result<Option<Edge<Change>>> {
        loop {
            let heard = self.listener.take();
            self.note(heard);
            if let Some(entry) = self.page.pop_front() {
                self.position = if self.page.is_empty() { self.read_through } else { entry.sequence };
                return Ok(Some(self.edge(entry)));
            }
            if self.due == Due::Nothing {
                let heard = tokio::time::timeout(SILENCE, self.listener.heard()).await;
                self.note(heard.unwrap_or(Heard { log: true, account: true }));
            } else if !self.read().await? {
                return Ok(None);
            }
        }
    }

    /// What was heard is noted at once, so that it stays noted when the reading that follows is given up. Entries that were
    /// read by rights of before are read again.
    fn note(&mut self, heard: Heard) {
        if heard.log {
            self.due = self.due.max(Due::Entries);
        }
        if heard.account {
            self.due = Due::Standing;
            self.page.clear();
        }
    }

    /// Reads a page, and says whether more can come. Changes nothing of the feed but what it listens for until the page is
    /// there, so that it can be given up at any time.
    async fn read(&mut self) -> Result<bool> {
        let services = self.op.services();
        // Before the memberships: see `Logs`.
        let mut tail = services.log_tail.read(&services.store).await?;
        if self.due == Due::Entries && tail.through() <= self.position {
            self.due = Due::Nothing;
            return Ok(true);
        }
        let _turn = Arc::clone(&services.log_turns).acquire_owned().await;
        require_still_known(&self.op).await?;
        let Some(logs) = self.logs().await? else { return Ok(false) };
        if logs.are_closed() {
            // What closed them may have come after the first look at the end.
            tail = services.log_tail.read(&services.store).await?;
        }
        let topics = logs.scopes().map(Topic::Log).chain([Topic::Account(self.viewer)]);
        let is_newly_heard = self.listener.set(topics);
        let part = Part { after: self.position, through: tail.through(), limit: PAGE_SIZE };
        self.page = self.entries(&logs, &tail, part).await?.into();
        let is_full = self.page.len() >= usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
        self.read_through = match self.page.back() {
            Some(last) if is_full => last.sequence,
            _ => part.through.max(self.position),
        };
        self.due = if logs.are_closed() || is_newly_heard {
            // To find that no more can come, or what happened before it was listened for: to the log and to the account.
            Due::Standing
        } else if is_full {
            Due::Entries
        } else {
            Due::Nothing
        };
        if self.page.is_empty() {
            self.position = self.read_through;
        }
        Ok(!(self.page.is_empty() && logs.are_closed()))
    }

    /// What the viewer may read now; `None` when they are no member of the project that they follow.
    async fn logs(&self) -> Result<Option<Logs>> {
        let store = self.op.store();
        Ok(match self.project {
            None => Some(Logs::of(store, self.viewer).await?),
            Some(project) => Logs::of_project(store, self.viewer, project).await?,
        })
    }

    /// A part of `logs`, which is in the tail unless the follower was away, or many things have happened at once.
    async fn entries(&self, logs: &Logs, tail: &Tail, part: Part) -> Result<Vec<Model>> {
        match logs.part_of(tail, part) {
            Some(entries) => Ok(entries),
            None => Ok(storage::change::page(self.op.store(), logs, part).await?),
        }
    }

    fn edge(&self, entry: Model) -> Edge<Change> {
        let cursor = cursor::encode(&self.op.services().keys.cursor, SCOPE, &position(entry.sequence));
        Edge { cursor, node: Change::from(entry) }
    }
}
