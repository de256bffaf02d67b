//! `taskward migrate`: the steps of the database's schema.

use clap::Subcommand;

use super::failure::Failure;
use super::options::Options;
use crate::config::Config;

/// The subcommands of `migrate`.
#[derive(Debug, Subcommand)]
pub(super) enum MigrateCommand {
    /// Take every step that the database has not taken yet
    #[command(after_help = "Example:\n  taskward migrate up")]
    Up,
    /// Take back the newest step, and with it the data that only it has room for
    #[command(after_help = "Example:\n  taskward migrate down")]
    Down,
    /// List the steps and say which are taken
    #[command(after_help = "Example:\n  taskward migrate status")]
    Status,
}

/// Carries out the subcommand.
pub(super) fn run(command: &MigrateCommand, options: &Options) -> Result<(), Failure> {
    let config = options.load()?.config;
    match command {
        MigrateCommand::Up => up(&config),
        MigrateCommand::Down => down(&config),
        MigrateCommand::Status => status(&config),
    }
}

fn up(_config: &Config) -> Result<(), Failure> {
    Err(Failure::NotWired("migrate up"))
}

fn down(_config: &Config) -> Result<(), Failure> {
    Err(Failure::NotWired("migrate down"))
}

fn status(_config: &Config) -> Result<(), Failure> {
    Err(Failure::NotWired("migrate status"))
}
