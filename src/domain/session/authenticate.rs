//! Who is it that sent this token?

use secrecy::ExposeSecret;

use super::{RecentUses, Session};
use crate::auth::{Credential, InvalidAccessToken, InvalidCredential};
use crate::domain::user::User;
use crate::domain::{Caller, Services};
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
    /// API tokens are not issued yet, so none can be right.
    #[error("there is no such API token")]
    UnknownApiToken,
    /// The session has ended, or its user is shut out.
    #[error("the session has ended")]
    SessionEnded,
    /// The database could not be asked. Says nothing about the credential.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// The caller who sent `authorization`, the value of an `Authorization` header.
///
/// # Errors
/// When it is not good now: everything but [`AuthenticationError::Storage`] is the caller's fault.
pub async fn authenticate(services: &Services, authorization: &[u8]) -> Result<Caller, AuthenticationError> {
    let Credential::AccessToken(token) = Credential::parse(authorization)? else {
        return Err(AuthenticationError::UnknownApiToken);
    };
    let claims = services.access_tokens.verify(token.expose_secret())?;
    let now = services.clock.now();
    let live = storage::session::find_live(&services.store, claims.session, to_micros(now)).await?;
    let (session, user) = live
        .filter(|(session, _)| UserId::from_uuid(session.user_id) == claims.user)
        .ok_or(AuthenticationError::SessionEnded)?;
    let session = Session::from(session);
    if now.signed_duration_since(session.last_used_at) >= RecentUses::PRECISION {
        services.recent_uses.note(session.id, now);
    }
    Ok(Caller::User { user: User::from(user), session: session.id })
}
