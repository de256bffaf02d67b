//! Rows: entities, finders that are scoped to a caller, writes and transactions. One file per noun.
//!
//! The only room that knows SeaORM. What goes in are plain values; what comes out are rows, which `domain` turns into its
//! own structs. Both engines behave alike, and the same tests run on both.

mod connect;
mod error;
pub mod instant;
mod migrate;
pub mod paging;
mod statement;

pub mod api_token;
pub mod change;
pub mod comment;
pub mod label;
pub mod project;
pub mod session;
pub mod task;
pub mod user;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};

pub use error::{Error, Result};
pub use migrate::AppliedMigration;
pub use statement::Executor;

use crate::bus::{Bus, Topic};

use statement::{Lease, Limit};

/// The database, as a pool of connections. Cheap to clone.
///
/// SQLite has one connection for writing, whose transactions begin immediately, and a pool of readers beside it: a
/// transaction that starts by reading and then wants to write fails at once in SQLite when another has written meanwhile,
/// and no busy timeout helps. PostgreSQL has one pool for both.
#[derive(Debug, Clone)]
pub struct Store {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    limit: Limit,
    statements: Arc<AtomicU64>,
    bus: Arc<dyn Bus>,
}

impl Store {
    /// The same database, whose transactions ring on `bus` when they are committed.
    #[must_use]
    pub fn with_bus(self, bus: Arc<dyn Bus>) -> Self {
        Self { bus, ..self }
    }

    /// Begins a transaction that may write. Dropped without [`Transaction::commit`], it leaves nothing behind.
    pub async fn begin(&self) -> Result<Transaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let lease = Lease::default();
        let handle = self.limit.run(&lease, self.writer.begin_with_options(options)).await?;
        let (limit, bus) = (self.limit.clone(), Arc::clone(&self.bus));
        Ok(Transaction { handle, limit, lease, bus, touched: Mutex::default() })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        let backend = self.reader.get_database_backend();
        self.executor().execute_raw(Statement::from_string(backend, "SELECT 1")).await?;
        Ok(())
    }

    /// Lets PostgreSQL look at how much there is of what, for its plans are bad while it believes that there is next to nothing.
    /// By itself it looks within a minute or two. Tables of another owner it leaves out.
    ///
    /// SQLite gets nothing of the kind: it plans by its indexes, which were made for that, and with statistics it takes somebody
    /// who has many tasks for one of the many who have few, and sorts all of theirs for each page.
    pub async fn refresh_statistics(&self) -> Result<()> {
        let writer = Executor::new(DatabaseExecutor::Connection(&self.writer), &self.limit, None);
        if writer.get_database_backend() == DbBackend::Postgres {
            for table in TABLES {
                writer.execute_unprepared(&format!("ANALYZE {table}")).await?;
            }
        }
        Ok(())
    }

    /// How many statements were sent to the database so far, for tests that count them.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Closes every connection, after those in use are given back.
    pub async fn close(self) -> Result<()> {
        self.reader.close().await?;
        self.writer.close().await?;
        Ok(())
    }
}

/// The tables that grow with what people do.
const TABLES: [&str; 8] =
    ["users", "projects", "project_members", "labels", "tasks", "task_labels", "comments", "task_changes"];

/// A transaction that may write.
#[derive(Debug)]
pub struct Transaction {
    handle: DatabaseTransaction,
    limit: Limit,
    lease: Lease,
    bus: Arc<dyn Bus>,
    touched: Mutex<HashSet<Topic>>,
}

impl Transaction {
    /// Makes everything that was written in it last, and wakes those who wait for it. It has no limit: nobody would know
    /// whether it did.
    pub async fn commit(self) -> Result<()> {
        self.handle.commit().await?;
        let touched = self.touched.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.bus.publish(&touched.into_iter().collect::<Vec<_>>());
        Ok(())
    }

    /// Notes that something of `topic` was written, for those who listen for it. Every function of this room that writes to
    /// the change log or changes what a user may do notes it, so that no use-case can forget to.
    fn note(&self, topic: Topic) {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner).insert(topic);
    }
}

/// How many rows went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted(pub u64);

/// Where a read goes: to the store, which sees what is committed, or to a transaction, which also sees its own writes.
pub trait Source: Sync {
    /// What SeaORM reads from.
    fn executor(&self) -> Executor<'_>;
}

impl Source for Store {
    fn executor(&self) -> Executor<'_> {
        Executor::new(DatabaseExecutor::Connection(&self.reader), &self.limit, None)
    }
}

impl Source for Transaction {
    fn executor(&self) -> Executor<'_> {
        Executor::new(DatabaseExecutor::Transaction(&self.handle), &self.limit, Some(&self.lease))
    }
}
