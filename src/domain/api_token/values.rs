//! The values of an API token that have rules. They are valid once they exist.

use chrono::{DateTime, Utc};

use crate::domain::{InvalidValue, Rule, text};

type Parsed<T> = Result<T, InvalidValue>;

/// What a token is called by its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// The most characters of a name.
    pub const MAX_CHARACTERS: usize = 100;

    /// The name in `text`, composed (NFC), trimmed, and with single spaces.
    ///
    /// # Errors
    /// When no character of it shows, when it has more than 100 then, and for a control character or an override of direction.
    pub fn parse(text: &str) -> Parsed<Self> {
        text::name(text, Self::MAX_CHARACTERS).map(Self)
    }

    /// The name as people read it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name that was parsed before it was stored.
    pub(super) const fn stored(name: String) -> Self {
        Self(name)
    }
}

/// Something that a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// To see what its user sees.
    Read = 1,
    /// To see and to change it.
    Write = 2,
}

/// What a token may be used for: at least one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scopes(i16);

impl Scopes {
    /// Those of `scopes`. Each counts once, however often it is named.
    ///
    /// # Errors
    /// When there are none.
    pub fn parse(scopes: &[Scope]) -> Parsed<Self> {
        match scopes.iter().fold(0, |bits, scope| bits | *scope as i16) {
            0 => Err(InvalidValue::new(Rule::TooSmall, "must hold at least one scope")),
            bits => Ok(Self(bits)),
        }
    }

    /// Whether `scope` is one of them.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope as i16 != 0
    }

    /// All of them, those that allow less first.
    #[must_use]
    pub fn to_vec(self) -> Vec<Scope> {
        [Scope::Read, Scope::Write].into_iter().filter(|scope| self.contains(*scope)).collect()
    }

    /// What is stored: a bit for each scope.
    pub(super) const fn to_stored(self) -> i16 {
        self.0
    }

    /// The scopes that were stored as `bits`.
    pub(super) const fn stored(bits: i16) -> Self {
        Self(bits)
    }
}

/// When a token stops being good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry(DateTime<Utc>);

impl Expiry {
    /// An expiry at `instant`, as seen from `now`.
    ///
    /// # Errors
    /// When it does not lie in the future.
    pub fn parse(instant: DateTime<Utc>, now: DateTime<Utc>) -> Parsed<Self> {
        if instant > now { Ok(Self(instant)) } else { Err(InvalidValue::new(Rule::TooSmall, "must lie in the future")) }
    }

    pub(super) const fn instant(self) -> DateTime<Utc> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_100_characters_that_show() {
        for (text, name) in [("x", "x"), (" a \n b ", "a b"), ("e\u{301} 🎉!", "é 🎉!")] {
            assert_eq!(Name::parse(text).unwrap().as_str(), name);
        }
        assert!(Name::parse(&"é".repeat(100)).is_ok());
        for (text, rule) in [
            ("", Rule::TooSmall),
            (" \n ", Rule::TooSmall),
            (&"é".repeat(101), Rule::TooLarge),
            ("a\0", Rule::InvalidCharacter),
            ("a\u{1b}[31m", Rule::InvalidCharacter),
            ("a\u{202E}b", Rule::InvalidCharacter),
        ] {
            assert_eq!(Name::parse(text).unwrap_err().rule, rule, "{text:?}");
        }
    }

    #[test]
    fn scopes_are_a_set_with_at_least_one_member() {
        use Scope::{Read, Write};
        assert_eq!(Scopes::parse(&[]).unwrap_err().rule, Rule::TooSmall);
        for (scopes, members) in
            [(&[Read][..], &[Read][..]), (&[Write], &[Write]), (&[Write, Read, Write], &[Read, Write])]
        {
            let parsed = Scopes::parse(scopes).unwrap();
            assert_eq!(parsed.to_vec(), members);
            assert_eq!(Scopes::stored(parsed.to_stored()), parsed);
        }
    }

    #[test]
    fn an_expiry_lies_in_the_future() {
        let now = DateTime::UNIX_EPOCH;
        let moment = chrono::TimeDelta::microseconds(1);
        assert_eq!(Expiry::parse(now + moment, now).unwrap().instant(), now + moment);
        for past in [now, now - moment] {
            assert_eq!(Expiry::parse(past, now).unwrap_err().rule, Rule::TooSmall);
        }
    }
}
