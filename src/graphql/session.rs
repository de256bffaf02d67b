//! Sessions: logging in, staying logged in, and logging out.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use secrecy::{ExposeSecret, SecretString};

use super::context::ContextExt;
use super::cost::{CHANGE, PASSWORD, cost};
use super::error::Result;
use super::scalars::DateTime;
use super::user::User;
use crate::domain::session::{self, Tokens};
use crate::domain::user::{Password, Username};
use crate::domain::{Authority, Caller, Error, Fields};

#[derive(Clone)]
pub(super) struct Session(pub(super) session::Session);

/// A device on which the viewer is logged in.
#[Object]
impl Session {
    /// Opaque and globally unique.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// When the viewer logged in.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When the session was last used, to within about a minute.
    async fn last_used_at(&self) -> DateTime {
        self.0.last_used_at.into()
    }

    /// When the session ends unless it is refreshed before.
    async fn expires_at(&self) -> DateTime {
        self.0.expires_at.into()
    }

    /// What the client called itself when it logged in, or null when it did not say.
    async fn user_agent(&self) -> Option<&str> {
        self.0.user_agent.as_deref()
    }

    /// Whether this request was made in the session; never with an API token.
    async fn current(&self, ctx: &Context<'_>) -> Result<bool> {
        let current = Authority::Session(self.0.id);
        Ok(matches!(ctx.op()?.caller(), Caller::User { authority, .. } if *authority == current))
    }
}

/// What `register` takes.
#[derive(InputObject)]
struct RegisterInput {
    /// The name to log in with: 3 to 32 of the letters a to z in lower case, digits and `_`.
    username: String,
    /// The password: 12 to 128 characters of any kind.
    password: String,
}

/// What `login` takes.
#[derive(InputObject)]
struct LoginInput {
    /// The name that was registered.
    username: String,
    /// The password.
    password: String,
}

/// What `refreshSession` takes.
#[derive(InputObject)]
struct RefreshSessionInput {
    /// The refresh token that the session got last.
    refresh_token: String,
}

/// What `revokeSession` takes.
#[derive(InputObject)]
struct RevokeSessionInput {
    /// The id of one of the viewer's sessions.
    id: ID,
}

/// What a client needs to act as a user.
#[derive(SimpleObject)]
struct AuthPayload {
    /// Sent with every request as `Authorization: Bearer …`.
    access_token: String,
    /// When the access token expires. Refresh the session before, or when a request is answered with `UNAUTHENTICATED`.
    expires_at: DateTime,
    /// Exchanged for the next pair of tokens by `refreshSession`. It is good once: a second use ends the session, unless it
    /// comes within 10 seconds (two tabs), when it gets the same successor.
    refresh_token: String,
    /// Whose tokens these are.
    user: User,
}

/// What `logout` answers.
#[derive(SimpleObject)]
struct LogoutPayload {
    /// The session that ended.
    session_id: ID,
}

/// What `revokeSession` answers.
#[derive(SimpleObject)]
struct RevokeSessionPayload {
    /// The session that ended.
    session_id: ID,
}

#[derive(Default)]
pub(super) struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Makes an account and logs it in. `CONFLICT` when the name is taken, `FORBIDDEN` while registration is closed. Must be
    /// the only field of its document.
    #[graphql(directive = cost::apply(PASSWORD.to_string()))]
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new account.")] input: RegisterInput,
    ) -> Result<AuthPayload> {
        let mut fields = Fields::of_input();
        let username = fields.take("username", Username::parse(&input.username));
        let password = fields.take("password", Password::parse(SecretString::from(input.password)));
        let (username, password) = fields.finish(|| Some((username?, password?)))?;
        Ok(session::register(ctx.op()?, &username, &password).await?.into())
    }

    /// Logs in. `UNAUTHENTICATED` for a wrong name or password, without saying which. Must be the only field of its
    /// document.
    #[graphql(directive = cost::apply(PASSWORD.to_string()))]
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The credentials.")] input: LoginInput,
    ) -> Result<AuthPayload> {
        let password = SecretString::from(input.password);
        Ok(session::login(ctx.op()?, &input.username, &password).await?.into())
    }

    /// Exchanges a refresh token for the next pair of tokens. `UNAUTHENTICATED` when it is not good any more. Must be the
    /// only field of its document.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token.")] input: RefreshSessionInput,
    ) -> Result<AuthPayload> {
        Ok(session::refresh(ctx.op()?, &input.refresh_token).await?.into())
    }

    /// Ends the session of this request, at once. `FORBIDDEN` for a caller with an API token, which `revokeApiToken` ends.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn logout(&self, ctx: &Context<'_>) -> Result<LogoutPayload> {
        let ended = session::logout(ctx.op()?).await?;
        Ok(LogoutPayload { session_id: ID(ended.to_string()) })
    }

    /// Ends one of the viewer's sessions, at once. `NOT_FOUND` when they have none of this id, `FORBIDDEN` for a caller with an
    /// API token.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn revoke_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session.")] input: RevokeSessionInput,
    ) -> Result<RevokeSessionPayload> {
        let op = ctx.op()?;
        op.session()?;
        let id = input.id.parse().map_err(|_| Error::NotFound("You have no such session."))?;
        let ended = session::revoke(op, id).await?;
        Ok(RevokeSessionPayload { session_id: ID(ended.to_string()) })
    }
}

impl From<Tokens> for AuthPayload {
    fn from(tokens: Tokens) -> Self {
        Self {
            access_token: tokens.access_token.expose_secret().to_owned(),
            expires_at: tokens.expires_at.into(),
            refresh_token: tokens.refresh_token.expose_secret().to_owned(),
            user: User(tokens.user),
        }
    }
}
