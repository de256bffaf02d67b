//! What mutations of tasks take, and how it becomes values of the domain.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::TaskPriority;
use crate::config::TitleRule;
use crate::domain::task::{BulkUpdate, Description, LabelIds, NewTask, Patch, Priority, TaskUpdate, Title};
use crate::domain::{Error, Fields, InvalidValue, Rule};
use crate::graphql::error::Result;
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
        Ok(fields.finish(|| {
            Some(NewTask {
                id,
                title: title?,
                description: description.unwrap_or_default(),
                priority: self.priority.map(Priority::from).unwrap_or_default(),
                due_at: self.due_at.map(|DateTime(due_at)| due_at),
                labels: labels.unwrap_or_default(),
            })
        })?)
    }
}

impl UpdateTaskInput {
    pub(super) fn parse(self, rule: TitleRule) -> Result<TaskUpdate> {
        let mut fields = Fields::of_input();
        let title = take(&mut fields, "title", self.title, |title| Title::parse(&title, rule));
        let description = take(&mut fields, "description", self.description, |text| Description::parse(&text));
        let completed = take(&mut fields, "completed", self.completed, Ok);
        let priority = take(&mut fields, "priority", self.priority, |it| Ok(it.into()));
        let due_at = patch(self.due_at);
        let labels = match self.label_ids {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => fields.take("labelIds", Err(InvalidValue::null())),
            MaybeUndefined::Value(ids) => LabelIds::parse(&mut fields, &ids),
        };
        Ok(fields.finish(|| Some(TaskUpdate { title, description, completed, priority, due_at, labels }))?)
    }
}

impl UpdateTasksInput {
    pub(super) fn parse(self) -> Result<BulkUpdate> {
        let mut fields = Fields::of_input();
        let completed = take(&mut fields, "completed", self.completed, Ok);
        let priority = take(&mut fields, "priority", self.priority, |it| Ok(it.into()));
        let due_at = patch(self.due_at);
        let update = TaskUpdate { completed, priority, due_at, ..TaskUpdate::default() };
        fields.finish(|| Some(()))?;
        let ids = self.ids.iter().map(|id| id.parse().map_err(|_| Error::NotFound("There is no such task.")));
        Ok(BulkUpdate { ids: ids.collect::<std::result::Result<_, _>>()?, update })
    }
}

/// The valid value of a field that may be left out and must not be null.
fn take<T, U>(
    fields: &mut Fields,
    name: &'static str,
    value: MaybeUndefined<T>,
    parse: impl FnOnce(T) -> std::result::Result<U, InvalidValue>,
) -> Option<U> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => fields.take(name, Err(InvalidValue::null())),
        MaybeUndefined::Value(value) => fields.take(name, parse(value)),
    }
}

/// What becomes of a value that null clears.
fn patch(value: MaybeUndefined<DateTime>) -> Patch<chrono::DateTime<chrono::Utc>> {
    match value {
        MaybeUndefined::Undefined => Patch::Keep,
        MaybeUndefined::Null => Patch::Clear,
        MaybeUndefined::Value(DateTime(value)) => Patch::Set(value),
    }
}
