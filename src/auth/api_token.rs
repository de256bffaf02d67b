//! API tokens: the secrets that programs send in place of a login, stored only as hashes.
//!
//! *Attack.* Guessing a secret; texts that look like one, sent to keep the database busy; a stolen database.
//! *Setting.* None. *Answer.* 401 `UNAUTHENTICATED`; the reason is in the log only.
//! *Test.* Below: the shape, and that anything else is refused before anybody looks it up; `tests/it/api_token/`.
//!
//! The text is `twp_` and 32 characters of Crockford's base 32 in lower case, each of which holds five random bits.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::credential::API_TOKEN_PREFIX;
use crate::random::Random;

const ALPHABET: [u8; 32] = *b"0123456789abcdefghjkmnpqrstvwxyz";

/// 160 bits, which nobody can guess.
const SECRET_CHARACTERS: usize = 32;

/// The last characters, which tell a token from others without telling the token.
const SHOWN_CHARACTERS: usize = 4;

/// The text is no API token of any server; for the log only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the API token is malformed")]
pub struct InvalidApiToken;

/// The secret of an API token; whether it is good is for storage to say.
pub struct ApiTokenSecret(SecretString);

impl ApiTokenSecret {
    /// A fresh secret.
    #[must_use]
    pub fn generate(random: &Random) -> Self {
        let characters = random.bytes::<SECRET_CHARACTERS>().map(|byte| ALPHABET[usize::from(byte % 32)]);
        let text = API_TOKEN_PREFIX.chars().chain(characters.map(char::from)).collect::<String>();
        Self(text.into())
    }

    /// The secret that `text` spells; refused unless it has the shape of one.
    pub fn parse(text: &str) -> Result<Self, InvalidApiToken> {
        let secret = text.strip_prefix(API_TOKEN_PREFIX).ok_or(InvalidApiToken)?;
        let is_secret = secret.len() == SECRET_CHARACTERS && secret.bytes().all(|byte| ALPHABET.contains(&byte));
        if is_secret { Ok(Self(text.into())) } else { Err(InvalidApiToken) }
    }

    /// What storage keeps of the secret: the SHA-256 of its text. A fast hash will do, for nobody can guess 160 random bits;
    /// and since a secret is looked up by its hash, how long that takes tells nothing of the secrets that are stored.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.expose()).into()
    }

    /// The last four characters.
    #[must_use]
    pub fn last_four(&self) -> &str {
        let text = self.expose();
        text.get(text.len().saturating_sub(SHOWN_CHARACTERS)..).unwrap_or_default()
    }

    /// The text, for its owner and for nobody else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for ApiTokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ApiTokenSecret").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_secret_is_read_back_as_it_was_made() {
        let secret = ApiTokenSecret::generate(&Random::seeded(1));
        assert_eq!(secret.expose().len(), 36);
        let (prefix, rest) = secret.expose().split_at(4);
        assert_eq!(prefix, "twp_");
        assert_eq!(secret.last_four(), &rest[28..]);
        let parsed = ApiTokenSecret::parse(secret.expose()).unwrap();
        assert_eq!((parsed.expose(), parsed.hash()), (secret.expose(), secret.hash()));
    }

    #[test]
    fn every_character_is_random() {
        let random = Random::seeded(1);
        let secrets: Vec<_> = (0..1_000).map(|_| ApiTokenSecret::generate(&random)).collect();
        assert_eq!(secrets.iter().map(ApiTokenSecret::hash).collect::<HashSet<_>>().len(), secrets.len());
        for place in 4..36 {
            let seen: HashSet<_> = secrets.iter().map(|secret| secret.expose().as_bytes()[place]).collect();
            assert_eq!(seen, ALPHABET.into(), "place {place}");
        }
    }

    #[test]
    fn a_text_of_another_shape_is_refused() {
        let secret = ApiTokenSecret::generate(&Random::seeded(1));
        let text = secret.expose();
        let cases = [
            String::new(),
            "twp_".to_owned(),
            text[..35].to_owned(),
            format!("{text}0"),
            format!(" {}", &text[..35]),
            text.replace("twp_", "twr_"),
            text.to_uppercase(),
            format!("twp_{}", "i".repeat(32)),
            format!("twp_{}", "é".repeat(16)),
            format!("twp_{}", "0".repeat(100_000)),
        ];
        for case in cases {
            assert_eq!(ApiTokenSecret::parse(&case).unwrap_err(), InvalidApiToken, "{case:.50}");
        }
    }

    #[test]
    fn a_secret_never_prints() {
        let secret = ApiTokenSecret::generate(&Random::seeded(1));
        assert_eq!(format!("{secret:?}"), "ApiTokenSecret(..)");
    }
}
