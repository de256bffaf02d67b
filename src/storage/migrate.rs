//! Bringing the database to the shape that this build expects.

use migrations::{AppliedMigrations, Migrator};

use super::{Result, Store};

/// A migration and whether it was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedMigration {
    /// Its name, which is its file's.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

impl Store {
    /// Applies every migration that the database lacks.
    pub async fn migrate_up(&self) -> Result<()> {
        Ok(Migrator::apply_all(&self.writer).await?)
    }

    /// Takes the last `steps` applied migrations back, with the data that they hold.
    pub async fn migrate_down(&self, steps: u32) -> Result<()> {
        Ok(Migrator::take_back(&self.writer, steps).await?)
    }

    /// Every migration of this build, oldest first. Only reads.
    pub async fn migrations(&self) -> Result<Vec<AppliedMigration>> {
        let AppliedMigrations { known, applied } = Migrator::status(&self.reader).await?;
        let is_applied = |name: String| AppliedMigration { applied: applied.contains(&name), name };
        Ok(known.into_iter().map(is_applied).collect())
    }
}
