//! Refresh tokens: opaque, good for one use, stored only as hashes, each one able to derive the next.
//!
//! *Attack.* A stolen refresh token that is used beside its owner's; made-up tokens, sent to end the sessions of others;
//! a stolen database. *Setting.* `auth.refresh_token_days`. *Answer.* 401 `UNAUTHENTICATED`; the reason is in the log only.
//! *Test.* Below: every changed character is refused, and a successor needs the key.
//!
//! The text is `twr_` and, in base64url without padding, the session (16 bytes), a secret (32 bytes) and a tag
//! (16 bytes). The tag tells a token that was issued and has been superseded, whose use ends the session, from junk,
//! whose use must not. The secret of the successor is derived from the token and the server's key: two tabs that refresh
//! with the same token get the same successor, while neither of the two tokens is stored and whoever steals a used one
//! cannot compute the next.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::keys::{Keys, TAG_BYTES};
use crate::ids::SessionId;
use crate::random::Random;

const PREFIX: &str = "twr_";
const SESSION_BYTES: usize = 16;
const SECRET_BYTES: usize = 32;

/// The length of every token in text: 64 bytes are 86 characters of base64 without padding.
const TEXT_BYTES: usize = PREFIX.len() + (SESSION_BYTES + SECRET_BYTES + TAG_BYTES).saturating_mul(8).div_ceil(6);

/// Why a text is no refresh token of this server; for the log only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRefreshToken {
    /// It does not look like one.
    #[error("the refresh token is malformed")]
    Malformed,
    /// It looks like one, but this server never issued it, or did so under another signing key.
    #[error("the refresh token was never issued")]
    NeverIssued,
}

/// A refresh token that this server issued; whether it is still the current one of its session is for storage to say.
pub struct RefreshToken {
    session: SessionId,
    secret: SecretBox<[u8; SECRET_BYTES]>,
    text: SecretString,
}

impl RefreshToken {
    /// The first token of a session.
    #[must_use]
    pub fn first(session: SessionId, random: &Random, keys: &Keys) -> Self {
        Self::issue(session, random.bytes(), keys)
    }

    /// The token that `text` spells; refused unless this server issued it. Each token has one spelling only.
    pub fn parse(text: &str, keys: &Keys) -> Result<Self, InvalidRefreshToken> {
        let bytes = decode(text).ok_or(InvalidRefreshToken::Malformed)?;
        let (session, secret, tag) = split(&bytes).ok_or(InvalidRefreshToken::Malformed)?;
        keys.refresh_token.verify(&[b"tag", session, secret], tag).map_err(|_| InvalidRefreshToken::NeverIssued)?;
        Ok(Self {
            session: SessionId::from_uuid(Uuid::from_bytes(*session)),
            secret: SecretBox::new(Box::new(*secret)),
            text: text.into(),
        })
    }

    /// The token that takes this one's place: the same one however often it is asked for.
    #[must_use]
    pub fn successor(&self, keys: &Keys) -> Self {
        let secret =
            keys.refresh_token.derive(&[b"successor", self.session.uuid().as_bytes(), self.secret.expose_secret()]);
        Self::issue(self.session, secret, keys)
    }

    /// The session that the token refreshes.
    #[must_use]
    pub const fn session_id(&self) -> SessionId {
        self.session
    }

    /// What storage keeps of the token: the SHA-256 of its text. A fast hash will do, for nobody can guess 256 random bits.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.expose()).into()
    }

    /// The text, for the answer to its owner and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    fn issue(session: SessionId, secret: [u8; SECRET_BYTES], keys: &Keys) -> Self {
        let uuid = session.uuid();
        let tag = keys.refresh_token.tag(&[b"tag", uuid.as_bytes(), &secret]);
        let bytes = [uuid.as_bytes().as_slice(), &secret, &tag].concat();
        let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)).into();
        Self { session, secret: SecretBox::new(Box::new(secret)), text }
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshToken").field("session", &self.session).finish_non_exhaustive()
    }
}

/// The bytes behind the prefix; the length is checked first, so that a long text costs nothing.
fn decode(text: &str) -> Option<Vec<u8>> {
    if text.len() != TEXT_BYTES {
        return None;
    }
    // The engine refuses padding and stray bits in the last character: a second spelling would have another hash.
    URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()
}

type Parts<'a> = (&'a [u8; SESSION_BYTES], &'a [u8; SECRET_BYTES], &'a [u8; TAG_BYTES]);

fn split(bytes: &[u8]) -> Option<Parts<'_>> {
    let (session, rest) = bytes.split_first_chunk()?;
    let (secret, tag) = rest.split_first_chunk()?;
    Some((session, secret, tag.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn keys(seed: &str) -> Keys {
        Keys::new(&seed.repeat(32).into()).unwrap()
    }

    fn token(keys: &Keys) -> RefreshToken {
        let random = Random::seeded(1);
        RefreshToken::first(SessionId::generate(DateTime::UNIX_EPOCH, &random), &random, keys)
    }

    #[test]
    fn a_token_is_read_back_as_it_was_issued() {
        let keys = keys("k");
        let token = token(&keys);
        assert_eq!(token.expose().len(), TEXT_BYTES);
        assert!(token.expose().starts_with("twr_"));
        let parsed = RefreshToken::parse(token.expose(), &keys).unwrap();
        assert_eq!(parsed.session_id(), token.session_id());
        assert_eq!(parsed.hash(), token.hash());
        assert_eq!(parsed.successor(&keys).expose(), token.successor(&keys).expose());
    }

    #[test]
    fn each_successor_is_a_new_token_of_the_same_session() {
        let keys = keys("k");
        let chain: Vec<_> =
            std::iter::successors(Some(token(&keys)), |token| Some(token.successor(&keys))).take(5).collect();
        let different: std::collections::HashSet<_> = chain.iter().map(RefreshToken::hash).collect();
        assert_eq!(different.len(), 5);
        for successor in &chain {
            assert_eq!(RefreshToken::parse(successor.expose(), &keys).unwrap().session_id(), chain[0].session_id());
        }
    }

    #[test]
    fn a_successor_cannot_be_derived_without_the_key() {
        let ours = keys("k");
        let token = token(&ours);
        let guess = token.successor(&keys("x"));
        assert_ne!(guess.hash(), token.successor(&ours).hash());
        assert_eq!(RefreshToken::parse(guess.expose(), &ours).unwrap_err(), InvalidRefreshToken::NeverIssued);
    }

    #[test]
    fn a_token_with_any_character_changed_is_refused() {
        let keys = keys("k");
        let text = token(&keys).expose().to_owned();
        for index in 0..text.len() {
            let other = if text.as_bytes()[index] == b'A' { "B" } else { "A" };
            let mut changed = text.clone();
            changed.replace_range(index..=index, other);
            assert!(RefreshToken::parse(&changed, &keys).is_err(), "character {index}");
        }
    }

    #[test]
    fn the_session_and_the_secret_cannot_be_exchanged() {
        let keys = keys("k");
        let (one, other) = (token(&keys), token(&keys).successor(&keys));
        let random = Random::seeded(2);
        let foreign = RefreshToken::first(SessionId::generate(DateTime::UNIX_EPOCH, &random), &random, &keys);
        let bytes = [&one, &other, &foreign].map(|token| decode(token.expose()).unwrap());
        for mixed in [
            [&bytes[2][..16], &bytes[0][16..48], &bytes[0][48..]],
            [&bytes[0][..16], &bytes[1][16..48], &bytes[0][48..]],
            [&bytes[0][..16], &bytes[0][16..48], &bytes[1][48..]],
        ] {
            let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(mixed.concat()));
            assert_eq!(RefreshToken::parse(&text, &keys).unwrap_err(), InvalidRefreshToken::NeverIssued);
        }
    }

    #[test]
    fn a_text_that_is_no_token_is_malformed() {
        let keys = keys("k");
        let text = token(&keys).expose().to_owned();
        let stray_bits = format!("{}B", "A".repeat(85));
        let cases = [
            String::new(),
            "twr_".to_owned(),
            text[..text.len() - 1].to_owned(),
            format!("{text}A"),
            format!("{text}=="),
            format!(" {}", &text[..text.len() - 1]),
            text.replace("twr_", "twp_"),
            format!("{PREFIX}{stray_bits}"),
            format!("{PREFIX}{}", "+".repeat(86)),
            format!("{PREFIX}{}", "é".repeat(43)),
            format!("{PREFIX}{}", "A".repeat(100_000)),
        ];
        for case in cases {
            assert_eq!(
                RefreshToken::parse(&case, &keys).unwrap_err(),
                InvalidRefreshToken::Malformed,
                "{}",
                case.chars().take(100).collect::<String>()
            );
        }
        let junk = format!("{PREFIX}{}", "A".repeat(86));
        assert_eq!(RefreshToken::parse(&junk, &keys).unwrap_err(), InvalidRefreshToken::NeverIssued);
    }

    #[test]
    fn a_token_never_prints() {
        let token = token(&keys("k"));
        let secret = &token.expose()[PREFIX.len() + 22..];
        assert!(!format!("{token:?}").contains(&secret[..8]));
    }
}
