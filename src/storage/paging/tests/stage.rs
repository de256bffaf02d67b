//! Databases whose statements are caught and explained.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use secrecy::SecretString;
use tempfile::TempDir;
use uuid::Uuid;

use crate::config::{Database, environment};
use crate::ids::{LabelId, ProjectId, TaskId, UserId};
use crate::storage::{Store, Transaction, change, task, user};

/// A database with the schema of the server, and with people and their projects on PostgreSQL.
pub(in crate::storage) struct Stage {
    pub(super) store: Store,
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

/// Who asks; on PostgreSQL they have more of everything than others.
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
        let (_, server) = environment().find(|(name, url)| name == "TASKWARD_TEST_POSTGRES" && !url.is_empty())?;
        let server = server.into_string().unwrap();
        let name = format!("taskward_plans_{}", std::process::id());
        let database = sea_orm::Database::connect(&server).await.unwrap();
        database.execute_unprepared(&format!("CREATE SCHEMA {name}")).await.unwrap();
        database.close().await.unwrap();
        let url = format!("{server}?options[search_path]={name}");
        let stage = Self::open(url, tempfile::tempdir().unwrap()).await;
        stage.run(&PEOPLE).await;
        Some(stage)
    }

    async fn open(url: String, folder: TempDir) -> Self {
        let settings = Database { url: SecretString::from(url), ..Database::default() };
        let mut store = Store::connect(&settings, Duration::from_mins(1)).await.unwrap();
        store.migrate_up().await.unwrap();
        let sent = Arc::<Mutex<Vec<_>>>::default();
        for connection in [&mut store.reader, &mut store.writer] {
            let sent = Arc::clone(&sent);
            connection.set_metric_callback(move |info| sent.lock().unwrap().push(info.statement.clone()));
        }
        Self { store, sent, _folder: folder }
    }

    /// Makes everything else on PostgreSQL, whose plans depend on how much there is of what. It comes after the statements are
    /// caught: running them takes no time while there is nothing.
    pub(super) async fn fill(&self) {
        self.run(&THINGS).await;
    }

    async fn run(&self, statements: &[&str]) {
        for statement in statements {
            self.store.writer.execute_unprepared(statement).await.unwrap();
        }
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

/// Five thousand users, each in two of as many projects; the user is in twenty.
const PEOPLE: [&str; 4] = [
    "CREATE FUNCTION id (number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
         RETURN lpad(to_hex(number), 32, '0')::uuid",
    "INSERT INTO users (id, username, password_hash, created_at)
         SELECT id(n), 'user' || n, '', 0 FROM generate_series(0, 4999) n",
    "INSERT INTO projects (id, name, name_key, description, created_at, updated_at)
         SELECT id(1000000 + n), n, n, repeat('Some words. ', 50), 0, 0 FROM generate_series(0, 4999) n",
    "INSERT INTO project_members (project_id, user_id, role, joined_at, joined_after)
         SELECT DISTINCT id(1000000 + n % 5000), id(CASE WHEN n < 20 THEN 0 ELSE n * 7 % 5000 END), 2, 0, 0
         FROM generate_series(0, 9999) n",
];

/// Fifty thousand tasks, of which the user made a thousand; a tenth are subtasks, and most are private. With labels and
/// comments on half of them, and a change of each second one.
const THINGS: [&str; 8] = [
    "INSERT INTO tasks (id, created_by, title, title_key, description, words, priority, due_at, completed_at, created_at,
             updated_at, deleted_at, version, project_id, parent_id, assignee_id)
         SELECT id(2000000 + n), id(CASE WHEN n % 50 = 0 THEN 0 ELSE n % 5000 END), 'Task ' || n, 'task ' || n,
             repeat('Some words of a task. ', 10), 'task ' || n || CASE n % 500 WHEN 0 THEN ' milk' ELSE '' END, n % 5,
             CASE WHEN n % 3 = 0 THEN n END, CASE WHEN n % 2 = 0 THEN n END, n, n,
             CASE WHEN n % 7 = 0 THEN n END, 1, CASE WHEN n % 3 = 0 THEN id(1000000 + n / 3 % 200) END,
             CASE WHEN n % 10 = 1 THEN id(2000000 + n - 1) END, CASE WHEN n % 5 = 0 THEN id(n % 5000) END
         FROM generate_series(0, 49999) n",
    "INSERT INTO labels (id, user_id, name, name_key, color, created_at)
         SELECT id(n), id(CASE WHEN n < 100 THEN 0 ELSE n % 5000 END), n, n, '#ffffff', 0
         FROM generate_series(0, 19999) n",
    "INSERT INTO task_labels (task_id, label_id)
         SELECT id(2000000 + n * 2), id(CASE WHEN n % 5 = 0 THEN n % 100 ELSE n % 20000 END)
         FROM generate_series(0, 24999) n",
    "INSERT INTO comments (id, task_id, author_id, body, created_at, updated_at)
         SELECT id(n), id(2000000 + n * 2), id(n % 5000), 'Some words.', n, n FROM generate_series(0, 24999) n",
    "INSERT INTO task_changes (task_id, kind, version, actor_id, occurred_at, scope_id)
         SELECT id(2000000 + n * 2), 1, 1, id(n % 5000), n, id(CASE n % 3 WHEN 0 THEN 1000000 + n % 200 ELSE n % 5000 END)
         FROM generate_series(0, 24999) n",
    "INSERT INTO sessions (id, user_id, refresh_hash, rotated_at, created_at, last_used_at, expires_at)
         SELECT id(n), id(n % 5000), '', 0, 0, 0, 9 FROM generate_series(0, 9999) n",
    "INSERT INTO api_tokens (id, user_id, name, scopes, secret_hash, last_four, created_at)
         SELECT id(n), id(n % 5000), '', 1, n::text::bytea, '', 0 FROM generate_series(0, 9999) n",
    "ANALYZE",
];
