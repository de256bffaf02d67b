//! Who is it that sent this token?

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;

use super::api_token::ApiToken;
use super::session::Session;
use super::user::User;
use super::{Authority, Caller, Error, Op, RecentUses, Services};
use crate::auth::{ApiTokenSecret, Credential, InvalidAccessToken, InvalidApiToken, InvalidCredential};
use crate::ids::{SessionId, UserId};
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

/// Who is made known by a credential.
#[derive(Debug, Clone)]
pub struct Known {
    /// The caller.
    pub caller: Caller,
    /// From when on the credential is not good any more; `None` for one that does not end by itself.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The caller who sent `authorization`, the value of an `Authorization` header.
///
/// # Errors
/// When it is not good now: everything but [`AuthenticationError::Storage`] is the caller's fault.
pub async fn authenticate(services: &Services, authorization: &[u8]) -> Result<Known, AuthenticationError> {
    match Credential::parse(authorization)? {
        Credential::AccessToken(token) => by_access_token(services, token.expose_secret()).await,
        Credential::ApiToken(token) => by_api_token(services, token.expose_secret()).await,
    }
}

/// Refuses the caller of an operation that goes on for long when their session or API token is not good any more.
///
/// # Errors
/// [`Error::Unauthenticated`] then, and for a caller without either. That an access token has expired is not known here:
/// whoever was given [`Known::expires_at`] ends the operation then.
pub(super) async fn require_still_known(op: &Op) -> Result<(), Error> {
    let user = op.user()?;
    let Caller::User { authority, .. } = op.caller() else { return Ok(()) };
    let checked = match authority {
        Authority::Session(id) => live_session(op.services(), *id, user.id).await.map(drop),
        Authority::ApiToken { id, .. } => {
            let found = storage::api_token::find(op.store(), user.id, *id).await?;
            good_api_token(op.services(), found).map(drop)
        }
    };
    match checked {
        Ok(()) => Ok(()),
        Err(AuthenticationError::Storage(error)) => Err(error.into()),
        Err(reason) => {
            tracing::info!(target: "taskward::authentication", event = "credential_ended", %reason, user = %user.id);
            Err(Error::Unauthenticated("The session or the API token is not good any more: log in again."))
        }
    }
}

async fn by_access_token(services: &Services, token: &str) -> Result<Known, AuthenticationError> {
    let claims = services.access_tokens.verify(token)?;
    let (session, user) = live_session(services, claims.session, claims.user).await?;
    let authority = Authority::Session(session.id);
    note_use(services, authority, Some(session.last_used_at));
    Ok(Known { caller: Caller::User { user, authority }, expires_at: Some(claims.expires_at) })
}

async fn by_api_token(services: &Services, token: &str) -> Result<Known, AuthenticationError> {
    let secret = ApiTokenSecret::parse(token)?;
    let found = storage::api_token::find_by_secret(&services.store, &secret.hash()).await?;
    let (token, user) = good_api_token(services, found)?;
    let authority = Authority::ApiToken { id: token.id, scopes: token.scopes };
    note_use(services, authority, token.last_used_at);
    Ok(Known { caller: Caller::User { user, authority }, expires_at: token.expires_at })
}

/// The session of this id, while it lives and `user`, whose it is said to be, is not shut out.
async fn live_session(
    services: &Services,
    id: SessionId,
    user: UserId,
) -> Result<(Session, User), AuthenticationError> {
    let now = to_micros(services.clock.now());
    let live = storage::session::find_live(&services.store, id, now).await?;
    let live = live.filter(|(session, _)| UserId::from_uuid(session.user_id) == user);
    let (session, user) = live.ok_or(AuthenticationError::SessionEnded)?;
    Ok((Session::from(session), User::from(user)))
}

/// The API token that was `found` with its user, while it is good and the user is not shut out.
fn good_api_token(
    services: &Services,
    found: Option<(storage::api_token::Model, storage::user::Model)>,
) -> Result<(ApiToken, User), AuthenticationError> {
    let (token, user) = found.ok_or(AuthenticationError::UnknownApiToken)?;
    let token = ApiToken::from(token);
    if token.expires_at.is_some_and(|expires_at| expires_at <= services.clock.now()) {
        return Err(AuthenticationError::ApiTokenExpired);
    }
    if user.disabled_at.is_some() {
        return Err(AuthenticationError::UserDisabled);
    }
    Ok((token, User::from(user)))
}

fn note_use(services: &Services, authority: Authority, last_used_at: Option<DateTime<Utc>>) {
    let now = services.clock.now();
    if last_used_at.is_none_or(|last| now.signed_duration_since(last) >= RecentUses::PRECISION) {
        services.recent_uses.note(authority, now);
    }
}
