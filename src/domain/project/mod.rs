//! Projects: tasks that several people share.

mod list;
mod locked;
mod manage;
mod membership;
mod values;

use chrono::{DateTime, Utc};

use super::Error;
use crate::ids::{ProjectId, UserId};
use crate::storage;
use crate::storage::instant::from_micros;

pub use list::{count, get_many, member_counts, member_pages, member_window, page};
pub use manage::{NewProject, ProjectUpdate, create, delete, update};
pub use membership::{remove_member, set_member};
pub use values::Name;

pub use crate::storage::project::Role;

/// The most members of a project.
pub const MAX_MEMBERS: usize = 100;

/// The most projects that a user is a member of.
pub const MAX_PROJECTS: u64 = 100;

pub(super) const NOT_FOUND: Error = Error::NotFound("There is no such project.");

/// Tasks that several people share, as a member sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// What it is called.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// When it was archived, while it is.
    pub archived_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its name, its description or its place in the archive last changed.
    pub updated_at: DateTime<Utc>,
    /// What the caller may do in it.
    pub viewer_role: Role,
}

/// A member of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// What they may do.
    pub role: Role,
    /// When they joined.
    pub joined_at: DateTime<Utc>,
}

impl Project {
    fn seen_by(viewer_role: Role, row: storage::project::Model) -> Self {
        Self {
            id: ProjectId::from_uuid(row.id),
            name: row.name,
            description: row.description,
            archived_at: row.archived_at.map(from_micros),
            created_at: from_micros(row.created_at),
            updated_at: from_micros(row.updated_at),
            viewer_role,
        }
    }
}

impl From<storage::project::Shared> for Project {
    fn from(shared: storage::project::Shared) -> Self {
        Self::seen_by(shared.role, shared.project)
    }
}

impl From<storage::project::MemberModel> for Member {
    fn from(row: storage::project::MemberModel) -> Self {
        Self {
            user_id: UserId::from_uuid(row.user_id),
            role: Role::stored(row.role),
            joined_at: from_micros(row.joined_at),
        }
    }
}
