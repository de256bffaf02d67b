//! Tasks, with an index for every order that a list of one's own tasks can have.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(tasks(manager.get_database_backend())).await?;
        for (name, keys) in INDEXES {
            // The builder has no expression indexes, and both engines read the same SQL here.
            let sql = format!("CREATE INDEX {name} ON tasks (created_by, {keys}) WHERE deleted_at IS NULL");
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        let trash = "CREATE INDEX tasks_in_trash ON tasks (created_by, deleted_at) WHERE deleted_at IS NOT NULL";
        manager.get_connection().execute_unprepared(trash).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("tasks").to_owned()).await
    }
}

/// The keys of each order, after the creator. Tasks without a due date come last in both directions, so `due_at` needs
/// an index for each.
const INDEXES: [(&str, &str); 6] = [
    ("tasks_by_created_at", "created_at, id"),
    ("tasks_by_updated_at", "updated_at, id"),
    ("tasks_by_due_at", "(due_at IS NULL), due_at, id"),
    ("tasks_by_due_at_descending", "(due_at IS NULL), due_at DESC, id DESC"),
    ("tasks_by_priority", "priority, id"),
    ("tasks_by_title", "title_key, id"),
];

fn tasks(engine: DbBackend) -> TableCreateStatement {
    let mut table = Table::create();
    table.table("tasks");
    if engine == DbBackend::Sqlite {
        // The full-text index refers to rows by number, and only a declared number survives VACUUM.
        table.col(ColumnDef::new("row_number").integer().not_null().primary_key().auto_increment());
        table.col(ColumnDef::new("id").uuid().not_null().unique_key());
    } else {
        table.col(ColumnDef::new("id").uuid().not_null().primary_key());
    }
    table
        .col(ColumnDef::new("created_by").uuid().not_null())
        .col(ColumnDef::new("title").text().not_null())
        .col(bytewise_text(engine, "title_key"))
        .col(ColumnDef::new("description").text().not_null())
        .col(ColumnDef::new("words").text().not_null())
        .col(ColumnDef::new("priority").small_integer().not_null())
        .col(ColumnDef::new("due_at").big_integer().null())
        .col(ColumnDef::new("completed_at").big_integer().null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("updated_at").big_integer().not_null())
        .col(ColumnDef::new("deleted_at").big_integer().null())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("creation_hash").blob().null())
        .foreign_key(
            ForeignKey::create()
                .name("tasks_created_by_fkey")
                .from("tasks", "created_by")
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
