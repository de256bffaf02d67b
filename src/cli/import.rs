//! `taskward import`: a user's data, from JSON lines.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::options::Options;
use super::{runtime, terminal};
use crate::domain::import::{self, Summary};

/// More than a record can have: a description of 10,000 characters, each of which JSON may spell in twelve bytes.
const LINE_BYTES: u64 = 256 * 1_024;

/// Where the data comes from.
#[derive(Debug, Args)]
pub(super) struct ImportCommand {
    /// Read FILE instead of standard input
    file: Option<PathBuf>,
}

/// Carries out the command.
pub(super) fn run(command: &ImportCommand, options: &Options) -> Result<(), Failure> {
    let config = options.load()?.config;
    let (input, bytes): (Box<dyn Read>, _) = match &command.file {
        Some(path) => {
            let file = File::open(path).map_err(Failure::of_file(path))?;
            let bytes = file.metadata()?.len();
            (Box::new(file), bytes)
        }
        None => (Box::new(io::stdin()), 0),
    };
    let template = if bytes > 0 { "{wide_bar} {bytes}/{total_bytes}" } else { "{spinner} {bytes}" };
    let progress = terminal::progress(bytes, template);
    runtime::with_app(config, async |app| {
        app.services.store.migrate_up().await.map_err(|error| Failure::Failed(error.to_string()))?;
        let summary = import::import(&app.operator(), Lines(BufReader::new(progress.wrap_read(input)))).await?;
        progress.finish_and_clear();
        terminal::print(&told(&summary))
    })
}

fn told(Summary { username, added, unchanged, kept, left_out, emptied }: &Summary) -> String {
    let rest = [
        (kept, "kept as they are here"),
        (left_out, "left out, which the user could not have made here"),
        (emptied, "projects, parents or assignees left out"),
    ];
    let rest = rest.iter().filter(|(count, _)| **count > 0).map(|(count, words)| format!(", {count} {words}"));
    format!("{username}: {added} added, {unchanged} there already{}\n", rest.collect::<String>())
}

/// The lines of a text, none of which is too long to be held.
struct Lines<R>(BufReader<R>);

impl<R: Read> Iterator for Lines<R> {
    type Item = io::Result<String>;

    fn next(&mut self) -> Option<io::Result<String>> {
        let mut line = String::new();
        match self.0.by_ref().take(LINE_BYTES).read_line(&mut line) {
            Ok(0) => None,
            Ok(_) if !line.ends_with('\n') && u64::try_from(line.len()).is_ok_and(|bytes| bytes >= LINE_BYTES) => {
                Some(Err(io::Error::other(format!("a line has {LINE_BYTES} bytes or more: that is no export"))))
            }
            Ok(_) => Some(Ok(line)),
            Err(error) => Some(Err(error)),
        }
    }
}
