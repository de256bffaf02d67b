//! The command line and the settings.

mod command;
mod environment;
mod healthcheck;
mod password;
mod precedence;
mod print;
mod problems;
mod safety;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use taskward::config::{self, Config, ConfigFile, Flag, Loaded};
use tempfile::TempDir;

/// A signing key that is long enough.
const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A folder of its own, with the sources of settings that a test gives.
struct Setup {
    folder: TempDir,
    environment: Vec<(OsString, OsString)>,
    flags: Vec<Flag>,
}

impl Setup {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), environment: Vec::new(), flags: Vec::new() }
    }

    /// With `text` as the contents of `taskward.toml`.
    fn file(self, text: &str) -> Self {
        std::fs::write(self.path("taskward.toml"), text).unwrap();
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    fn flag(mut self, setting: &str, value: &str) -> Self {
        self.flags.push(Flag { name: "--set", setting: setting.to_owned(), value: value.to_owned() });
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn load(&self) -> Result<Loaded, config::ConfigError> {
        config::load(ConfigFile::IfPresent(&self.path("taskward.toml")), self.environment.clone(), &self.flags)
    }

    fn config(&self) -> Config {
        self.load().unwrap().config
    }

    /// The problems as lines, each without where the value came from.
    fn problems(&self) -> Vec<String> {
        let problems = self.load().expect_err("there should be problems").problems;
        problems.iter().map(|problem| format!("{}: {}", problem.setting, problem.message)).collect()
    }

    /// The settings that have a problem.
    fn refused(&self) -> Vec<String> {
        self.load().expect_err("there should be problems").problems.into_iter().map(|problem| problem.setting).collect()
    }

    /// Runs the binary in the folder, with nothing else in its environment.
    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_taskward"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env_clear().envs(self.environment.iter().cloned());
        command
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
