//! Where the logs go: the console, for people or as JSON lines, and a file of JSON lines that rolls over every day.
//!
//! *Attack.* Text of a client that holds line breaks or terminal sequences, to forge lines or to play tricks on whoever reads.
//! *Setting.* None: it is always on. `log.level`, `log.format` and `log.file` say what is logged, how and where.
//! *Answer.* Control characters and those that turn the direction of text are written as escapes.
//! *Test.* The tests of this file.

use std::fmt;
use std::io::{self, IsTerminal};
use std::path::{self, Path, PathBuf};

use tracing::{Event, Subscriber};
use tracing_appender::non_blocking::{NonBlocking, WorkerGuard};
use tracing_appender::rolling::{InitError, RollingFileAppender, Rotation};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::{DefaultFields, Format, Json, JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, Layer as FmtLayer, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, filter, registry};

use crate::config::{Log, LogFormat};

/// What libraries may say unless `log.level` names them: at `info` they tell of every statement and connection.
const QUIET: &str = "hyper=warn,hyper_util=warn,rustls=warn,sea_orm=warn,sea_orm_migration=warn,sqlx=warn";

/// The log files that are kept, one a day.
const FILES: usize = 14;

/// Keeps the logs going: dropped at the end, it writes out what is still in memory.
#[derive(Debug)]
#[must_use = "dropped, it ends the log file"]
pub struct Guard(#[expect(dead_code, reason = "its only use is to be dropped")] Option<WorkerGuard>);

/// The logs can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `log.level` is no filter.
    #[error("log.level: {0}")]
    Level(#[from] filter::ParseError),
    /// `log.file` can't be opened.
    #[error("log.file: {0}")]
    File(#[from] InitError),
    /// `log.file` does not name a file, or its folder can't be found.
    #[error("log.file: {0} can't be the name of a log file")]
    Name(PathBuf),
    /// `log.file` is there and was not made by us.
    #[error("log.file: {0} is in the way; move it, since this name becomes a link to the file of the day")]
    Occupied(PathBuf),
    /// Something else already takes the logs.
    #[error("the logs are already set up")]
    Again(#[from] TryInitError),
}

/// Sends the logs of the process where `log` says, as long as the guard lives.
///
/// The console is standard error, in colour when it is a terminal. `log.file` becomes a link to the newest of the files
/// `FILE.DATE` beside it. The file is written by a thread of its own; when it can't follow, lines are dropped rather than
/// requests held up.
///
/// # Errors
/// When the level is no filter, when the file can't be opened, and when the logs were already set up.
pub fn init(log: &Log) -> Result<Guard, TelemetryError> {
    let (file, guard) = file(&log.file)?.unzip();
    let console = match log.format {
        LogFormat::Json => json(io::stderr).boxed(),
        LogFormat::Pretty if io::stderr().is_terminal() => text(io::stderr).boxed(),
        LogFormat::Pretty => text(io::stderr).with_ansi(false).boxed(),
    };
    registry().with(level_filter(&log.level)?).with(console).with(file.map(json)).try_init()?;
    Ok(Guard(guard))
}

/// What `log.level` lets through, over the libraries' own levels.
///
/// # Errors
/// When the level is no filter.
pub fn level_filter(level: &str) -> Result<EnvFilter, TelemetryError> {
    Ok(EnvFilter::try_new(format!("{QUIET},{level}"))?)
}

/// The writer of the log file, and what keeps it alive; `None` when there is to be no file.
fn file(file: &Path) -> Result<Option<(NonBlocking, WorkerGuard)>, TelemetryError> {
    if file.as_os_str().is_empty() {
        return Ok(None);
    }
    // The link is made with the path of the folder in it, and a relative one would be looked up from the folder itself.
    let absolute = path::absolute(file).map_err(|_| TelemetryError::Name(file.to_owned()))?;
    let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name().and_then(|name| name.to_str())) else {
        return Err(TelemetryError::Name(file.to_owned()));
    };
    if absolute.symlink_metadata().is_ok_and(|metadata| !metadata.is_symlink()) {
        return Err(TelemetryError::Occupied(file.to_owned()));
    }
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(name)
        .latest_symlink(name)
        .max_log_files(FILES)
        .build(folder)?;
    Ok(Some(tracing_appender::non_blocking(appender)))
}

/// Lines for people.
fn text<S, W>(writer: W) -> FmtLayer<S, EscapedFields, Format, W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    FmtLayer::default().with_writer(writer).fmt_fields(EscapedFields)
}

/// One JSON object a line, with the fields of the event at its top.
fn json<S, W>(writer: W) -> FmtLayer<S, JsonFields, EscapedJson, W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    let layer = FmtLayer::default().with_writer(writer).json();
    layer.flatten_event(true).with_current_span(false).map_event_format(EscapedJson)
}

/// The fields as usual, with nothing in them that moves the cursor: the stock formatter lets line breaks through.
struct EscapedFields;

impl<'writer> FormatFields<'writer> for EscapedFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut text = String::new();
        DefaultFields::new().format_fields(Writer::new(&mut text), fields)?;
        text.chars().try_for_each(|c| {
            if is_hidden(c) { write!(writer, "{}", c.escape_default()) } else { writer.write_char(c) }
        })
    }
}

/// JSON as usual, with escapes also for what JSON would let stand: the control characters from U+007F to U+009F, and those
/// that turn the direction of text.
struct EscapedJson(Format<Json>);

impl<S, N> FormatEvent<S, N> for EscapedJson
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(&self, ctx: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = String::new();
        self.0.format_event(ctx, Writer::new(&mut line), event)?;
        let is_escaped = |c: char| is_hidden(c) && c != '\n';
        line.chars().try_for_each(|c| {
            if is_escaped(c) { write!(writer, "\\u{:04x}", u32::from(c)) } else { writer.write_char(c) }
        })
    }
}

/// Whether `c` acts on the reader's terminal instead of being seen: control characters, line and paragraph separators, and
/// marks, embeddings, overrides and isolates of direction (Unicode Standard Annex 9).
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::writer::BoxMakeWriter;

    use super::*;

    /// A writer that keeps what is written.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Lines {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const HOSTILE: &str = "a\r\n\u{1b}[31m\u{9b}31m\u{7f}\u{202e}\u{2028}\0\tz";

    /// Logs the hostile text in every way there is: fields by `%`, `?` and as it is, a message, a span and an error.
    fn log_hostile_text() {
        let error = io::Error::other(HOSTILE);
        let span = tracing::info_span!("request", display = %HOSTILE, debug = ?HOSTILE);
        span.in_scope(|| {
            tracing::info!(display = %HOSTILE, debug = ?HOSTILE, plain = HOSTILE, "message {HOSTILE}");
            tracing::error!(error = &error as &dyn std::error::Error);
        });
    }

    fn written<L>(layer: impl FnOnce(BoxMakeWriter) -> L, log: impl FnOnce()) -> String
    where
        L: Layer<tracing_subscriber::Registry> + Send + Sync,
    {
        let lines = Lines::default();
        let copy = lines.clone();
        let writer = BoxMakeWriter::new(move || copy.clone());
        tracing::subscriber::with_default(registry().with(layer(writer)), log);
        lines.text()
    }

    #[test]
    fn hostile_text_stays_in_its_line_on_the_console() {
        let text = written(|writer| text(writer).with_ansi(false), log_hostile_text);
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.chars().all(|c| c == '\n' || !is_hidden(c)), "{text}");
        assert!(text.contains(r"message a\r\n\x1b[31m"), "{text}");
        assert!(text.contains(r"display=a\r\n\u{1b}[31m"), "{text}");
    }

    #[test]
    fn hostile_text_stays_in_its_line_in_json_and_can_be_read_back() {
        let text = written(json, log_hostile_text);
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.chars().all(|c| c == '\n' || !is_hidden(c)), "{text}");
        let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!(line["display"], HOSTILE);
        assert_eq!(line["plain"], HOSTILE);
        assert_eq!(line["message"], format!("message {HOSTILE}"));
        assert_eq!(line["spans"][0]["display"], HOSTILE);
    }

    #[test]
    fn libraries_are_quiet_until_they_are_named() {
        let log = || {
            tracing::info!(target: "sqlx::query", "statement");
            tracing::info!(target: "taskward::http", "request");
        };
        let with = |filter: &str| written(|writer| text(writer).with_filter(level_filter(filter).unwrap()), log);
        assert!(!with("info").contains("statement"));
        assert!(with("info").contains("request"));
        assert!(with("info,sqlx=debug").contains("statement"));
        assert_eq!(with("warn"), "");
    }

    #[test]
    fn the_name_of_the_log_file_links_to_the_file_of_the_day() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs/taskward.log");
        let (mut writer, guard) = file(&path).unwrap().unwrap();
        io::Write::write_all(&mut writer, b"{}\n").unwrap();
        drop(guard);
        assert!(path.is_symlink());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{}\n");
        // A second start finds its own link in place and goes on in the same file.
        drop(file(&path).unwrap());
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 2);
    }

    #[test]
    fn a_file_of_somebody_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taskward.log");
        std::fs::write(&path, "mine").unwrap();
        assert!(matches!(file(&path), Err(TelemetryError::Occupied(_))));
        assert_eq!(std::fs::read_to_string(path).unwrap(), "mine");
    }

    #[test]
    fn an_empty_name_means_no_file() {
        assert!(file(Path::new("")).unwrap().is_none());
    }
}
