//! What fills a stage: the same proportions however many tasks there are.

use sea_orm::{ConnectionTrait, Database, DbBackend};

/// Rows that one statement makes out of the numbers `n` below `count`. `[1]` is the id of the number 1.
struct Rows {
    count: u32,
    insert: &'static str,
}

/// Five thousand users, each in two of as many projects; user 0 is in twenty.
pub(super) async fn add_people(url: &str) {
    add(url, &PEOPLE).await;
}

/// So many tasks and what is about them, on PostgreSQL, which then looks at how much there is of what.
pub(super) async fn add_tasks(url: &str, count: u32) {
    add(url, &ACCOUNTS).await;
    add(url, &about_tasks(count)).await;
    Database::connect(url).await.unwrap().execute_unprepared("ANALYZE").await.unwrap();
}

/// On a connection of its own, which takes as long as it needs: those of a store are bounded.
async fn add(url: &str, rows: &[Rows]) {
    let database = Database::connect(url).await.unwrap();
    let (open, close) = match database.get_database_backend() {
        DbBackend::Postgres => ("lpad(to_hex(", "), 32, '0')::uuid"),
        _ => ("unhex(printf('%032x', ", "))"),
    };
    for Rows { count, insert } in rows {
        let insert = insert.replace('[', open).replace(']', close);
        let numbers = format!("SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count} - 1");
        let statement = format!("WITH RECURSIVE numbers (n) AS ({numbers}) {insert} FROM numbers");
        database.execute_unprepared(&statement).await.unwrap();
    }
    database.close().await.unwrap();
}

const PEOPLE: [Rows; 3] = [
    Rows {
        count: 5_000,
        insert: "INSERT INTO users (id, username, password_hash, created_at) SELECT [n], 'user' || n, '', 0",
    },
    Rows {
        count: 5_000,
        insert: "INSERT INTO projects (id, name, name_key, description, created_at, updated_at)
            SELECT [1000000 + n], n, n,
                replace('..................................................', '.', 'Some words. '), 0, 0",
    },
    Rows {
        count: 10_000,
        insert: "INSERT INTO project_members (project_id, user_id, role, joined_at, joined_after)
            SELECT DISTINCT [1000000 + n % 5000], [CASE WHEN n < 20 THEN 0 ELSE n * 7 % 5000 END], 2, 0, 0",
    },
];

/// Labels, of which user 0 has a hundred, and what people are logged in with.
const ACCOUNTS: [Rows; 3] = [
    Rows {
        count: 20_000,
        insert: "INSERT INTO labels (id, user_id, name, name_key, color, created_at)
            SELECT [n], [CASE WHEN n < 100 THEN 0 ELSE n % 5000 END], n, n, '#ffffff', 0",
    },
    Rows {
        count: 10_000,
        insert: "INSERT INTO sessions (id, user_id, refresh_hash, rotated_at, created_at, last_used_at, expires_at)
            SELECT [n], [n % 5000], '', 0, 0, 0, 9",
    },
    Rows {
        count: 10_000,
        insert: "INSERT INTO api_tokens (id, user_id, name, scopes, secret_hash, last_four, created_at)
            SELECT [n], [n % 5000], '', 1, n::text::bytea, '', 0",
    },
];

/// User 0 made a fiftieth of the tasks; a tenth are subtasks, and most are private. With labels and comments on half of them,
/// and a change of each second one.
const fn about_tasks(count: u32) -> [Rows; 4] {
    [
        Rows {
            count,
            insert: "INSERT INTO tasks (id, created_by, title, title_key, description, words, priority, due_at,
                    completed_at, created_at, updated_at, deleted_at, version, project_id, parent_id, assignee_id)
                SELECT [2000000 + n], [CASE WHEN n % 50 = 0 THEN 0 ELSE n % 5000 END], 'Task ' || n, 'task ' || n,
                    repeat('Some words of a task. ', 10),
                    'task ' || n || CASE n % 500 WHEN 0 THEN ' milk' ELSE '' END, n % 5,
                    CASE WHEN n % 3 = 0 THEN n END, CASE WHEN n % 2 = 0 THEN n END, n, n,
                    CASE WHEN n % 7 = 0 THEN n END, 1, CASE WHEN n % 3 = 0 THEN [1000000 + n / 3 % 200] END,
                    CASE WHEN n % 10 = 1 THEN [2000000 + n - 1] END, CASE WHEN n % 5 = 0 THEN [n % 5000] END",
        },
        Rows {
            count: count / 2,
            insert: "INSERT INTO task_labels (task_id, label_id)
                SELECT [2000000 + n * 2], [CASE WHEN n % 5 = 0 THEN n % 100 ELSE n % 20000 END]",
        },
        Rows {
            count: count / 2,
            insert: "INSERT INTO comments (id, task_id, author_id, body, created_at, updated_at)
                SELECT [n], [2000000 + n * 2], [n % 5000], 'Some words.', n, n",
        },
        Rows {
            count: count / 2,
            insert: "INSERT INTO task_changes (task_id, kind, version, actor_id, occurred_at, scope_id)
                SELECT [2000000 + n * 2], 1, 1, [n % 5000], n,
                    [CASE n % 3 WHEN 0 THEN 1000000 + n % 200 ELSE n % 5000 END]",
        },
    ]
}
