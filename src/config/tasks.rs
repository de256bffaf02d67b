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
    /// `tasks.trash_days`: days that a deleted task stays in the trash before it is removed for good, 1 to 3,650; 30 by
    /// default.
    pub trash_days: u16,
    /// `tasks.change_log_days`: days that a client may be away and still catch up by `taskChanges`, 1 to 3,650 and no more
    /// than `tasks.trash_days`; 30 by default. A task that is removed for good takes its part in the log along, so the log
    /// must not go back further than the trash.
    pub change_log_days: u16,
}

impl Default for Tasks {
    fn default() -> Self {
        Self { title_rule: TitleRule::Alphanumeric, trash_days: 30, change_log_days: 30 }
    }
}
