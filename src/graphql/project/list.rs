//! Reading projects.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};

use super::Project;
use crate::domain::paging::DEFAULT_PAGE_SIZE;
use crate::domain::project;
use crate::graphql::context::ContextExt;
use crate::graphql::cost::{COUNT, cost, list_size, names};
use crate::graphql::error::Result;
use crate::graphql::paging::{self, PageInfo};

/// A page of a list of projects.
#[derive(SimpleObject)]
#[graphql(complex)]
struct ProjectConnection {
    /// The projects of the page in the order of the list, each with its cursor.
    edges: Vec<ProjectEdge>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

/// A project in a list.
#[derive(SimpleObject)]
struct ProjectEdge {
    /// Where the project stands in the list: pass it as `after` or `before`.
    cursor: String,
    /// The project.
    node: Project,
}

#[ComplexObject]
impl ProjectConnection {
    /// The projects of the page, without their cursors.
    async fn nodes(&self) -> Vec<Project> {
        self.edges.iter().map(|edge| Project(edge.node.0.clone())).collect()
    }

    /// How many projects the list holds on all its pages. They are counted only when this is asked for.
    #[graphql(directive = cost::apply(COUNT.to_string()))]
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(i32::try_from(project::count(ctx.op()?).await?).unwrap_or(i32::MAX))
    }
}

#[derive(Default)]
pub(in crate::graphql) struct ProjectQuery;

#[Object]
impl ProjectQuery {
    /// The project of this id, or null when there is none that the viewer is a member of.
    async fn project(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the project.")] id: ID,
    ) -> Result<Option<Project>> {
        ctx.op()?.viewer()?;
        let Ok(id) = id.parse() else { return Ok(None) };
        Ok(ctx.loaders()?.project(id).await?.map(Project))
    }

    /// The projects that the viewer is a member of, at most 100, by name without regard to case.
    #[graphql(directive = list_size::apply(
        Some(DEFAULT_PAGE_SIZE),
        Some(names(["first", "last"])),
        Some(names(["edges", "nodes"])),
        Some(false)
    ))]
    #[expect(clippy::too_many_arguments, reason = "the four arguments of every list")]
    async fn projects(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front: 1 to 100, and 20 when neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only projects behind the one of this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100. Can't be combined with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only projects before the one of this cursor.")] before: Option<String>,
    ) -> Result<ProjectConnection> {
        let page = project::page(ctx.op()?, &paging::arguments(first, after, last, before)).await?;
        let page_info = PageInfo::of(&page);
        let edges = page.edges.into_iter().map(|edge| ProjectEdge { cursor: edge.cursor, node: Project(edge.node) });
        Ok(ProjectConnection { edges: edges.collect(), page_info })
    }
}
