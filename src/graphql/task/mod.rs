//! Tasks.

mod filter;
mod input;
mod list;
mod loader;
mod mutation;

use async_graphql::{Context, Enum, ID, Object};

use super::comment::CommentConnection;
use super::context::ContextExt;
use super::cost::{list_size, names};
use super::error::Result;
use super::label::Label;
use super::paging;
use super::project::Project;
use super::scalars::DateTime;
use super::user::User;
use crate::domain::paging::DEFAULT_PAGE_SIZE;
use crate::domain::task::{self, Priority, TaskList, Within};
use crate::domain::{Error, Op, comment};

pub(super) use filter::TaskFilter;
pub(super) use list::{TaskConnection, TaskOrder, TaskQuery, selected};
pub(super) use loader::TaskLoaders;
pub(super) use mutation::TaskMutation;

/// How urgent a task is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Priority")]
pub(super) enum TaskPriority {
    /// Not said.
    None,
    /// Some day.
    Low,
    /// Soon.
    Medium,
    /// Next.
    High,
    /// Now.
    Urgent,
}

#[derive(Clone)]
pub(super) struct Task(pub(super) task::Task);

/// Something to do.
#[Object]
impl Task {
    /// Opaque and globally unique.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What to do, in a line of 3 to 200 characters.
    async fn title(&self) -> &str {
        self.0.title.as_str()
    }

    /// What to do, at length: at most 10,000 characters, and empty when there is nothing more to say.
    async fn description(&self) -> &str {
        self.0.description.as_str()
    }

    /// Whether it is done.
    async fn completed(&self) -> bool {
        self.0.completed_at.is_some()
    }

    /// When it was done, or null while it is not.
    async fn completed_at(&self) -> Option<DateTime> {
        self.0.completed_at.map(DateTime)
    }

    /// How urgent it is.
    async fn priority(&self) -> TaskPriority {
        self.0.priority.into()
    }

    /// When it is due, or null when it never is.
    async fn due_at(&self) -> Option<DateTime> {
        self.0.due_at.map(DateTime)
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it last changed.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// When it went to the trash, or null while it is not there.
    async fn deleted_at(&self) -> Option<DateTime> {
        self.0.deleted_at.map(DateTime)
    }

    /// Grows by one with every change; send it back as `ifVersion` to refuse a lost update.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Who made it.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<User> {
        User::named(ctx, self.0.created_by).await
    }

    /// What people say about it, oldest first.
    #[graphql(directive = list_size::apply(
        Some(DEFAULT_PAGE_SIZE),
        Some(names(["first", "last"])),
        Some(names(["edges", "nodes"])),
        Some(false)
    ))]
    #[expect(clippy::too_many_arguments, reason = "the four arguments of a connection")]
    async fn comments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front: 1 to 100, and 20 when neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only comments behind the one of this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100. Can't be combined with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only comments before the one of this cursor.")] before: Option<String>,
    ) -> Result<CommentConnection> {
        let window = comment::window(ctx.op()?, &paging::arguments(first, after, last, before))?;
        let page = ctx.loaders()?.comments(self.0.id, window).await?;
        Ok(CommentConnection::new(self.0.id, page))
    }

    /// The viewer's own labels on it, by name and at most 20. Nobody else sees them. They change without a new version of the
    /// task.
    #[graphql(directive = list_size::apply(Some(ASSUMED_LABELS), None, None, None))]
    async fn labels(&self, ctx: &Context<'_>) -> Result<Vec<Label>> {
        let labels = ctx.loaders()?.labels_of_task(self.0.id).await?;
        Ok(labels.into_iter().map(Label).collect())
    }

    /// Who is to do it, or null when nobody is.
    async fn assignee(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        match self.0.assignee_id {
            Some(id) => Ok(ctx.loaders()?.named_user(id).await?.map(User)),
            None => Ok(None),
        }
    }

    /// The task that it is a part of, in the trash or not; null when there is none that the viewer can see.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        match self.0.parent_id {
            Some(id) => Ok(ctx.loaders()?.tasks.task(id).await?.map(Task)),
            None => Ok(None),
        }
    }

    /// The project that it is in; null when it is in none that the viewer is a member of.
    async fn project(&self, ctx: &Context<'_>) -> Result<Option<Project>> {
        match self.0.project_id {
            Some(id) => Ok(ctx.loaders()?.project(id).await?.map(Project)),
            None => Ok(None),
        }
    }

    /// Its direct subtasks, oldest first. Those in the trash are left out; `tasks` finds them by `parentId`.
    #[graphql(directive = list_size::apply(
        Some(DEFAULT_PAGE_SIZE),
        Some(names(["first", "last"])),
        Some(names(["edges", "nodes"])),
        Some(false)
    ))]
    #[expect(clippy::too_many_arguments, reason = "the four arguments of every list")]
    async fn subtasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front: 1 to 100, and 20 when neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only tasks behind the one of this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100. Can't be combined with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only tasks before the one of this cursor.")] before: Option<String>,
    ) -> Result<TaskConnection> {
        let arguments = paging::arguments(first, after, last, before);
        TaskConnection::within(ctx, Within::Parent(self.0.id), TaskList::of_subtasks(), arguments).await
    }
}

/// How many labels a task is taken to bear. Most bear one or two, and those of a whole page are one statement: priced at
/// their most, a page of tasks with labels would cost more than an operation may.
const ASSUMED_LABELS: u32 = 2;

/// The task id that a client sent; text that is no such id is the id of no task.
fn parse_id(op: &Op, id: &ID) -> Result<crate::ids::TaskId> {
    op.viewer()?;
    Ok(id.parse().map_err(|_| Error::NotFound("There is no such task."))?)
}
