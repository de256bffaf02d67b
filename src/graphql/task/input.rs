//! What mutations of tasks take, and how it becomes values of the domain.

use std::str::FromStr;

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::TaskPriority;
use crate::config::TitleRule;
use crate::domain::task::{BulkUpdate, Description, LabelIds, NewTask, Patch, Priority, TaskUpdate, Title};
use crate::domain::{Error, Fields, InvalidValue, Rule};
use crate::graphql::error::Result;
use crate::graphql::input::take;
use crate::graphql::scalars::DateTime;

/// What `createTask` takes.
#[derive(InputObject)]
pub(super) struct CreateTaskInput {
    /// A fresh id of the client's choice: `task_` and a UUIDv7 in base 32 (a TypeID). The same input sent again with it is
    /// answered with the task that it made the first time.
    id: Option<ID>,
    /// What to do: 3 to 200 letters, digits and spaces of any script, after white space is trimmed and collapsed.
    title: String,
    /// What to do, at length: at most 10,000 characters; empty by default.
    description: Option<String>,
    /// How urgent it is; `NONE` by default.
    priority: Option<TaskPriority>,
    /// When it is due; never by default.
    due_at: Option<DateTime>,
    /// The viewer's own labels on it: at most 20, each once. `NOT_FOUND` when one of them is not the viewer's; none by default.
    label_ids: Option<Vec<ID>>,
    /// The project that it is in: `NOT_FOUND` unless the viewer is a member, `FORBIDDEN` unless an editor or owner, and
    /// `CONFLICT` while it is archived. By default that of the parent, from which it must not differ, and otherwise none.
    project_id: Option<ID>,
    /// The task that it is a part of, which the viewer may change. A tree has at most 5 levels of subtasks and 200 subtasks,
    /// those in the trash included. None by default.
    parent_id: Option<ID>,
    /// Who is to do it: the viewer, or a member of the project, and `NOT_FOUND` otherwise. Nobody by default.
    assignee_id: Option<ID>,
}

/// What `updateTask` takes. What is left out stays as it is.
#[derive(InputObject)]
pub(super) struct UpdateTaskInput {
    /// The id of the task.
    pub(super) id: ID,
    /// The version that the client has seen: `CONFLICT` when the task is at another.
    pub(super) if_version: Option<i32>,
    /// What to do: 3 to 200 letters, digits and spaces of any script. Not null.
    title: MaybeUndefined<String>,
    /// What to do, at length: at most 10,000 characters. Not null.
    description: MaybeUndefined<String>,
    /// Whether it is done. Not null.
    completed: MaybeUndefined<bool>,
    /// How urgent it is. Not null.
    priority: MaybeUndefined<TaskPriority>,
    /// When it is due; null for never.
    due_at: MaybeUndefined<DateTime>,
    /// The viewer's own labels on it, in place of those that it bears for the viewer now: at most 20, each once; `NOT_FOUND`
    /// when one of them is not the viewer's. Whoever sees the task may change them, they make no new version of it, and nobody
    /// else sees them or is told. Not null.
    label_ids: MaybeUndefined<Vec<ID>>,
    /// The project that it is in; null for none, which only who made the task and its subtasks may say. The subtasks follow,
    /// and who can't see a task any more is not its assignee any more. Must be the project of the parent, when it has one.
    project_id: MaybeUndefined<ID>,
    /// The task that it is a part of; null for none. It moves to the project of the parent. A tree has no cycles and at most 5
    /// levels of subtasks and 200 subtasks, those in the trash included.
    parent_id: MaybeUndefined<ID>,
    /// Who is to do it: who made the task, or a member of its project, and `NOT_FOUND` otherwise; null for nobody.
    assignee_id: MaybeUndefined<ID>,
}

/// What `deleteTask` takes.
#[derive(InputObject)]
pub(super) struct DeleteTaskInput {
    /// The id of the task.
    pub(super) id: ID,
    /// The version that the client has seen: `CONFLICT` when the task is at another.
    pub(super) if_version: Option<i32>,
}

/// What `restoreTask` takes.
#[derive(InputObject)]
pub(super) struct RestoreTaskInput {
    /// The id of the task.
    pub(super) id: ID,
}

/// What `updateTasks` takes. What is left out stays as it is.
#[derive(InputObject)]
pub(super) struct UpdateTasksInput {
    /// The ids of the tasks: at most 100, each once.
    ids: Vec<ID>,
    /// Whether they are done. Not null.
    completed: MaybeUndefined<bool>,
    /// How urgent they are. Not null.
    priority: MaybeUndefined<TaskPriority>,
    /// When they are due; null for never.
    due_at: MaybeUndefined<DateTime>,
    /// The project that they are in, with their subtasks; null for none, which only who made them may say. A subtask moves
    /// only together with its parent.
    project_id: MaybeUndefined<ID>,
    /// Who is to do them: somebody who sees each of them; null for nobody.
    assignee_id: MaybeUndefined<ID>,
}

impl CreateTaskInput {
    pub(super) fn parse(self, rule: TitleRule) -> Result<NewTask> {
        let mut fields = Fields::of_input();
        let expected = "must be a TypeID such as task_01jd3qvh7eefhazk9a8w2tn4tz";
        let id = self.id.map(|id| id.parse().map_err(|_| InvalidValue::new(Rule::InvalidFormat, expected)));
        let id = fields.take_optional("id", id);
        let title = fields.take("title", Title::parse(&self.title, rule));
        let description = fields.take_optional("description", self.description.as_deref().map(Description::parse));
        let labels = self.label_ids.and_then(|ids| LabelIds::parse(&mut fields, &ids));
        let title = fields.finish(|| title)?;
        Ok(NewTask {
            id,
            title,
            description: description.unwrap_or_default(),
            priority: self.priority.map(Priority::from).unwrap_or_default(),
            due_at: self.due_at.map(|DateTime(due_at)| due_at),
            project_id: self.project_id.map(|id| existing(&id, NO_PROJECT)).transpose()?,
            parent_id: self.parent_id.map(|id| existing(&id, NO_TASK)).transpose()?,
            assignee_id: self.assignee_id.map(|id| existing(&id, NO_USER)).transpose()?,
            labels: labels.unwrap_or_default(),
        })
    }
}

impl UpdateTaskInput {
    pub(super) fn parse(self, rule: TitleRule) -> Result<TaskUpdate> {
        let mut fields = Fields::of_input();
        let title = take(&mut fields, "title", self.title, |title| Title::parse(&title, rule));
        let description = take(&mut fields, "description", self.description, |text| Description::parse(&text));
        let completed = take(&mut fields, "completed", self.completed, Ok);
        let priority = take(&mut fields, "priority", self.priority, |it| Ok(it.into()));
        let labels = match self.label_ids {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => fields.take("labelIds", Err(InvalidValue::null())),
            MaybeUndefined::Value(ids) => LabelIds::parse(&mut fields, &ids),
        };
        fields.finish(|| Some(()))?;
        Ok(TaskUpdate {
            title,
            description,
            completed,
            priority,
            due_at: patch(self.due_at, |DateTime(due_at)| Ok(due_at))?,
            project_id: patch(self.project_id, |id| existing(&id, NO_PROJECT))?,
            parent_id: patch(self.parent_id, |id| existing(&id, NO_TASK))?,
            assignee_id: patch(self.assignee_id, |id| existing(&id, NO_USER))?,
            labels,
        })
    }
}

impl UpdateTasksInput {
    pub(super) fn parse(self) -> Result<BulkUpdate> {
        let mut fields = Fields::of_input();
        let completed = take(&mut fields, "completed", self.completed, Ok);
        let priority = take(&mut fields, "priority", self.priority, |it| Ok(it.into()));
        fields.finish(|| Some(()))?;
        let ids = self.ids.iter().map(|id| existing(id, NO_TASK)).collect::<Result<_>>()?;
        let update = TaskUpdate {
            completed,
            priority,
            due_at: patch(self.due_at, |DateTime(due_at)| Ok(due_at))?,
            project_id: patch(self.project_id, |id| existing(&id, NO_PROJECT))?,
            assignee_id: patch(self.assignee_id, |id| existing(&id, NO_USER))?,
            ..TaskUpdate::default()
        };
        Ok(BulkUpdate { ids, update })
    }
}

/// What becomes of a value that null clears.
fn patch<T, U>(value: MaybeUndefined<T>, parse: impl FnOnce(T) -> Result<U>) -> Result<Patch<U>> {
    Ok(match value {
        MaybeUndefined::Undefined => Patch::Keep,
        MaybeUndefined::Null => Patch::Clear,
        MaybeUndefined::Value(value) => Patch::Set(parse(value)?),
    })
}

/// The id of something that there has to be; text that is no such id is the id of nothing.
fn existing<T: FromStr>(id: &ID, missing: Error) -> Result<T> {
    Ok(id.parse().map_err(|_| missing)?)
}

const NO_TASK: Error = Error::NotFound("There is no such task.");
const NO_PROJECT: Error = Error::NotFound("There is no such project.");
const NO_USER: Error = Error::NotFound("There is no such user who can see the task.");
