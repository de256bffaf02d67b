//! API tokens: what a program calls with in its user's name, for as long and for as much as the user lets it.

mod create;
mod values;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Error, Op, Result, user};
use crate::ids::ApiTokenId;
use crate::storage::instant::{from_micros, to_micros};
use crate::storage::{self, Deleted};

pub use create::{CreatedApiToken, NewApiToken, create, create_for};
pub use values::{Expiry, Name, Scope, Scopes};

/// The most API tokens of one user, those that have expired and are still listed included.
pub const MAX_API_TOKENS: u64 = 50;

/// How long a token is kept after it has expired, so that its owner sees why a program is refused.
const KEPT_AFTER_EXPIRY: TimeDelta = TimeDelta::days(30);

const NOT_FOUND: Error = Error::NotFound("You have no such API token.");

/// What a program calls with, without the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id, which opens nothing.
    pub id: ApiTokenId,
    /// What its owner calls it.
    pub name: Name,
    /// What it may be used for.
    pub scopes: Scopes,
    /// The last four characters of the secret.
    pub last_four: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to within a minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it stops being good.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The caller's API tokens, newest first.
///
/// # Errors
/// [`Error::Unauthenticated`] for a caller we don't know.
pub async fn list(op: &Op) -> Result<Vec<ApiToken>> {
    let tokens = storage::api_token::list(op.store(), op.viewer()?).await?;
    Ok(tokens.into_iter().map(ApiToken::from).collect())
}

/// The API tokens of the user of this name, newest first, for the operator.
///
/// # Errors
/// [`Error::NotFound`] when there is no user of this name.
pub async fn list_of(op: &Op, username: &str) -> Result<Vec<ApiToken>> {
    op.require_operator()?;
    let user = user::find(op, username).await?;
    let tokens = storage::api_token::list(op.store(), user.id).await?;
    Ok(tokens.into_iter().map(ApiToken::from).collect())
}

/// Revokes the caller's API token of this id, at once: the next request with it is refused.
///
/// # Errors
/// [`Error::NotFound`] when the caller has no such token, and [`Error::Forbidden`] for a caller with an API token.
pub async fn revoke(op: &Op, id: ApiTokenId) -> Result<ApiTokenId> {
    op.session()?;
    let viewer = op.viewer()?;
    let transaction = op.store().begin().await?;
    let revoked = storage::api_token::delete(&transaction, viewer, id).await?;
    transaction.commit().await?;
    if revoked == Deleted(0) {
        return Err(NOT_FOUND);
    }
    tracing::info!(target: "taskward::authentication", event = "api_token_revoked", user = %viewer, api_token = %id);
    Ok(id)
}

/// Revokes the API token of this id, whosever it is, for the operator.
///
/// # Errors
/// [`Error::NotFound`] when there is no such token.
pub async fn revoke_any(op: &Op, id: ApiTokenId) -> Result<()> {
    op.require_operator()?;
    let transaction = op.store().begin().await?;
    let revoked = storage::api_token::delete_any(&transaction, id).await?;
    transaction.commit().await?;
    if revoked == Deleted(0) { Err(Error::NotFound("There is no such API token.")) } else { Ok(()) }
}

/// Removes the API tokens that expired 30 days ago.
///
/// # Errors
/// [`Error::Forbidden`] for anybody but the operator.
pub async fn remove_expired(op: &Op) -> Result<Deleted> {
    op.require_operator()?;
    let transaction = op.store().begin().await?;
    let expired = op.now().checked_sub_signed(KEPT_AFTER_EXPIRY).unwrap_or(DateTime::<Utc>::MIN_UTC);
    let removed = storage::api_token::delete_expired(&transaction, to_micros(expired)).await?;
    transaction.commit().await?;
    Ok(removed)
}

impl From<storage::api_token::Model> for ApiToken {
    fn from(row: storage::api_token::Model) -> Self {
        Self {
            id: ApiTokenId::from_uuid(row.id),
            name: Name::stored(row.name),
            scopes: Scopes::stored(row.scopes),
            last_four: row.last_four,
            created_at: from_micros(row.created_at),
            last_used_at: row.last_used_at.map(from_micros),
            expires_at: row.expires_at.map(from_micros),
        }
    }
}
