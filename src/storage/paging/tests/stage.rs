//! Databases whose statements are caught and explained.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use secrecy::SecretString;
use tempfile::TempDir;
use uuid::Uuid;

use super::rows;
use crate::config::{Database, environment};
use crate::ids::{LabelId, ProjectId, TaskId, UserId};
use crate::storage::{Store, Transaction, change, task, user};

/// A database with the schema of the server, and with people and their projects.
pub(in crate::storage) struct Stage {
    pub(in crate::storage) store: Store,
    url: String,
    sent: Arc<Mutex<Vec<Statement>>>,
    _folder: TempDir,
}

/// A statement, and what sends it.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) statement: Statement,
    /// Whether nothing is sorted but the page itself.
    pub(super) is_ordered: bool,
}

/// Who asks; they have more of everything than others.
pub(super) const USER: UserId = UserId::from_uuid(Uuid::from_u128(0));

/// A project of theirs.
pub(super) const PROJECT: ProjectId = ProjectId::from_uuid(Uuid::from_u128(1_000_000));

/// A task of theirs.
pub(super) const TASK: TaskId = TaskId::from_uuid(Uuid::from_u128(2_000_000));

/// A label of theirs.
pub(super) const LABEL: LabelId = LabelId::from_uuid(Uuid::from_u128(0));

impl Stage {
    pub(in crate::storage) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("plans.db").display());
        Self::open(url, folder).await
    }

    /// A new schema on the server that the environment names, if it names one. It stays there: the server is made for tests.
    pub(super) async fn postgres() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let (_, server) = environment().find(|(name, url)| name == "TASKWARD_TEST_POSTGRES" && !url.is_empty())?;
        let server = server.into_string().unwrap();
        let name = format!("taskward_plans_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let database = sea_orm::Database::connect(&server).await.unwrap();
        database.execute_unprepared(&format!("CREATE SCHEMA {name}")).await.unwrap();
        database.close().await.unwrap();
        let url = format!("{server}?options[search_path]={name}");
        Some(Self::open(url, tempfile::tempdir().unwrap()).await)
    }

    async fn open(url: String, folder: TempDir) -> Self {
        let settings = Database { url: SecretString::from(url.clone()), ..Database::default() };
        let mut store = Store::connect(&settings, Duration::from_mins(1)).await.unwrap();
        store.migrate_up().await.unwrap();
        rows::add_people(&url).await;
        let sent = Arc::<Mutex<Vec<_>>>::default();
        for connection in [&mut store.reader, &mut store.writer] {
            let sent = Arc::clone(&sent);
            connection.set_metric_callback(move |info| sent.lock().unwrap().push(info.statement.clone()));
        }
        Self { store, url, sent, _folder: folder }
    }

    /// Makes so many tasks and everything else on PostgreSQL, whose plans depend on how much there is of what; those of
    /// SQLite don't, unless somebody has run `ANALYZE`. It comes after the statements are caught: running them takes no time
    /// while there is nothing.
    pub(super) async fn fill(&self, tasks: u32) {
        rows::add_tasks(&self.url, tasks).await;
    }

    pub(super) fn engine(&self) -> DbBackend {
        self.store.reader.get_database_backend()
    }

    /// The statements that `read` sends.
    pub(super) async fn catch<T>(
        &self,
        name: &str,
        read: impl Future<Output = crate::storage::Result<T>>,
    ) -> Vec<Case> {
        self.sent.lock().unwrap().clear();
        read.await.unwrap();
        let sent = std::mem::take(&mut *self.sent.lock().unwrap());
        assert!(!sent.is_empty(), "{name} sends nothing");
        sent.into_iter().map(|statement| Case { name: name.to_owned(), statement, is_ordered: false }).collect()
    }

    /// The steps of a plan.
    pub(in crate::storage) async fn plan(&self, statement: &Statement) -> Vec<String> {
        let (prefix, column) = match self.engine() {
            DbBackend::Postgres => ("EXPLAIN", "QUERY PLAN"),
            _ => ("EXPLAIN QUERY PLAN", "detail"),
        };
        let explain = Statement { sql: format!("{prefix} {}", statement.sql), ..statement.clone() };
        let steps = DatabaseConnection::query_all_raw(&self.store.reader, explain).await.unwrap();
        steps.iter().map(|step| step.try_get("", column).unwrap()).collect()
    }
}

/// A task in the trash and a change, for without any nothing is removed.
pub(super) async fn leave_old(transaction: &Transaction) {
    let user = user::Model {
        id: Uuid::max(),
        username: String::from("old"),
        password_hash: String::new(),
        created_at: 0,
        disabled_at: None,
    };
    user::insert(transaction, user).await.unwrap();
    let task = old_task();
    let actor_id = UserId::from_uuid(task.created_by);
    let change = change::NewChange {
        task_id: TaskId::from_uuid(task.id),
        kind: change::Kind::Deleted,
        version: task.version,
        actor_id,
        occurred_at: 0,
        scope: change::Scope::User(actor_id),
        left: None,
    };
    task::insert(transaction, task).await.unwrap();
    change::insert(transaction, &[change]).await.unwrap();
}

fn old_task() -> task::Model {
    task::Model {
        id: Uuid::max(),
        created_by: Uuid::max(),
        title: String::new(),
        title_key: String::new(),
        description: String::new(),
        words: String::new(),
        priority: 0,
        due_at: None,
        completed_at: None,
        created_at: 0,
        updated_at: 0,
        deleted_at: Some(0),
        version: 1,
        project_id: None,
        parent_id: None,
        assignee_id: None,
        deleted_with: None,
        creation_hash: None,
    }
}
