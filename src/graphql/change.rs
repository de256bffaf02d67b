//! What happened to tasks.

use async_graphql::futures_util::Stream;
use async_graphql::futures_util::stream;
use async_graphql::{ComplexObject, Context, Enum, ID, Object, SimpleObject, Subscription};

use super::context::ContextExt;
use super::cost::{COUNT, cost, list_size, names};
use super::error::Result;
use super::paging::{self, PageInfo};
use super::scalars::DateTime;
use super::subscription::Step;
use super::task::Task;
use super::user::User;
use crate::domain::change::{self, Change, Kind};
use crate::domain::paging::{DEFAULT_PAGE_SIZE, Edge};

/// What happened to a task.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Kind")]
enum TaskChangeKind {
    /// It was made, or came into the viewer's sight because they joined its project.
    Created,
    /// Something of it changed, it was commented on, or it moved to where the viewer sees it.
    Updated,
    /// It went to the trash, or out of the viewer's sight.
    Deleted,
    /// It came back from the trash.
    Restored,
}

/// What happened to a task. Not the task as it was then: `task` is the task as it is now.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct TaskChange {
    /// Where the change stands in the log: pass it as `after` to read on from here.
    cursor: String,
    /// What happened.
    kind: TaskChangeKind,
    /// When it happened.
    occurred_at: DateTime,
    #[graphql(skip)]
    change: Change,
}

#[ComplexObject]
impl TaskChange {
    /// The id of the task, which may be gone.
    async fn task_id(&self) -> ID {
        ID(self.change.task_id.to_string())
    }

    /// The task as it is now; null when the viewer can't see it any more. For `DELETED` null, too, unless it is in the
    /// trash.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        let task = ctx.loaders()?.tasks.task(self.change.task_id).await?;
        Ok(task.filter(|task| self.change.kind != Kind::Deleted || task.deleted_at.is_some()).map(Task))
    }

    /// Who did it; null when it was not a user.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        let Some(actor) = self.change.actor_id else { return Ok(None) };
        Ok(Some(User::named(ctx, actor).await?))
    }
}

/// A page of the log of changes.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct TaskChangeConnection {
    /// The changes of the page, oldest first, each with its cursor.
    edges: Vec<TaskChangeEdge>,
    /// Where the page stands in the log.
    page_info: PageInfo,
}

/// A change in the log.
#[derive(SimpleObject)]
struct TaskChangeEdge {
    /// Where the change stands in the log: pass it as `after` to read on from here.
    cursor: String,
    /// The change.
    node: TaskChange,
}

#[ComplexObject]
impl TaskChangeConnection {
    /// The changes of the page, oldest first.
    async fn nodes(&self) -> Vec<TaskChange> {
        self.edges.iter().map(|edge| TaskChange::new(edge.cursor.clone(), edge.node.change.clone())).collect()
    }

    /// The cursor of the end of the log: whatever happens from now on is behind it. Ask for it before reading the tasks for
    /// the first time, and for the changes after it from then on.
    #[graphql(directive = cost::apply(COUNT.to_string()))]
    async fn latest_cursor(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(change::latest_cursor(ctx.op()?).await?)
    }
}

#[derive(Default)]
pub(super) struct ChangeQuery;

#[Object]
impl ChangeQuery {
    /// What happened to visible tasks, oldest first, so that a client that was away can catch up. Every change since the
    /// viewer could see a task is told once: a task that leaves their sight appears as `DELETED`, without content. The log
    /// goes back 30 days unless the server is set otherwise; a cursor from before that is refused with the rule `EXPIRED`,
    /// and the client starts over.
    #[graphql(directive = list_size::apply(
        Some(DEFAULT_PAGE_SIZE),
        Some(names(["first"])),
        Some(names(["edges", "nodes"])),
        Some(false)
    ))]
    async fn task_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many: 1 to 100, and 20 when it is not given.")] first: Option<i32>,
        #[graphql(desc = "Only changes behind the one of this cursor; from the oldest without it.")] after: Option<
            String,
        >,
    ) -> Result<TaskChangeConnection> {
        let page = change::page(ctx.op()?, &paging::arguments(first, after, None, None)).await?;
        let page_info = PageInfo::of(&page);
        Ok(TaskChangeConnection { edges: page.edges.into_iter().map(TaskChangeEdge::from).collect(), page_info })
    }
}

#[derive(Default)]
pub(super) struct ChangeSubscription;

#[Subscription]
impl ChangeSubscription {
    /// Every change to a task that the viewer can see, in order: from `after` on without a gap, or from now. Take the `cursor`
    /// of each, and come back with the last one as `after` when the connection was lost: nothing is missed and nothing comes
    /// twice. A cursor that is older than the log is refused with the rule `EXPIRED`: start over, by reading the tasks. What
    /// left the viewer's sight comes once as `DELETED` without its `task`. Ends when the viewer is no member of the project any
    /// more. A subscription is charged for one event, when it begins.
    async fn task_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only changes behind the one of this cursor; from now on without it.")] after: Option<String>,
        #[graphql(
            desc = "Only changes to tasks of this project. One that leaves it is told once more, as what it became,\nor as `DELETED` when the viewer can't see it there."
        )]
        project_id: Option<ID>,
    ) -> Result<impl Stream<Item = TaskChange>> {
        let change = match ctx.step()? {
            Step::Event(event) => Some(TaskChange::new(event.cursor.clone(), event.node.clone())),
            Step::Subscribe { last_event_id, feed } => {
                let op = ctx.op()?;
                let project = project_id.map(|id| super::project::parse_id(op, &id)).transpose()?;
                let after = last_event_id.as_deref().or(after.as_deref());
                Step::put(feed, change::follow(op, after, project).await?);
                None
            }
        };
        Ok(stream::iter(change))
    }
}

impl From<Edge<Change>> for TaskChangeEdge {
    fn from(edge: Edge<Change>) -> Self {
        Self { cursor: edge.cursor.clone(), node: TaskChange::new(edge.cursor, edge.node) }
    }
}

impl TaskChange {
    fn new(cursor: String, change: Change) -> Self {
        Self { cursor, kind: change.kind.into(), occurred_at: change.occurred_at.into(), change }
    }
}
