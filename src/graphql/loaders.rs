//! Loaders: what many fields of one operation ask for is fetched in one statement.
//!
//! They live for one operation of one caller, so nothing that one caller may see is ever handed to another. Each question
//! has a key type of its own.

use std::collections::HashMap;

use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use futures_util::future::BoxFuture;
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::error::{ApiError, Result};
use super::task::TaskLoaders;
use crate::domain::{Op, user};
use crate::ids::UserId;

/// The loaders of one operation.
pub(super) struct Loaders {
    pub(super) tasks: TaskLoaders,
    users: DataLoader<UserLoader, HashMapCache>,
}

impl Loaders {
    pub(super) fn new(op: &Op) -> Self {
        let users = DataLoader::with_cache(UserLoader(op.clone()), spawn, HashMapCache::default());
        Self { tasks: TaskLoaders::new(op), users }
    }

    /// The user of this id, whom something names that the caller may see.
    pub(super) async fn named_user(&self, id: UserId) -> Result<Option<user::User>> {
        self.users.load_one(UserById(id)).await
    }
}

/// Runs a loader. What it logs belongs to the request, too.
pub(super) fn spawn(load: BoxFuture<'static, ()>) -> JoinHandle<()> {
    tokio::spawn(load.in_current_span())
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
