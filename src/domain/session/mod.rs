//! Sessions: a user is logged in on a device until the session ends.

mod open;
mod refresh;

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::user::User;
use super::{Error, Op, Result};
use crate::ids::SessionId;
use crate::storage::instant::{from_micros, to_micros};
use crate::storage::{self, Deleted};

pub use open::{login, register};
pub use refresh::{refresh, refreshed_session};

/// The most sessions of one user. A login beyond that ends the one that was used longest ago.
pub const MAX_SESSIONS: u64 = 50;

/// A device on which a user is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// When the user logged in.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to within a minute.
    pub last_used_at: DateTime<Utc>,
    /// When it ends unless it is refreshed.
    pub expires_at: DateTime<Utc>,
    /// What the client called itself.
    pub user_agent: Option<String>,
}

/// What a client needs to act as a user.
#[derive(Debug)]
pub struct Tokens {
    /// Sent with every request.
    pub access_token: SecretString,
    /// When the access token expires.
    pub expires_at: DateTime<Utc>,
    /// Exchanged for the next access token, once.
    pub refresh_token: SecretString,
    /// Whose they are.
    pub user: User,
}

/// The caller's sessions, newest first.
///
/// # Errors
/// [`Error::Unauthenticated`] for a caller we don't know.
pub async fn list(op: &Op) -> Result<Vec<Session>> {
    let sessions = storage::session::list(op.store(), op.viewer()?, to_micros(op.now())).await?;
    Ok(sessions.into_iter().map(Session::from).collect())
}

/// The caller's session of this id.
///
/// # Errors
/// [`Error::Unauthenticated`] for a caller we don't know.
pub async fn get(op: &Op, id: SessionId) -> Result<Option<Session>> {
    let session = storage::session::find(op.store(), op.viewer()?, id, to_micros(op.now())).await?;
    Ok(session.map(Session::from))
}

/// Ends the caller's session of this id, at once: the next request with its tokens is refused.
///
/// # Errors
/// [`Error::NotFound`] when the caller has no such session, and [`Error::Forbidden`] for a caller with an API token.
pub async fn revoke(op: &Op, id: SessionId) -> Result<SessionId> {
    op.session()?;
    let viewer = op.viewer()?;
    let transaction = op.store().begin().await?;
    let Deleted(ended) = storage::session::delete(&transaction, viewer, id).await?;
    transaction.commit().await?;
    if ended == 0 {
        return Err(Error::NotFound("You have no such session."));
    }
    tracing::info!(target: "taskward::authentication", event = "session_revoked", user = %viewer, session = %id);
    Ok(id)
}

/// Ends the session that the caller uses.
///
/// # Errors
/// [`Error::Unauthenticated`] for a caller we don't know, and [`Error::Forbidden`] for one with an API token.
pub async fn logout(op: &Op) -> Result<SessionId> {
    revoke(op, op.session()?).await
}

/// Removes the sessions that have expired.
///
/// # Errors
/// [`Error::Forbidden`] for anybody but the operator.
pub async fn remove_expired(op: &Op) -> Result<Deleted> {
    op.require_operator()?;
    let transaction = op.store().begin().await?;
    let removed = storage::session::delete_expired(&transaction, to_micros(op.now())).await?;
    transaction.commit().await?;
    Ok(removed)
}

impl From<storage::session::Model> for Session {
    fn from(row: storage::session::Model) -> Self {
        Self {
            id: SessionId::from_uuid(row.id),
            created_at: from_micros(row.created_at),
            last_used_at: from_micros(row.last_used_at),
            expires_at: from_micros(row.expires_at),
            user_agent: row.user_agent,
        }
    }
}
