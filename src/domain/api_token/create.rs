//! Making an API token. Its secret is told once, to whoever made it, and is kept nowhere.

use secrecy::SecretString;

use super::{ApiToken, Expiry, MAX_API_TOKENS, Name, Scopes};
use crate::auth::ApiTokenSecret;
use crate::domain::{Error, Op, Result, user};
use crate::ids::{ApiTokenId, UserId};
use crate::storage;
use crate::storage::instant::to_micros;

/// An API token that is to be made.
#[derive(Debug, Clone)]
pub struct NewApiToken {
    /// What its owner calls it.
    pub name: Name,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it stops being good; never, when absent.
    pub expiry: Option<Expiry>,
}

/// An API token that was just made, with the secret that opens it.
#[derive(Debug)]
pub struct CreatedApiToken {
    /// The token.
    pub api_token: ApiToken,
    /// Sent with every request.
    pub secret: SecretString,
}

/// Makes an API token of the caller's.
///
/// # Errors
/// [`Error::Conflict`] when the caller has 50 already, and [`Error::Forbidden`] for a caller with an API token.
pub async fn create(op: &Op, new: &NewApiToken) -> Result<CreatedApiToken> {
    op.session()?;
    issue(op, op.viewer()?, new).await
}

/// Makes an API token of the user of this name, for the operator.
///
/// # Errors
/// [`Error::NotFound`] when there is no user of this name, and [`Error::Conflict`] when they have 50 already or are shut out.
pub async fn create_for(op: &Op, username: &str, new: &NewApiToken) -> Result<CreatedApiToken> {
    op.require_operator()?;
    let user = user::find(op, username).await?;
    issue(op, user.id, new).await
}

async fn issue(op: &Op, owner: UserId, new: &NewApiToken) -> Result<CreatedApiToken> {
    let secret = ApiTokenSecret::generate(&op.services().random);
    let row = new.row(op, owner, &secret);
    let transaction = op.store().begin().await?;
    // Until the transaction ends, nobody shuts the owner out, and no second token of theirs is counted beside this one.
    let owner_row = storage::user::lock(&transaction, owner).await?;
    if owner_row.is_none_or(|row| row.disabled_at.is_some()) {
        return Err(Error::Conflict("The user is shut out."));
    }
    if storage::api_token::count(&transaction, owner).await? >= MAX_API_TOKENS {
        return Err(Error::Conflict("There are 50 API tokens already: revoke one first."));
    }
    storage::api_token::insert(&transaction, row.clone()).await?;
    transaction.commit().await?;
    let api_token = ApiToken::from(row);
    tracing::info!(
        target: "taskward::authentication", event = "api_token_created", user = %owner, api_token = %api_token.id
    );
    Ok(CreatedApiToken { api_token, secret: SecretString::from(secret.expose()) })
}

impl NewApiToken {
    fn row(&self, op: &Op, owner: UserId, secret: &ApiTokenSecret) -> storage::api_token::Model {
        let now = op.now();
        storage::api_token::Model {
            id: ApiTokenId::generate(now, &op.services().random).uuid(),
            user_id: owner.uuid(),
            name: self.name.as_str().to_owned(),
            scopes: self.scopes.to_stored(),
            secret_hash: secret.hash().to_vec(),
            last_four: secret.last_four().to_owned(),
            created_at: to_micros(now),
            last_used_at: None,
            expires_at: self.expiry.map(|expiry| to_micros(expiry.instant())),
        }
    }
}
