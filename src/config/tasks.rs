//! `tasks.*`: rules of the task manager.

use serde::{Deserialize, Serialize};

/// What a task's title may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TitleRule {
    /// Letters, marks and digits of any script, and spaces.
    Alphanumeric,
    /// Any printable text without control characters and bidirectional overrides.
    Text,
}

/// The `tasks` section.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tasks {
    /// `tasks.title_rule`: `alphanumeric` by default, or `text`.
    pub title_rule: TitleRule,
}

impl Default for Tasks {
    fn default() -> Self {
        Self { title_rule: TitleRule::Alphanumeric }
    }
}
