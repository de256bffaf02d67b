//! The schema of Taskward's database, one file per change, for SQLite and PostgreSQL.
//!
//! A migration is never edited once it has landed, and never uses the server's entities: they change, it must not. Every
//! migration goes up and down, on both engines.
//!
//! Instants are `bigint` microseconds since 1970 in UTC, set by the server's clock: one form that both engines keep
//! exactly, compare alike and index well. Ids are UUIDv7.

mod m0001_users;
mod m0002_sessions;
mod m0003_tasks;
mod m0004_task_changes;
mod m0005_task_words;
mod m0006_projects;
mod m0007_task_places;
mod m0008_labels;
mod m0009_comments;
mod m0010_api_tokens;
mod m0011_tasks_of_creator;
mod m0012_task_changes_left;

use std::collections::BTreeSet;

use sea_orm_migration::sea_orm::sea_query::Query;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use sea_orm_migration::{MigrationTrait, MigratorTrait, SchemaManager};

/// The ordered list of changes.
#[derive(Debug)]
pub struct Migrator;

/// What a database has of the changes that this build knows.
#[derive(Debug)]
pub struct AppliedMigrations {
    /// Every migration of this build, oldest first.
    pub known: Vec<String>,
    /// Those that the database has, and perhaps some of a newer build.
    pub applied: BTreeSet<String>,
}

impl Migrator {
    /// Applies every migration that the database lacks, oldest first.
    ///
    /// # Errors
    /// When a statement fails; the migration it belongs to is not recorded as applied.
    pub async fn apply_all(database: &DatabaseConnection) -> Result<(), DbErr> {
        <Self as MigratorTrait>::up(database, None).await
    }

    /// Takes back the last `steps` applied migrations, newest first, and the data in what they made.
    ///
    /// # Errors
    /// When a statement fails.
    pub async fn take_back(database: &DatabaseConnection, steps: u32) -> Result<(), DbErr> {
        <Self as MigratorTrait>::down(database, Some(steps)).await
    }

    /// What the database has. Unlike the library's own status it only reads, so that a server without the right to make
    /// tables can tell whether it is ready.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn status(database: &DatabaseConnection) -> Result<AppliedMigrations, DbErr> {
        let known = Self::migrations().iter().map(|migration| migration.name().to_owned()).collect();
        let mut applied = BTreeSet::new();
        if SchemaManager::new(database).has_table("seaql_migrations").await? {
            let query = Query::select().column("version").from("seaql_migrations").to_owned();
            for row in database.query_all(&query).await? {
                applied.insert(row.try_get("", "version")?);
            }
        }
        Ok(AppliedMigrations { known, applied })
    }
}

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_users::Migration),
            Box::new(m0002_sessions::Migration),
            Box::new(m0003_tasks::Migration),
            Box::new(m0004_task_changes::Migration),
            Box::new(m0005_task_words::Migration),
            Box::new(m0006_projects::Migration),
            Box::new(m0007_task_places::Migration),
            Box::new(m0008_labels::Migration),
            Box::new(m0009_comments::Migration),
            Box::new(m0010_api_tokens::Migration),
            Box::new(m0011_tasks_of_creator::Migration),
            Box::new(m0012_task_changes_left::Migration),
        ]
    }
}
