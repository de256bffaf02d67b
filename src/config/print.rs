//! The effective settings as TOML, secrets masked.

use std::fmt::Write;

use super::load::Loaded;
use super::merge::tree;

/// The settings as TOML: a section after the other, each setting that is not at its default with its origin behind it.
/// Secrets are masked, so that all but those can be read back.
#[must_use]
pub fn print(loaded: &Loaded) -> String {
    let tree = tree(&loaded.config);
    let mut text = String::new();
    for (section, keys) in tree.as_object().into_iter().flatten() {
        let gap = if text.is_empty() { "" } else { "\n" };
        // Writing into a String can't fail.
        let _ = writeln!(text, "{gap}[{section}]");
        for (key, value) in keys.as_object().into_iter().flatten() {
            // JSON spells texts, numbers and lists of texts as TOML does; TOML has no null.
            let line = if value.is_null() { format!("# {key} is not set") } else { format!("{key} = {value}") };
            let origin = loaded.origins.get(&format!("{section}.{key}"));
            let comment = origin.map(|origin| format!("  # {}", origin.escape_debug())).unwrap_or_default();
            let _ = writeln!(text, "{line}{comment}");
        }
    }
    text
}
