//! A database of its own for each test, on the engine that the environment names.

use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::ConnectionTrait;
use secrecy::SecretString;
use tempfile::TempDir;

/// The environment variable that holds the URL of a PostgreSQL database whose user may make schemas.
const POSTGRES: &str = "TASKWARD_TEST_POSTGRES";

/// A database that nobody else uses.
pub(crate) enum Database {
    /// A file in a folder that goes with it.
    Sqlite(TempDir),
    /// A schema of the database that the environment names. It stays there: the server is made for tests.
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

/// A schema of the server's database is as good as a database of its own, and PostgreSQL makes one in a hundredth of the
/// time.
async fn create_postgres(server: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("taskward_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let connection = sea_orm::Database::connect(server).await.unwrap();
    connection.execute_unprepared(&format!("CREATE SCHEMA {name}")).await.unwrap();
    connection.close().await.unwrap();
    let separator = if server.contains('?') { '&' } else { '?' };
    format!("{server}{separator}options[search_path]={name}")
}
