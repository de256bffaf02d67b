//! `taskward schema`: the GraphQL schema as text (SDL).

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::failure::Failure;
use super::terminal;
use crate::graphql::sdl;

/// The subcommands of `schema`.
#[derive(Debug, Subcommand)]
pub(super) enum SchemaCommand {
    /// Print the schema
    #[command(after_help = "Example:\n  taskward schema print > schema.graphql")]
    Print,
    /// Compare FILE with the schema
    #[command(after_help = "\
Example:
  taskward schema check schema.graphql

Exit status: 0 when they are the same, 1 when they differ; the lines that differ are printed.")]
    Check {
        /// The file that should hold the schema
        file: PathBuf,
    },
}

/// Carries out the subcommand. The schema does not depend on the settings.
pub(super) fn run(command: &SchemaCommand) -> Result<(), Failure> {
    match command {
        SchemaCommand::Print => terminal::print(&sdl()),
        SchemaCommand::Check { file } => check(file),
    }
}

fn check(path: &Path) -> Result<(), Failure> {
    let file = std::fs::read_to_string(path).map_err(Failure::of_file(path))?;
    match differences(&file, &sdl()) {
        None => Ok(()),
        Some(differences) => {
            terminal::print(&differences)?;
            Err(Failure::Failed(format!("{} is not the schema", path.display())))
        }
    }
}

/// From the first line that differs to the last: those of the file with `-`, those of the schema with `+`.
fn differences(file: &str, schema: &str) -> Option<String> {
    if file == schema {
        return None;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (file.lines().collect(), schema.lines().collect());
    let same = |(a, b): &(&&str, &&str)| a == b;
    let start = old.iter().zip(&new).take_while(same).count();
    let rest = old.iter().skip(start).rev().zip(new.iter().skip(start).rev());
    let end = rest.take_while(same).count();
    let mut text = format!("@@ line {} @@\n", start.saturating_add(1));
    for (sign, lines) in [('-', &old), ('+', &new)] {
        for line in lines.iter().take(lines.len().saturating_sub(end)).skip(start) {
            // Writing into a String can't fail.
            let _ = writeln!(text, "{sign}{line}");
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_reach_from_the_first_to_the_last_line_that_differs() {
        assert_eq!(differences("a\nb\n", "a\nb\n"), None);
        assert_eq!(differences("a\nb\nd\n", "a\nc\nd\n").unwrap(), "@@ line 2 @@\n-b\n+c\n");
        assert_eq!(differences("a\na\n", "a\n").unwrap(), "@@ line 2 @@\n-a\n");
        assert_eq!(differences("", "a\n").unwrap(), "@@ line 1 @@\n+a\n");
        assert!(differences("a", "a\n").is_some());
    }
}
