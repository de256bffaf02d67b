//! `cors.*`: which pages of other origins may call.

use serde::{Deserialize, Serialize};

use super::Profile;

/// The `cors` section.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cors {
    /// `cors.allowed_origins`: origins as browsers send them, such as `https://app.example.com`; the usual ports of
    /// front-end tools in development, none in production. `*` is refused.
    pub allowed_origins: Vec<String>,
}

impl Cors {
    /// The section when nothing is set.
    #[must_use]
    pub fn defaults(profile: Profile) -> Self {
        let allowed_origins = match profile {
            Profile::Development => ["http://localhost:3000", "http://localhost:5173"].map(String::from).to_vec(),
            Profile::Production => Vec::new(),
        };
        Self { allowed_origins }
    }
}
