//! One operation: who asks, and everything that a use-case needs to answer.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;

use super::api_token::{Scope, Scopes};
use super::change::SharedTail;
use super::user::User;
use super::{Error, RecentUses, Result};
use crate::auth::{AccessTokens, Keys, PasswordHasher};
use crate::bus::Bus;
use crate::clock::Clock;
use crate::config;
use crate::ids::{ApiTokenId, SessionId, UserId};
use crate::random::Random;
use crate::storage::Store;

/// What all operations share.
#[derive(Debug)]
pub struct Services {
    /// The database.
    pub store: Store,
    /// Wakes those who wait for what happens in the database.
    pub bus: Arc<dyn Bus>,
    /// The end of the change log, for all who look at it because it has grown.
    pub log_tail: SharedTail,
    /// A turn for each that reads the change log because it has grown: all who follow it are woken at once, and a request is
    /// not to wait for the database behind all of them.
    pub log_turns: Arc<Semaphore>,
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
    /// Which sessions and API tokens were used since that was last written down.
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
    /// A user.
    User {
        /// The user.
        user: User,
        /// What they call with.
        authority: Authority,
    },
    /// Whoever runs the server, at its command line.
    Operator,
}

/// What lets a caller act as a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Authority {
    /// A login, which may do all that its user may.
    Session(SessionId),
    /// A token for a program, which may do what its scopes say, and never anything about credentials.
    ApiToken {
        /// The token.
        id: ApiTokenId,
        /// What it may be used for.
        scopes: Scopes,
    },
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

    /// The caller's session. Whoever manages credentials needs one: a token that could make tokens would never expire.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a caller we don't know, and [`Error::Forbidden`] for one with an API token.
    pub fn session(&self) -> Result<SessionId> {
        match &self.caller {
            Caller::User { authority: Authority::Session(id), .. } => Ok(*id),
            Caller::User { authority: Authority::ApiToken { .. }, .. } => {
                Err(Error::Forbidden("An API token can't do this: log in."))
            }
            Caller::Anonymous | Caller::Operator => Err(Error::Unauthenticated("Log in first: this needs a session.")),
        }
    }

    /// Refuses a caller who may only read.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for an API token without [`Scope::Write`]. What others may do is for each use-case to say.
    pub const fn require_write(&self) -> Result<()> {
        match self.caller {
            Caller::User { authority: Authority::ApiToken { scopes, .. }, .. } if !scopes.contains(Scope::Write) => {
                Err(Error::Forbidden("This API token may only read."))
            }
            Caller::Anonymous | Caller::User { .. } | Caller::Operator => Ok(()),
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
