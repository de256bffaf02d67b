//! `https.*`: redirects, HSTS, and TLS without a proxy.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The `https` section.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Https {
    /// `https.redirect`: whether plain requests are sent to the `https` address by 308; false by default.
    pub redirect: bool,
    /// `https.hsts_seconds`: how long browsers remember to use `https` only (RFC 6797), told on secure requests;
    /// 31,536,000 (a year) by default, 315,360,000 (ten years) at most; 0 leaves the header out.
    pub hsts_seconds: u32,
    /// `https.certificate_file`: the certificate chain in PEM, for TLS without a proxy; unset by default.
    pub certificate_file: Option<PathBuf>,
    /// `https.key_file`: the private key in PEM that belongs to the certificate; unset by default.
    pub key_file: Option<PathBuf>,
}

impl Default for Https {
    fn default() -> Self {
        Self { redirect: false, hsts_seconds: 31_536_000, certificate_file: None, key_file: None }
    }
}
