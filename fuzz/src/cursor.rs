//! Cursors: texts that clients hand back, and what a server would read in one that it had signed.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use taskward::auth::Keys;
use taskward::domain::cursor::{decode, encode};

use super::refusal;

const SCOPE: &str = "tasks CreatedAt Descending";

static KEYS: LazyLock<Keys> =
    LazyLock::new(|| Keys::new(&SecretString::from("a key for tests, of 32 bytes and more")).unwrap());

/// What is no cursor of ours is refused, and a position that one stands for survives being written and read again, but
/// for another list.
pub fn run(data: &[u8]) {
    let (key, other) = (&KEYS.cursor, &KEYS.refresh_token);
    if let Ok(cursor) = std::str::from_utf8(data) {
        let refused = decode(key, SCOPE, cursor).expect_err("nobody but the server knows the key");
        refusal::holds(&refused.message);
    }
    // The fuzzer can't guess a tag, so what lies behind it gets one.
    let tag = key.tag(&[SCOPE.as_bytes(), &[0], data]);
    let Ok(position) = decode(key, SCOPE, &URL_SAFE_NO_PAD.encode([&tag, data].concat())) else { return };
    let cursor = encode(key, SCOPE, &position);
    assert_eq!(decode(key, SCOPE, &cursor).as_ref(), Ok(&position));
    assert!(decode(key, "tasks Title Descending", &cursor).is_err());
    assert!(decode(other, SCOPE, &cursor).is_err());
}
