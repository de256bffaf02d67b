//! What people say about a task.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(comments()).await?;
        manager
            .create_index(
                Index::create()
                    .name("comments_of_task")
                    .table("comments")
                    .col("task_id")
                    .col("created_at")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("comments_of_author").table("comments").col("author_id").col("id").to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("comments").to_owned()).await
    }
}

fn comments() -> TableCreateStatement {
    Table::create()
        .table("comments")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("task_id").uuid().not_null())
        .col(ColumnDef::new("author_id").uuid().not_null())
        .col(ColumnDef::new("body").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("updated_at").big_integer().not_null())
        .foreign_key(
            ForeignKey::create()
                .name("comments_task_id_fkey")
                .from("comments", "task_id")
                .to("tasks", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .name("comments_author_id_fkey")
                .from("comments", "author_id")
                .to("users", "id")
                .on_delete(ForeignKeyAction::Restrict),
        )
        .to_owned()
}
