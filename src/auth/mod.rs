//! Who is calling, and how they prove it: passwords, access tokens, refresh tokens, API tokens and the header that carries
//! them.
//!
//! This room knows no database and no HTTP: it turns secrets into hashes and tokens into claims, and whoever calls it
//! stores the one and looks up the other. argon2 and jsonwebtoken are used here and nowhere else. The reasons inside the
//! `Invalid…` errors are for the log; a client reads the same `UNAUTHENTICATED` for each of them.
//!
//! | File | Owns |
//! |---|---|
//! | `keys` | the keys that are derived from `auth.signing_key` |
//! | `password` | hashes of passwords |
//! | `access_token` | the signed tokens that callers send with each request |
//! | `refresh_token` | the opaque tokens that get a session its next access token |
//! | `api_token` | the opaque tokens that programs send with each request |
//! | `credential` | the value of an `Authorization` header |

mod access_token;
mod api_token;
mod credential;
mod keys;
mod password;
mod refresh_token;

pub use access_token::{AccessTokenError, AccessTokens, Claims, InvalidAccessToken, IssuedAccessToken};
pub use api_token::{ApiTokenSecret, InvalidApiToken};
pub use credential::{API_TOKEN_PREFIX, Credential, InvalidCredential};
pub use keys::{Key, Keys, MIN_SIGNING_KEY_BYTES, SigningKeyTooShort, TAG_BYTES, WrongTag};
pub use password::{Cost, InvalidPasswordHash, PasswordError, PasswordHash, PasswordHasher, Verified};
pub use refresh_token::{InvalidRefreshToken, RefreshToken};
