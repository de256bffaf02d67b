//! What the lines of an export say, as rows. Every value obeys the rules that it would have to obey in the API.

use chrono::{DateTime, Utc};

use super::object::{Object, Parsed};
use crate::config::TitleRule;
use crate::domain::comment::Body;
use crate::domain::export::{VERSION, priority_name, role_name};
use crate::domain::task::{Description, Priority, Title, search_words};
use crate::domain::user::Username;
use crate::domain::{label, project};
use crate::ids::{CommentId, LabelId, ProjectId, TaskId, UserId};
use crate::storage;
use crate::storage::project::Role;

const ROLES: [Role; 3] = [Role::Viewer, Role::Editor, Role::Owner];
const PRIORITIES: [Priority; 5] = [Priority::None, Priority::Low, Priority::Medium, Priority::High, Priority::Urgent];

/// The highest version that a task may come with: more changes than anybody makes, and as many again are left. A task without
/// any left could not be changed any more, nor could what it is a part of.
const LATEST_VERSION: i32 = 1_000_000_000;

/// Whose data it is.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) id: UserId,
    pub(super) username: Username,
    pub(super) created_at: i64,
}

/// What a line after the second says.
#[derive(Debug)]
pub(super) enum Line {
    Project(storage::project::Model, storage::project::MemberModel),
    Label(storage::label::Model),
    Task(storage::task::Model),
    TaskLabel(TaskId, LabelId),
    Comment(storage::comment::Model),
}

/// Reads lines that were written before `now`.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) now: DateTime<Utc>,
    pub(super) title_rule: TitleRule,
}

impl Reader {
    /// Refuses a first line that is not that of an export.
    pub(super) fn header(line: &str) -> Parsed<()> {
        let mut object = Object::parse(line)?;
        if object.text("type")? != "taskward.export" {
            return Err("`type` must be taskward.export: that is how an export begins".to_owned());
        }
        if u32::try_from(object.number("version", i32::MAX)?) != Ok(VERSION) {
            return Err(format!("`version` must be {VERSION}: this server knows no other"));
        }
        object.finish()
    }

    /// The account of the second line.
    pub(super) fn account(&self, line: &str) -> Parsed<Account> {
        let mut object = Object::parse(line)?;
        if object.text("type")? != "user" {
            return Err("`type` must be user: the second line says whose data it is".to_owned());
        }
        let account = Account {
            id: object.id("id")?,
            username: object.value("username", Username::parse)?,
            created_at: object.past("createdAt", self.now)?,
        };
        object.finish().map(|()| account)
    }

    /// What another line says of `user`.
    pub(super) fn line(&self, user: UserId, line: &str) -> Parsed<Line> {
        let mut object = Object::parse(line)?;
        let line = match object.text("type")?.as_str() {
            "project" => self.project(user, &mut object)?,
            "label" => self.label(user, &mut object)?,
            "task" => self.task(user, &mut object)?,
            "taskLabel" => Line::TaskLabel(object.id("task")?, object.id("label")?),
            "comment" => self.comment(user, &mut object)?,
            _ => return Err("`type` must be one of project, label, task, taskLabel, comment".to_owned()),
        };
        object.finish().map(|()| line)
    }

    fn project(&self, user: UserId, object: &mut Object) -> Parsed<Line> {
        let id = object.id::<ProjectId>("id")?.uuid();
        let name = object.value("name", project::Name::parse)?;
        let project = storage::project::Model {
            id,
            name_key: name.sort_key(),
            name: name.as_str().to_owned(),
            description: object.value("description", Description::parse)?.as_str().to_owned(),
            archived_at: object.optional_past("archivedAt", self.now)?,
            created_at: object.past("createdAt", self.now)?,
            updated_at: object.past("updatedAt", self.now)?,
            deleted_at: None,
        };
        let member = storage::project::MemberModel {
            project_id: id,
            user_id: user.uuid(),
            role: object.choice("role", &ROLES, role_name)? as i16,
            joined_at: object.past("joinedAt", self.now)?,
            joined_after: 0,
        };
        Ok(Line::Project(project, member))
    }

    fn label(&self, user: UserId, object: &mut Object) -> Parsed<Line> {
        let name = object.value("name", label::Name::parse)?;
        Ok(Line::Label(storage::label::Model {
            id: object.id::<LabelId>("id")?.uuid(),
            user_id: user.uuid(),
            name_key: name.key(),
            name: name.as_str().to_owned(),
            color: object.value("color", label::Color::parse)?.as_str().to_owned(),
            created_at: object.past("createdAt", self.now)?,
        }))
    }

    fn task(&self, user: UserId, object: &mut Object) -> Parsed<Line> {
        let title = object.value("title", |text| Title::parse(text, self.title_rule))?;
        let description = object.value("description", Description::parse)?;
        let task = storage::task::Model {
            id: object.id::<TaskId>("id")?.uuid(),
            created_by: user.uuid(),
            title_key: title.sort_key(),
            words: search_words(&title, &description),
            title: title.as_str().to_owned(),
            description: description.as_str().to_owned(),
            priority: object.choice("priority", &PRIORITIES, priority_name)?.to_stored(),
            due_at: object.optional_instant("dueAt")?,
            completed_at: object.optional_past("completedAt", self.now)?,
            created_at: object.past("createdAt", self.now)?,
            updated_at: object.past("updatedAt", self.now)?,
            deleted_at: object.optional_past("deletedAt", self.now)?,
            version: object.number("version", LATEST_VERSION)?,
            project_id: object.optional_id("project")?.map(ProjectId::uuid),
            parent_id: object.optional_id("parent")?.map(TaskId::uuid),
            assignee_id: object.optional_id("assignee")?.map(UserId::uuid),
            deleted_with: object.optional_id("deletedWith")?.map(TaskId::uuid),
            creation_hash: None,
        };
        if task.deleted_with.is_some() && task.deleted_at.is_none() {
            return Err("`deletedWith` must be null for a task that is not in the trash".to_owned());
        }
        Ok(Line::Task(task))
    }

    fn comment(&self, user: UserId, object: &mut Object) -> Parsed<Line> {
        Ok(Line::Comment(storage::comment::Model {
            id: object.id::<CommentId>("id")?.uuid(),
            task_id: object.id::<TaskId>("task")?.uuid(),
            author_id: user.uuid(),
            body: object.value("body", Body::parse)?.as_str().to_owned(),
            created_at: object.past("createdAt", self.now)?,
            updated_at: object.past("updatedAt", self.now)?,
        }))
    }
}
