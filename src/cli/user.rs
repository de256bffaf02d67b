//! `taskward user`: accounts, for the operator.

use clap::Subcommand;
use secrecy::SecretString;

use super::failure::Failure;
use super::options::Options;
use super::terminal::PasswordOptions;
use super::{runtime, terminal};
use crate::domain::Op;
use crate::domain::user::{self, Account, Password, Username};

/// The subcommands of `user`.
#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Make an account
    #[command(after_help = "\
Examples:
  taskward user create ana
  pass show taskward/ana | taskward user create ana --password-stdin")]
    Create {
        /// The name to log in with
        name: String,
        #[command(flatten)]
        password: PasswordOptions,
    },
    /// Give an account a new password and end its sessions
    #[command(after_help = "Example:\n  taskward user set-password ana")]
    SetPassword {
        /// The name of the account
        name: String,
        #[command(flatten)]
        password: PasswordOptions,
    },
    /// Shut an account out, end its sessions and revoke its API tokens; its data stays
    #[command(after_help = "Example:\n  taskward user disable ana")]
    Disable {
        /// The name of the account
        name: String,
    },
    /// Let an account that was shut out log in again; its sessions and API tokens stay ended
    #[command(after_help = "Example:\n  taskward user enable ana")]
    Enable {
        /// The name of the account
        name: String,
    },
    /// List the accounts
    #[command(after_help = "Example:\n  taskward user list")]
    List,
}

/// Carries out the subcommand. The settings are read first, so that nobody types a password in vain.
pub(super) fn run(command: &UserCommand, options: &Options) -> Result<(), Failure> {
    let config = options.load()?.config;
    let password = match command {
        UserCommand::Create { name, password } | UserCommand::SetPassword { name, password } => {
            Some(parse_password(password.read(name)?)?)
        }
        UserCommand::Disable { .. } | UserCommand::Enable { .. } | UserCommand::List => None,
    };
    runtime::with_app(config, async |app| {
        let op = app.operator();
        app.services.store.migrate_up().await.map_err(|error| Failure::Failed(error.to_string()))?;
        match (command, password) {
            (UserCommand::Create { name, .. }, Some(password)) => {
                let user = user::create(&op, &parse_username(name)?, &password).await?;
                terminal::print(&format!("made {} ({})\n", user.username, user.id))
            }
            (UserCommand::SetPassword { name, .. }, Some(password)) => {
                let user = user::set_password(&op, name, &password).await?;
                terminal::print(&format!("{} has a new password and no sessions\n", user.username))
            }
            (UserCommand::Disable { name }, _) => {
                let user = user::disable(&op, name).await?;
                terminal::print(&format!("{} is shut out\n", user.username))
            }
            (UserCommand::Enable { name }, _) => {
                let user = user::enable(&op, name).await?;
                terminal::print(&format!("{} may log in\n", user.username))
            }
            _ => list(&op).await,
        }
    })
}

async fn list(op: &Op) -> Result<(), Failure> {
    let accounts = user::list(op).await?;
    let line = |account: &Account| {
        let Account { user, disabled_at } = account;
        let state = if disabled_at.is_some() { "disabled" } else { "active" };
        format!("{state:<8}  {:<32}  {}  {}\n", user.username, user.id, user.created_at.format("%Y-%m-%d"))
    };
    terminal::print(&accounts.iter().map(line).collect::<String>())
}

fn parse_username(name: &str) -> Result<Username, Failure> {
    Username::parse(name).map_err(|invalid| Failure::Failed(format!("the name {}", invalid.message)))
}

fn parse_password(password: SecretString) -> Result<Password, Failure> {
    Password::parse(password).map_err(|invalid| Failure::Failed(format!("the password {}", invalid.message)))
}
