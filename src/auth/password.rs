//! Passwords: argon2id hashes, made and checked on a bounded number of threads.
//!
//! *Attack.* A flood of logins, each of which costs 19 MiB and tens of milliseconds of a core; names that are guessed by
//! how long a refusal takes; a stolen database. *Setting.* None; how often one may try is `rate_limit.login`. *Answer.*
//! [`PasswordError::Busy`], a 503 `OVERLOADED`, once the queue is full. *Test.* Below: the last caller the queue has room
//! for is served and the next is refused; an unknown user costs one hash of the same parameters.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::thread::available_parallelism;

use argon2::password_hash::{Error, PasswordHasher as _, PasswordVerifier as _, phc};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::random::Random;

/// The memory of one hash in KiB. The three parameters are one of the sets that OWASP's Password Storage Cheat Sheet
/// recommends: <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id>.
const MEMORY_KIBIBYTES: u32 = 19_456;
/// How often a hash goes over its memory.
const ITERATIONS: u32 = 2;
/// How many lanes a hash has; one, for the other cores serve other callers.
const PARALLELISM: u32 = 1;
/// The length of a hash: 256 bits.
const HASH_BYTES: usize = 32;
/// The length of a salt: 128 bits, as RFC 9106 (section 3.1) recommends for passwords.
const SALT_BYTES: usize = 16;

/// How many callers may wait while every core is busy. At tens of milliseconds a hash they wait for less than a second or
/// two; callers beyond that would only give up, and their hashes would be made for nobody.
const MAX_WAITING: usize = 64;

/// How much work a hash is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// What OWASP recommends.
    Owasp,
    /// The least that argon2 can do (8 KiB, one pass). For tests only: such a hash protects nothing.
    Cheap,
}

/// Whether a password is the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Verified {
    /// It is.
    Yes,
    /// It is not, or there is no such user.
    No,
}

/// Why a password could not be hashed or checked. Neither is about the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Every core is busy and the queue is full: the caller may try again in a second.
    #[error("too many passwords are waiting to be hashed")]
    Busy,
    /// argon2 refused its parameters, or the machine is out of memory.
    #[error("argon2 failed: {0}")]
    Failed(Error),
    /// The server is stopping.
    #[error("the hashing was cut off")]
    Stopped,
}

/// The text is not the hash of a password by argon2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a password hash")]
pub struct InvalidPasswordHash;

/// A salted hash of a password, with the parameters it was made with.
///
/// As text it is a PHC string (`$argon2id$v=19$…`): what storage keeps.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(phc::PasswordHash);

impl FromStr for PasswordHash {
    type Err = InvalidPasswordHash;

    /// The hash that `text` spells; refused unless a password could be checked against it.
    fn from_str(text: &str) -> Result<Self, InvalidPasswordHash> {
        let hash = phc::PasswordHash::new(text).map_err(|_| InvalidPasswordHash)?;
        let known = Algorithm::try_from(hash.algorithm.as_str()).is_ok()
            && hash.version.is_none_or(|version| Version::try_from(version).is_ok())
            && Params::try_from(&hash).is_ok();
        let complete = hash.salt.is_some() && hash.hash.is_some();
        if known && complete { Ok(Self(hash)) } else { Err(InvalidPasswordHash) }
    }
}

impl fmt::Display for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash([REDACTED])")
    }
}

/// Hashes and checks passwords, one for each core at a time. Clones share the cores and the queue.
#[derive(Debug, Clone)]
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    random: Random,
    /// What the password of an unknown user is checked against.
    dummy: Arc<PasswordHash>,
    /// One for each core: held while a hash is made.
    cores: Arc<Semaphore>,
    /// One for each core and each place in the queue: held from the call to the end of the hash.
    places: Arc<Semaphore>,
}

impl PasswordHasher {
    /// A hasher for this machine. It makes one hash at once, so that the first unknown user takes no longer than others.
    ///
    /// Fails when the machine has no memory for that.
    pub fn new(cost: Cost, random: Random) -> Result<Self, PasswordError> {
        Self::with_limits(cost, random, available_parallelism().map_or(1, usize::from), MAX_WAITING)
    }

    fn with_limits(cost: Cost, random: Random, cores: usize, waiting: usize) -> Result<Self, PasswordError> {
        let argon2 = argon2id(cost)?;
        let dummy = hash(&argon2, &random.bytes::<32>(), random.bytes())?;
        Ok(Self {
            argon2,
            random,
            dummy: Arc::new(dummy),
            cores: Arc::new(Semaphore::new(cores)),
            places: Arc::new(Semaphore::new(cores.saturating_add(waiting))),
        })
    }

    /// The hash of a password, with a new salt. Any text is taken: which passwords are good enough is not decided here.
    pub async fn hash(&self, password: &SecretString) -> Result<PasswordHash, PasswordError> {
        let password = password.clone();
        let salt = self.random.bytes();
        self.run(move |argon2| hash(argon2, password.expose_secret().as_bytes(), salt)).await
    }

    /// Whether `password` is the one that `stored` was made of.
    ///
    /// Call it with `None` for a user who does not exist: it is never the right one then, and takes as long to say so.
    pub async fn verify(
        &self,
        password: &SecretString,
        stored: Option<&PasswordHash>,
    ) -> Result<Verified, PasswordError> {
        let password = password.clone();
        let known = stored.cloned();
        let dummy = Arc::clone(&self.dummy);
        self.run(move |argon2| {
            let result = verify(argon2, password.expose_secret().as_bytes(), known.as_ref().unwrap_or(&dummy));
            if known.is_some() { result } else { result.map(|_| Verified::No) }
        })
        .await
    }

    /// Whether `stored` was made with other parameters than those of today: hash the password anew when it is next seen.
    #[must_use]
    pub fn needs_rehash(&self, stored: &PasswordHash) -> bool {
        let PasswordHash(stored) = stored;
        stored.algorithm != ARGON2ID_IDENT
            || stored.version != Some(Version::V0x13.into())
            || Params::try_from(stored).as_ref() != Ok(self.argon2.params())
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'_>) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| PasswordError::Busy)?;
        let core = Arc::clone(&self.cores).acquire_owned().await.map_err(|_| PasswordError::Stopped)?;
        let argon2 = self.argon2.clone();
        let job = spawn_blocking(move || {
            // A hash cannot be stopped: when its caller gives up, it still occupies the core until it is done.
            let _held = (place, core);
            work(&argon2)
        });
        job.await.map_err(|_| PasswordError::Stopped)?
    }
}

fn argon2id(cost: Cost) -> Result<Argon2<'static>, PasswordError> {
    let params = match cost {
        Cost::Owasp => Params::new(MEMORY_KIBIBYTES, ITERATIONS, PARALLELISM, Some(HASH_BYTES)),
        Cost::Cheap => Params::new(Params::MIN_M_COST, Params::MIN_T_COST, PARALLELISM, Some(HASH_BYTES)),
    };
    let params = params.map_err(|error| PasswordError::Failed(error.into()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(argon2: &Argon2<'_>, password: &[u8], salt: [u8; SALT_BYTES]) -> Result<PasswordHash, PasswordError> {
    argon2.hash_password_with_salt(password, &salt).map(PasswordHash).map_err(PasswordError::Failed)
}

/// Takes the parameters of `stored`, not those of `argon2`, so that old hashes stay good.
fn verify(argon2: &Argon2<'_>, password: &[u8], stored: &PasswordHash) -> Result<Verified, PasswordError> {
    match argon2.verify_password(password, &stored.0) {
        Ok(()) => Ok(Verified::Yes),
        Err(Error::PasswordInvalid) => Ok(Verified::No),
        Err(error) => Err(PasswordError::Failed(error)),
    }
}

#[cfg(test)]
mod tests;
