//! Loaders: what many fields of one operation ask for is fetched in one statement.
//!
//! They live for one operation of one caller, so nothing that one caller may see is ever handed to another. Each question
//! has a key type of its own.

use std::collections::HashMap;

use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use futures_util::future::BoxFuture;
use tracing::Instrument;

use super::error::{ApiError, Result};
use crate::domain::{Op, api_token, session, user};
use crate::ids::UserId;

/// The loaders of one operation.
pub(super) struct Loaders {
    users: DataLoader<UserLoader, HashMapCache>,
    /// Without a cache, since a mutation may change what the next one answers with.
    credentials: DataLoader<CredentialLoader>,
}

impl Loaders {
    pub(super) fn new(op: &Op) -> Self {
        let (users, credentials) = (UserLoader(op.clone()), CredentialLoader(op.clone()));
        // What a loader logs belongs to the request, too.
        let spawn = |load: BoxFuture<'static, ()>| tokio::spawn(load.in_current_span());
        Self {
            users: DataLoader::with_cache(users, spawn, HashMapCache::default()),
            credentials: DataLoader::new(credentials, spawn),
        }
    }

    /// The user of this id, whom something names that the caller may see.
    pub(super) async fn named_user(&self, id: UserId) -> Result<Option<user::User>> {
        self.users.load_one(UserById(id)).await
    }

    /// The caller's sessions, newest first.
    pub(super) async fn own_sessions(&self) -> Result<Vec<session::Session>> {
        Ok(self.credentials.load_one(OwnSessions).await?.unwrap_or_default())
    }

    /// The caller's API tokens, newest first.
    pub(super) async fn own_api_tokens(&self) -> Result<Vec<api_token::ApiToken>> {
        Ok(self.credentials.load_one(OwnApiTokens).await?.unwrap_or_default())
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct OwnSessions;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct OwnApiTokens;

/// What the caller may call with. A page of tasks may name the caller a hundred times.
struct CredentialLoader(Op);

impl Loader<OwnSessions> for CredentialLoader {
    type Value = Vec<session::Session>;
    type Error = ApiError;

    async fn load(&self, _: &[OwnSessions]) -> Result<HashMap<OwnSessions, Self::Value>> {
        Ok(HashMap::from([(OwnSessions, session::list(&self.0).await?)]))
    }
}

impl Loader<OwnApiTokens> for CredentialLoader {
    type Value = Vec<api_token::ApiToken>;
    type Error = ApiError;

    async fn load(&self, _: &[OwnApiTokens]) -> Result<HashMap<OwnApiTokens, Self::Value>> {
        Ok(HashMap::from([(OwnApiTokens, api_token::list(&self.0).await?)]))
    }
}
