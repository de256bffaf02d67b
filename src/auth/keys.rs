//! The keys of the server: one for each purpose, all derived from `auth.signing_key`.
//!
//! A key that served two purposes would let a value made for the one pass for the other, so each has a label of its own.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};

/// The shortest signing key that is taken, in bytes: as long as the output of SHA-256, which RFC 7518 (section 3.2) asks
/// of every key for HS256.
pub const MIN_SIGNING_KEY_BYTES: usize = 32;

/// The length of a tag: 128 bits, the least that RFC 2104 (section 5) keeps of an HMAC-SHA256.
pub const TAG_BYTES: usize = 16;

/// The block of SHA-256; a key of HMAC is filled up to it with zeros (RFC 2104, section 2).
const BLOCK_BYTES: usize = 64;

/// `auth.signing_key` has fewer than [`MIN_SIGNING_KEY_BYTES`] bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing key must have at least {MIN_SIGNING_KEY_BYTES} bytes")]
pub struct SigningKeyTooShort;

/// The tag was not made with this key from this message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tag does not belong to the message")]
pub struct WrongTag;

/// Every key of the server.
#[derive(Debug)]
pub struct Keys {
    /// Signs access tokens.
    pub access_token: Key,
    /// Tags refresh tokens and derives their successors.
    pub refresh_token: Key,
    /// Tags the cursors of lists.
    pub cursor: Key,
}

impl Keys {
    /// The keys that `signing_key` stands for: the same text gives the same keys on every machine.
    ///
    /// Refused when the text is shorter than [`MIN_SIGNING_KEY_BYTES`].
    pub fn new(signing_key: &SecretString) -> Result<Self, SigningKeyTooShort> {
        let text = signing_key.expose_secret().as_bytes();
        if text.len() < MIN_SIGNING_KEY_BYTES {
            return Err(SigningKeyTooShort);
        }
        // Hashed first, so that a text of any length fits into a block; HMAC itself does so with texts longer than one.
        let root = Key::new(Sha256::digest(text).into());
        let derived = |label: &[u8]| Key::new(root.derive(&[label]));
        Ok(Self {
            access_token: derived(b"taskward access token v1"),
            refresh_token: derived(b"taskward refresh token v1"),
            cursor: derived(b"taskward cursor v1"),
        })
    }
}

/// A key of 256 bits for HMAC-SHA256 (RFC 2104). It never prints, and its memory is cleared when it goes.
///
/// The parts of a message are joined with nothing in between: at most one of them may have a length that varies.
#[derive(Debug)]
pub struct Key(SecretBox<[u8; 32]>);

impl Key {
    /// The whole HMAC of the message: unpredictable without the key, so it can be a secret itself.
    #[must_use]
    pub fn derive(&self, message: &[&[u8]]) -> [u8; 32] {
        self.hmac(message).finalize().into_bytes().into()
    }

    /// The first [`TAG_BYTES`] of the message's HMAC: they show that this server wrote the message.
    #[must_use]
    pub fn tag(&self, message: &[&[u8]]) -> [u8; TAG_BYTES] {
        let whole = self.derive(message);
        std::array::from_fn(|index| whole[index])
    }

    /// Refuses a tag that is not this message's, in a time that does not tell how much of it was right.
    pub fn verify(&self, message: &[&[u8]], tag: &[u8; TAG_BYTES]) -> Result<(), WrongTag> {
        self.hmac(message).verify_truncated_left(tag).map_err(|_| WrongTag)
    }

    /// The bytes of the key, for the library that signs access tokens.
    pub(super) fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }

    fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    fn hmac(&self, message: &[&[u8]]) -> Hmac<Sha256> {
        let mut block = [0; BLOCK_BYTES];
        block[..32].copy_from_slice(self.expose());
        let mut hmac = Hmac::new(&block.into());
        for part in message {
            hmac.update(part);
        }
        hmac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Keys {
        Keys::new(&text.into()).unwrap()
    }

    #[test]
    fn a_signing_key_needs_32_bytes() {
        assert!(Keys::new(&"k".repeat(32).into()).is_ok());
        assert!(Keys::new(&"é".repeat(16).into()).is_ok(), "bytes count, not characters");
        assert_eq!(Keys::new(&"k".repeat(31).into()).unwrap_err(), SigningKeyTooShort);
        assert_eq!(Keys::new(&"".into()).unwrap_err(), SigningKeyTooShort);
    }

    #[test]
    fn each_purpose_and_each_signing_key_has_a_key_of_its_own() {
        let one = keys(&"k".repeat(32));
        let other = keys(&"k".repeat(33));
        let all = [&one, &other].map(|keys| [&keys.access_token, &keys.refresh_token, &keys.cursor].map(Key::expose));
        let different: std::collections::HashSet<_> = all.iter().flatten().collect();
        assert_eq!(different.len(), 6);
        assert_eq!(one.cursor.expose(), keys(&"k".repeat(32)).cursor.expose(), "the same text gives the same keys");
    }

    #[test]
    fn the_hmac_is_that_of_rfc_4231() {
        // Test case 2: the key "Jefe", whose padding to a block is the same as that of the 32 bytes here.
        let mut jefe = [0; 32];
        jefe[..4].copy_from_slice(b"Jefe");
        let hmac = Key::new(jefe).derive(&[b"what do ya want ", b"for nothing?"]);
        assert_eq!(hmac[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        assert_eq!(hmac[28..], [0x64, 0xec, 0x38, 0x43]);
    }

    #[test]
    fn a_tag_belongs_to_one_message_and_one_key() {
        let keys = keys(&"k".repeat(32));
        let tag = keys.cursor.tag(&[b"message"]);
        assert_eq!(keys.cursor.verify(&[b"mess", b"age"], &tag), Ok(()));
        assert_eq!(keys.cursor.verify(&[b"messagf"], &tag), Err(WrongTag));
        assert_eq!(keys.refresh_token.verify(&[b"message"], &tag), Err(WrongTag));
        for bit in 0..TAG_BYTES * 8 {
            let mut changed = tag;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(keys.cursor.verify(&[b"message"], &changed), Err(WrongTag), "bit {bit}");
        }
    }

    #[test]
    fn a_key_never_prints() {
        let printed = format!("{:?}", keys("a signing key of enough characters"));
        assert!(printed.contains("REDACTED") && !printed.contains("enough"), "{printed}");
    }
}
