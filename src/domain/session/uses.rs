//! When sessions were last used: noted in memory, and written now and then, because reading must never wait for the
//! writer's lock.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{Op, Result};
use crate::ids::SessionId;
use crate::storage;
use crate::storage::instant::to_micros;

/// The most sessions that wait to be written. The use of any more is not noted.
const MAX_NOTED: usize = 10_000;

/// Uses that are not written yet.
#[derive(Debug, Default)]
pub struct RecentUses(Mutex<HashMap<SessionId, DateTime<Utc>>>);

impl RecentUses {
    /// How exactly a session knows when it was last used.
    pub const PRECISION: TimeDelta = TimeDelta::minutes(1);

    /// Notes that a session was used.
    pub(super) fn note(&self, session: SessionId, at: DateTime<Utc>) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() < MAX_NOTED || noted.contains_key(&session) {
            noted.insert(session, at);
        }
    }

    /// Writes what was noted, in one transaction.
    ///
    /// # Errors
    /// When the database refuses; what was noted is lost then, which costs a session a minute of precision.
    pub async fn write(op: &Op) -> Result<()> {
        op.require_operator()?;
        let noted = op.services().recent_uses.take();
        if noted.is_empty() {
            return Ok(());
        }
        let transaction = op.store().begin().await?;
        for (session, at) in noted {
            storage::session::touch(&transaction, session, to_micros(at)).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    fn take(&self) -> HashMap<SessionId, DateTime<Utc>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
