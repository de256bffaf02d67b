//! Why a command ended badly, and the exit status that says so.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::config::ConfigError;
use crate::telemetry::TelemetryError;

/// A command ended badly.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The settings can't be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The command line makes no sense, beyond what clap sees.
    #[error("{0}")]
    Usage(String),
    /// The command was understood and could not be carried out.
    #[error("{0}")]
    Failed(String),
    /// The logs can't be set up.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// The terminal, or whatever stands in its place, failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Failure {
    /// What became of the file at `path`, which the system's own message does not name.
    pub(super) fn of_file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Failed(format!("{}: {error}", path.display()))
    }

    /// 2 for wrong usage or settings, 1 for everything else.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Config(_) | Self::Usage(_) => ExitCode::from(2),
            Self::Failed(_) | Self::Telemetry(_) | Self::Io(_) => ExitCode::FAILURE,
        }
    }
}
