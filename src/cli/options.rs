//! The options that every command takes: where the settings come from.

use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use crate::config::{ConfigError, ConfigFile, Flag, Loaded, Problem, environment, load};
use crate::telemetry;

/// The file that is read from the current folder when it is there.
const FILE: &str = "taskward.toml";

/// Where the settings come from, besides the environment.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub(super) struct Options {
    /// Read settings from FILE instead of taskward.toml in the current folder
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Listen on ADDRESS:PORT; short for --set server.listen=ADDRESS:PORT
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Set one setting, over the file and the environment; may be repeated; secrets are refused
    #[arg(long, global = true, value_name = "SECTION.KEY=VALUE")]
    set: Vec<String>,
}

impl Options {
    /// The settings: defaults, file, environment (`TASKWARD_SECTION__KEY`) and flags.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub(super) fn load(&self) -> Result<Loaded, Failure> {
        let file = match &self.config {
            Some(file) => ConfigFile::Required(file),
            None => ConfigFile::IfPresent(Path::new(FILE)),
        };
        let loaded = load(file, environment(), &self.flags()?)?;
        // The last word on a filter has the library that applies it.
        telemetry::level_filter(&loaded.config.log.level)
            .map_err(|error| ConfigError { problems: vec![Problem::new("log.level", error.to_string())] })?;
        Ok(loaded)
    }

    fn flags(&self) -> Result<Vec<Flag>, Failure> {
        let flag = |text: &String| match text.split_once('=') {
            Some((setting, value)) => Ok(Flag { name: "--set", setting: setting.to_owned(), value: value.to_owned() }),
            // The text is not repeated: it may hold a secret.
            None => Err(Failure::Usage("--set takes SECTION.KEY=VALUE, such as --set log.level=debug".to_owned())),
        };
        let listen = self
            .listen
            .iter()
            .map(|value| Ok(Flag { name: "--listen", setting: "server.listen".to_owned(), value: value.clone() }));
        self.set.iter().map(flag).chain(listen).collect()
    }
}
