//! API tokens: what a program calls with in its user's name.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use secrecy::ExposeSecret;

use super::context::ContextExt;
use super::cost::{CHANGE, cost};
use super::error::Result;
use super::scalars::DateTime;
use crate::domain::api_token::{self, Expiry, Name, NewApiToken, Scope, Scopes};
use crate::domain::{Error, Fields, Op};

/// What an API token may be used for.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Scope")]
enum ApiTokenScope {
    /// To see what the viewer sees. With this alone, every mutation is `FORBIDDEN`.
    Read,
    /// To see it and to change it, but for credentials: passwords, sessions and API tokens ask for a login.
    Write,
}

#[derive(Clone)]
pub(super) struct ApiToken(pub(super) api_token::ApiToken);

/// What a program calls with in the viewer's name, sent as `Authorization: Bearer …` like an access token. Only the hash of
/// its secret is kept.
#[Object]
impl ApiToken {
    /// Opaque and globally unique. It is not the secret, and opens nothing.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What the viewer calls it.
    async fn name(&self) -> &str {
        self.0.name.as_str()
    }

    /// What it may be used for.
    async fn scopes(&self) -> Vec<ApiTokenScope> {
        self.0.scopes.to_vec().into_iter().map(ApiTokenScope::from).collect()
    }

    /// The last four characters of the secret, to tell it from others.
    async fn last_four(&self) -> &str {
        &self.0.last_four
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was last used, to within about a minute, or null while it never was.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime)
    }

    /// From when on it is refused, or null when it is good until it is revoked. It is listed for 30 days more.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime)
    }
}

/// What `createApiToken` takes.
#[derive(InputObject)]
struct CreateApiTokenInput {
    /// What to call it: 1 to 100 characters that show, once spaces are trimmed and collapsed. Two may have the same name.
    name: String,
    /// What it may be used for: at least one scope.
    scopes: Vec<ApiTokenScope>,
    /// From when on it is refused, which must lie in the future; it never expires when this is left out.
    expires_at: Option<DateTime>,
}

/// What `revokeApiToken` takes.
#[derive(InputObject)]
struct RevokeApiTokenInput {
    /// The id of one of the viewer's API tokens.
    id: ID,
}

/// What `createApiToken` answers.
#[derive(SimpleObject)]
struct CreateApiTokenPayload {
    /// The token.
    api_token: ApiToken,
    /// What the program sends: `twp_…`. It is shown only now; keep it where it is safe.
    secret: String,
}

/// What `revokeApiToken` answers.
#[derive(SimpleObject)]
struct RevokeApiTokenPayload {
    /// The token that was revoked.
    api_token_id: ID,
}

#[derive(Default)]
pub(super) struct ApiTokenMutation;

#[Object]
impl ApiTokenMutation {
    /// Makes an API token of the viewer's. `CONFLICT` when they have 50 already, those that have expired and are still listed
    /// included. `FORBIDDEN` for a caller with an API token.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn create_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new token.")] input: CreateApiTokenInput,
    ) -> Result<CreateApiTokenPayload> {
        let op = ctx.op()?;
        op.session()?;
        let created = api_token::create(op, &input.parse(op)?).await?;
        Ok(CreateApiTokenPayload {
            secret: created.secret.expose_secret().to_owned(),
            api_token: ApiToken(created.api_token),
        })
    }

    /// Revokes one of the viewer's API tokens, at once. `NOT_FOUND` when they have none of this id, `FORBIDDEN` for a caller
    /// with an API token.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn revoke_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which token.")] input: RevokeApiTokenInput,
    ) -> Result<RevokeApiTokenPayload> {
        let op = ctx.op()?;
        op.session()?;
        let id = input.id.parse().map_err(|_| Error::NotFound("You have no such API token."))?;
        let revoked = api_token::revoke(op, id).await?;
        Ok(RevokeApiTokenPayload { api_token_id: ID(revoked.to_string()) })
    }
}

impl CreateApiTokenInput {
    fn parse(self, op: &Op) -> Result<NewApiToken> {
        let now = op.services().clock.now();
        let scopes = self.scopes.into_iter().map(Scope::from).collect::<Vec<_>>();
        let mut fields = Fields::of_input();
        let name = fields.take("name", Name::parse(&self.name));
        let scopes = fields.take("scopes", Scopes::parse(&scopes));
        let expiry = self.expires_at.map(|DateTime(instant)| Expiry::parse(instant, now));
        let expiry = fields.take_optional("expiresAt", expiry);
        Ok(fields.finish(|| Some(NewApiToken { name: name?, scopes: scopes?, expiry }))?)
    }
}
