//! The source of randomness: the operating system's generator, or a seeded one that makes tests repeatable.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::{ChaCha12Rng, SysRng};
use rand::{Rng, SeedableRng, TryRng};

/// Where secrets and ids take their random bytes from.
#[derive(Clone)]
pub struct Random(Arc<Mutex<ChaCha12Rng>>);

impl Random {
    /// A generator seeded by the operating system.
    ///
    /// # Errors
    /// When the operating system gives no randomness; the server must not start then.
    pub fn system() -> Result<Self, std::io::Error> {
        let mut seed = [0; 32];
        SysRng.try_fill_bytes(&mut seed).map_err(std::io::Error::other)?;
        Ok(Self(Arc::new(Mutex::new(ChaCha12Rng::from_seed(seed)))))
    }

    /// A generator that gives the same bytes in every run. For tests only: everybody can predict it.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(ChaCha12Rng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        // A generator has no invariant that a panic elsewhere could break, so a poisoned lock is as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_the_system_does_not() {
        assert_eq!(Random::seeded(1).bytes::<16>(), Random::seeded(1).bytes::<16>());
        let system = Random::system().unwrap();
        assert_ne!(system.bytes::<16>(), system.bytes::<16>());
    }
}
