//! The value of an `Authorization` header, or of the field of the same name in a socket's first message.
//!
//! *Attack.* A value that two readers understand differently (two tokens, odd spaces, bytes that are not ASCII) or that
//! is long enough to cost time. *Setting.* None. *Answer.* 401 `UNAUTHENTICATED`; the reason is in the log only.
//! *Test.* Below: each malformed value, and a value at the limit and one byte above it.

use secrecy::SecretString;

/// What every API token begins with.
pub const API_TOKEN_PREFIX: &str = "twp_";

/// The longest value that is read, in bytes, the scheme included. A token of ours needs less than a quarter of it.
const MAX_VALUE_BYTES: usize = 2_048;

/// Why a value is no credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCredential {
    /// It is longer than any that we give out.
    #[error("the credential is too long")]
    TooLong,
    /// The scheme is neither `Bearer` nor `Token`.
    #[error("the scheme of the credential is unknown")]
    UnknownScheme,
    /// It is not a scheme and exactly one token.
    #[error("the credential is malformed")]
    Malformed,
}

/// What a caller shows to prove who they are; nothing about it has been checked yet.
#[derive(Debug)]
pub enum Credential {
    /// To be verified by [`super::AccessTokens::verify`].
    AccessToken(SecretString),
    /// Begins with [`API_TOKEN_PREFIX`]; to be looked up by its hash.
    ApiToken(SecretString),
}

impl Credential {
    /// The credential in `value`: the scheme `Bearer` (RFC 6750, section 2.1) or `Token` in any case, one or more spaces,
    /// and one token of the syntax `token68` (RFC 9110, section 11.2).
    ///
    /// A request with two `Authorization` headers has two values: the caller must refuse it, not choose one.
    pub fn parse(value: &[u8]) -> Result<Self, InvalidCredential> {
        if value.len() > MAX_VALUE_BYTES {
            return Err(InvalidCredential::TooLong);
        }
        let text = str::from_utf8(value).map_err(|_| InvalidCredential::Malformed)?;
        let (scheme, rest) = text.split_once(' ').ok_or(InvalidCredential::Malformed)?;
        if !["Bearer", "Token"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return Err(InvalidCredential::UnknownScheme);
        }
        let token = rest.trim_start_matches(' ');
        if !is_token68(token) {
            return Err(InvalidCredential::Malformed);
        }
        Ok(if token.starts_with(API_TOKEN_PREFIX) {
            Self::ApiToken(token.into())
        } else {
            Self::AccessToken(token.into())
        })
    }
}

/// Whether `text` is letters, digits and `-._~+/`, at least one of them, and then any number of `=`.
fn is_token68(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn both_schemes_carry_both_kinds_of_token() {
        for scheme in ["Bearer ", "bearer ", "BEARER   ", "Token ", "tOKEN "] {
            match Credential::parse(format!("{scheme}aB3.-_~+/x==").as_bytes()) {
                Ok(Credential::AccessToken(token)) => assert_eq!(token.expose_secret(), "aB3.-_~+/x=="),
                other => panic!("{scheme}: {other:?}"),
            }
            match Credential::parse(format!("{scheme}twp_secret").as_bytes()) {
                Ok(Credential::ApiToken(token)) => assert_eq!(token.expose_secret(), "twp_secret"),
                other => panic!("{scheme}: {other:?}"),
            }
        }
    }

    #[test]
    fn anything_but_a_scheme_and_one_token_is_refused() {
        use InvalidCredential::{Malformed, UnknownScheme};
        let cases: [(&[u8], _); 18] = [
            (b"", Malformed),
            (b" ", UnknownScheme),
            (b"abc", Malformed),
            (b"Bearer", Malformed),
            (b"Bearer ", Malformed),
            (b"Bearer =", Malformed),
            (b"Bearer a b", Malformed),
            (b"Bearer a ", Malformed),
            (b"Bearer a,Bearer b", Malformed),
            (b"Bearer a=b", Malformed),
            (b"Bearer \ta", Malformed),
            (b"Bearer\ta", Malformed),
            (b" Bearer a", UnknownScheme),
            (b"Bearer: a", UnknownScheme),
            (b"Basic YTpi", UnknownScheme),
            ("Bearer é".as_bytes(), Malformed),
            (b"Bearer \xff", Malformed),
            (b"Bearer a\0", Malformed),
        ];
        for (value, reason) in cases {
            assert_eq!(Credential::parse(value).unwrap_err(), reason, "{}", value.escape_ascii());
        }
    }

    #[test]
    fn the_length_is_bounded() {
        let value = |bytes: usize| format!("Bearer {}", "a".repeat(bytes - "Bearer ".len()));
        assert!(Credential::parse(value(MAX_VALUE_BYTES).as_bytes()).is_ok());
        for bytes in [MAX_VALUE_BYTES + 1, 100_000] {
            assert_eq!(Credential::parse(value(bytes).as_bytes()).unwrap_err(), InvalidCredential::TooLong, "{bytes}");
        }
    }

    #[test]
    fn a_token_never_prints() {
        let printed = format!("{:?}", Credential::parse(b"Bearer hunter2").unwrap());
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}
