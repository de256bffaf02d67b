//! Who calls, and whether they may call again so soon.

use axum::http::HeaderValue;
use axum::http::header::WWW_AUTHENTICATE;

use super::Operation;
use super::credentials::Attempt;
use crate::code::ErrorCode;
use crate::domain::session::refreshed_session;
use crate::domain::{self, AuthenticationError, Authority, Caller, Known, authenticate};
use crate::edge::Refusal;
use crate::edge::request_rate::{AccountKey, Exhausted, LoginKey, RefreshKey};
use crate::graphql::error::ApiError;

impl Operation {
    /// The caller by its token, the one of the values of `Authorization`, and until when it is good; anonymous without one. A
    /// token that is not good now is charged to the address and refused, and the reason goes to the log alone.
    pub(in crate::http::graphql) async fn caller(
        &mut self,
        mut authorization: impl Iterator<Item = &[u8]>,
    ) -> Result<Known, Refusal> {
        let authorization = match (authorization.next(), authorization.next()) {
            (None, _) => return Ok(Known { caller: Caller::Anonymous, expires_at: None }),
            (Some(_), Some(_)) => return Err(self.refuse_token("there are two Authorization headers")),
            (Some(value), None) => value,
        };
        match authenticate(&self.app.services, authorization).await {
            Ok(known) => Ok(known),
            Err(AuthenticationError::Storage(error)) => {
                let error = ApiError::from(domain::Error::from(error));
                Err(Refusal::new("caller", error.code(), error.message()))
            }
            Err(reason) => Err(self.refuse_token(&reason.to_string())),
        }
    }

    /// Charges the request to the user, or to the address of an anonymous caller.
    pub(in crate::http) fn charge(&mut self, caller: &Caller) -> Result<(), Refusal> {
        let budgets = &self.app.budgets;
        self.cost = budgets.cost.peek(&self.key(caller));
        let charged = match caller {
            Caller::User { user, .. } => budgets.user.charge(&user.id),
            Caller::Anonymous | Caller::Operator => budgets.anonymous.charge(&self.address),
        };
        self.record_caller(caller);
        match charged {
            Ok(state) => {
                self.budget = state;
                Ok(())
            }
            Err(exhausted) => {
                self.budget = exhausted.state;
                Err(exhausted.refusal())
            }
        }
    }

    /// Charges an attempt to log in, register, refresh or change a password to its address and to its account.
    pub(super) fn charge_credentials(&self, attempt: Option<Attempt>, caller: &Caller) -> Result<(), Refusal> {
        let Some(attempt) = attempt else { return Ok(()) };
        let budgets = &self.app.budgets;
        let charged = match attempt {
            Attempt::Login { account } => self.charge_login(account.as_deref()),
            Attempt::PasswordChange => match caller {
                Caller::User { user, .. } => self.charge_login(Some(&user.username)),
                Caller::Anonymous | Caller::Operator => self.charge_login(None),
            },
            Attempt::Refresh { token } => {
                let session = token.and_then(|token| refreshed_session(&self.app.services, &token));
                let session = session.map(RefreshKey::Session);
                let keys = [Some(RefreshKey::Address(self.address)), session];
                keys.iter().flatten().try_for_each(|key| budgets.refresh.charge(key).map(drop))
            }
        };
        charged.map_err(|exhausted| exhausted.refusal())
    }

    fn charge_login(&self, account: Option<&str>) -> Result<(), Exhausted> {
        let login = &self.app.budgets.login;
        login.charge(&LoginKey::Address(self.address))?;
        if let Some(account) = account {
            login.charge(&LoginKey::Account(AccountKey::new(account)))?;
        }
        Ok(())
    }

    fn refuse_token(&mut self, reason: &str) -> Refusal {
        tracing::info!(target: "taskward::authentication", event = "token_refused", reason);
        match self.app.budgets.anonymous.charge(&self.address) {
            Err(exhausted) => {
                self.budget = exhausted.state;
                exhausted.refusal()
            }
            Ok(state) => {
                self.budget = state;
                let message = "The token is not valid. Log in, or refresh the session.";
                Refusal::new("caller", ErrorCode::Unauthenticated, message)
                    .with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""))
            }
        }
    }

    /// Tells the access log who calls.
    fn record_caller(&self, caller: &Caller) {
        self.record.update(|fields| match caller {
            Caller::User { user, authority } => {
                fields.caller = Some(match authority {
                    Authority::Session(_) => "access_token",
                    Authority::ApiToken { .. } => "api_token",
                });
                fields.user = Some(user.id);
            }
            Caller::Anonymous | Caller::Operator => fields.caller = Some("anonymous"),
        });
    }
}
