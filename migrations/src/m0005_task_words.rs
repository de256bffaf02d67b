//! The full-text index over `tasks.words`, which the server fills with folded words separated by single spaces. Both
//! engines only split at those spaces, so they agree on what a word is in every script.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, if is_postgres(manager) { POSTGRES_UP } else { SQLITE_UP }).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, if is_postgres(manager) { POSTGRES_DOWN } else { SQLITE_DOWN }).await
    }
}

const POSTGRES_UP: &[&str] = &[
    "ALTER TABLE tasks ADD COLUMN words_vector tsvector
         GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED",
    "CREATE INDEX tasks_by_words ON tasks USING gin (words_vector)",
];

const POSTGRES_DOWN: &[&str] = &["DROP INDEX tasks_by_words", "ALTER TABLE tasks DROP COLUMN words_vector"];

/// An external-content index (<https://www.sqlite.org/fts5.html#external_content_tables>): the words stay in `tasks`, and
/// triggers keep the index true. The `ascii` tokenizer takes everything beyond ASCII as part of a word.
const SQLITE_UP: &[&str] = &[
    "CREATE VIRTUAL TABLE task_words USING fts5
         (words, content = 'tasks', content_rowid = 'row_number', tokenize = 'ascii')",
    "CREATE TRIGGER task_words_insert AFTER INSERT ON tasks BEGIN
         INSERT INTO task_words (rowid, words) VALUES (new.row_number, new.words);
     END",
    "CREATE TRIGGER task_words_delete AFTER DELETE ON tasks BEGIN
         INSERT INTO task_words (task_words, rowid, words) VALUES ('delete', old.row_number, old.words);
     END",
    "CREATE TRIGGER task_words_update AFTER UPDATE OF words ON tasks WHEN old.words <> new.words BEGIN
         INSERT INTO task_words (task_words, rowid, words) VALUES ('delete', old.row_number, old.words);
         INSERT INTO task_words (rowid, words) VALUES (new.row_number, new.words);
     END",
    "INSERT INTO task_words (task_words) VALUES ('rebuild')",
];

const SQLITE_DOWN: &[&str] = &[
    "DROP TRIGGER task_words_update",
    "DROP TRIGGER task_words_delete",
    "DROP TRIGGER task_words_insert",
    "DROP TABLE task_words",
];

fn is_postgres(manager: &SchemaManager) -> bool {
    manager.get_database_backend() == DbBackend::Postgres
}

async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}
