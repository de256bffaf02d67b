//! The key that signs access tokens: as set, or made and kept beside the database in development.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};

use super::check::SIGNING_KEY_BYTES;
use super::{Config, Profile};

/// The name of the file that keeps the key.
const FILE: &str = "taskward.key";

/// There is no signing key.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    /// The production profile makes none.
    #[error("auth.signing_key is not set, and production makes none")]
    Unset,
    /// The file that keeps it can't be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// The file that keeps it holds something else.
    #[error("{0} holds no signing key; remove it, and a new one is made")]
    Malformed(PathBuf),
}

/// The key that signs access tokens. In development, when none is set, it is the one kept beside the database, and `fresh`
/// (random bytes) is kept there when there is none yet; two processes that start at once agree on one. With a database in
/// memory, `fresh` is the key and nothing is kept.
///
/// # Errors
/// When production has none, and when the file can't be read, written or understood.
pub fn signing_key(config: &Config, fresh: [u8; 32]) -> Result<SecretString, SigningKeyError> {
    if let Some(key) = &config.auth.signing_key {
        return Ok(key.clone());
    }
    if config.server.profile == Profile::Production {
        return Err(SigningKeyError::Unset);
    }
    let fresh = URL_SAFE_NO_PAD.encode(fresh);
    let Some(path) = path(config.database.url.expose_secret()) else { return Ok(fresh.into()) };
    let kept = keep(&path, &fresh).map_err(|error| SigningKeyError::File { path: path.clone(), error })?;
    let kept = kept.trim();
    if kept.len() < SIGNING_KEY_BYTES { Err(SigningKeyError::Malformed(path)) } else { Ok(kept.into()) }
}

/// The file that keeps the signing key, when it is not set.
#[must_use]
pub fn signing_key_file(config: &Config) -> Option<PathBuf> {
    let made = config.auth.signing_key.is_none() && config.server.profile == Profile::Development;
    if made { path(config.database.url.expose_secret()) } else { None }
}

/// Where the key is kept: beside an SQLite file, otherwise in the current folder; `None` for a database in memory.
fn path(url: &str) -> Option<PathBuf> {
    let Some(database) = url.strip_prefix("sqlite:") else { return Some(PathBuf::from(FILE)) };
    let database = database.strip_prefix("//").unwrap_or(database);
    let (file, parameters) = database.split_once('?').unwrap_or((database, ""));
    let in_memory = file.is_empty() || file == ":memory:" || parameters.split('&').any(|p| p == "mode=memory");
    (!in_memory).then(|| Path::new(file).with_file_name(FILE))
}

/// The text of the file; of an empty one, which may just have been made, it becomes `fresh`. The lock makes a second process
/// wait until the first has written.
fn keep(path: &Path, fresh: &str) -> io::Result<String> {
    let mut file = open(path)?;
    file.lock()?;
    let mut kept = String::new();
    file.read_to_string(&mut kept)?;
    if kept.is_empty() {
        file.write_all(fresh.as_bytes())?;
        file.sync_all()?;
        fresh.clone_into(&mut kept);
    }
    Ok(kept)
}

/// The file, made readable to its owner alone when it is not there.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn development(url: &str) -> Config {
        let mut config = Config::defaults(Profile::Development);
        config.database.url = url.into();
        config
    }

    fn beside(folder: &Path) -> Config {
        development(&format!("sqlite://{}/tasks.db", folder.display()))
    }

    #[test]
    fn a_key_is_made_once_and_kept_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = signing_key(&beside(folder.path()), [1; 32]).unwrap();
        let second = signing_key(&beside(folder.path()), [2; 32]).unwrap();
        assert_eq!(first.expose_secret(), second.expose_secret());
        assert!(first.expose_secret().len() >= SIGNING_KEY_BYTES);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn processes_that_start_at_once_agree() {
        for _ in 0..100 {
            let folder = tempfile::tempdir().unwrap();
            let (config, barrier) = (&beside(folder.path()), &std::sync::Barrier::new(4));
            let start = |seed: u8| {
                barrier.wait();
                signing_key(config, [seed; 32]).unwrap().expose_secret().to_owned()
            };
            let keys: Vec<String> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..4).map(|seed| scope.spawn(move || start(seed))).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
        }
    }

    #[test]
    fn a_file_that_holds_no_key_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        std::fs::write(&file, "too short").unwrap();
        assert!(matches!(signing_key(&beside(folder.path()), [1; 32]), Err(SigningKeyError::Malformed(_))));
        assert_eq!(std::fs::read_to_string(file).unwrap(), "too short");
    }

    #[test]
    fn a_key_that_is_set_is_used_and_production_makes_none() {
        let mut config = Config::defaults(Profile::Production);
        assert!(matches!(signing_key(&config, [1; 32]), Err(SigningKeyError::Unset)));
        config.auth.signing_key = Some("k".repeat(32).into());
        assert_eq!(signing_key(&config, [1; 32]).unwrap().expose_secret(), "k".repeat(32));
    }

    #[test]
    fn the_key_lies_beside_the_database() {
        for (url, expected) in [
            ("sqlite://taskward.db", Some("taskward.key")),
            ("sqlite:data/tasks.db?mode=rwc", Some("data/taskward.key")),
            ("sqlite:///var/lib/tasks.db", Some("/var/lib/taskward.key")),
            ("postgres://host/tasks", Some("taskward.key")),
            ("sqlite::memory:", None),
            ("sqlite://:memory:", None),
            ("sqlite://name?mode=memory&cache=shared", None),
        ] {
            assert_eq!(path(url).as_deref(), expected.map(Path::new), "{url}");
        }
    }
}
