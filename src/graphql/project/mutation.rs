//! Changing projects and who is in them.

use async_graphql::{Context, ID, Object, SimpleObject};

use super::input::{
    CreateProjectInput, DeleteProjectInput, RemoveProjectMemberInput, SetProjectMemberInput, UpdateProjectInput,
};
use super::{Project, parse_id};
use crate::domain::{Error, project};
use crate::graphql::context::ContextExt;
use crate::graphql::cost::{CHANGE, cost};
use crate::graphql::error::Result;

/// What `createProject` answers.
#[derive(SimpleObject)]
struct CreateProjectPayload {
    /// The project that was made.
    project: Project,
}

/// What `updateProject` answers.
#[derive(SimpleObject)]
struct UpdateProjectPayload {
    /// The project as it is now.
    project: Project,
}

/// What `deleteProject` answers.
#[derive(SimpleObject)]
struct DeleteProjectPayload {
    /// The project that is gone.
    project_id: ID,
}

/// What `setProjectMember` answers.
#[derive(SimpleObject)]
struct SetProjectMemberPayload {
    /// The project with the member.
    project: Project,
}

/// What `removeProjectMember` answers.
#[derive(SimpleObject)]
struct RemoveProjectMemberPayload {
    /// The project without the member. To somebody who has left it: as they saw it last, without its members.
    project: Project,
}

#[derive(Default)]
pub(in crate::graphql) struct ProjectMutation;

#[Object]
impl ProjectMutation {
    /// Makes a project, which the viewer owns. `CONFLICT` when they are a member of 100 projects already.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn create_project(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new project.")] input: CreateProjectInput,
    ) -> Result<CreateProjectPayload> {
        let op = ctx.op()?;
        op.viewer()?;
        Ok(CreateProjectPayload { project: Project(project::create(op, &input.parse()?).await?) })
    }

    /// Changes a project: only its owners may. `NOT_FOUND` when there is none that the viewer is a member of.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn update_project(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change.")] input: UpdateProjectInput,
    ) -> Result<UpdateProjectPayload> {
        let op = ctx.op()?;
        let id = parse_id(op, &input.id)?;
        Ok(UpdateProjectPayload { project: Project(project::update(op, id, &input.parse()?).await?) })
    }

    /// Deletes a project, for good: only its owners may. Its tasks go to the trash and belong to no project any more, so each is
    /// from then on seen and restored by its creator alone; a subtask whose parent somebody else made stands on its own.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn delete_project(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which project.")] input: DeleteProjectInput,
    ) -> Result<DeleteProjectPayload> {
        let op = ctx.op()?;
        let deleted = project::delete(op, parse_id(op, &input.id)?).await?;
        Ok(DeleteProjectPayload { project_id: ID(deleted.to_string()) })
    }

    /// Makes a user a member of a project, or gives a member another role: only its owners may. `NOT_FOUND` when there is no
    /// such user who may log in, `CONFLICT` when the project would have no owner who may log in, when it has 100 members
    /// already, and when the user is a member of 100 projects.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn set_project_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is to do what in which project.")] input: SetProjectMemberInput,
    ) -> Result<SetProjectMemberPayload> {
        let op = ctx.op()?;
        let id = parse_id(op, &input.project_id)?;
        let project = project::set_member(op, id, &input.username, input.role.into()).await?;
        Ok(SetProjectMemberPayload { project: Project(project) })
    }

    /// Takes a member out of a project: its owners anybody, everybody themselves. From then on they see only those of its tasks
    /// that they made, and are assigned to no others. `CONFLICT` when the project would have no owner who may log in.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn remove_project_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is to leave which project.")] input: RemoveProjectMemberInput,
    ) -> Result<RemoveProjectMemberPayload> {
        let op = ctx.op()?;
        let id = parse_id(op, &input.project_id)?;
        let user = input.user_id.parse().map_err(|_| Error::NotFound("There is no such member."))?;
        Ok(RemoveProjectMemberPayload { project: Project(project::remove_member(op, id, user).await?) })
    }
}
