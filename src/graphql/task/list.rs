//! Reading tasks.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, SimpleObject};

use super::Task;
use super::filter::TaskFilter;
use crate::domain::paging::{DEFAULT_PAGE_SIZE, Direction, Page, PageArguments};
use crate::domain::task::{self, Order, OrderField, TaskList, Within};
use crate::graphql::context::ContextExt;
use crate::graphql::cost::{COUNT, cost, list_size, names};
use crate::graphql::error::Result;
use crate::graphql::paging::{self, PageInfo};

/// Which way a list is ordered.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Direction")]
enum OrderDirection {
    /// Smallest, earliest, or first in the alphabet first.
    #[graphql(name = "ASC")]
    Ascending,
    /// Largest, latest, or last in the alphabet first.
    #[graphql(name = "DESC")]
    Descending,
}

/// What tasks can be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "OrderField")]
enum TaskOrderField {
    /// When they were made.
    CreatedAt,
    /// When they last changed.
    UpdatedAt,
    /// When they are due; those that never are come last in both directions.
    DueAt,
    /// How urgent they are.
    Priority,
    /// Their title, without regard to case.
    Title,
}

/// One key of an order of tasks.
#[derive(InputObject)]
pub(in crate::graphql) struct TaskOrder {
    /// What to order by.
    field: TaskOrderField,
    /// Which way.
    direction: OrderDirection,
}

/// A page of a list of tasks.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(in crate::graphql) struct TaskConnection {
    /// The tasks of the page in the order of the list, each with its cursor.
    edges: Vec<TaskEdge>,
    /// Where the page stands in the list.
    page_info: PageInfo,
    #[graphql(skip)]
    within: Option<Within>,
    #[graphql(skip)]
    list: TaskList,
}

/// A task in a list.
#[derive(SimpleObject)]
struct TaskEdge {
    /// Where the task stands in the list: pass it as `after` or `before`. Good in a list of the same order only.
    cursor: String,
    /// The task.
    node: Task,
}

#[ComplexObject]
impl TaskConnection {
    /// The tasks of the page, without their cursors.
    async fn nodes(&self) -> Vec<Task> {
        self.edges.iter().map(|edge| Task(edge.node.0.clone())).collect()
    }

    /// How many tasks the list holds on all its pages. They are counted only when this is asked for.
    #[graphql(directive = cost::apply(COUNT.to_string()))]
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let count = match self.within {
            Some(place) => ctx.loaders()?.tasks.count(place, &self.list).await?,
            None => task::count(ctx.op()?, &self.list).await?,
        };
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

impl TaskConnection {
    /// The page of the tasks in a place. Those of many places are read together.
    pub(in crate::graphql) async fn within(
        ctx: &Context<'_>,
        place: Within,
        list: TaskList,
        arguments: PageArguments,
    ) -> Result<Self> {
        let page = ctx.loaders()?.tasks.page(place, &list, arguments).await?;
        Ok(Self::of(page, Some(place), list))
    }

    fn of(page: Page<task::Task>, within: Option<Within>, list: TaskList) -> Self {
        let page_info = PageInfo::of(&page);
        let edges = page.edges.into_iter().map(|edge| TaskEdge { cursor: edge.cursor, node: Task(edge.node) });
        Self { edges: edges.collect(), page_info, within, list }
    }
}

/// The list that the arguments `filter` and `orderBy` ask for.
pub(in crate::graphql) fn selected(filter: Option<TaskFilter>, order_by: Option<Vec<TaskOrder>>) -> Result<TaskList> {
    let order = order_by.unwrap_or_default().into_iter().map(Order::from).collect();
    Ok(TaskList::new(filter.unwrap_or_default().parse()?, order)?)
}

#[derive(Default)]
pub(in crate::graphql) struct TaskQuery;

#[Object]
impl TaskQuery {
    /// The task of this id, in the trash or not; null when there is none that the viewer can see.
    async fn task(&self, ctx: &Context<'_>, #[graphql(desc = "The id of the task.")] id: ID) -> Result<Option<Task>> {
        let op = ctx.op()?;
        op.viewer()?;
        let Ok(id) = id.parse() else { return Ok(None) };
        Ok(task::get(op, id).await?.map(Task))
    }

    /// Tasks that the viewer can see: their own and those of projects shared with them. Those in the trash are left out
    /// unless the filter asks for them.
    #[graphql(directive = list_size::apply(
        Some(DEFAULT_PAGE_SIZE),
        Some(names(["first", "last"])),
        Some(names(["edges", "nodes"])),
        Some(false)
    ))]
    #[expect(clippy::too_many_arguments, reason = "the six arguments of the contract")]
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front: 1 to 100, and 20 when neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only tasks behind the one of this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100. Can't be combined with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only tasks before the one of this cursor.")] before: Option<String>,
        #[graphql(desc = "Only tasks that pass this.")] filter: Option<TaskFilter>,
        #[graphql(
            desc = "Keys of the order, the most important first, each field once; newest first when there are none."
        )]
        order_by: Option<Vec<TaskOrder>>,
    ) -> Result<TaskConnection> {
        let op = ctx.op()?;
        op.viewer()?;
        let tasks = selected(filter, order_by)?;
        let page = task::page(op, &tasks, &paging::arguments(first, after, last, before)).await?;
        Ok(TaskConnection::of(page, None, tasks))
    }
}

impl From<TaskOrder> for Order {
    fn from(order: TaskOrder) -> Self {
        Self { field: order.field.into(), direction: order.direction.into() }
    }
}
