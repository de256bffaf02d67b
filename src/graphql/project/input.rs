//! What mutations of projects take, and how it becomes values of the domain.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::ProjectRole;
use crate::domain::Fields;
use crate::domain::project::{Name, NewProject, ProjectUpdate};
use crate::domain::task::Description;
use crate::graphql::error::Result;
use crate::graphql::input::take;

/// What `createProject` takes.
#[derive(InputObject)]
pub(super) struct CreateProjectInput {
    /// What it is called: 1 to 100 characters, after white space is trimmed and collapsed.
    name: String,
    /// What it is about: at most 10,000 characters; empty by default.
    description: Option<String>,
}

/// What `updateProject` takes. What is left out stays as it is.
#[derive(InputObject)]
pub(super) struct UpdateProjectInput {
    /// The id of the project.
    pub(super) id: ID,
    /// What it is called: 1 to 100 characters. Not null.
    name: MaybeUndefined<String>,
    /// What it is about: at most 10,000 characters. Not null.
    description: MaybeUndefined<String>,
    /// Whether its tasks can only be read. Not null.
    archived: MaybeUndefined<bool>,
}

/// What `deleteProject` takes.
#[derive(InputObject)]
pub(super) struct DeleteProjectInput {
    /// The id of the project.
    pub(super) id: ID,
}

/// What `setProjectMember` takes.
#[derive(InputObject)]
pub(super) struct SetProjectMemberInput {
    /// The id of the project.
    pub(super) project_id: ID,
    /// The name of the user, whether they are a member already or not.
    pub(super) username: String,
    /// What they may do from now on.
    pub(super) role: ProjectRole,
}

/// What `removeProjectMember` takes.
#[derive(InputObject)]
pub(super) struct RemoveProjectMemberInput {
    /// The id of the project.
    pub(super) project_id: ID,
    /// The id of the member.
    pub(super) user_id: ID,
}

impl CreateProjectInput {
    pub(super) fn parse(&self) -> Result<NewProject> {
        let mut fields = Fields::of_input();
        let name = fields.take("name", Name::parse(&self.name));
        let description = fields.take_optional("description", self.description.as_deref().map(Description::parse));
        Ok(fields.finish(|| Some(NewProject { name: name?, description: description.unwrap_or_default() }))?)
    }
}

impl UpdateProjectInput {
    pub(super) fn parse(self) -> Result<ProjectUpdate> {
        let mut fields = Fields::of_input();
        let name = take(&mut fields, "name", self.name, |name| Name::parse(&name));
        let description = take(&mut fields, "description", self.description, |text| Description::parse(&text));
        let archived = take(&mut fields, "archived", self.archived, Ok);
        Ok(fields.finish(|| Some(ProjectUpdate { name, description, archived }))?)
    }
}
