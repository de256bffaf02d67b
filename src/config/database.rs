//! `database.*`: where the data is.

use std::num::NonZeroU32;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::secret;

/// The `database` section. Written out, a password in the address is masked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `database.url`: `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/NAME`; `sqlite://taskward.db` by default. A
    /// secret, because it may hold a password.
    #[serde(serialize_with = "secret::masked_url")]
    pub url: SecretString,
    /// `database.max_connections`: how many connections the pool may open, 1 to 1,000; unset means four for each core.
    /// SQLite has one more, for writing.
    pub max_connections: Option<NonZeroU32>,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: SecretString::from("sqlite://taskward.db"), max_connections: None }
    }
}
