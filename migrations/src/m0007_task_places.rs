//! Where a task belongs: its project, its parent, who is to do it. And the scope of a change: whose log it is in.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let uuid = uuid(manager);
        run(
            manager,
            &[
                format!("ALTER TABLE tasks ADD COLUMN project_id {uuid} NULL REFERENCES projects (id)"),
                format!("ALTER TABLE tasks ADD COLUMN parent_id {uuid} NULL REFERENCES tasks (id) ON DELETE SET NULL"),
                format!("ALTER TABLE tasks ADD COLUMN assignee_id {uuid} NULL REFERENCES users (id)"),
                // The task whose deletion took this one along, so that restoring it brings back the same ones.
                format!("ALTER TABLE tasks ADD COLUMN deleted_with {uuid} NULL"),
                // A project, or the user whom alone it concerns.
                format!("ALTER TABLE task_changes ADD COLUMN scope_id {uuid} NULL"),
            ],
        )
        .await?;
        run(manager, UP).await?;
        run(manager, if is_postgres(manager) { POSTGRES_UP } else { &[] }).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, if is_postgres(manager) { POSTGRES_DOWN } else { &[] }).await?;
        run(manager, DOWN).await
    }
}

/// A list takes the first tasks of each project from an index in its order, as it does with the viewer's own. These indexes are
/// as large as the shared tasks, and the subtasks: most tasks are neither.
const UP: &[&str] = &[
    "CREATE INDEX tasks_of_project_by_created_at ON tasks (project_id, created_at, id)
         WHERE deleted_at IS NULL AND project_id IS NOT NULL",
    "CREATE INDEX tasks_of_project_by_updated_at ON tasks (project_id, updated_at, id)
         WHERE deleted_at IS NULL AND project_id IS NOT NULL",
    "CREATE INDEX tasks_of_project_by_due_at ON tasks (project_id, (due_at IS NULL), due_at, id)
         WHERE deleted_at IS NULL AND project_id IS NOT NULL",
    "CREATE INDEX tasks_of_project_by_due_at_descending ON tasks (project_id, (due_at IS NULL), due_at DESC, id DESC)
         WHERE deleted_at IS NULL AND project_id IS NOT NULL",
    "CREATE INDEX tasks_of_project_by_priority ON tasks (project_id, priority, id)
         WHERE deleted_at IS NULL AND project_id IS NOT NULL",
    "CREATE INDEX tasks_of_project_by_title ON tasks (project_id, title_key, id)
         WHERE deleted_at IS NULL AND project_id IS NOT NULL",
    // The trash of a project, and all of its tasks, for those who join or leave it.
    "CREATE INDEX tasks_of_project_by_deletion ON tasks (project_id, deleted_at) WHERE project_id IS NOT NULL",
    "CREATE INDEX tasks_of_parent ON tasks (parent_id, created_at, id) WHERE parent_id IS NOT NULL",
    "CREATE INDEX tasks_of_assignee ON tasks (assignee_id, project_id) WHERE assignee_id IS NOT NULL",
    "CREATE INDEX tasks_to_purge ON tasks (deleted_at) WHERE deleted_at IS NOT NULL",
    "UPDATE task_changes SET scope_id = (SELECT created_by FROM tasks WHERE tasks.id = task_changes.task_id)",
    "CREATE INDEX task_changes_of_scope ON task_changes (scope_id, sequence)",
    "CREATE INDEX task_changes_by_age ON task_changes (occurred_at)",
    // What has been removed from the log: its last entry.
    "CREATE TABLE task_changes_pruned (through bigint NOT NULL)",
    "INSERT INTO task_changes_pruned (through) VALUES (0)",
];

const DOWN: &[&str] = &[
    "DROP TABLE task_changes_pruned",
    "DROP INDEX task_changes_by_age",
    "DROP INDEX task_changes_of_scope",
    "ALTER TABLE task_changes DROP COLUMN scope_id",
    "DROP INDEX tasks_to_purge",
    "DROP INDEX tasks_of_assignee",
    "DROP INDEX tasks_of_parent",
    "DROP INDEX tasks_of_project_by_deletion",
    "DROP INDEX tasks_of_project_by_title",
    "DROP INDEX tasks_of_project_by_priority",
    "DROP INDEX tasks_of_project_by_due_at_descending",
    "DROP INDEX tasks_of_project_by_due_at",
    "DROP INDEX tasks_of_project_by_updated_at",
    "DROP INDEX tasks_of_project_by_created_at",
    "ALTER TABLE tasks DROP COLUMN deleted_with",
    "ALTER TABLE tasks DROP COLUMN assignee_id",
    "ALTER TABLE tasks DROP COLUMN parent_id",
    "ALTER TABLE tasks DROP COLUMN project_id",
];

/// Entries are numbered when they are inserted and seen when they are committed. A transaction that writes entries keeps
/// others from it until it ends, so that both are in one order; SQLite has one writer anyway.
const POSTGRES_UP: &[&str] = &[
    "CREATE FUNCTION lock_task_changes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         PERFORM pg_advisory_xact_lock('task_changes'::regclass::oid::bigint);
         RETURN NULL;
     END $$",
    "CREATE TRIGGER task_changes_in_order BEFORE INSERT ON task_changes
         FOR EACH STATEMENT EXECUTE FUNCTION lock_task_changes()",
];

const POSTGRES_DOWN: &[&str] =
    &["DROP TRIGGER task_changes_in_order ON task_changes", "DROP FUNCTION lock_task_changes"];

/// The type of an id, as the builder of tables spells it for this engine.
fn uuid(manager: &SchemaManager) -> &'static str {
    if is_postgres(manager) { "uuid" } else { "uuid_text" }
}

fn is_postgres(manager: &SchemaManager) -> bool {
    manager.get_database_backend() == DbBackend::Postgres
}

async fn run(manager: &SchemaManager<'_>, statements: &[impl AsRef<str>]) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement.as_ref()).await?;
    }
    Ok(())
}
