//! Exchanging a refresh token for the next pair of tokens.
//!
//! A refresh token is good once. Whoever presents one that was used before is either its owner in a second tab, who gets
//! the same successor for a few seconds, or somebody who copied it: then the session ends for both, because we can't tell
//! them apart (RFC 9700, section 4.14.2).

use chrono::TimeDelta;

use super::Tokens;
use super::open::{expiry, tokens};
use crate::auth::RefreshToken;
use crate::domain::user::User;
use crate::domain::{Error, Op, Result, Services};
use crate::ids::{SessionId, UserId};
use crate::storage::instant::{from_micros, to_micros};
use crate::storage::session::Model;
use crate::storage::{self, Transaction};

/// How long a used token still gets its successor.
const OVERLAP: TimeDelta = TimeDelta::seconds(10);

const REFUSED: Error = Error::Unauthenticated("The refresh token is not valid: log in again.");

/// The next tokens of the session that `token` belongs to.
///
/// # Errors
/// [`Error::Unauthenticated`] when the token is not the session's current one, or the session has ended.
pub async fn refresh(op: &Op, token: &str) -> Result<Tokens> {
    let token = RefreshToken::parse(token, &op.services().keys).map_err(|reason| {
        tracing::info!(target: "taskward::authentication", event = "refresh_refused", %reason);
        REFUSED
    })?;
    let transaction = op.store().begin().await?;
    let locked = storage::session::lock(&transaction, token.session_id()).await?;
    let live = storage::session::find_live(&transaction, token.session_id(), to_micros(op.now())).await?;
    let (Some(session), Some((_, user))) = (locked, live) else {
        tracing::info!(target: "taskward::authentication", event = "refresh_refused", reason = "the session has ended");
        return Err(REFUSED);
    };
    let successor = token.successor(&op.services().keys);
    match standing(op, &session, &token) {
        Standing::Current => storage::session::update(&transaction, rotated(op, session, &successor)).await?,
        Standing::JustUsed => {}
        Standing::Reused => return end(transaction, session).await,
    }
    transaction.commit().await?;
    tokens(op, User::from(user), token.session_id(), &successor)
}

/// The session that a refresh token belongs to, when we issued it; whether it is still good is not looked at.
#[must_use]
pub fn refreshed_session(services: &Services, token: &str) -> Option<SessionId> {
    RefreshToken::parse(token, &services.keys).ok().map(|token| token.session_id())
}

/// How a token that we issued stands to its session.
enum Standing {
    /// It is the current one.
    Current,
    /// It was the current one a moment ago.
    JustUsed,
    /// It was used long ago.
    Reused,
}

fn standing(op: &Op, session: &Model, token: &RefreshToken) -> Standing {
    let hash = token.hash();
    let just_now = op.now().signed_duration_since(from_micros(session.rotated_at)) <= OVERLAP;
    if session.refresh_hash == hash {
        Standing::Current
    } else if just_now && session.previous_refresh_hash.as_deref() == Some(hash.as_slice()) {
        Standing::JustUsed
    } else {
        Standing::Reused
    }
}

fn rotated(op: &Op, session: Model, successor: &RefreshToken) -> Model {
    let now = op.now();
    Model {
        previous_refresh_hash: Some(session.refresh_hash),
        refresh_hash: successor.hash().to_vec(),
        rotated_at: to_micros(now),
        last_used_at: to_micros(now),
        expires_at: to_micros(expiry(op, now)),
        ..session
    }
}

async fn end(transaction: Transaction, session: Model) -> Result<Tokens> {
    let user = UserId::from_uuid(session.user_id);
    storage::session::delete_one(&transaction, &session).await?;
    transaction.commit().await?;
    tracing::warn!(target: "taskward::authentication", event = "refresh_token_reused", %user);
    Err(REFUSED)
}
