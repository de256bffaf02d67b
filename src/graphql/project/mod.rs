//! Projects.

mod input;
mod list;
mod loader;
mod member;
mod mutation;

use async_graphql::{Context, Enum, ID, Object};

use super::context::ContextExt;
use super::cost::{list_size, names};
use super::error::Result;
use super::paging;
use super::scalars::DateTime;
use super::task::{TaskConnection, TaskFilter, TaskOrder, selected};
use crate::domain::paging::DEFAULT_PAGE_SIZE;
use crate::domain::project::{self, Role};
use crate::domain::task::Within;
use crate::domain::{Error, Op};
use crate::ids::ProjectId;

pub(super) use list::ProjectQuery;
pub(super) use loader::{MemberCountOf, MembersOf, ProjectById, ProjectLoader};
pub(super) use mutation::ProjectMutation;

use member::ProjectMemberConnection;

/// What a member of a project may do. Each may do what those below may, too.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Role")]
pub(super) enum ProjectRole {
    /// Change and delete the project, manage its members, and delete any comment in it.
    Owner,
    /// Make and change tasks in it.
    Editor,
    /// See its tasks and comment on them.
    Viewer,
}

#[derive(Clone)]
pub(super) struct Project(pub(super) project::Project);

/// Tasks that several people share. Nobody but its members sees it.
#[Object]
impl Project {
    /// Opaque and globally unique.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What it is called: 1 to 100 characters.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is about: at most 10,000 characters, and empty when there is nothing to say.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// Whether its tasks can only be read: changing them is a `CONFLICT` then. Its owners still manage it and its members.
    async fn archived(&self) -> bool {
        self.0.archived_at.is_some()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When its name, its description or `archived` last changed.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }

    /// What the viewer may do in it. To somebody who has just left: what they could do before.
    async fn viewer_role(&self) -> ProjectRole {
        self.0.viewer_role.into()
    }

    /// Its members, at most 100, in the order in which they joined. To somebody who has just left: none.
    #[graphql(directive = list_size::apply(
        Some(DEFAULT_PAGE_SIZE),
        Some(names(["first", "last"])),
        Some(names(["edges", "nodes"])),
        Some(false)
    ))]
    #[expect(clippy::too_many_arguments, reason = "the four arguments of every list")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front: 1 to 100, and 20 when neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only members behind the one of this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100. Can't be combined with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only members before the one of this cursor.")] before: Option<String>,
    ) -> Result<ProjectMemberConnection> {
        let window = project::member_window(ctx.op()?, &paging::arguments(first, after, last, before))?;
        let page = ctx.loaders()?.members(self.0.id, window).await?;
        Ok(ProjectMemberConnection::new(self.0.id, page))
    }

    /// Its tasks. Those in the trash are left out unless the filter asks for them.
    #[graphql(directive = list_size::apply(
        Some(DEFAULT_PAGE_SIZE),
        Some(names(["first", "last"])),
        Some(names(["edges", "nodes"])),
        Some(false)
    ))]
    #[expect(clippy::too_many_arguments, reason = "the six arguments of a list of tasks")]
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
        let arguments = paging::arguments(first, after, last, before);
        TaskConnection::within(ctx, Within::Project(self.0.id), selected(filter, order_by)?, arguments).await
    }
}

/// The project id that a client sent; text that is no such id is the id of no project.
pub(super) fn parse_id(op: &Op, id: &ID) -> Result<ProjectId> {
    op.viewer()?;
    Ok(id.parse().map_err(|_| Error::NotFound("There is no such project."))?)
}
