//! Users.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use secrecy::SecretString;

use super::api_token::ApiToken;
use super::context::ContextExt;
use super::cost::{PASSWORD, cost, list_size};
use super::error::{ApiError, Result};
use super::scalars::DateTime;
use super::session::Session;
use crate::domain::user::{self, Password};
use crate::domain::{Caller, Error, Fields};
use crate::ids::UserId;

#[derive(Clone)]
pub(super) struct User(pub(super) user::User);

/// A person who has an account.
#[Object]
impl User {
    /// Opaque and globally unique.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The unique name that the user logs in with.
    async fn username(&self) -> &str {
        &self.0.username
    }

    /// When the account was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// Where the user is logged in, newest first and at most 50; null unless this is the viewer.
    #[graphql(directive = list_size::apply(Some(50), None, None, None))]
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Option<Vec<Session>>> {
        if ctx.op()?.viewer()? != self.0.id {
            return Ok(None);
        }
        Ok(Some(ctx.loaders()?.own_sessions().await?.into_iter().map(Session).collect()))
    }

    /// What programs call with in the user's name, newest first and at most 50; null unless this is the viewer.
    #[graphql(directive = list_size::apply(Some(50), None, None, None))]
    async fn api_tokens(&self, ctx: &Context<'_>) -> Result<Option<Vec<ApiToken>>> {
        if ctx.op()?.viewer()? != self.0.id {
            return Ok(None);
        }
        Ok(Some(ctx.loaders()?.own_api_tokens().await?.into_iter().map(ApiToken).collect()))
    }
}

impl User {
    /// The user of this id, whom something names that the caller may see.
    pub(super) async fn named(ctx: &Context<'_>, id: UserId) -> Result<Self> {
        // Known already, and the one whom most of what a caller sees names.
        let caller = ctx.op()?.user()?;
        if caller.id == id {
            return Ok(Self(caller.clone()));
        }
        let user = ctx.loaders()?.named_user(id).await?;
        user.map(Self).ok_or_else(|| ApiError::from(Error::Internal("a user is named who is not there".into())))
    }
}

#[derive(Default)]
pub(super) struct UserQuery;

#[Object]
impl UserQuery {
    /// The authenticated user, or null for an anonymous caller.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        Ok(match ctx.op()?.caller() {
            Caller::User { user, .. } => Some(User(user.clone())),
            Caller::Anonymous | Caller::Operator => None,
        })
    }
}

/// What `changePassword` takes.
#[derive(InputObject)]
struct ChangePasswordInput {
    /// The password that is good now.
    current_password: String,
    /// The password that is to be good from now on: 12 to 128 characters of any kind.
    new_password: String,
}

/// What `changePassword` answers.
#[derive(SimpleObject)]
struct ChangePasswordPayload {
    /// The viewer.
    user: User,
}

#[derive(Default)]
pub(super) struct UserMutation;

#[Object]
impl UserMutation {
    /// Replaces the viewer's password and ends their every other session at once; API tokens stay. `FORBIDDEN` for a caller
    /// with an API token. Must be the only field of its document.
    #[graphql(directive = cost::apply(PASSWORD.to_string()))]
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The old and the new password.")] input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload> {
        let op = ctx.op()?;
        op.session()?;
        let mut fields = Fields::of_input();
        let new = fields.take("newPassword", Password::parse(SecretString::from(input.new_password)));
        let new = fields.finish(|| new)?;
        let user = user::change_password(op, &SecretString::from(input.current_password), &new).await?;
        Ok(ChangePasswordPayload { user: User(user) })
    }
}
