//! Users: people who have an account.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

use super::{Error, Fields, InvalidValue, Op, PathSegment, Result, Rule};
use crate::auth::{PasswordHash, Verified};
use crate::ids::UserId;
use crate::storage::instant::{from_micros, to_micros};
use crate::storage::{self, Transaction};

/// A person who has an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The unique name.
    pub username: String,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
}

/// A user as the operator sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: User,
    /// Since when they are shut out.
    pub disabled_at: Option<DateTime<Utc>>,
}

/// A name that an account can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// The fewest characters of a name.
    pub const MIN_CHARACTERS: usize = 3;
    /// The most characters of a name.
    pub const MAX_CHARACTERS: usize = 32;

    /// The name in `text`.
    ///
    /// # Errors
    /// When it has fewer than 3 or more than 32 characters, or others than `a` to `z`, digits and `_`.
    pub fn parse(text: &str) -> std::result::Result<Self, InvalidValue> {
        if !text.chars().all(|character| matches!(character, 'a'..='z' | '0'..='9' | '_')) {
            let message = "must hold only the letters a to z in lower case, digits and _";
            return Err(InvalidValue::new(Rule::InvalidCharacter, message));
        }
        within(text, Self::MIN_CHARACTERS, Self::MAX_CHARACTERS).map(|()| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A password that an account can have.
#[derive(Debug, Clone)]
pub struct Password(SecretString);

impl Password {
    /// The fewest characters of a password.
    pub const MIN_CHARACTERS: usize = 12;
    /// The most characters of a password.
    pub const MAX_CHARACTERS: usize = 128;

    /// The password in `text`, which may hold any character.
    ///
    /// # Errors
    /// When it has fewer than 12 or more than 128 characters.
    pub fn parse(text: SecretString) -> std::result::Result<Self, InvalidValue> {
        within(text.expose_secret(), Self::MIN_CHARACTERS, Self::MAX_CHARACTERS).map(|()| Self(text))
    }

    pub(super) const fn secret(&self) -> &SecretString {
        &self.0
    }
}

/// Replaces the caller's password, and ends their every other session. Their API tokens stay.
///
/// # Errors
/// [`Error::Invalid`] when `current` is not the password, [`Error::Unauthenticated`] for a caller we don't know, and
/// [`Error::Forbidden`] for one with an API token.
pub async fn change_password(op: &Op, current: &SecretString, new: &Password) -> Result<User> {
    let kept = op.session()?;
    let user = op.user()?;
    let row = storage::user::find_by_username(op.store(), &user.username).await?;
    let stored = row.as_ref().map(|row| PasswordHash::from_str(&row.password_hash)).transpose()?;
    let verified = op.services().passwords.verify(current, stored.as_ref()).await?;
    let (Some(row), Verified::Yes) = (row, verified) else { return Err(wrong_password(user.id)) };
    let hash = op.services().passwords.hash(new.secret()).await?;
    let transaction = op.store().begin().await?;
    if !is_unchanged(&transaction, &row).await? {
        return Err(wrong_password(user.id));
    }
    storage::user::set_password_hash(&transaction, user.id, &hash.to_string()).await?;
    storage::session::delete_others(&transaction, user.id, Some(kept)).await?;
    transaction.commit().await?;
    tracing::info!(target: "taskward::authentication", event = "password_changed", user = %user.id);
    Ok(user.clone())
}

/// Those of `ids` whom the caller may see.
///
/// # Errors
/// [`Error::Unauthenticated`] for a caller we don't know.
pub async fn get_many(op: &Op, ids: &[UserId]) -> Result<Vec<User>> {
    let users = storage::user::find_visible(op.store(), op.viewer()?, ids).await?;
    Ok(users.into_iter().map(User::from).collect())
}

/// The users of `ids`, whom something names that the caller may see: the creator of a task, the author of a comment. Their
/// names are told with it, whether or not the caller may see them otherwise.
///
/// # Errors
/// [`Error::Unauthenticated`] for a caller we don't know.
pub async fn get_named(op: &Op, ids: &[UserId]) -> Result<Vec<User>> {
    op.viewer()?;
    let users = storage::user::find_named(op.store(), ids).await?;
    Ok(users.into_iter().map(User::from).collect())
}

/// Makes an account, for the operator.
///
/// # Errors
/// [`Error::Conflict`] when the name is taken.
pub async fn create(op: &Op, username: &Username, password: &Password) -> Result<User> {
    op.require_operator()?;
    let hash = op.services().passwords.hash(password.secret()).await?;
    let transaction = op.store().begin().await?;
    let user = insert(&transaction, op, username, &hash).await?;
    transaction.commit().await?;
    Ok(user)
}

/// Makes an account that nobody can log in to until the operator gives it a password.
///
/// # Errors
/// [`Error::Conflict`] when the name is taken.
pub async fn create_without_password(op: &Op, username: &Username) -> Result<User> {
    op.require_operator()?;
    let hash = unknown_password(op).await?;
    let transaction = op.store().begin().await?;
    let user = insert(&transaction, op, username, &hash).await?;
    transaction.commit().await?;
    Ok(user)
}

/// The hash of a password that is told to nobody: 256 random bits.
pub(super) async fn unknown_password(op: &Op) -> Result<PasswordHash> {
    let secret = op.services().random.bytes::<32>().map(|byte| format!("{byte:02x}")).concat();
    Ok(op.services().passwords.hash(&SecretString::from(secret)).await?)
}

/// Replaces the password of a user, for the operator, and ends all of their sessions. Their API tokens stay.
///
/// # Errors
/// [`Error::NotFound`] when there is no user of this name.
pub async fn set_password(op: &Op, username: &str, password: &Password) -> Result<User> {
    op.require_operator()?;
    let user = find(op, username).await?;
    let hash = op.services().passwords.hash(password.secret()).await?;
    let transaction = op.store().begin().await?;
    storage::user::set_password_hash(&transaction, user.id, &hash.to_string()).await?;
    storage::session::delete_others(&transaction, user.id, None).await?;
    transaction.commit().await?;
    Ok(user)
}

/// Shuts a user out at once, for the operator: their sessions end and their API tokens go. What they made stays.
///
/// # Errors
/// [`Error::NotFound`] when there is no user of this name.
pub async fn disable(op: &Op, username: &str) -> Result<User> {
    op.require_operator()?;
    let user = find(op, username).await?;
    let transaction = op.store().begin().await?;
    storage::user::set_disabled_at(&transaction, user.id, Some(to_micros(op.now()))).await?;
    storage::session::delete_others(&transaction, user.id, None).await?;
    storage::api_token::delete_all(&transaction, user.id).await?;
    transaction.commit().await?;
    Ok(user)
}

/// Lets a user who was shut out log in again, for the operator. The sessions and API tokens that they had stay ended.
///
/// # Errors
/// [`Error::NotFound`] when there is no user of this name.
pub async fn enable(op: &Op, username: &str) -> Result<User> {
    op.require_operator()?;
    let user = find(op, username).await?;
    let transaction = op.store().begin().await?;
    storage::user::set_disabled_at(&transaction, user.id, None).await?;
    transaction.commit().await?;
    Ok(user)
}

/// Everybody by name, for the operator.
///
/// # Errors
/// [`Error::Forbidden`] for anybody else.
pub async fn list(op: &Op) -> Result<Vec<Account>> {
    op.require_operator()?;
    let account =
        |row: storage::user::Model| Account { disabled_at: row.disabled_at.map(from_micros), user: User::from(row) };
    Ok(storage::user::list(op.store()).await?.into_iter().map(account).collect())
}

/// Writes a new user into a transaction.
pub(super) async fn insert(
    transaction: &Transaction,
    op: &Op,
    username: &Username,
    hash: &PasswordHash,
) -> Result<User> {
    let now = op.now();
    let row = storage::user::Model {
        id: UserId::generate(now, &op.services().random).uuid(),
        username: username.as_str().to_owned(),
        password_hash: hash.to_string(),
        created_at: to_micros(now),
        disabled_at: None,
    };
    match storage::user::insert(transaction, row.clone()).await {
        Err(storage::Error::Taken(_)) => Err(Error::Conflict("The username is taken.")),
        inserted => Ok(inserted.map(|()| User::from(row))?),
    }
}

/// Whether a user still is what was read of them before their password was checked, which takes long enough for it to
/// change or for them to be shut out. They stay so until the transaction ends.
pub(super) async fn is_unchanged(transaction: &Transaction, read: &storage::user::Model) -> Result<bool> {
    let now = storage::user::lock(transaction, UserId::from_uuid(read.id)).await?;
    Ok(now.as_ref() == Some(read))
}

/// The user of this name, for the operator.
pub(super) async fn find(op: &Op, username: &str) -> Result<User> {
    let found = storage::user::find_by_username(op.store(), username).await?;
    found.map(User::from).ok_or(Error::NotFound("There is no such user."))
}

fn wrong_password(user: UserId) -> Error {
    tracing::info!(target: "taskward::authentication", event = "password_change_refused", %user);
    let mut fields = Fields::of_input();
    let invalid = InvalidValue::new(Rule::WrongPassword, "is not your password");
    fields.refuse(&[PathSegment::Name("currentPassword")], invalid);
    fields.into_error()
}

/// Refuses a text with fewer or more characters.
fn within(text: &str, fewest: usize, most: usize) -> std::result::Result<(), InvalidValue> {
    match text.chars().count() {
        count if count < fewest => {
            Err(InvalidValue::new(Rule::TooSmall, format!("must have at least {fewest} characters")))
        }
        count if count > most => Err(InvalidValue::new(Rule::TooLarge, format!("must have at most {most} characters"))),
        _ => Ok(()),
    }
}

impl From<storage::user::Model> for User {
    fn from(row: storage::user::Model) -> Self {
        Self { id: UserId::from_uuid(row.id), username: row.username, created_at: from_micros(row.created_at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_has_3_to_32_of_its_characters() {
        for name in ["ana", "a_1", &"a".repeat(32)] {
            assert_eq!(Username::parse(name).unwrap().as_str(), name);
        }
        let cases = [("ab", Rule::TooSmall), (&"a".repeat(33), Rule::TooLarge), ("Ana", Rule::InvalidCharacter)];
        for (name, rule) in
            cases.into_iter().chain(["añа", "a b", "ana\n", "a-b"].map(|it| (it, Rule::InvalidCharacter)))
        {
            assert_eq!(Username::parse(name).unwrap_err().rule, rule, "{name:?}");
        }
    }

    #[test]
    fn a_password_has_12_to_128_characters_of_any_kind() {
        for password in ["é".repeat(12), "é".repeat(128), String::from("\0\u{202E} 🎉 \n______")] {
            assert!(Password::parse(SecretString::from(password)).is_ok());
        }
        for (password, rule) in [("é".repeat(11), Rule::TooSmall), ("é".repeat(129), Rule::TooLarge)] {
            assert_eq!(Password::parse(SecretString::from(password)).unwrap_err().rule, rule);
        }
    }
}
