//! Loaders: what many fields of one operation ask for is fetched in one statement.
//!
//! They live for one operation of one caller, so nothing that one caller may see is ever handed to another. Each question
//! has a key type of its own.

use std::collections::HashMap;

use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use futures_util::future::BoxFuture;
use tracing::Instrument;

use super::error::{ApiError, Result};
use super::project::{MemberCountOf, MembersOf, ProjectById, ProjectLoader};
use crate::domain::paging::{Page, Window};
use crate::domain::{Error, Op, project, user};
use crate::ids::{ProjectId, UserId};

/// The loaders of one operation.
pub(super) struct Loaders {
    projects: DataLoader<ProjectLoader>,
    users: DataLoader<UserLoader, HashMapCache>,
}

impl Loaders {
    pub(super) fn new(op: &Op) -> Self {
        let users = UserLoader(op.clone());
        // What a loader logs belongs to the request, too.
        let spawn = |load: BoxFuture<'static, ()>| tokio::spawn(load.in_current_span());
        Self {
            // Without a cache: the next field of a mutation must see what the one before has changed.
            projects: DataLoader::new(ProjectLoader(op.clone()), spawn),
            users: DataLoader::with_cache(users, spawn, HashMapCache::default()),
        }
    }

    /// The project of this id; `None` when there is none that the caller is a member of.
    pub(super) async fn project(&self, id: ProjectId) -> Result<Option<project::Project>> {
        self.projects.load_one(ProjectById(id)).await
    }

    /// A page of the members of a project, empty when the caller is none of them.
    pub(super) async fn members(&self, id: ProjectId, window: Window) -> Result<Page<project::Member>> {
        let page = self.projects.load_one(MembersOf(id, window)).await?;
        page.ok_or_else(|| ApiError::from(Error::Internal("a page of members was not loaded".into())))
    }

    /// How many members a project has: none for a caller who is none of them.
    pub(super) async fn member_count(&self, id: ProjectId) -> Result<i64> {
        Ok(self.projects.load_one(MemberCountOf(id)).await?.unwrap_or_default())
    }

    /// The user of this id, whom something names that the caller may see.
    pub(super) async fn named_user(&self, id: UserId) -> Result<Option<user::User>> {
        self.users.load_one(UserById(id)).await
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct UserById(UserId);

struct UserLoader(Op);

impl Loader<UserById> for UserLoader {
    type Value = user::User;
    type Error = ApiError;

    async fn load(&self, keys: &[UserById]) -> std::result::Result<HashMap<UserById, user::User>, ApiError> {
        let ids = keys.iter().map(|UserById(id)| *id).collect::<Vec<_>>();
        let users = user::get_named(&self.0, &ids).await?;
        Ok(users.into_iter().map(|user| (UserById(user.id), user)).collect())
    }
}
