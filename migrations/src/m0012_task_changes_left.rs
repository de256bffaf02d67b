//! Which project a task left with a change: who follows that project alone reads it there, whosever log the change is in.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let uuid = match manager.get_database_backend() {
            DbBackend::Postgres => "uuid",
            _ => "uuid_text",
        };
        let column = format!("ALTER TABLE task_changes ADD COLUMN left_project_id {uuid} NULL");
        let connection = manager.get_connection();
        connection.execute_unprepared(&column).await?;
        connection.execute_unprepared(INDEX).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared("DROP INDEX task_changes_left").await?;
        connection.execute_unprepared("ALTER TABLE task_changes DROP COLUMN left_project_id").await?;
        Ok(())
    }
}

/// Few changes are in it: most tasks stay where they are.
const INDEX: &str = "CREATE INDEX task_changes_left ON task_changes (left_project_id, scope_id, sequence)
    WHERE left_project_id IS NOT NULL";
