//! The rules that values must keep in every profile, besides the bounds of numbers: how origins, hosts, addresses and levels
//! are spelt, and what belongs together.

use std::net::Ipv6Addr;

use secrecy::ExposeSecret;

use super::problem::Problem;
use super::{Config, Https, PersistedMode};

/// The bytes of text that a signing key must have: HMAC-SHA-256 wants a key as long as its output (RFC 7518, section 3.2).
pub(super) const SIGNING_KEY_BYTES: usize = 32;

/// What is wrong with `config` whatever its profile.
pub(super) fn check(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut refuse = |setting: &str, refusal: Option<String>| {
        problems.extend(refusal.map(|message| Problem::new(setting, message)));
    };
    for origin in &config.cors.allowed_origins {
        refuse("cors.allowed_origins", origin_refusal(origin));
    }
    for host in &config.server.allowed_hosts {
        refuse("server.allowed_hosts", host_refusal(host));
    }
    let key_bytes = config.auth.signing_key.as_ref().map(|key| key.expose_secret().len());
    let short = |bytes| format!("expected at least {SIGNING_KEY_BYTES} bytes of text, not {bytes}");
    refuse("auth.signing_key", key_bytes.filter(|bytes| *bytes < SIGNING_KEY_BYTES).map(short));
    refuse("database.url", url_refusal(config.database.url.expose_secret()));
    let untrusting = config.persisted.mode == PersistedMode::Trusted && config.persisted.manifests.is_empty();
    let nothing = "expected at least one file, since persisted.mode is `trusted`: nothing else could be run";
    refuse("persisted.manifests", untrusting.then(|| nothing.to_owned()));
    for (setting, budget) in config.cost.unreachable() {
        refuse(
            setting,
            Some(format!("expected at most the budget, {budget}: an operation that costs more never runs")),
        );
    }
    let trash = config.tasks.trash_days;
    let forgotten = format!("expected at most tasks.trash_days, {trash}: the log of a task ends with the task");
    refuse("tasks.change_log_days", (config.tasks.change_log_days > trash).then_some(forgotten));
    refuse("log.level", level_refusal(&config.log.level));
    match &config.https {
        Https { certificate_file: Some(_), key_file: None, .. } => {
            refuse("https.key_file", Some("expected too, since https.certificate_file is set".to_owned()));
        }
        Https { certificate_file: None, key_file: Some(_), .. } => {
            refuse("https.certificate_file", Some("expected too, since https.key_file is set".to_owned()));
        }
        _ => {}
    }
    problems
}

/// Why `origin` is none as browsers send it (RFC 6454, section 6.2): lower case, no path, no port that goes without saying.
fn origin_refusal(origin: &str) -> Option<String> {
    if origin == "*" {
        return Some("`*` would let the pages of every site call; name the origins".to_owned());
    }
    let expected = format!("expected an origin such as `https://app.example.com`, without a path, not {origin:?}");
    let Some((scheme, authority)) = origin.split_once("://") else { return Some(expected) };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|number| number.to_string() == port);
    if !is_scheme || !is_host(host) || !port.is_none_or(is_port) {
        return Some(expected);
    }
    let default = matches!((scheme, port), ("http", Some("80")) | ("https", Some("443")));
    default.then(|| format!("browsers leave out the port that goes without saying: write \"{scheme}://{host}\""))
}

fn host_refusal(host: &str) -> Option<String> {
    let message = "expected a name such as `tasks.example.com`, without scheme and port, not";
    (!is_host(&host.to_ascii_lowercase())).then(|| format!("{message} {host:?}"))
}

/// Whether `host` is a name or address as URLs spell it: in lower case, an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        return address.strip_suffix(']').is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    }
    let is_sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    host.split('.').all(|label| !label.is_empty() && label.chars().all(is_sign))
}

/// Why `url` is no address of a database. The address itself is not repeated, because it may hold a password.
fn url_refusal(url: &str) -> Option<String> {
    let known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
    (!known).then(|| "expected `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/NAME`".to_owned())
}

/// Why `level` is no filter. A lone word must be a level: otherwise a slip such as `inof` would be taken for the name of a
/// target, and nothing but that target would be logged.
fn level_refusal(level: &str) -> Option<String> {
    const LEVELS: [&str; 6] = ["trace", "debug", "info", "warn", "error", "off"];
    let is_level = |level: &str| LEVELS.contains(&level.to_ascii_lowercase().as_str());
    let is_directive = |directive: &str| match directive.rsplit_once('=') {
        Some((target, level)) => !target.is_empty() && is_level(level),
        None => is_level(directive),
    };
    let refused = level.split(',').find(|directive| !is_directive(directive.trim()))?;
    let expected = "expected trace, debug, info, warn, error or off, or a list such as `info,taskward=debug`";
    Some(format!("{expected}, not {refused:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Profile;

    #[test]
    fn defaults_keep_the_rules() {
        for profile in [Profile::Development, Profile::Production] {
            assert_eq!(check(&Config::defaults(profile)), []);
        }
    }

    #[test]
    fn origins_are_those_that_browsers_send() {
        for origin in ["https://app.example.com", "http://localhost:3000", "http://[::1]:8080", "capacitor://localhost"]
        {
            assert_eq!(origin_refusal(origin), None, "{origin}");
        }
        for origin in [
            "*",
            "null",
            "",
            "https://",
            "app.example.com",
            "https://app.example.com/",
            "https://App.example.com",
            "https://*.example.com",
            "https://ana@example.com",
            "https://example.com:0443",
            "https://example.com:443",
            "http://example.com:80",
            "http://example.com:65536",
            "http://[::1",
            "://example.com",
        ] {
            assert!(origin_refusal(origin).is_some(), "{origin}");
        }
    }

    #[test]
    fn hosts_have_neither_scheme_nor_port() {
        for host in ["localhost", "127.0.0.1", "[::1]", "tasks.example.com", "Tasks.Example.com", "my_service"] {
            assert_eq!(host_refusal(host), None, "{host}");
        }
        for host in ["", "*", "https://a.example", "a.example:80", "::1", "[::1]:80", "a..example", "a/b"] {
            assert!(host_refusal(host).is_some(), "{host}");
        }
    }

    #[test]
    fn a_level_that_would_silence_the_log_by_a_slip_is_refused() {
        for level in ["info", "WARN", "off", "info,taskward=debug", "warn, taskward::http=trace", "info,a[b]=debug"] {
            assert_eq!(level_refusal(level), None, "{level}");
        }
        for level in ["", "inof", "info,", "taskward=loud", "=info", "info,taskward"] {
            assert!(level_refusal(level).is_some(), "{level}");
        }
    }
}
