//! Where settings come from: the file, the environment and the flags, each read into the same shape.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use config::{File, FileFormat, Value, ValueKind};

use super::problem::Problem;
use super::secret::{SECRETS, mask_url};

/// What all the variables begin with.
const PREFIX: &str = "TASKWARD_";

/// Variables that begin like ours and are no settings: two for builds and tests, and those that Kubernetes sets in every
/// container near a service named `taskward`.
const OTHERS: [&str; 4] = ["TASKWARD_SKIP_PLAYGROUND", "TASKWARD_TEST_POSTGRES", "TASKWARD_SERVICE_", "TASKWARD_PORT"];

/// The file that settings are read from.
#[derive(Debug, Clone, Copy)]
pub enum ConfigFile<'a> {
    /// Read when it is there.
    IfPresent(&'a Path),
    /// Named by the operator, and so refused when it is not there.
    Required(&'a Path),
}

/// A setting given on the command line.
#[derive(Debug, Clone)]
pub struct Flag {
    /// The flag, such as `--listen`.
    pub name: &'static str,
    /// The setting, such as `server.listen`.
    pub setting: String,
    /// Its value, written as in the environment.
    pub value: String,
}

/// The environment of the process.
pub fn environment() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os()
}

/// Values by setting, each knowing where it comes from; and what could not be read.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) values: BTreeMap<String, Value>,
    pub(super) problems: Vec<Problem>,
}

impl Given {
    /// These values, and those of `other` over them.
    pub(super) fn overridden_by(mut self, other: Self) -> Self {
        self.values.extend(other.values);
        self.problems.extend(other.problems);
        self
    }

    fn insert(&mut self, setting: impl Into<String>, value: &str, origin: &str) {
        self.values.insert(setting.into(), Value::new(Some(&origin.to_owned()), value));
    }

    fn problem(&mut self, setting: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem::new(setting, message));
    }
}

/// The settings of the file.
pub(super) fn from_file(file: ConfigFile<'_>) -> Given {
    let mut given = Given::default();
    let path = match file {
        ConfigFile::IfPresent(path) if !path.exists() => return given,
        ConfigFile::IfPresent(path) | ConfigFile::Required(path) => path,
    };
    let name = path.display().to_string();
    let read = config::Config::builder().add_source(File::from(path).format(FileFormat::Toml)).build();
    let sections = match read.map(|read| read.cache.kind) {
        Ok(ValueKind::Table(sections)) => sections,
        Ok(_) => return given,
        Err(error) => {
            given.problem(name, without_excerpt(&error.to_string()));
            return given;
        }
    };
    for (section, value) in sections {
        match value.kind {
            ValueKind::Table(table) => {
                given.values.extend(table.into_iter().map(|(key, value)| (format!("{section}.{key}"), value)));
            }
            _ => {
                given.problems.push(Problem::new(section, "expected a section, such as `[server]`").with_origin(&name));
            }
        }
    }
    given
}

/// The settings of the environment. `settings` are the names that are known.
pub(super) fn from_environment(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    settings: &[String],
) -> Given {
    let mut given = Given::default();
    let mut from_files = Given::default();
    for (name, value) in environment {
        let Some(name) = name.to_str().filter(|name| is_ours(name)) else { continue };
        let Some(value) = value.to_str() else {
            given.problem(name, "expected text in UTF-8");
            continue;
        };
        let origin = format!("the environment variable {name}");
        let secret = SECRETS.into_iter().find(|secret| format!("{}_FILE", variable(secret)) == name);
        if let Some(setting) = settings.iter().find(|setting| variable(setting) == name) {
            given.insert(setting, value, &origin);
        } else if let Some(setting) = secret {
            match std::fs::read_to_string(value) {
                Ok(text) => from_files.insert(setting, text.trim(), &origin),
                Err(error) => {
                    given.problems.push(Problem::new(setting, format!("{value}: {error}")).with_origin(origin));
                }
            }
        } else {
            given.problem(name, unknown_variable(name, settings));
        }
    }
    for setting in from_files.values.keys().filter(|setting| given.values.contains_key(*setting)) {
        let message = format!("expected either {0} or {0}_FILE, not both", variable(setting));
        from_files.problems.push(Problem::new(setting, message));
    }
    given.overridden_by(from_files)
}

/// The settings of the command line. A secret is refused there, because other users of the machine can read arguments.
pub(super) fn from_flags(flags: &[Flag]) -> Given {
    let mut given = Given::default();
    for Flag { name, setting, value } in flags {
        // The address of a database is a secret only when it holds a password.
        let is_secret = SECRETS.contains(&setting.as_str()) && (setting != "database.url" || mask_url(value) != *value);
        if is_secret {
            let file = format!("{}_FILE", variable(setting));
            let message = format!("arguments can be read by others on this machine: set {file} or the file instead");
            given.problems.push(Problem::new(setting, message).with_origin(*name));
        } else {
            given.insert(setting, value, name);
        }
    }
    given
}

/// The environment variable of a setting.
fn variable(setting: &str) -> String {
    format!("{PREFIX}{}", setting.to_uppercase().replace('.', "__"))
}

fn is_ours(name: &str) -> bool {
    name.starts_with(PREFIX) && !OTHERS.iter().any(|other| name.starts_with(other))
}

/// Says that there is no such variable; the commonest slip, one underscore where two belong, is put right.
fn unknown_variable(name: &str, settings: &[String]) -> String {
    let loose = |name: &str| name.to_uppercase().replace("__", "_");
    match settings.iter().map(|setting| variable(setting)).find(|known| loose(known) == loose(name)) {
        Some(known) => format!("no such setting; did you mean {known}?"),
        None => "no such setting".to_owned(),
    }
}

/// The parser's message without the lines of the file that it quotes, since one of them may hold a secret.
fn without_excerpt(message: &str) -> String {
    let is_excerpt = |line: &&str| line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit()).starts_with('|');
    let lines: Vec<&str> = message.lines().filter(|line| !is_excerpt(line)).map(str::trim).collect();
    lines.join(": ")
}
