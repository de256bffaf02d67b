//! What the server logs, for the tests that read it.

use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex};

use serde_json::Value;
use tracing::Dispatch;
use tracing::level_filters::LevelFilter;

/// Two subscribers that write nowhere and never end. While there is only one, tracing asks the thread that first comes
/// to an event whether anybody wants it, and remembers a no of a thread without a log for all others.
static KEEP_EVENTS: LazyLock<[Dispatch; 2]> = LazyLock::new(|| {
    let sink = || tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(io::sink).finish();
    [Dispatch::new(sink()), Dispatch::new(sink())]
});

/// To be called before anything that makes events.
pub(crate) fn keep_events() {
    LazyLock::force(&KEEP_EVENTS);
}

/// What is logged, as JSON lines.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// The log of this thread while the guard lives.
    pub(crate) fn start() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let guard = tracing::dispatcher::set_default(&log.dispatch());
        (log, guard)
    }

    /// What takes the events of whoever it is the default of.
    pub(crate) fn dispatch(&self) -> Dispatch {
        keep_events();
        let writer = self.clone();
        let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_max_level(LevelFilter::TRACE);
        Dispatch::new(subscriber.with_writer(move || writer.clone()).finish())
    }

    /// All of it.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines of one target.
    pub(crate) fn lines(&self, target: &str) -> Vec<Value> {
        let text = self.text();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["target"] == target).collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
