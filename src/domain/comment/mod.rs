//! Comments: what people say about a task.

mod change;
mod list;

use chrono::{DateTime, Utc};

use super::task::Description;
use super::{InvalidValue, Op, Result, text};
use crate::ids::{CommentId, TaskId, UserId};
use crate::storage;
use crate::storage::instant::from_micros;

pub use change::{add, delete, update};
pub use list::{counts, pages, window};

/// Something that somebody said about a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// What it is about.
    pub task_id: TaskId,
    /// Who wrote it.
    pub author_id: UserId,
    /// What it says.
    pub body: Body,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When its author last changed it.
    pub updated_at: DateTime<Utc>,
}

/// What a comment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body(String);

impl Body {
    /// The body in `text`, with white space at its ends removed, by the rules of a task's description.
    ///
    /// # Errors
    /// When nothing of it shows, and for more than 10,000 characters, or a control character that is neither newline nor tab.
    pub fn parse(text: &str) -> std::result::Result<Self, InvalidValue> {
        let text = text.trim();
        text::require_visible(text)?;
        Description::parse(text).map(|text| Self(text.as_str().to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Those of `ids` that there are and that the caller may see, in no order.
///
/// # Errors
/// [`Error::Unauthenticated`](super::Error::Unauthenticated) for a caller we don't know.
pub async fn get_many(op: &Op, ids: &[CommentId]) -> Result<Vec<Comment>> {
    let comments = storage::comment::find_many(op.store(), op.viewer()?, ids).await?;
    Ok(comments.into_iter().map(Comment::from).collect())
}

impl From<storage::comment::Model> for Comment {
    fn from(row: storage::comment::Model) -> Self {
        Self {
            id: CommentId::from_uuid(row.id),
            task_id: TaskId::from_uuid(row.task_id),
            author_id: UserId::from_uuid(row.author_id),
            body: Body(row.body),
            created_at: from_micros(row.created_at),
            updated_at: from_micros(row.updated_at),
        }
    }
}
