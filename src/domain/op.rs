//! One operation: who asks, and everything that a use-case needs to answer.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::session::RecentUses;
use super::user::User;
use super::{Error, Result};
use crate::auth::{AccessTokens, Keys, PasswordHasher};
use crate::clock::Clock;
use crate::config;
use crate::ids::{SessionId, UserId};
use crate::random::Random;
use crate::storage::Store;

/// What all operations share.
#[derive(Debug)]
pub struct Services {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Randomness for ids and secrets.
    pub random: Random,
    /// Hashes and checks passwords.
    pub passwords: PasswordHasher,
    /// Signs and checks access tokens.
    pub access_tokens: AccessTokens,
    /// Keys for refresh tokens and cursors.
    pub keys: Keys,
    /// Which sessions were used since that was last written down.
    pub recent_uses: RecentUses,
    /// Rules of accounts.
    pub auth: config::Auth,
    /// Rules of tasks.
    pub tasks: config::Tasks,
    /// The most entries of a page.
    pub page_size: u32,
}

/// Who asks.
#[derive(Debug, Clone)]
pub enum Caller {
    /// Nobody we know.
    Anonymous,
    /// A user, logged in with this session.
    User {
        /// The user.
        user: User,
        /// The session.
        session: SessionId,
    },
    /// Whoever runs the server, at its command line.
    Operator,
}

/// One operation of one caller. Cheap to clone; made anew for every request.
#[derive(Debug, Clone)]
pub struct Op {
    caller: Caller,
    user_agent: Option<Arc<str>>,
    services: Arc<Services>,
}

impl Op {
    /// An operation of `caller`.
    #[must_use]
    pub const fn new(services: Arc<Services>, caller: Caller) -> Self {
        Self { caller, user_agent: None, services }
    }

    /// The same operation, asked for by a client that calls itself `user_agent`.
    #[must_use]
    pub fn with_user_agent(self, user_agent: Option<&str>) -> Self {
        Self { user_agent: user_agent.map(Arc::from), ..self }
    }

    /// Who asks.
    #[must_use]
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The caller's user.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a caller without one.
    pub fn user(&self) -> Result<&User> {
        match &self.caller {
            Caller::User { user, .. } => Ok(user),
            Caller::Anonymous | Caller::Operator => Err(Error::Unauthenticated("Log in first: this needs a token.")),
        }
    }

    /// The id of the caller's user.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a caller without one.
    pub fn viewer(&self) -> Result<UserId> {
        self.user().map(|user| user.id)
    }

    /// The caller's session.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a caller without one.
    pub fn session(&self) -> Result<SessionId> {
        match &self.caller {
            Caller::User { session, .. } => Ok(*session),
            Caller::Anonymous | Caller::Operator => Err(Error::Unauthenticated("Log in first: this needs a session.")),
        }
    }

    /// What all operations share.
    #[must_use]
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// Refuses everybody but the operator.
    pub(super) const fn require_operator(&self) -> Result<()> {
        match self.caller {
            Caller::Operator => Ok(()),
            Caller::Anonymous | Caller::User { .. } => Err(Error::Forbidden("Only the operator may do this.")),
        }
    }

    /// What the client calls itself.
    pub(super) fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }

    /// The database.
    pub(super) fn store(&self) -> &Store {
        &self.services.store
    }

    /// The instant now.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.services.clock.now()
    }
}
