//! What the commands that need the database have in common.

use std::sync::Arc;

use super::failure::Failure;
use crate::app::{App, Environment};
use crate::auth::Cost;
use crate::clock::Clock;
use crate::config::{Config, signing_key};
use crate::domain;
use crate::random::Random;

/// Runs `work` with the app on a fresh tokio runtime.
pub(super) fn with_app<F>(config: Config, work: impl FnOnce(Arc<App>) -> F) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    with_app_at(config, Clock::system(), work)
}

/// Like [`with_app`], at the time that `clock` tells.
pub(super) fn with_app_at<F>(config: Config, clock: Clock, work: impl FnOnce(Arc<App>) -> F) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    let random = Random::system()?;
    let signing_key =
        signing_key(&config, random.bytes()).map_err(|error| Failure::Failed(format!("auth.signing_key: {error}")))?;
    let environment = Environment { clock, random, password_cost: Cost::Owasp, signing_key };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let app = App::new(config, environment).await.map_err(|error| Failure::Failed(error.to_string()))?;
        work(Arc::new(app)).await
    })
}

impl From<domain::Error> for Failure {
    fn from(error: domain::Error) -> Self {
        Self::Failed(match error {
            domain::Error::Unauthenticated(message)
            | domain::Error::Forbidden(message)
            | domain::Error::NotFound(message)
            | domain::Error::Conflict(message) => message.to_owned(),
            domain::Error::Invalid(fields) => {
                fields.into_iter().map(|field| field.message).collect::<Vec<_>>().join("; ")
            }
            domain::Error::Overloaded => "the machine is too busy".to_owned(),
            domain::Error::Timeout => "the database took too long".to_owned(),
            domain::Error::Internal(cause) => cause.to_string(),
        })
    }
}
