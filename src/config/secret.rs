//! Settings that hold secrets: which they are, and how they look when the settings are written out.

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

/// The settings that may also be read from a file, by `TASKWARD_SECTION__KEY_FILE`, and whose values are never shown.
pub(super) const SECRETS: [&str; 2] = ["auth.signing_key", "database.url"];

/// What stands in the place of a secret.
const MASK: &str = "***";

/// Writes `***` for a secret that is set.
#[expect(clippy::ref_option, reason = "serde hands over the field as it is")]
pub(super) fn masked<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(|_| MASK).serialize(serializer)
}

/// Writes a database address with `***` for its password.
pub(super) fn masked_url<S: Serializer>(url: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&mask_url(url.expose_secret()))
}

/// `url` with `***` for the passwords in it. When the address is malformed it hides too much rather than too little.
#[must_use]
pub fn mask_url(url: &str) -> String {
    mask_userinfo(&mask_query(url))
}

/// Hides the value of each parameter whose name speaks of a password, as in `?password=…` and `?sslpassword=…`.
fn mask_query(url: &str) -> String {
    let Some((address, query)) = url.split_once('?') else { return url.to_owned() };
    let mask = |parameter: &str| match parameter.split_once('=') {
        Some((name, _)) if name.to_ascii_lowercase().contains("pass") => format!("{name}={MASK}"),
        _ => parameter.to_owned(),
    };
    let query: Vec<String> = query.split('&').map(mask).collect();
    format!("{address}?{}", query.join("&"))
}

/// Hides what stands between the first colon and the last `@` behind the scheme: a password may hold either sign.
fn mask_userinfo(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@').and_then(|(userinfo, host)| Some((userinfo.split_once(':')?.0, host))) {
        Some((user, host)) => format!("{scheme}://{user}:{MASK}@{host}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_of_an_address_is_hidden() {
        for (url, shown) in [
            ("sqlite://taskward.db", "sqlite://taskward.db"),
            ("sqlite::memory:", "sqlite::memory:"),
            ("postgres://host/tasks", "postgres://host/tasks"),
            ("postgres://ana@host:5432/tasks", "postgres://ana@host:5432/tasks"),
            ("postgres://ana:secret@host:5432/tasks", "postgres://ana:***@host:5432/tasks"),
            ("postgres://ana:s@c:r/e@host/tasks", "postgres://ana:***@host/tasks"),
            ("postgres://ana:se?cret@host/tasks", "postgres://ana:***@host/tasks"),
            ("postgres://host:5432/t?user=a&password=s@cret", "postgres://host:5432/t?user=a&password=***"),
            ("postgres://host/t?sslPassword=secret&a", "postgres://host/t?sslPassword=***&a"),
        ] {
            assert_eq!(mask_url(url), shown);
        }
    }
}
