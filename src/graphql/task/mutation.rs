//! Changing tasks.

use async_graphql::{Context, Object, SimpleObject};

use super::input::{CreateTaskInput, DeleteTaskInput, RestoreTaskInput, UpdateTaskInput, UpdateTasksInput};
use super::{Task, parse_id};
use crate::domain::task;
use crate::graphql::context::ContextExt;
use crate::graphql::cost::{CHANGE, cost, list_size, names};
use crate::graphql::error::Result;

/// What `createTask` answers.
#[derive(SimpleObject)]
struct CreateTaskPayload {
    /// The task that was made, now or when the same input was sent before.
    task: Task,
}

/// What `updateTask` answers.
#[derive(SimpleObject)]
struct UpdateTaskPayload {
    /// The task as it is now.
    task: Task,
}

/// What `deleteTask` answers.
#[derive(SimpleObject)]
struct DeleteTaskPayload {
    /// The task in the trash.
    task: Task,
}

/// What `restoreTask` answers.
#[derive(SimpleObject)]
struct RestoreTaskPayload {
    /// The task that is back.
    task: Task,
}

/// What `updateTasks` answers.
#[derive(SimpleObject)]
struct UpdateTasksPayload {
    /// The tasks as they are now, in the order of the ids.
    tasks: Vec<Task>,
}

#[derive(Default)]
pub(in crate::graphql) struct TaskMutation;

#[Object]
impl TaskMutation {
    /// Makes a task. `CONFLICT` when the chosen id is taken by another input or by somebody else.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn create_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new task.")] input: CreateTaskInput,
    ) -> Result<CreateTaskPayload> {
        let op = ctx.op()?;
        op.viewer()?;
        let task = task::create(op, input.parse(op.services().tasks.title_rule)?).await?;
        Ok(CreateTaskPayload { task: Task(task) })
    }

    /// Changes a task. What changes nothing makes no new version. `NOT_FOUND` when there is none that the viewer can see,
    /// `FORBIDDEN` when they can only see it: in a project editors and owners change tasks, elsewhere who made them. `CONFLICT`
    /// when it is in the trash, in an archived project, or at another version than `ifVersion`.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn update_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change.")] input: UpdateTaskInput,
    ) -> Result<UpdateTaskPayload> {
        let op = ctx.op()?;
        let (id, if_version) = (parse_id(op, &input.id)?, input.if_version);
        let update = input.parse(op.services().tasks.title_rule)?;
        let task = task::update(op, id, if_version, &update).await?;
        Ok(UpdateTaskPayload { task: Task(task) })
    }

    /// Moves a task to the trash with everything below it, from which `restoreTask` brings it back. One that is there already
    /// stays as it is.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn delete_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] input: DeleteTaskInput,
    ) -> Result<DeleteTaskPayload> {
        let op = ctx.op()?;
        let task = task::delete(op, parse_id(op, &input.id)?, input.if_version).await?;
        Ok(DeleteTaskPayload { task: Task(task) })
    }

    /// Brings a task back from the trash, and what went there with it. One that is not there stays as it is. `CONFLICT` when
    /// the task that it is a part of is in the trash.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn restore_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which task.")] input: RestoreTaskInput,
    ) -> Result<RestoreTaskPayload> {
        let op = ctx.op()?;
        let task = task::restore(op, parse_id(op, &input.id)?).await?;
        Ok(RestoreTaskPayload { task: Task(task) })
    }

    /// Changes many tasks: all of them, or none when one is not there, in the trash, or not the viewer's to change.
    #[graphql(
        directive = cost::apply(CHANGE.to_string()),
        directive = list_size::apply(None, Some(names(["input.ids"])), Some(names(["tasks"])), None)
    )]
    async fn update_tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which tasks, and what is to change of each.")] input: UpdateTasksInput,
    ) -> Result<UpdateTasksPayload> {
        let op = ctx.op()?;
        op.viewer()?;
        let tasks = task::update_many(op, &input.parse()?).await?;
        Ok(UpdateTasksPayload { tasks: tasks.into_iter().map(Task).collect() })
    }
}
