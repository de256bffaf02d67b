//! `taskward export`: a user's data, as JSON lines.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::options::Options;
use super::{runtime, terminal};
use crate::domain::export::{self, Record};
use crate::domain::{Error, Op};

/// What is exported, and where to.
#[derive(Debug, Args)]
pub(super) struct ExportCommand {
    /// Whose data
    #[arg(long, value_name = "NAME")]
    user: String,
    /// Write to FILE, which must not be there yet, instead of to standard output
    file: Option<PathBuf>,
}

/// Carries out the command.
pub(super) fn run(command: &ExportCommand, options: &Options) -> Result<(), Failure> {
    let config = options.load()?.config;
    runtime::with_app(config, async |app| {
        let op = app.operator();
        app.services.store.migrate_up().await.map_err(|error| Failure::Failed(error.to_string()))?;
        // Asked first: a user who is not there leaves no empty file behind.
        let tasks = export::count_tasks(&op, &command.user).await?;
        match &command.file {
            Some(file) => write(&op, command, tasks, File::create_new(file).map_err(Failure::of_file(file))?).await,
            None => write(&op, command, tasks, io::stdout().lock()).await,
        }
    })
}

async fn write(op: &Op, command: &ExportCommand, tasks: u64, to: impl Write) -> Result<(), Failure> {
    let progress = terminal::progress(tasks, "{wide_bar} {pos}/{len} tasks");
    let mut to = BufWriter::new(to);
    let written = export::export(op, &command.user, |record| {
        if matches!(record, Record::Task { .. }) {
            progress.inc(1);
        }
        line(&mut to, record).map_err(|error| Error::Internal(error.into()))
    });
    written.await?;
    to.flush()?;
    progress.finish_and_clear();
    Ok(())
}

fn line(to: &mut impl Write, record: &Record) -> io::Result<()> {
    serde_json::to_writer(&mut *to, record)?;
    to.write_all(b"\n")
}
