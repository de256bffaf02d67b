//! `taskward migrate`: the steps of the database's schema.

use clap::Subcommand;

use super::failure::Failure;
use super::options::Options;
use super::{runtime, terminal};
use crate::storage::AppliedMigration;

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
    runtime::with_app(config, async |app| {
        let store = &app.services.store;
        match command {
            MigrateCommand::Up => store.migrate_up().await,
            MigrateCommand::Down => store.migrate_down(1).await,
            MigrateCommand::Status => Ok(()),
        }
        .map_err(|error| Failure::Failed(error.to_string()))?;
        let migrations = store.migrations().await.map_err(|error| Failure::Failed(error.to_string()))?;
        terminal::print(&migrations.iter().map(line).collect::<String>())
    })
}

fn line(migration: &AppliedMigration) -> String {
    let state = if migration.applied { "applied" } else { "missing" };
    format!("{state}  {}\n", migration.name)
}
