//! Loading the settings: defaults of the profile, then the file, the environment and the flags; each checked alone, so that
//! every problem is told at once.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;

use serde::Deserialize;
use serde_json::Value;

use super::check::check;
use super::merge::{merge, settings, tree};
use super::problem::{ConfigError, Problem};
use super::safety::dangers;
use super::sources::{ConfigFile, Flag, Given, from_environment, from_file, from_flags};
use super::{Config, Profile};

/// Settings that may be used.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// Where each setting that is not at its default came from.
    pub origins: BTreeMap<String, String>,
}

/// The settings: the defaults of the profile, over them `file`, over it `environment`, over it `flags`.
///
/// In the environment and in flags everything is text: lists are separated by commas, an empty text is an empty list.
///
/// # Errors
/// Every problem at once: what can't be read, unknown settings, values that break a rule, and what makes the server unsafe.
pub fn load(
    file: ConfigFile<'_>,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    flags: &[Flag],
) -> Result<Loaded, ConfigError> {
    let given =
        from_file(file).overridden_by(from_environment(environment, &all_settings())).overridden_by(from_flags(flags));
    let origins = origins(&given);
    let values: BTreeMap<String, Value> =
        given.values.into_iter().map(|(key, value)| (key, Value::deserialize(value).unwrap_or_default())).collect();
    let profile = profile(&values);
    let (config, misfits) = merge(&values, &Config::defaults(profile.unwrap_or(Profile::Development)));
    // What is only asked of a profile is left out while nobody can tell which profile is meant.
    let dangers = if profile.is_some() { dangers(&config) } else { Vec::new() };
    let mut problems: Vec<Problem> = given.problems.into_iter().chain(misfits).collect();
    for later in [check(&config), dangers] {
        // A setting that could not be read was left at its default, of which there is nothing more to say.
        let is_news = |problem: &Problem| problems.iter().all(|known| known.setting != problem.setting);
        let news: Vec<Problem> = later.into_iter().filter(is_news).collect();
        problems.extend(news);
    }
    for problem in &mut problems {
        problem.origin = problem.origin.take().or_else(|| origins.get(&problem.setting).cloned());
    }
    problems.sort();
    if problems.is_empty() { Ok(Loaded { config, origins }) } else { Err(ConfigError { problems }) }
}

/// The names of all settings, such as `server.listen`.
#[must_use]
pub fn all_settings() -> Vec<String> {
    settings(&tree(&Config::defaults(Profile::Development))).into_iter().map(|(setting, _)| setting).collect()
}

fn origins(given: &Given) -> BTreeMap<String, String> {
    let origin = |(setting, value): (&String, &config::Value)| Some((setting.clone(), value.origin()?.to_owned()));
    given.values.iter().filter_map(origin).collect()
}

/// The profile that is asked for; otherwise `development` on a loopback address and `production` on any other.
fn profile(values: &BTreeMap<String, Value>) -> Option<Profile> {
    if let Some(profile) = values.get("server.profile") {
        return Profile::deserialize(profile).ok();
    }
    let listen = match values.get("server.listen") {
        Some(listen) => SocketAddr::deserialize(listen).ok()?,
        None => Config::defaults(Profile::Development).server.listen,
    };
    Some(if listen.ip().is_loopback() { Profile::Development } else { Profile::Production })
}
