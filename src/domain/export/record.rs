//! What a line of an export holds. Ids, instants and enum values are spelled as in the API.

use chrono::SecondsFormat;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::task::Priority;
use crate::domain::user::User;
use crate::ids::{CommentId, LabelId, ProjectId, TaskId, UserId};
use crate::storage;
use crate::storage::instant::from_micros;
use crate::storage::project::Role;

/// The version of the format that is written. A reader refuses versions that it does not know.
pub const VERSION: u32 = 1;

/// A record of an export: one JSON object.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "the fields are those of the API")]
pub enum Record {
    /// The first: what this is.
    #[serde(rename = "taskward.export")]
    Header { version: u32 },
    /// The second: whose data follows.
    User { id: String, username: String, created_at: String },
    /// A project that the user is a member of.
    Project {
        id: String,
        name: String,
        description: String,
        archived_at: Option<String>,
        created_at: String,
        updated_at: String,
        role: &'static str,
        joined_at: String,
    },
    /// A label of the user's.
    Label { id: String, name: String, color: String, created_at: String },
    /// A task that the user made.
    Task {
        id: String,
        title: String,
        description: String,
        priority: &'static str,
        due_at: Option<String>,
        completed_at: Option<String>,
        created_at: String,
        updated_at: String,
        deleted_at: Option<String>,
        version: i32,
        project: Option<String>,
        parent: Option<String>,
        assignee: Option<String>,
        deleted_with: Option<String>,
    },
    /// A label of the user's on a task that they see.
    TaskLabel { task: String, label: String },
    /// A comment that the user wrote.
    Comment { id: String, task: String, body: String, created_at: String, updated_at: String },
}

impl Record {
    /// A project, with what its member may do in it and since when.
    #[must_use]
    pub fn of_project(project: storage::project::Model, member: &storage::project::MemberModel) -> Self {
        Self::Project {
            id: ProjectId::from_uuid(project.id).to_string(),
            name: project.name,
            description: project.description,
            archived_at: project.archived_at.map(instant),
            created_at: instant(project.created_at),
            updated_at: instant(project.updated_at),
            role: role_name(Role::stored(member.role)),
            joined_at: instant(member.joined_at),
        }
    }

    /// A label on a task.
    #[must_use]
    pub fn of_label_on_task(task: TaskId, label: LabelId) -> Self {
        Self::TaskLabel { task: task.to_string(), label: label.to_string() }
    }
}

impl From<User> for Record {
    fn from(user: User) -> Self {
        let created_at = user.created_at.to_rfc3339_opts(SecondsFormat::Micros, true);
        Self::User { id: user.id.to_string(), username: user.username, created_at }
    }
}

impl From<storage::label::Model> for Record {
    fn from(label: storage::label::Model) -> Self {
        let id = LabelId::from_uuid(label.id).to_string();
        Self::Label { id, name: label.name, color: label.color, created_at: instant(label.created_at) }
    }
}

impl From<storage::task::Model> for Record {
    fn from(task: storage::task::Model) -> Self {
        let task_id = |id: Uuid| TaskId::from_uuid(id).to_string();
        Self::Task {
            id: task_id(task.id),
            title: task.title,
            description: task.description,
            priority: priority_name(Priority::stored(task.priority)),
            due_at: task.due_at.map(instant),
            completed_at: task.completed_at.map(instant),
            created_at: instant(task.created_at),
            updated_at: instant(task.updated_at),
            deleted_at: task.deleted_at.map(instant),
            version: task.version,
            project: task.project_id.map(|id| ProjectId::from_uuid(id).to_string()),
            parent: task.parent_id.map(task_id),
            assignee: task.assignee_id.map(|id| UserId::from_uuid(id).to_string()),
            deleted_with: task.deleted_with.map(task_id),
        }
    }
}

impl From<storage::comment::Model> for Record {
    fn from(comment: storage::comment::Model) -> Self {
        Self::Comment {
            id: CommentId::from_uuid(comment.id).to_string(),
            task: TaskId::from_uuid(comment.task_id).to_string(),
            body: comment.body,
            created_at: instant(comment.created_at),
            updated_at: instant(comment.updated_at),
        }
    }
}

fn instant(micros: i64) -> String {
    from_micros(micros).to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// The name of a role in the API.
pub(in crate::domain) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "VIEWER",
        Role::Editor => "EDITOR",
        Role::Owner => "OWNER",
    }
}

/// The name of a priority in the API.
pub(in crate::domain) const fn priority_name(priority: Priority) -> &'static str {
    match priority {
        Priority::None => "NONE",
        Priority::Low => "LOW",
        Priority::Medium => "MEDIUM",
        Priority::High => "HIGH",
        Priority::Urgent => "URGENT",
    }
}
