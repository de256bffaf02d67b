//! Opening the database by its URL.

use std::fs::OpenOptions;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;
use std::time::Duration;

use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, Connection, Executor, PgConnection, Sqlite};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use secrecy::{ExposeSecret, SecretString};

use super::statement::{Abandoned, Lease, Limit};
use super::{Result, Store};
use crate::bus::LocalBus;
use crate::config;

/// The steps of SQLite's virtual machine after which a statement looks at its lease: some ten microseconds of them.
const STEPS: i32 = 1_000;

/// How long a PostgreSQL connection that was given up may take to become idle before it is closed.
const STILL_BUSY: Duration = Duration::from_millis(250);

impl Store {
    /// Opens the database of `settings`, making the SQLite file when it is not there. No statement takes longer than
    /// `statement_timeout`, the wait for a connection included. It has a bus of its own until it is given one.
    ///
    /// # Errors
    /// When the URL is of neither engine, or the database can't be reached.
    pub async fn connect(settings: &config::Database, statement_timeout: Duration) -> Result<Self> {
        let statements = Arc::new(AtomicU64::new(0));
        let readers = settings.max_connections.unwrap_or_else(default_connections).get();
        let abandoned = Abandoned::of(readers);
        let (reader, writer) = if settings.url.expose_secret().starts_with("sqlite:") {
            make_private(settings.url.expose_secret());
            let writer = sqlite(&settings.url, 1, statement_timeout, Access::Write).await?;
            (sqlite(&settings.url, readers, statement_timeout, Access::Read).await?, writer)
        } else {
            let pool = postgres(&settings.url, readers, statement_timeout, abandoned.clone()).await?;
            (pool.clone(), pool)
        };
        let limit = Limit::new(statement_timeout, abandoned);
        let (reader, writer) = (counted(reader, &statements), counted(writer, &statements));
        Ok(Self { reader, writer, limit, statements, bus: Arc::new(LocalBus::default()) })
    }
}

#[derive(Clone, Copy)]
enum Access {
    Read,
    Write,
}

/// Four for each core: enough to keep every core busy while some connections wait for the disk.
fn default_connections() -> NonZeroU32 {
    let cores = available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX));
    NonZeroU32::MIN.saturating_add(cores.saturating_mul(4).saturating_sub(1))
}

async fn sqlite(url: &SecretString, connections: u32, wait: Duration, access: Access) -> Result<DatabaseConnection> {
    let mut options = options(url, connections, wait);
    // A connection to a local file costs nothing to keep and its page cache a lot to lose.
    options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    options.map_sqlx_sqlite_opts(move |sqlite| sqlite_pragmas(sqlite, wait, access));
    // Watching it shows whether a connection is alive.
    options.test_before_acquire(false).map_sqlx_sqlite_pool_opts(sqlite_hooks);
    Ok(Database::connect(options).await?)
}

/// Makes the file of a database that is not there yet, for its owner alone: it will hold the hashes of passwords. SQLite
/// gives the files beside it the same mode (<https://www.sqlite.org/src/file/src/os_unix.c>, `findCreateFileMode`).
fn make_private(url: &str) {
    let has_file = ![":memory:", "mode=memory", "mode=ro"].iter().any(|mode| url.contains(mode));
    let Some(sqlite) = SqliteConnectOptions::from_str(url).ok().filter(|_| has_file) else { return };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // A file that is there keeps the mode that somebody gave it; one that can't be made is SQLite's to complain about.
    let _ = options.open(sqlite.get_filename());
}

/// Write-ahead log with `synchronous=NORMAL`: a killed process loses nothing that was committed, because the log is with
/// the operating system by then; a power cut or a crash of the operating system may lose the last commits, and never
/// corrupts the file (<https://www.sqlite.org/pragma.html#pragma_synchronous>).
fn sqlite_pragmas(sqlite: SqliteConnectOptions, wait: Duration, access: Access) -> SqliteConnectOptions {
    let sqlite = sqlite
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(wait)
        .pragma("trusted_schema", "OFF");
    match access {
        Access::Read => sqlite.pragma("query_only", "ON"),
        Access::Write => sqlite,
    }
}

/// Lets every statement watch its lease, from when it takes a connection until that comes back.
fn sqlite_hooks(pool: PoolOptions<Sqlite>) -> PoolOptions<Sqlite> {
    pool.after_connect(|connection, _| Box::pin(watch(connection)))
        .before_acquire(|connection, _| Box::pin(async move { watch(connection).await.map(|()| true) }))
        .after_release(|connection, _| Box::pin(is_outside_transaction(connection)))
}

/// Stops what runs on the connection once the lease of the statement that takes it is given up
/// (<https://www.sqlite.org/c3ref/progress_handler.html>).
async fn watch(connection: &mut SqliteConnection) -> std::result::Result<(), sqlx::Error> {
    let lease = Lease::current();
    connection.lock_handle().await?.set_progress_handler(STEPS, move || !lease.is_given_up());
    Ok(())
}

/// Whether a connection that comes back may be used again. SQLite rolls a transaction back by itself when it stops a write
/// in it (<https://www.sqlite.org/c3ref/interrupt.html>); the library misses that, and would begin the next one as a part
/// of the one that is gone, which takes no lock.
async fn is_outside_transaction(connection: &mut SqliteConnection) -> std::result::Result<bool, sqlx::Error> {
    // So it is after a read and after a commit, which saves a turn of its thread. A `BEGIN` that was given up and is still
    // on its way there is undone before the pool, which asks the thread for a sign of life next, has it back.
    if !connection.is_in_transaction() {
        return Ok(true);
    }
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

async fn postgres(
    url: &SecretString,
    connections: u32,
    wait: Duration,
    abandoned: Abandoned,
) -> Result<DatabaseConnection> {
    let mut options = options(url, connections, wait);
    options.statement_timeout(wait).set_application_name("taskward");
    options.map_sqlx_postgres_pool_opts(move |pool| {
        let abandoned = abandoned.clone();
        pool.after_connect(|connection, _| Box::pin(set_up(connection))).after_release(move |connection, _| {
            let is_suspect = abandoned.suspect();
            Box::pin(async move { Ok(!is_suspect || is_idle(connection).await) })
        })
    });
    Ok(Database::connect(options).await?)
}

/// What is set on each connection to PostgreSQL.
const SETTINGS: [&str; 2] = [
    // The server looks, once a second, whether the connection of a running statement is still there, and stops it when it is
    // not. One that can't look (before version 14, or on Windows) runs it to its timeout.
    "SET client_connection_check_interval = '1s'",
    // It compiles no statement. It would do so by the most that a plan may cost, and take a second for a page that is read in
    // a tenth of one, because it may come from any of a hundred projects.
    "SET jit = off",
];

/// Makes the settings, but for those that the server does not know.
async fn set_up(connection: &mut PgConnection) -> std::result::Result<(), sqlx::Error> {
    for setting in SETTINGS {
        if let Err(error) = connection.execute(setting).await {
            tracing::debug!(%error, setting, "the database does not take a setting");
        }
    }
    Ok(())
}

/// Whether nothing runs on a connection that comes back. One that is busy is closed.
async fn is_idle(connection: &mut PgConnection) -> bool {
    matches!(tokio::time::timeout(STILL_BUSY, connection.ping()).await, Ok(Ok(())))
}

fn options(url: &SecretString, connections: u32, wait: Duration) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.expose_secret());
    options.max_connections(connections).min_connections(1).acquire_timeout(wait).sqlx_logging(false);
    options
}

fn counted(mut connection: DatabaseConnection, statements: &Arc<AtomicU64>) -> DatabaseConnection {
    let statements = Arc::clone(statements);
    connection.set_metric_callback(move |_| {
        statements.fetch_add(1, Ordering::Relaxed);
    });
    connection
}
