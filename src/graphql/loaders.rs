//! Loaders: what many fields of one operation ask for is fetched in one statement.
//!
//! They live for one operation of one caller, so nothing that one caller may see is ever handed to another. Each question
//! has a key type of its own.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use futures_util::future::BoxFuture;
use tokio::task::JoinSet;
use tracing::Instrument;

use super::error::{ApiError, Result};
use crate::domain::{Op, user};
use crate::ids::UserId;

/// The loaders of one operation.
pub(super) struct Loaders {
    users: DataLoader<UserLoader, HashMapCache>,
}

impl Loaders {
    pub(super) fn new(op: &Op) -> Self {
        let users = UserLoader(op.clone());
        // Gone with the operation, as when its client leaves: dropping the set stops what is still loading.
        let tasks = Mutex::new(JoinSet::new());
        let spawn = move |load: BoxFuture<'static, ()>| {
            // What a loader logs belongs to the request, too.
            let load = load.in_current_span();
            tasks.lock().unwrap_or_else(PoisonError::into_inner).spawn(load);
        };
        Self { users: DataLoader::with_cache(users, spawn, HashMapCache::default()) }
    }

    /// The user of this id, when the caller may see them.
    pub(super) async fn user(&self, id: UserId) -> Result<Option<user::User>> {
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
        let users = user::get_many(&self.0, &ids).await?;
        Ok(users.into_iter().map(|user| (UserById(user.id), user)).collect())
    }
}
