//! What many fields ask for about projects, each question in one statement.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use crate::domain::Op;
use crate::domain::paging::{Page, Window};
use crate::domain::project::{self, Member, Project};
use crate::graphql::error::ApiError;
use crate::graphql::loaders::by_window;
use crate::ids::ProjectId;

/// Which project of the caller's is it?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::graphql) struct ProjectById(pub(in crate::graphql) ProjectId);

/// Which members are on this page?
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::graphql) struct MembersOf(pub(in crate::graphql) ProjectId, pub(in crate::graphql) Window);

/// How many members are there?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::graphql) struct MemberCountOf(pub(in crate::graphql) ProjectId);

pub(in crate::graphql) struct ProjectLoader(pub(in crate::graphql) Op);

type Loaded<K, V> = Result<HashMap<K, V>, ApiError>;

impl Loader<ProjectById> for ProjectLoader {
    type Value = Project;
    type Error = ApiError;

    async fn load(&self, keys: &[ProjectById]) -> Loaded<ProjectById, Project> {
        let ids = keys.iter().map(|ProjectById(id)| *id).collect::<Vec<_>>();
        let projects = project::get_many(&self.0, &ids).await?;
        Ok(projects.into_iter().map(|project| (ProjectById(project.id), project)).collect())
    }
}

impl Loader<MembersOf> for ProjectLoader {
    type Value = Page<Member>;
    type Error = ApiError;

    /// One statement for each different page that is asked for, however many projects it is asked for of.
    async fn load(&self, keys: &[MembersOf]) -> Loaded<MembersOf, Page<Member>> {
        let mut loaded = HashMap::with_capacity(keys.len());
        for (window, projects) in by_window(keys, |MembersOf(project, window)| (*project, window)) {
            let pages = project::member_pages(&self.0, &projects, window).await?;
            loaded.extend(pages.into_iter().map(|(project, page)| (MembersOf(project, window.clone()), page)));
        }
        Ok(loaded)
    }
}

impl Loader<MemberCountOf> for ProjectLoader {
    type Value = i64;
    type Error = ApiError;

    async fn load(&self, keys: &[MemberCountOf]) -> Loaded<MemberCountOf, i64> {
        let ids = keys.iter().map(|MemberCountOf(id)| *id).collect::<Vec<_>>();
        let counts = project::member_counts(&self.0, &ids).await?;
        Ok(counts.into_iter().map(|(project, count)| (MemberCountOf(project), count)).collect())
    }
}
