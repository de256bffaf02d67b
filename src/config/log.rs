//! `log.*`: where the logs go.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How lines on the console look. The file holds JSON lines always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// The `log` section.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// `log.level`: a level or a filter in the syntax of
    /// [EnvFilter](https://docs.rs/tracing-subscriber/latest/tracing_subscriber/filter/struct.EnvFilter.html), such as
    /// `info` (the default) or `info,taskward=debug`.
    pub level: String,
    /// `log.format`: `pretty` by default, or `json`; for the console.
    pub format: LogFormat,
    /// `log.file`: the rolling log file, `taskward.log` by default; an empty text means none.
    pub file: PathBuf,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: String::from("info"), format: LogFormat::Pretty, file: PathBuf::from("taskward.log") }
    }
}
