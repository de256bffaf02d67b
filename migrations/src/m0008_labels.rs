//! Labels of a user, and the tasks that bear them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(labels(manager.get_database_backend())).await?;
        manager
            .create_index(
                Index::create()
                    .name("labels_of_user")
                    .table("labels")
                    .col("user_id")
                    .col("name_key")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager.create_table(task_labels()).await?;
        manager
            .create_index(
                Index::create()
                    .name("task_labels_of_label")
                    .table("task_labels")
                    .col("label_id")
                    .col("task_id")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("task_labels").to_owned()).await?;
        manager.drop_table(Table::drop().table("labels").to_owned()).await
    }
}

fn labels(engine: DbBackend) -> TableCreateStatement {
    Table::create()
        .table("labels")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("name").text().not_null())
        .col(bytewise_text(engine, "name_key"))
        .col(ColumnDef::new("color").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .foreign_key(
            ForeignKey::create()
                .name("labels_user_id_fkey")
                .from("labels", "user_id")
                .to("users", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

/// Removing a task must be cheap, so it takes its labels along by itself; the row of a task is found by its unique id.
fn task_labels() -> TableCreateStatement {
    Table::create()
        .table("task_labels")
        .col(ColumnDef::new("task_id").uuid().not_null())
        .col(ColumnDef::new("label_id").uuid().not_null())
        .primary_key(Index::create().col("task_id").col("label_id"))
        .foreign_key(
            ForeignKey::create()
                .name("task_labels_task_id_fkey")
                .from("task_labels", "task_id")
                .to("tasks", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .name("task_labels_label_id_fkey")
                .from("task_labels", "label_id")
                .to("labels", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

/// A text column that is ordered by its bytes, whatever the locale of the database: the order that SQLite has anyway.
fn bytewise_text(engine: DbBackend, name: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    match engine {
        DbBackend::Postgres => column.custom(r#"text COLLATE "C""#),
        _ => column.text(),
    };
    column.not_null().to_owned()
}
