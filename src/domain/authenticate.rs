//! Who is it that sent this token?

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;

use super::api_token::ApiToken;
use super::session::Session;
use super::user::User;
use super::{Authority, Caller, RecentUses, Services};
use crate::auth::{ApiTokenSecret, Credential, InvalidAccessToken, InvalidApiToken, InvalidCredential};
use crate::ids::UserId;
use crate::storage;
use crate::storage::instant::to_micros;

/// Why a credential makes nobody known. For the log alone: a client reads the same for every reason.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// The `Authorization` header does not hold a credential.
    #[error(transparent)]
    InvalidCredential(#[from] InvalidCredential),
    /// The access token is not one of ours, or has expired.
    #[error(transparent)]
    InvalidAccessToken(#[from] InvalidAccessToken),
    /// The session has ended, or its user is shut out.
    #[error("the session has ended")]
    SessionEnded,
    /// The API token can't be one.
    #[error(transparent)]
    InvalidApiToken(#[from] InvalidApiToken),
    /// The API token was never issued, or was revoked.
    #[error("there is no such API token")]
    UnknownApiToken,
    /// The API token was good before.
    #[error("the API token has expired")]
    ApiTokenExpired,
    /// The API token would be good, but its user is shut out.
    #[error("the user of the API token is shut out")]
    UserDisabled,
    /// The database could not be asked. Says nothing about the credential.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// The caller who sent `authorization`, the value of an `Authorization` header.
///
/// # Errors
/// When it is not good now: everything but [`AuthenticationError::Storage`] is the caller's fault.
pub async fn authenticate(services: &Services, authorization: &[u8]) -> Result<Caller, AuthenticationError> {
    let now = services.clock.now();
    let (user, authority, last_used_at) = match Credential::parse(authorization)? {
        Credential::AccessToken(token) => session(services, token.expose_secret(), now).await?,
        Credential::ApiToken(token) => api_token(services, token.expose_secret(), now).await?,
    };
    if last_used_at.is_none_or(|last| now.signed_duration_since(last) >= RecentUses::PRECISION) {
        services.recent_uses.note(authority, now);
    }
    Ok(Caller::User { user, authority })
}

/// Whom a credential makes known, what it lets them do, and when it was last used.
type Known = (User, Authority, Option<DateTime<Utc>>);

async fn session(services: &Services, token: &str, now: DateTime<Utc>) -> Result<Known, AuthenticationError> {
    let claims = services.access_tokens.verify(token)?;
    let live = storage::session::find_live(&services.store, claims.session, to_micros(now)).await?;
    let (session, user) = live
        .filter(|(session, _)| UserId::from_uuid(session.user_id) == claims.user)
        .ok_or(AuthenticationError::SessionEnded)?;
    let session = Session::from(session);
    Ok((User::from(user), Authority::Session(session.id), Some(session.last_used_at)))
}

async fn api_token(services: &Services, token: &str, now: DateTime<Utc>) -> Result<Known, AuthenticationError> {
    let secret = ApiTokenSecret::parse(token)?;
    let found = storage::api_token::find_by_secret(&services.store, &secret.hash()).await?;
    let (token, user) = found.ok_or(AuthenticationError::UnknownApiToken)?;
    let token = ApiToken::from(token);
    if token.expires_at.is_some_and(|expires_at| expires_at <= now) {
        return Err(AuthenticationError::ApiTokenExpired);
    }
    if user.disabled_at.is_some() {
        return Err(AuthenticationError::UserDisabled);
    }
    let authority = Authority::ApiToken { id: token.id, scopes: token.scopes };
    Ok((User::from(user), authority, token.last_used_at))
}
