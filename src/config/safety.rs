//! What makes a server unsafe: the production profile refuses to start with it.
//!
//! *Attack.* Tokens signed with a key that anybody can guess, DNS rebinding, addresses and schemes forged in
//! `X-Forwarded-*`, passwords and tokens read from plain HTTP.
//! *Setting.* `server.profile`.
//! *Answer.* The server does not start, exit status 2, and says every reason at once; so does `taskward config check`.
//! *Test.* `tests/it/cli/safety.rs`.

use super::problem::Problem;
use super::{Config, Profile};

/// The names of this machine alone: nobody else reaches the server by them.
const LOOPBACK_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Why the server must not start; nothing when it is safe.
pub(super) fn dangers(config: &Config) -> Vec<Problem> {
    match config.server.profile {
        Profile::Development => development(config),
        Profile::Production => production(config),
    }
}

fn development(config: &Config) -> Vec<Problem> {
    let message = "development is for a loopback address; to listen on another, choose production";
    let danger = (!config.server.listen.ip().is_loopback()).then(|| Problem::new("server.profile", message));
    danger.into_iter().collect()
}

fn production(config: &Config) -> Vec<Problem> {
    let server = &config.server;
    let has_tls = config.https.certificate_file.is_some() && config.https.key_file.is_some();
    let only_loopback = server.allowed_hosts.iter().all(|host| LOOPBACK_NAMES.contains(&host.as_str()));
    [
        (
            config.auth.signing_key.is_none(),
            "auth.signing_key",
            "production needs a key: `openssl rand -base64 48` makes one",
        ),
        (only_loopback, "server.allowed_hosts", "production needs the names that clients reach the server by"),
        (
            !has_tls && server.trusted_proxies.is_empty(),
            "https.certificate_file",
            "production needs HTTPS: set this and https.key_file, or server.trusted_proxies when a proxy ends TLS",
        ),
        (
            server.trusted_proxies.iter().any(|range| range.prefix_len() == 0),
            "server.trusted_proxies",
            "a range of all addresses would let every client choose the address it is charged under",
        ),
    ]
    .into_iter()
    .filter(|(is_unsafe, ..)| *is_unsafe)
    .map(|(_, setting, message)| Problem::new(setting, message))
    .collect()
}
