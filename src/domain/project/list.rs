//! Reading projects and their members.

use std::collections::HashMap;

use super::{Member, Project};
use crate::domain::paging::{Page, PageArguments, Window};
use crate::domain::{Op, Result};
use crate::ids::ProjectId;
use crate::storage::paging::Slice;
use crate::storage::project::MemberModel;
use crate::storage::{self, project::Shared};

/// What cursors of projects are bound to.
const PROJECTS: &str = "projects";

/// What cursors of members are bound to: one is good for the members of any project, because many are read at once.
const MEMBERS: &str = "members";

/// Those of `ids` that there are and that the caller is a member of, in no order.
///
/// # Errors
/// [`Error::Unauthenticated`](crate::domain::Error::Unauthenticated) for a caller we don't know.
pub async fn get_many(op: &Op, ids: &[ProjectId]) -> Result<Vec<Project>> {
    let projects = storage::project::find_shared(op.store(), op.viewer()?, ids).await?;
    Ok(projects.into_iter().map(Project::from).collect())
}

/// A page of the projects that the caller is a member of, by name without regard to case.
///
/// # Errors
/// [`Error::Unauthenticated`](crate::domain::Error::Unauthenticated) for a caller we don't know, and
/// [`Error::Invalid`](crate::domain::Error::Invalid) for paging arguments out of range.
pub async fn page(op: &Op, arguments: &PageArguments) -> Result<Page<Project>> {
    let viewer = op.viewer()?;
    let window = arguments.window(op, PROJECTS)?;
    let slice = storage::project::page(op.store(), viewer, &window).await?;
    Ok(Page::new((op, PROJECTS), &window, slice, Shared::position, Project::from))
}

/// How many projects the caller is a member of.
///
/// # Errors
/// [`Error::Unauthenticated`](crate::domain::Error::Unauthenticated) for a caller we don't know.
pub async fn count(op: &Op) -> Result<u64> {
    Ok(storage::project::count(op.store(), op.viewer()?).await?)
}

/// The page of members that `arguments` ask for, of whichever projects.
///
/// # Errors
/// [`Error::Invalid`](crate::domain::Error::Invalid) for paging arguments out of range.
pub fn member_window(op: &Op, arguments: &PageArguments) -> Result<Window> {
    arguments.window(op, MEMBERS)
}

/// A page of the members of each of `projects`, in the order in which they joined: empty for one that the caller is no
/// member of.
///
/// # Errors
/// [`Error::Unauthenticated`](crate::domain::Error::Unauthenticated) for a caller we don't know.
pub async fn member_pages(
    op: &Op,
    projects: &[ProjectId],
    window: &Window,
) -> Result<HashMap<ProjectId, Page<Member>>> {
    let mut slices = storage::project::member_pages(op.store(), op.viewer()?, projects, window).await?;
    let page = |project: &ProjectId| {
        let slice = slices.remove(project).unwrap_or(Slice { rows: Vec::new(), more: false });
        (*project, Page::new((op, MEMBERS), window, slice, MemberModel::position, Member::from))
    };
    Ok(projects.iter().map(page).collect())
}

/// How many members each of `projects` has. A project that the caller is no member of is left out.
///
/// # Errors
/// [`Error::Unauthenticated`](crate::domain::Error::Unauthenticated) for a caller we don't know.
pub async fn member_counts(op: &Op, projects: &[ProjectId]) -> Result<HashMap<ProjectId, i64>> {
    Ok(storage::project::member_counts(op.store(), op.viewer()?, projects).await?)
}
