//! The change log: one row for every change to a task, written with the change. A task that is gone stays in it, so the
//! log refers to tasks by id alone.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("task_changes")
                    .col(ColumnDef::new("sequence").big_integer().not_null().primary_key().auto_increment())
                    .col(ColumnDef::new("task_id").uuid().not_null())
                    .col(ColumnDef::new("kind").small_integer().not_null())
                    .col(ColumnDef::new("version").integer().not_null())
                    .col(ColumnDef::new("actor_id").uuid().null())
                    .col(ColumnDef::new("occurred_at").big_integer().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("task_changes_of_task")
                    .table("task_changes")
                    .col("task_id")
                    .col("sequence")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("task_changes").to_owned()).await
    }
}
