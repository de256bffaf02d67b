//! `taskward user`: accounts, for the operator.

use clap::Subcommand;
use secrecy::SecretString;

use super::failure::Failure;
use super::options::Options;
use super::terminal::PasswordOptions;
use crate::config::Config;

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
    /// Shut an account out and end its sessions; its data stays
    #[command(after_help = "Example:\n  taskward user disable ana")]
    Disable {
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
    match command {
        UserCommand::Create { name, password } => create(&config, name, &password.read(name)?),
        UserCommand::SetPassword { name, password } => set_password(&config, name, &password.read(name)?),
        UserCommand::Disable { name } => disable(&config, name),
        UserCommand::List => list(&config),
    }
}

fn create(_config: &Config, _name: &str, _password: &SecretString) -> Result<(), Failure> {
    Err(Failure::NotWired("user create"))
}

fn set_password(_config: &Config, _name: &str, _password: &SecretString) -> Result<(), Failure> {
    Err(Failure::NotWired("user set-password"))
}

fn disable(_config: &Config, _name: &str) -> Result<(), Failure> {
    Err(Failure::NotWired("user disable"))
}

fn list(_config: &Config) -> Result<(), Failure> {
    Err(Failure::NotWired("user list"))
}
