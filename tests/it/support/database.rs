//! A database of its own for each test, on the engine that the environment names.

use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::ConnectionTrait;
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// The environment variable that holds the URL of a PostgreSQL server whose user may make databases.
const POSTGRES: &str = "TASKWARD_TEST_POSTGRES";

/// A database that nobody else uses.
pub(crate) enum Database {
    /// A file in a folder that goes with it.
    Sqlite(TempDir),
    /// A database of the server that the environment names. It stays there: the server is made for tests.
    Postgres(String),
}

impl Database {
    /// A new and empty one.
    pub(crate) async fn create() -> Self {
        match server() {
            None => Self::Sqlite(tempfile::tempdir().unwrap()),
            Some(server) => Self::Postgres(create_postgres(&server).await),
        }
    }

    /// What `database.url` is set to.
    pub(crate) fn url(&self) -> SecretString {
        SecretString::from(match self {
            Self::Sqlite(folder) => format!("sqlite://{}", folder.path().join("taskward.db").display()),
            Self::Postgres(url) => url.clone(),
        })
    }

    /// Whether the tests run on PostgreSQL.
    pub(crate) fn is_postgres() -> bool {
        server().is_some()
    }

    /// The same database once more.
    pub(crate) fn connection_url(&self) -> String {
        secrecy::ExposeSecret::expose_secret(&self.url()).to_owned()
    }
}

#[expect(clippy::disallowed_methods, reason = "tests have no configuration to read it from")]
fn server() -> Option<String> {
    std::env::var(POSTGRES).ok().filter(|url| !url.is_empty())
}

/// Making a database copies a template, which PostgreSQL does for one at a time.
async fn create_postgres(server: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    static TURN: OnceCell<tokio::sync::Mutex<()>> = OnceCell::const_new();
    let turn = TURN.get_or_init(async || tokio::sync::Mutex::new(())).await;
    let name = format!("taskward_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let _turn = turn.lock().await;
    let connection = sea_orm::Database::connect(server).await.unwrap();
    connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    connection.close().await.unwrap();
    with_database(server, &name)
}

/// `server` with the path replaced by `name`: `postgres://user@host/postgres?options` becomes `postgres://user@host/name?options`.
fn with_database(server: &str, name: &str) -> String {
    let (address, query) = server.split_once('?').map_or((server, None), |(address, query)| (address, Some(query)));
    let (scheme, rest) = address.split_once("://").unwrap();
    let authority = rest.split_once('/').map_or(rest, |(authority, _)| authority);
    query.map_or_else(
        || format!("{scheme}://{authority}/{name}"),
        |query| format!("{scheme}://{authority}/{name}?{query}"),
    )
}
