//! The migrations, step by step: each takes back exactly what it made, and what it has no part in stays.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use taskward::storage::AppliedMigration;

use crate::support::TestApp;

/// A database to look into while its schema moves.
struct Bench {
    app: TestApp,
    connection: DatabaseConnection,
}

impl Bench {
    /// All migrations are applied.
    async fn new() -> Self {
        let app = TestApp::new().await;
        let connection = Database::connect(app.database().connection_url()).await.unwrap();
        Self { app, connection }
    }

    async fn up(&self) {
        self.app.app.services.store.migrate_up().await.unwrap();
    }

    async fn down(&self) {
        self.app.app.services.store.migrate_down(1).await.unwrap();
    }

    async fn applied(&self) -> Vec<String> {
        let migrations = self.app.app.services.store.migrations().await.unwrap();
        migrations.into_iter().filter(|migration| migration.applied).map(|migration| migration.name).collect()
    }

    fn is_postgres(&self) -> bool {
        self.connection.get_database_backend() == DbBackend::Postgres
    }

    /// The first column of every row.
    async fn texts(&self, statement: &str) -> Vec<String> {
        let statement = Statement::from_string(self.connection.get_database_backend(), statement);
        let rows = self.connection.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    /// Everything that the schema holds, besides the table that the migrations keep for themselves.
    async fn schema(&self) -> BTreeSet<String> {
        let statements: &[&str] = if self.is_postgres() { &POSTGRES_SCHEMA } else { &SQLITE_SCHEMA };
        let mut schema = BTreeSet::new();
        for statement in statements {
            schema.extend(self.texts(statement).await);
        }
        schema
    }
}

const SQLITE_SCHEMA: [&str; 1] = ["SELECT type || ' ' || name || ': ' || COALESCE(sql, '') FROM sqlite_master
    WHERE tbl_name NOT IN ('seaql_migrations', 'sqlite_sequence')"];

const POSTGRES_SCHEMA: [&str; 5] = [
    "SELECT concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default, collation_name,
         generation_expression) FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name <> 'seaql_migrations'",
    "SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'seaql_migrations'",
    "SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace AND conrelid <> 'seaql_migrations'::regclass",
    "SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT concat_ws(' ', 'object', relkind, relname) FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'seaql_migrations%'",
];

#[tokio::test]
async fn every_step_takes_back_what_it_made() {
    let bench = Bench::new().await;
    let full = bench.schema().await;
    let mut going_down = Vec::new();
    while !bench.applied().await.is_empty() {
        going_down.push((bench.applied().await, bench.schema().await));
        bench.down().await;
    }
    assert_eq!(bench.schema().await, BTreeSet::new(), "nothing is left");
    assert!(going_down.windows(2).all(|steps| steps[0].1 != steps[1].1), "every step changes the schema");
    bench.down().await;
    bench.up().await;
    assert_eq!(bench.schema().await, full, "the same as before");
    // Steps that are taken alone make what they make together with the others.
    for (applied, schema) in going_down.iter().skip(1) {
        while bench.applied().await.len() > applied.len() {
            bench.down().await;
        }
        assert_eq!((&bench.applied().await, &bench.schema().await), (applied, schema));
        bench.up().await;
        assert_eq!(bench.schema().await, full, "up again from {applied:?}");
    }
}

#[tokio::test]
async fn what_a_step_has_no_part_in_stays() {
    let bench = Bench::new().await;
    let ana = bench.app.user("ana").await;
    for title in ["Buy milk", "Paint the shed", "牛乳を買う"] {
        let create = "mutation($title: String!) { createTask(input: { title: $title }) { task { id } } }";
        ana.gql_with(create, serde_json::json!({ "title": title })).await.data();
    }
    let found = async |words: &str| {
        let document = "query($words: String!) { tasks(filter: { search: $words }) { nodes { title } } }";
        let data = ana.gql_with(document, serde_json::json!({ "words": words })).await.data();
        data["tasks"]["nodes"].as_array().unwrap().len()
    };
    let words = ["MILK", "shed paint", "牛乳", "nothing"];
    let before = futures::future::join_all(words.map(&found)).await;
    assert_eq!(before, [1, 1, 1, 0]);

    let tables = [("task_words", "tasks"), ("task_changes", "tasks"), ("tasks", "users"), ("sessions", "users")];
    for (gone, kept) in tables {
        let count = format!("SELECT CAST(COUNT(*) AS text) FROM {kept}");
        let rows = bench.texts(&count).await;
        while bench.applied().await.iter().any(|migration| migration.ends_with(gone)) {
            bench.down().await;
        }
        assert_eq!(bench.texts(&count).await, rows, "{kept} without {gone}");
        bench.up().await;
        assert_eq!(bench.texts(&count).await, rows, "{kept} with a new {gone}");
        if gone == "task_words" {
            assert_eq!(futures::future::join_all(words.map(&found)).await, before, "the words are indexed anew");
        }
    }
}

#[tokio::test]
async fn the_full_text_index_follows_every_change() {
    let bench = Bench::new().await;
    if bench.is_postgres() {
        return; // Its index is a generated column, which can't differ.
    }
    let ana = bench.app.user("ana").await;
    let check = async || {
        // Fails unless the index holds exactly the words of the tasks.
        bench
            .connection
            .execute_unprepared("INSERT INTO task_words (task_words, rank) VALUES ('integrity-check', 1)")
            .await
    };
    let create = r#"mutation { createTask(input: { title: "Buy milk" }) { task { id } } }"#;
    let id = ana.gql(create).await.data()["createTask"]["task"]["id"].as_str().unwrap().to_owned();
    check().await.unwrap();
    for change in [r#"title: "Buy bread""#, r#"description: "and butter""#, "priority: HIGH", "completed: true"] {
        ana.gql(&format!(r#"mutation {{ updateTask(input: {{ id: "{id}", {change} }}) {{ task {{ id }} }} }}"#))
            .await
            .data();
        check().await.unwrap();
    }
    for mutation in ["deleteTask", "restoreTask"] {
        ana.gql(&format!(r#"mutation {{ {mutation}(input: {{ id: "{id}" }}) {{ task {{ id }} }} }}"#)).await.data();
        check().await.unwrap();
    }
    bench.connection.execute_unprepared("DELETE FROM tasks").await.unwrap();
    check().await.unwrap();
    // The check itself could fail.
    bench.connection.execute_unprepared("DROP TRIGGER task_words_insert").await.unwrap();
    ana.gql(create).await.data();
    check().await.unwrap_err();
}

#[tokio::test]
async fn the_list_of_migrations_is_in_order_and_each_is_applied_once() {
    let bench = Bench::new().await;
    bench.up().await;
    let migrations: Vec<AppliedMigration> = bench.app.app.services.store.migrations().await.unwrap();
    assert!(migrations.iter().all(|migration| migration.applied));
    let names: Vec<String> = migrations.into_iter().map(|migration| migration.name).collect();
    assert!(names.is_sorted(), "{names:?}");
    assert_eq!(bench.texts("SELECT version FROM seaql_migrations ORDER BY version").await, names);
}
