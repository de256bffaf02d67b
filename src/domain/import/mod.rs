//! Putting a user's data into the database, for the operator, as [`export`](super::export) took it out.
//!
//! *Attack.* A file that somebody made up, handed to the operator as an export: it would make its user a member of others'
//! projects, put tasks and comments where they may not, or bring in values that no client could send. *Setting.* None.
//! *Answer.* The file acts as its user and not as the operator: what the user could not do here is left out and counted. A
//! value that breaks a rule is refused with its line. *Test.* `tests/it/binary/import.rs`
//!
//! Everything is written in one transaction, so that nothing is half done when a line is refused or the machine stops, and
//! in chunks, so that however much there is, no more than the ids of what was written is in memory. An id that is taken is
//! left as it is.

mod line;
mod log;
mod object;
mod places;
mod rows;
mod tasks;

use std::io;

use self::line::{Account, Line, Reader};
use self::log::Log;
use self::places::Places;
use super::{Error, InvalidField, Op, Result, Rule, user};
use crate::ids::{LabelId, TaskId, UserId};
use crate::storage;
use crate::storage::Transaction;
use crate::storage::instant::to_micros;

/// How many rows are written at once.
const CHUNK: usize = 500;

/// What became of the records of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Whose data it was.
    pub username: String,
    /// Written.
    pub added: u64,
    /// There already, and the same.
    pub unchanged: u64,
    /// There already, and different: left as they were.
    pub kept: u64,
    /// Left out, because they are about something that the user may not change here, or that is not here.
    pub left_out: u64,
    /// Projects, parents and assignees that tasks came without, for the same reasons.
    pub emptied: u64,
}

/// Writes the records of `lines`, the lines of an export.
///
/// # Errors
/// [`Error::Forbidden`] for anybody but the operator, and [`Error::Invalid`] for a line that breaks a rule, with its number.
/// Nothing is written then.
pub async fn import(op: &Op, lines: impl IntoIterator<Item = io::Result<String>>) -> Result<Summary> {
    op.require_operator()?;
    let reader = Reader { now: op.now(), title_rule: op.services().tasks.title_rule };
    let mut lines = (1_u64..).zip(lines);
    let mut next =
        || lines.next().map(|(number, line)| line.map(|line| (number, line))).transpose().map_err(unreadable);
    let (_, first) = next()?.ok_or_else(|| refused(1, "the file is empty"))?;
    Reader::header(&first).map_err(|text| refused(1, text))?;
    let (_, second) = next()?.ok_or_else(|| refused(2, "the file ends before it says whose data it is"))?;
    let account = reader.account(&second).map_err(|text| refused(2, text))?;
    let mut import = Import::begin(op, &account).await?;
    while let Some((number, line)) = next()? {
        let line = reader.line(import.user, &line).map_err(|text| refused(number, text))?;
        import.take(number, line).await?;
    }
    let summary = import.finish().await?;
    // What was imported stays, whether or not the database looks at it now.
    if let Err(error) = op.store().refresh_statistics().await {
        tracing::warn!(%error, "the database has not looked at what was imported, and may be slow until it does");
    }
    Ok(summary)
}

/// An import that is under way.
struct Import {
    transaction: Transaction,
    user: UserId,
    now: i64,
    places: Places,
    pending: Pending,
    log: Log,
    summary: Summary,
}

/// Rows that are written together, with the numbers of their lines. In this order each finds what it refers to.
#[derive(Default)]
struct Pending {
    tasks: Vec<(u64, storage::task::Model)>,
    labels: Vec<(u64, (TaskId, LabelId))>,
    comments: Vec<storage::comment::Model>,
}

impl Import {
    async fn begin(op: &Op, account: &Account) -> Result<Self> {
        let hash = user::unknown_password(op).await?;
        let mut import = Self {
            transaction: op.store().begin().await?,
            user: account.id,
            now: to_micros(op.now()),
            places: Places::default(),
            pending: Pending::default(),
            log: Log::default(),
            summary: Summary { username: account.username.as_str().to_owned(), ..Summary::default() },
        };
        let of_name = storage::user::find_by_username(&import.transaction, account.username.as_str()).await?;
        let of_id = storage::user::find_named(&import.transaction, &[account.id]).await?.pop();
        match (of_name, of_id) {
            (None, None) => {
                let row = storage::user::Model {
                    id: account.id.uuid(),
                    username: account.username.as_str().to_owned(),
                    password_hash: hash.to_string(),
                    created_at: account.created_at,
                    disabled_at: None,
                };
                storage::user::insert(&import.transaction, row).await?;
                import.summary.added = 1;
            }
            (Some(found), Some(_)) if found.id == account.id.uuid() => {
                import.summary.count_existing(found.created_at == account.created_at);
            }
            (Some(_), _) => return Err(refused(2, "`username` is that of another account here, with another id")),
            (None, Some(_)) => return Err(refused(2, "`id` is that of an account with another name here")),
        }
        Ok(import)
    }

    async fn take(&mut self, number: u64, line: Line) -> Result<()> {
        match line {
            Line::Project(project, member) => self.project(number, project, member).await?,
            Line::Label(label) => self.label(number, label).await?,
            Line::Task(task) => self.pending.tasks.push((number, task)),
            Line::TaskLabel(task, label) => self.pending.labels.push((number, (task, label))),
            Line::Comment(comment) => self.pending.comments.push(comment),
        }
        let Pending { tasks, labels, comments } = &self.pending;
        if tasks.len().saturating_add(labels.len()).saturating_add(comments.len()) >= CHUNK {
            self.write().await?;
        }
        Ok(())
    }

    async fn write(&mut self) -> Result<()> {
        let Pending { tasks, labels, comments } = std::mem::take(&mut self.pending);
        self.tasks(tasks).await?;
        self.labels_on_tasks(labels).await?;
        self.comments(comments).await
    }

    async fn finish(mut self) -> Result<Summary> {
        self.write().await?;
        self.log.write(&self.transaction, self.user, self.now).await?;
        self.transaction.commit().await?;
        Ok(self.summary)
    }
}

impl Summary {
    const fn count_existing(&mut self, is_same: bool) {
        let count = if is_same { &mut self.unchanged } else { &mut self.kept };
        *count = count.saturating_add(1);
    }

    fn count_added(&mut self, rows: usize) {
        self.added = self.added.saturating_add(u64::try_from(rows).unwrap_or(u64::MAX));
    }

    const fn count_left_out(&mut self) {
        self.left_out = self.left_out.saturating_add(1);
    }
}

fn refused(line: u64, text: impl std::fmt::Display) -> Error {
    let message = format!("line {line}: {text}; nothing was imported");
    Error::Invalid(vec![InvalidField { path: Vec::new(), rule: Rule::InvalidFormat, message }])
}

fn unreadable(error: io::Error) -> Error {
    Error::Internal(error.into())
}
