//! `taskward config`: the settings, checked or shown.

use clap::Subcommand;

use super::failure::Failure;
use super::options::Options;
use super::terminal;
use crate::config::print;

/// The subcommands of `config`.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Say everything that is wrong with the settings, as the server would before it refuses to start
    #[command(after_help = "\
Example:
  TASKWARD_SERVER__PROFILE=production taskward config check

Exit status: 0 when the server would start with these settings, 2 when not.")]
    Check,
    /// Show the effective settings as TOML, secrets masked, and where each comes from
    #[command(after_help = "\
Example:
  taskward --set log.level=debug config print")]
    Print,
}

/// Carries out the subcommand.
pub(super) fn run(command: &ConfigCommand, options: &Options) -> Result<(), Failure> {
    let loaded = options.load()?;
    match command {
        ConfigCommand::Check => terminal::print("the settings are good\n"),
        ConfigCommand::Print => terminal::print(&print(&loaded)),
    }
}
