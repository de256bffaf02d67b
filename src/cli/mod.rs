//! The command line: what each subcommand takes, and which code it runs. One file each.

mod config;
mod demo;
mod export;
mod failure;
mod healthcheck;
mod import;
mod migrate;
mod options;
mod runtime;
mod schema;
mod serve;
mod terminal;
mod token;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::config::ConfigCommand;
use self::export::ExportCommand;
use self::failure::Failure;
use self::import::ImportCommand;
use self::migrate::MigrateCommand;
use self::options::Options;
use self::schema::SchemaCommand;
use self::token::TokenCommand;
use self::user::UserCommand;

/// A task manager behind a GraphQL API that nothing a client sends can hurt
#[derive(Debug, Parser)]
#[command(
    name = "taskward",
    version,
    after_help = "\
Examples:
  taskward                          start the server in the current folder
  taskward --listen 127.0.0.1:9000  the same on another port
  taskward config print             show the settings and where they come from

Settings come from taskward.toml, then from the environment (TASKWARD_SECTION__KEY, lists separated
by commas, secrets also as TASKWARD_AUTH__SIGNING_KEY_FILE and TASKWARD_DATABASE__URL_FILE), then
from flags. Exit status: 0 done, 1 failed, 2 wrong usage or settings."
)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server; what `taskward` alone does
    #[command(after_help = "Example:\n  taskward serve --config /etc/taskward.toml")]
    Serve,
    /// Bring the database's schema up to date, take a step back, or see where it is
    #[command(subcommand, after_help = "Example:\n  taskward migrate status")]
    Migrate(MigrateCommand),
    /// Print the GraphQL schema, or compare a file with it
    #[command(subcommand, after_help = "Example:\n  taskward schema print > schema.graphql")]
    Schema(SchemaCommand),
    /// Make, change and list accounts
    #[command(subcommand, after_help = "Example:\n  taskward user create ana")]
    User(UserCommand),
    /// Make, revoke and list API tokens, which programs call with
    #[command(subcommand, after_help = "Example:\n  taskward token create --user ana --name backup --scope read")]
    Token(TokenCommand),
    /// Write a user's data as JSON lines: account, projects, labels, tasks, labels on tasks, comments
    #[command(after_help = "\
Examples:
  taskward export --user ana ana.jsonl
  taskward export --user ana | gzip > ana.jsonl.gz

The first line is {\"type\":\"taskward.export\",\"version\":1}, and each of the others a record with a
type: user, project, label, task, taskLabel, comment. No password and no token is in it. Deleted
projects are not, and tasks in the trash are. While a server changes the data, lines that are read
at different moments may differ by what happened between them.")]
    Export(ExportCommand),
    /// Read a user's data as `export` wrote it, with its ids; what is there already stays as it is
    #[command(after_help = "\
Examples:
  taskward import ana.jsonl
  gunzip < ana.jsonl.gz | taskward import

All of it is written in one transaction, or nothing when a line is refused; meanwhile a server on
the same SQLite database can't write. A new account has no password: `taskward user set-password`
gives it one. The file may only do what its user could: projects that are here already take nobody
in, and what would have been in them comes without. A project that is not here is the user's own.
Of people who share projects, import the owners first.")]
    Import(ImportCommand),
    /// Check or show the settings
    #[command(subcommand, after_help = "Example:\n  taskward config check")]
    Config(ConfigCommand),
    /// Ask the server on this machine whether it is ready
    #[command(after_help = "\
Example, in a Dockerfile:
  HEALTHCHECK CMD [\"taskward\", \"healthcheck\"]

Exit status: 0 when it is ready, 1 when not. With TLS in the server itself (https.certificate_file),
only that it listens is checked.")]
    Healthcheck,
    /// Make a user `demo` with a few hundred tasks, print the password, and exit
    #[command(after_help = "Example:\n  taskward --set database.url=sqlite://demo.db demo")]
    Demo,
}

/// Runs the command that the arguments of the process name, and gives its exit status: 0, 1 when it failed, 2 when the usage
/// or the settings are wrong. What went wrong is on standard error.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too, with status 0. A closed pipe is no reason to fail.
            let _ = error.print();
            return u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
        }
    };
    match dispatch(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::complain(&failure);
            failure.exit_code()
        }
    }
}

fn dispatch(Cli { options, command }: &Cli) -> Result<(), Failure> {
    match command {
        None | Some(Command::Serve) => serve::run(options),
        Some(Command::Migrate(command)) => migrate::run(command, options),
        Some(Command::Schema(command)) => schema::run(command),
        Some(Command::User(command)) => user::run(command, options),
        Some(Command::Token(command)) => token::run(command, options),
        Some(Command::Export(command)) => export::run(command, options),
        Some(Command::Import(command)) => import::run(command, options),
        Some(Command::Config(command)) => self::config::run(command, options),
        Some(Command::Healthcheck) => healthcheck::run(options),
        Some(Command::Demo) => demo::run(options),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_explains_itself_with_an_example() {
        fn visit(command: &clap::Command) {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name}");
            let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(after.contains("Example") && after.contains("taskward"), "{name}");
            command.get_subcommands().for_each(visit);
        }
        visit(&Cli::command());
    }
}
