//! `taskward token`: API tokens, for the operator.

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Subcommand, ValueEnum};
use secrecy::ExposeSecret;

use super::failure::Failure;
use super::options::Options;
use super::{runtime, terminal};
use crate::domain::api_token::{self, ApiToken, Expiry, Name, NewApiToken, Scope, Scopes};
use crate::domain::{InvalidValue, Op};
use crate::ids::ApiTokenId;

/// The subcommands of `token`.
#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Make an API token and print its secret, which nobody can see again
    #[command(after_help = "\
Examples:
  taskward token create --user ana --name backup --scope read
  TOKEN=$(taskward token create --user ana --name import --scope write --expires 7)")]
    Create {
        /// Whose name the token calls in
        #[arg(long, value_name = "NAME")]
        user: String,
        /// What to call the token
        #[arg(long, value_name = "LABEL")]
        name: String,
        /// What the token may be used for; writing includes reading
        #[arg(long = "scope", value_name = "SCOPE", required = true, num_args = 1..)]
        scopes: Vec<ScopeName>,
        /// Refuse the token from so many days on; without this, only when it is revoked
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
        expires: Option<u32>,
    },
    /// Revoke an API token at once, by the id that `token list` shows
    #[command(after_help = "Example:\n  taskward token revoke token_01jd3qvh7eefhazk9a8w2tn4tz")]
    Revoke {
        /// The id of the token, which is not its secret
        id: String,
    },
    /// List the API tokens of an account, without their secrets
    #[command(after_help = "Example:\n  taskward token list --user ana")]
    List {
        /// Whose tokens
        #[arg(long, value_name = "NAME")]
        user: String,
    },
}

/// A scope as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ScopeName {
    /// See what the user sees
    Read,
    /// See and change it
    Write,
}

/// Carries out the subcommand.
pub(super) fn run(command: &TokenCommand, options: &Options) -> Result<(), Failure> {
    let config = options.load()?.config;
    runtime::with_app(config, async |app| {
        let op = app.operator();
        app.services.store.migrate_up().await.map_err(|error| Failure::Failed(error.to_string()))?;
        match command {
            TokenCommand::Create { user, name, scopes, expires } => {
                let new = new_token(name, scopes, *expires, app.services.clock.now())?;
                let created = api_token::create_for(&op, user, &new).await?;
                terminal::print(&format!("{}\n", created.secret.expose_secret()))
            }
            TokenCommand::Revoke { id } => revoke(&op, id).await,
            TokenCommand::List { user } => {
                let tokens = api_token::list_of(&op, user).await?;
                terminal::print(&tokens.iter().map(line).collect::<String>())
            }
        }
    })
}

async fn revoke(op: &Op, id: &str) -> Result<(), Failure> {
    let id = id.parse::<ApiTokenId>().map_err(|_| {
        Failure::Failed("that is no id of an API token; `taskward token list --user NAME` shows them".to_owned())
    })?;
    api_token::revoke_any(op, id).await?;
    terminal::print(&format!("{id} is revoked\n"))
}

fn new_token(
    name: &str,
    scopes: &[ScopeName],
    expires: Option<u32>,
    now: DateTime<Utc>,
) -> Result<NewApiToken, Failure> {
    let broken_rule = |what: &str, invalid: InvalidValue| Failure::Failed(format!("{what} {}", invalid.message));
    let expiry = |days: u32| Expiry::parse(now + TimeDelta::days(days.into()), now);
    let scopes = scopes.iter().copied().map(Scope::from).collect::<Vec<_>>();
    Ok(NewApiToken {
        name: Name::parse(name).map_err(|invalid| broken_rule("the name", invalid))?,
        scopes: Scopes::parse(&scopes).map_err(|invalid| broken_rule("the list of scopes", invalid))?,
        expiry: expires.map(expiry).transpose().map_err(|invalid| broken_rule("the expiry", invalid))?,
    })
}

fn line(token: &ApiToken) -> String {
    let scopes = token.scopes.to_vec().into_iter().map(scope_name).collect::<Vec<_>>().join(",");
    let day =
        |instant: Option<DateTime<Utc>>| instant.map_or("never".to_owned(), |at| at.format("%Y-%m-%d").to_string());
    let (used, expires) = (day(token.last_used_at), day(token.expires_at));
    let (id, last_four, name) = (token.id, &token.last_four, token.name.as_str());
    format!("{id}  twp_…{last_four}  {scopes:<10}  used {used:<10}  expires {expires:<10}  {name}\n")
}

const fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "read",
        Scope::Write => "write",
    }
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Read => Self::Read,
            ScopeName::Write => Self::Write,
        }
    }
}
