//! Projects, and who shares them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(projects(manager.get_database_backend())).await?;
        manager.create_table(project_members()).await?;
        manager
            .create_index(
                Index::create()
                    .name("project_members_of_user")
                    .table("project_members")
                    .col("user_id")
                    .col("project_id")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("project_members").to_owned()).await?;
        manager.drop_table(Table::drop().table("projects").to_owned()).await
    }
}

fn projects(engine: DbBackend) -> TableCreateStatement {
    Table::create()
        .table("projects")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("name").text().not_null())
        .col(bytewise_text(engine, "name_key"))
        .col(ColumnDef::new("description").text().not_null())
        .col(ColumnDef::new("archived_at").big_integer().null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("updated_at").big_integer().not_null())
        // A deleted project and its members are kept as long as the change log, from which the members learn of it.
        .col(ColumnDef::new("deleted_at").big_integer().null())
        .to_owned()
}

fn project_members() -> TableCreateStatement {
    Table::create()
        .table("project_members")
        .col(ColumnDef::new("project_id").uuid().not_null())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("role").small_integer().not_null())
        .col(ColumnDef::new("joined_at").big_integer().not_null())
        // The last entry of the change log before they joined: what is older was never meant for them.
        .col(ColumnDef::new("joined_after").big_integer().not_null())
        .primary_key(Index::create().col("project_id").col("user_id"))
        .foreign_key(
            ForeignKey::create()
                .name("project_members_project_id_fkey")
                .from("project_members", "project_id")
                .to("projects", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .name("project_members_user_id_fkey")
                .from("project_members", "user_id")
                .to("users", "id")
                .on_delete(ForeignKeyAction::Restrict),
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
