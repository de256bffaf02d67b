//! When sessions and API tokens were last used: noted in memory, and written now and then, because reading must never wait
//! for the writer's lock.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Authority, Op, Result};
use crate::storage;
use crate::storage::instant::to_micros;

/// The most uses that wait to be written. Any more are not noted.
const MAX_NOTED: usize = 10_000;

/// Uses that are not written yet.
#[derive(Debug, Default)]
pub struct RecentUses(Mutex<HashMap<Authority, DateTime<Utc>>>);

impl RecentUses {
    /// How exactly a session or an API token knows when it was last used.
    pub const PRECISION: TimeDelta = TimeDelta::minutes(1);

    /// Notes that a session or an API token was used.
    pub(super) fn note(&self, used: Authority, at: DateTime<Utc>) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() < MAX_NOTED || noted.contains_key(&used) {
            noted.insert(used, at);
        }
    }

    /// Writes what was noted, in one transaction.
    ///
    /// # Errors
    /// When the database refuses; what was noted is lost then, which costs a minute of precision.
    pub async fn write(op: &Op) -> Result<()> {
        op.require_operator()?;
        let noted = op.services().recent_uses.take();
        if noted.is_empty() {
            return Ok(());
        }
        let transaction = op.store().begin().await?;
        for (used, at) in noted {
            let at = to_micros(at);
            match used {
                Authority::Session(id) => storage::session::touch(&transaction, id, at).await?,
                Authority::ApiToken { id, .. } => storage::api_token::touch(&transaction, id, at).await?,
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    fn take(&self) -> HashMap<Authority, DateTime<Utc>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
