//! `auth.*`: tokens, sessions and registration.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::secret;

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Everybody.
    Open,
    /// Nobody but the operator, by `taskward user create`.
    Closed,
}

/// The `auth` section. Written out, the signing key is masked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// `auth.signing_key`: signs access tokens; at least 32 bytes of text. In development a key is made and kept beside
    /// the database when this is unset; production refuses to start without one.
    #[serde(serialize_with = "secret::masked")]
    pub signing_key: Option<SecretString>,
    /// `auth.access_token_seconds`: how long an access token is good for, 2 to 86,400 seconds; 900 by default.
    pub access_token_seconds: u32,
    /// `auth.refresh_token_days`: how long a session lives without being refreshed, 1 to 365 days; 30 by default.
    pub refresh_token_days: u32,
    /// `auth.registration`: `open` by default, or `closed`.
    pub registration: Registration,
}

impl Default for Auth {
    fn default() -> Self {
        Self { signing_key: None, access_token_seconds: 900, refresh_token_days: 30, registration: Registration::Open }
    }
}
