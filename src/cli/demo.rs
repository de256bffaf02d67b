//! `taskward demo`: something to look at.

use super::failure::Failure;
use super::options::Options;
use crate::config::Config;

/// Fills in the demonstration data and prints the password of its user.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    fill(&options.load()?.config)
}

fn fill(_config: &Config) -> Result<(), Failure> {
    Err(Failure::NotWired("demo"))
}
