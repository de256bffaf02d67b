//! The members of a project.

use async_graphql::{ComplexObject, Context, Object, SimpleObject};

use super::ProjectRole;
use crate::domain::Error;
use crate::domain::paging::Page;
use crate::domain::project;
use crate::graphql::context::ContextExt;
use crate::graphql::cost::{COUNT, cost};
use crate::graphql::error::{ApiError, Result};
use crate::graphql::paging::PageInfo;
use crate::graphql::scalars::DateTime;
use crate::graphql::user::User;
use crate::ids::ProjectId;

#[derive(Clone, Copy)]
struct ProjectMember(project::Member);

/// A user in a project.
#[Object]
impl ProjectMember {
    /// Who it is.
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        // Known already, and a member of every project that the caller sees.
        let caller = ctx.op()?.user()?;
        if caller.id == self.0.user_id {
            return Ok(User(caller.clone()));
        }
        let user = ctx.loaders()?.named_user(self.0.user_id).await?;
        user.map(User).ok_or_else(|| ApiError::from(Error::Internal("a member is no user".into())))
    }

    /// What they may do in the project.
    async fn role(&self) -> ProjectRole {
        self.0.role.into()
    }

    /// When they joined the project.
    async fn joined_at(&self) -> DateTime {
        self.0.joined_at.into()
    }
}

/// A page of the members of a project.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct ProjectMemberConnection {
    /// The members of the page in the order of the list, each with its cursor.
    edges: Vec<ProjectMemberEdge>,
    /// Where the page stands in the list.
    page_info: PageInfo,
    #[graphql(skip)]
    project: ProjectId,
}

/// A member in a list.
#[derive(SimpleObject)]
struct ProjectMemberEdge {
    /// Where the member stands in the list: pass it as `after` or `before`.
    cursor: String,
    /// The member.
    node: ProjectMember,
}

#[ComplexObject]
impl ProjectMemberConnection {
    /// The members of the page, without their cursors.
    async fn nodes(&self) -> Vec<ProjectMember> {
        self.edges.iter().map(|edge| edge.node).collect()
    }

    /// How many members the project has on all pages. They are counted only when this is asked for.
    #[graphql(directive = cost::apply(COUNT.to_string()))]
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let count = ctx.loaders()?.member_count(self.project).await?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

impl ProjectMemberConnection {
    pub(super) fn new(project: ProjectId, page: Page<project::Member>) -> Self {
        let page_info = PageInfo::of(&page);
        let edge = |node, cursor| ProjectMemberEdge { cursor, node: ProjectMember(node) };
        let edges = page.edges.into_iter().map(|it| edge(it.node, it.cursor));
        Self { edges: edges.collect(), page_info, project }
    }
}
