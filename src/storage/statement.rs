//! Statements: none runs longer than its limit, and none runs on when nobody waits for it any more.
//!
//! *Attack.* A slow query, sent again and again by clients that hang up at once: each would keep a connection busy to its
//! end, and soon there is none left for anybody.
//! *Setting.* `timeouts.statement_seconds`, the wait for a connection included.
//! *Answer.* `TIMEOUT`; the statement is stopped and its connection serves the next.
//! *Test.* `tests/it/statement_limits.rs`
//!
//! Dropping the future of a statement stops nothing by itself: the thread of an SQLite connection and the server of
//! PostgreSQL run it to its end, and its connection is not free before. So whoever runs a statement holds a [`Lease`], and
//! what runs it asks whether the lease still stands: SQLite every so many steps ([`Lease::current`]), the pool of
//! PostgreSQL when a connection comes back ([`Abandoned`]).

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement, sqlx,
};

tokio::task_local! {
    /// The lease of the statement that is being polled, for the pool that it takes a connection from.
    static LEASE: Lease;
}

/// What bounds the statements of a store.
#[derive(Debug, Clone)]
pub(super) struct Limit {
    timeout: Duration,
    abandoned: Abandoned,
}

/// The right to keep a connection busy, until it is given up.
#[derive(Debug, Clone, Default)]
pub(super) struct Lease {
    given_up: Arc<AtomicBool>,
}

/// How many of the connections that come back next may still be busy with a statement that was given up. Which ones is
/// known to nobody, so after each such statement it is as many as the pool has.
#[derive(Debug, Clone)]
pub(super) struct Abandoned {
    suspects: Arc<AtomicUsize>,
    connections: usize,
}

/// Where a statement goes, bounded by the limit of the store.
#[derive(Debug)]
pub struct Executor<'a> {
    target: DatabaseExecutor<'a>,
    limit: &'a Limit,
    /// That of the transaction. Outside of one, each statement has its own.
    lease: Option<&'a Lease>,
}

impl Limit {
    pub(super) const fn new(timeout: Duration, abandoned: Abandoned) -> Self {
        Self { timeout, abandoned }
    }

    /// What `statement` answers, if it does so in time. Its lease is given up when it does not, and when this is dropped
    /// before it has.
    pub(super) async fn run<T>(
        &self,
        lease: &Lease,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let mut statement = pin!(LEASE.scope(lease.clone(), statement));
        // After the statement, and so dropped before it: when the connection comes back, the lease is given up already.
        let mut unfinished = Unfinished(Some((lease, &self.abandoned)));
        let outcome = tokio::time::timeout(self.timeout, statement.as_mut()).await;
        let outcome = outcome.map_err(|_elapsed| timed_out())?;
        unfinished.0 = None;
        outcome
    }
}

impl Lease {
    /// The lease of the statement that takes a connection here and now. What runs without a limit, as migrations do, has
    /// one that is never given up.
    pub(super) fn current() -> Self {
        LEASE.try_with(Self::clone).unwrap_or_default()
    }

    /// Whether nobody waits any more.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }
}

impl Abandoned {
    /// None yet, in a pool of so many connections.
    pub(super) fn of(connections: u32) -> Self {
        Self { suspects: Arc::default(), connections: usize::try_from(connections).unwrap_or(usize::MAX) }
    }

    /// Whether the connection that comes back may be busy.
    pub(super) fn suspect(&self) -> bool {
        self.suspects.fetch_update(Ordering::AcqRel, Ordering::Acquire, |suspects| suspects.checked_sub(1)).is_ok()
    }
}

/// A statement that has not answered yet.
struct Unfinished<'a>(Option<(&'a Lease, &'a Abandoned)>);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if let Some((lease, abandoned)) = self.0 {
            lease.given_up.store(true, Ordering::Relaxed);
            abandoned.suspects.store(abandoned.connections, Ordering::Release);
        }
    }
}

fn timed_out() -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(sqlx::Error::Io(io::ErrorKind::TimedOut.into()))))
}

impl<'a> Executor<'a> {
    pub(super) const fn new(target: DatabaseExecutor<'a>, limit: &'a Limit, lease: Option<&'a Lease>) -> Self {
        Self { target, limit, lease }
    }

    async fn run<T>(&self, statement: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        match self.lease {
            Some(lease) => self.limit.run(lease, statement).await,
            None => self.limit.run(&Lease::default(), statement).await,
        }
    }
}

#[async_trait]
impl ConnectionTrait for Executor<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.target.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.run(self.target.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.run(self.target.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.run(self.target.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.run(self.target.query_all_raw(statement)).await
    }
}
