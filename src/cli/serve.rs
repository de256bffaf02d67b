//! `taskward serve`: the server itself.

use super::failure::Failure;
use super::options::Options;
use crate::config::Config;
use crate::telemetry;

/// Runs the server until it is told to stop.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let config = options.load()?.config;
    let _logs = telemetry::init(&config.log)?;
    serve(&config)
}

fn serve(_config: &Config) -> Result<(), Failure> {
    Err(Failure::NotWired("serve"))
}
