//! What can go wrong with the database. The text is for the log; no client ever sees it.

use std::io::ErrorKind;

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlErr, sqlx};

/// A result of this room.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed read or write.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// A value that must be unique is taken.
    #[error("a unique value is taken")]
    Taken(#[source] DbErr),
    /// A statement took longer than `timeouts.statement_seconds`, the wait for a connection or a lock included.
    #[error("the database took too long")]
    Timeout(#[source] DbErr),
    /// Anything else.
    #[error(transparent)]
    Database(DbErr),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
            Self::Taken(error)
        } else if is_timeout(&error) {
            Self::Timeout(error)
        } else {
            Self::Database(error)
        }
    }
}

/// `57014` is `query_canceled`, PostgreSQL's word for a statement timeout, and `40P01` a deadlock, of which one transaction
/// has to make way and may be tried again; `9` is SQLite's `SQLITE_INTERRUPT`, and the others its kinds of `SQLITE_BUSY`
/// (<https://www.sqlite.org/rescode.html>).
fn is_timeout(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => true,
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            match cause.as_ref() {
                sqlx::Error::PoolTimedOut => true,
                sqlx::Error::Io(cause) => cause.kind() == ErrorKind::TimedOut,
                sqlx::Error::Database(cause) => {
                    matches!(cause.code().as_deref(), Some("57014" | "40P01" | "9" | "5" | "261" | "517" | "773"))
                }
                _ => false,
            }
        }
        _ => false,
    }
}
