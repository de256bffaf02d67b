//! Access tokens: short-lived JWTs (RFC 7519) that name a user and a session.
//!
//! *Attack.* Forged tokens: no signature, another algorithm, another key, a changed payload, a token of another service;
//! tokens that have expired; texts so long that reading them costs time. *Setting.* `auth.signing_key` and
//! `auth.access_token_seconds`. *Answer.* 401 `UNAUTHENTICATED`; the reason is in the log only. *Test.* `access_token/tests.rs`.
//!
//! There is one algorithm and one key, so nothing in a token can choose either (RFC 8725, sections 3.1 and 3.8). A token
//! says who was logged in when it was signed: whether the session still lives is for the caller to look up.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, crypto, decode, encode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::keys::Keys;
use crate::clock::Clock;
use crate::ids::{SessionId, UserId};

/// The issuer and the audience of every token.
const SERVICE: &str = "taskward";

/// By how much the clocks of two servers with the same key may differ.
const LEEWAY: TimeDelta = TimeDelta::seconds(5);

/// The longest token that is read, in bytes. Ours have about 400.
const MAX_TOKEN_BYTES: usize = 2_048;

/// Why a token could not be signed, or why no token ever could. The server must not start then.
#[derive(Debug, thiserror::Error)]
pub enum AccessTokenError {
    /// The library could not sign.
    #[error("the access token could not be signed")]
    NotSigned(#[from] Error),
    /// The token would expire after the end of all dates.
    #[error("the access token would live too long")]
    LivesTooLong,
    /// A token that had just been signed was refused.
    #[error("the access token that was signed to test the key is refused")]
    SelfTest(#[from] InvalidAccessToken),
}

/// Why a text is no valid access token; for the log only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAccessToken {
    /// It is too long, no JWT, or lacks a claim.
    #[error("the access token is malformed")]
    Malformed,
    /// It names another algorithm than HS256.
    #[error("the access token names another algorithm")]
    WrongAlgorithm,
    /// It names another key, or none.
    #[error("the access token names another key")]
    UnknownKey,
    /// It was not signed with this server's key, or was changed since.
    #[error("the signature of the access token is wrong")]
    BadSignature,
    /// It was good once.
    #[error("the access token has expired")]
    Expired,
    /// It will be good later.
    #[error("the access token is not valid yet")]
    NotYetValid,
    /// Another service issued it.
    #[error("the access token has another issuer")]
    WrongIssuer,
    /// It was issued for another service.
    #[error("the access token is for another audience")]
    WrongAudience,
}

/// What a valid access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    /// Who calls.
    pub user: UserId,
    /// The session in which they logged in.
    pub session: SessionId,
    /// When the token expires, to the second.
    pub expires_at: DateTime<Utc>,
}

/// A fresh access token.
#[derive(Debug)]
pub struct IssuedAccessToken {
    /// The token, for its owner and for nobody else.
    pub token: SecretString,
    /// When it expires, to the second.
    pub expires_at: DateTime<Utc>,
}

/// Issues and verifies access tokens.
#[derive(Debug)]
pub struct AccessTokens {
    header: Header,
    key_id: String,
    signing_key: EncodingKey,
    verifying_key: DecodingKey,
    validation: Validation,
    lifetime: TimeDelta,
    clock: Clock,
}

impl AccessTokens {
    /// Access tokens that are good for `lifetime`, cut to seconds, by `clock`.
    ///
    /// One token is signed and verified at once: whatever is wrong with the keys or the library shows here.
    pub fn new(keys: &Keys, lifetime: TimeDelta, clock: Clock) -> Result<Self, AccessTokenError> {
        // Left alone, jsonwebtoken panics at its first use unless exactly one of its two backends was compiled in, and
        // any dependency can switch on the other. A choice by name cannot fail; an error means that it was made before.
        let _chosen_before = crypto::rust_crypto::DEFAULT_PROVIDER.install_default();
        let key = keys.access_token.expose();
        let key_id = key_id(key);
        let tokens = Self {
            header: Header { kid: Some(key_id.clone()), ..Header::new(Algorithm::HS256) },
            key_id,
            signing_key: EncodingKey::from_secret(key),
            verifying_key: DecodingKey::from_secret(key),
            validation: validation(),
            lifetime,
            clock,
        };
        let probe = tokens.issue(UserId::from_uuid(Uuid::nil()), SessionId::from_uuid(Uuid::nil()))?;
        tokens.verify(probe.token.expose_secret())?;
        Ok(tokens)
    }

    /// A token for a user in a session, good from now on.
    pub fn issue(&self, user: UserId, session: SessionId) -> Result<IssuedAccessToken, AccessTokenError> {
        let now = self.clock.now().timestamp();
        let exp = now.checked_add(self.lifetime.num_seconds()).ok_or(AccessTokenError::LivesTooLong)?;
        let payload = Payload {
            iss: SERVICE.to_owned(),
            aud: SERVICE.to_owned(),
            sub: user.to_string(),
            sid: session.to_string(),
            iat: now,
            nbf: now,
            exp,
        };
        let token = encode(&self.header, &payload, &self.signing_key)?.into();
        let expires_at = DateTime::from_timestamp_secs(exp).ok_or(AccessTokenError::LivesTooLong)?;
        Ok(IssuedAccessToken { token, expires_at })
    }

    /// What `token` says; refused unless this server signed it, for itself, and it is good now, give or take 5 seconds.
    pub fn verify(&self, token: &str) -> Result<Claims, InvalidAccessToken> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(InvalidAccessToken::Malformed);
        }
        self.check_header(token)?;
        let payload: Payload =
            decode(token, &self.verifying_key, &self.validation).map_err(|error| reason(&error))?.claims;
        self.check_times(&payload)?;
        payload.claims().ok_or(InvalidAccessToken::Malformed)
    }

    /// Looks at the header before the library does: `none` would be broken JSON to it, and `kid` nothing to look at.
    fn check_header(&self, token: &str) -> Result<(), InvalidAccessToken> {
        let header = token.split_once('.').and_then(|(header, _)| URL_SAFE_NO_PAD.decode(header).ok());
        let header = header.and_then(|header| serde_json::from_slice::<NamedKey>(&header).ok());
        let header = header.ok_or(InvalidAccessToken::Malformed)?;
        if header.alg != "HS256" {
            return Err(InvalidAccessToken::WrongAlgorithm);
        }
        if header.kid.as_ref() != Some(&self.key_id) {
            return Err(InvalidAccessToken::UnknownKey);
        }
        Ok(())
    }

    /// `exp` is the first moment at which a token is bad (RFC 7519, section 4.1.4), `nbf` the first at which it is good.
    fn check_times(&self, payload: &Payload) -> Result<(), InvalidAccessToken> {
        let now = self.clock.now();
        let instant = |seconds| DateTime::from_timestamp_secs(seconds).ok_or(InvalidAccessToken::Malformed);
        if now.signed_duration_since(instant(payload.exp)?) >= LEEWAY {
            return Err(InvalidAccessToken::Expired);
        }
        if instant(payload.nbf)?.signed_duration_since(now) > LEEWAY {
            return Err(InvalidAccessToken::NotYetValid);
        }
        Ok(())
    }
}

/// The two header parameters that are looked at (RFC 7515, sections 4.1.1 and 4.1.4).
#[derive(Deserialize)]
struct NamedKey {
    alg: String,
    kid: Option<String>,
}

/// The claims as they are signed; instants in seconds since 1970. Each of them is required.
#[derive(Serialize, Deserialize)]
struct Payload {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl Payload {
    fn claims(&self) -> Option<Claims> {
        Some(Claims {
            user: self.sub.parse().ok()?,
            session: self.sid.parse().ok()?,
            expires_at: DateTime::from_timestamp_secs(self.exp)?,
        })
    }
}

/// What the library checks. It would compare times with the machine's clock, so that is left to [`AccessTokens`].
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    validation.set_issuer(&[SERVICE]);
    validation.set_audience(&[SERVICE]);
    validation
}

/// Names a key without telling anything about it.
fn key_id(key: &[u8; 32]) -> String {
    let digest: [u8; 32] = Sha256::digest(key).into();
    URL_SAFE_NO_PAD.encode(&digest[..8])
}

fn reason(error: &Error) -> InvalidAccessToken {
    match error.kind() {
        ErrorKind::InvalidSignature => InvalidAccessToken::BadSignature,
        ErrorKind::InvalidAlgorithm => InvalidAccessToken::WrongAlgorithm,
        ErrorKind::InvalidIssuer => InvalidAccessToken::WrongIssuer,
        ErrorKind::InvalidAudience => InvalidAccessToken::WrongAudience,
        _ => InvalidAccessToken::Malformed,
    }
}

#[cfg(test)]
mod tests;
