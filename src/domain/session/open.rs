//! Logging in, with an account that is there or a new one.

use std::str::FromStr;

use chrono::{DateTime, Days, Utc};
use secrecy::SecretString;

use super::{MAX_SESSIONS, Tokens};
use crate::auth::{PasswordHash, RefreshToken, Verified};
use crate::config::Registration;
use crate::domain::user::{self, Password, User, Username};
use crate::domain::{Error, Op, Result};
use crate::ids::SessionId;
use crate::storage::instant::to_micros;
use crate::storage::{self, Transaction};

/// The most characters that are kept of what a client calls itself.
const USER_AGENT_CHARACTERS: usize = 200;

/// Makes an account and logs it in.
///
/// # Errors
/// [`Error::Forbidden`] while registration is closed, and [`Error::Conflict`] when the name is taken.
pub async fn register(op: &Op, username: &Username, password: &Password) -> Result<Tokens> {
    if op.services().auth.registration == Registration::Closed {
        return Err(Error::Forbidden("Registration is closed: ask the operator for an account."));
    }
    let hash = op.services().passwords.hash(password.secret()).await?;
    let transaction = op.store().begin().await?;
    let user = user::insert(&transaction, op, username, &hash).await?;
    let tokens = open(&transaction, op, user).await?;
    transaction.commit().await?;
    tracing::info!(target: "taskward::authentication", event = "registered", user = %tokens.user.id);
    Ok(tokens)
}

/// Logs a user in. Takes as long for a name that nobody has as for a wrong password.
///
/// # Errors
/// [`Error::Unauthenticated`], the same for an unknown name, a wrong password and a user who is shut out.
pub async fn login(op: &Op, username: &str, password: &SecretString) -> Result<Tokens> {
    let row = find(op, username).await?.filter(|row| row.disabled_at.is_none());
    let stored = row.as_ref().map(|row| PasswordHash::from_str(&row.password_hash)).transpose()?;
    let verified = op.services().passwords.verify(password, stored.as_ref()).await?;
    let (Some(row), Some(stored), Verified::Yes) = (row, stored, verified) else { return Err(refused()) };
    let rehashed = rehash(op, password, &stored).await?;
    let transaction = op.store().begin().await?;
    if !user::is_unchanged(&transaction, &row).await? {
        return Err(refused());
    }
    let user = User::from(row);
    if let Some(hash) = rehashed {
        storage::user::set_password_hash(&transaction, user.id, &hash.to_string()).await?;
    }
    let tokens = open(&transaction, op, user).await?;
    transaction.commit().await?;
    tracing::info!(target: "taskward::authentication", event = "logged_in", user = %tokens.user.id);
    Ok(tokens)
}

fn refused() -> Error {
    tracing::info!(target: "taskward::authentication", event = "login_refused");
    Error::Unauthenticated("Wrong username or password.")
}

/// The user of this name. A name that no account can have is not looked up: PostgreSQL takes no text with a NUL in it.
async fn find(op: &Op, username: &str) -> Result<Option<storage::user::Model>> {
    let Ok(username) = Username::parse(username) else { return Ok(None) };
    Ok(storage::user::find_by_username(op.store(), username.as_str()).await?)
}

/// The password's hash by today's parameters, when it was stored by others.
async fn rehash(op: &Op, password: &SecretString, stored: &PasswordHash) -> Result<Option<PasswordHash>> {
    let passwords = &op.services().passwords;
    if passwords.needs_rehash(stored) { Ok(Some(passwords.hash(password).await?)) } else { Ok(None) }
}

async fn open(transaction: &Transaction, op: &Op, user: User) -> Result<Tokens> {
    let services = op.services();
    let now = op.now();
    let id = SessionId::generate(now, &services.random);
    let refresh_token = RefreshToken::first(id, &services.random, &services.keys);
    let session = storage::session::Model {
        id: id.uuid(),
        user_id: user.id.uuid(),
        refresh_hash: refresh_token.hash().to_vec(),
        previous_refresh_hash: None,
        rotated_at: to_micros(now),
        created_at: to_micros(now),
        last_used_at: to_micros(now),
        expires_at: to_micros(expiry(op, now)),
        user_agent: op.user_agent().map(shortened),
    };
    storage::session::delete_least_recently_used(transaction, user.id, MAX_SESSIONS.saturating_sub(1)).await?;
    storage::session::insert(transaction, session).await?;
    tokens(op, user, id, &refresh_token)
}

pub(super) fn tokens(op: &Op, user: User, session: SessionId, refresh_token: &RefreshToken) -> Result<Tokens> {
    let issued = op.services().access_tokens.issue(user.id, session)?;
    let refresh_token = SecretString::from(refresh_token.expose());
    Ok(Tokens { access_token: issued.token, expires_at: issued.expires_at, refresh_token, user })
}

/// When a session that is opened or refreshed at `now` ends.
pub(super) fn expiry(op: &Op, now: DateTime<Utc>) -> DateTime<Utc> {
    let days = Days::new(op.services().auth.refresh_token_days.into());
    now.checked_add_days(days).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn shortened(user_agent: &str) -> String {
    user_agent.chars().filter(|character| !character.is_control()).take(USER_AGENT_CHARACTERS).collect()
}
