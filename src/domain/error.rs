//! Why a use-case did not happen.

use std::fmt;

use crate::auth::{AccessTokenError, InvalidPasswordHash, PasswordError};
use crate::storage;

/// A result of this room.
pub type Result<T> = std::result::Result<T, Error>;

/// A use-case that did not happen. Every text but [`Error::Internal`]'s may be shown to the client.
#[derive(Debug)]
pub enum Error {
    /// The caller must be known, or the credentials are wrong.
    Unauthenticated(&'static str),
    /// The caller lacks the right.
    Forbidden(&'static str),
    /// Not there, or not visible to the caller.
    NotFound(&'static str),
    /// A version, an id or a name is taken.
    Conflict(&'static str),
    /// Values that break a rule: all of them.
    Invalid(Vec<InvalidField>),
    /// The server has too much to do.
    Overloaded,
    /// The database took too long.
    Timeout,
    /// Anything else, for the log alone.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// A value that breaks a rule, and where it stands in the arguments of the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidField {
    /// From the argument down.
    pub path: Vec<PathSegment>,
    /// Which rule it breaks.
    pub rule: Rule,
    /// The rule in words.
    pub message: String,
}

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathSegment {
    /// A name in an input object.
    Name(&'static str),
    /// A place in a list.
    Index(usize),
}

/// A rule that a value can break. Clients may switch on its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Fewer characters, or a smaller number, than the least.
    TooSmall,
    /// More characters, or a larger number, than the most.
    TooLarge,
    /// A character that is not allowed here.
    InvalidCharacter,
    /// Not in the expected form.
    InvalidFormat,
    /// Null where there must be a value.
    NotNull,
    /// The same value twice.
    Duplicate,
    /// Can't be combined with another argument.
    Conflicting,
    /// Not the caller's password.
    WrongPassword,
    /// Was good once, and is too old by now.
    Expired,
}

impl Rule {
    /// The rule's name in `extensions.fields[].code`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooSmall => "TOO_SMALL",
            Self::TooLarge => "TOO_LARGE",
            Self::InvalidCharacter => "INVALID_CHARACTER",
            Self::InvalidFormat => "INVALID_FORMAT",
            Self::NotNull => "NOT_NULL",
            Self::Duplicate => "DUPLICATE",
            Self::Conflicting => "CONFLICTING",
            Self::WrongPassword => "WRONG_PASSWORD",
            Self::Expired => "EXPIRED",
        }
    }
}

/// A value that breaks a rule, before it is known where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidValue {
    /// Which rule it breaks.
    pub rule: Rule,
    /// The rule in words.
    pub message: String,
}

impl InvalidValue {
    /// A value that breaks `rule`, which `message` puts in words.
    pub fn new(rule: Rule, message: impl Into<String>) -> Self {
        Self { rule, message: message.into() }
    }

    /// A null where there must be a value.
    #[must_use]
    pub fn null() -> Self {
        Self::new(Rule::NotNull, "must not be null; leave it out to keep it as it is")
    }
}

/// The most invalid values that are told at once: more than any input has fields, and few enough that a long list of wrong
/// entries is not answered by a longer one.
const MAX_TOLD: usize = 16;

/// Collects every invalid value of an input, so that a form can show them all at once.
#[derive(Debug)]
pub struct Fields {
    path: Vec<PathSegment>,
    invalid: Vec<InvalidField>,
}

impl Fields {
    /// Collects for the input at `path`.
    #[must_use]
    pub const fn at(path: Vec<PathSegment>) -> Self {
        Self { path, invalid: Vec::new() }
    }

    /// Collects for the argument `input`, which every mutation takes.
    #[must_use]
    pub fn of_input() -> Self {
        Self::at(vec![PathSegment::Name("input")])
    }

    /// The valid value of the field `name`, or `None` after its rule was noted.
    pub fn take<T>(&mut self, name: &'static str, value: std::result::Result<T, InvalidValue>) -> Option<T> {
        self.take_at(&[PathSegment::Name(name)], value)
    }

    /// Like [`Fields::take`], for a value at `path` below the input.
    pub fn take_at<T>(&mut self, path: &[PathSegment], value: std::result::Result<T, InvalidValue>) -> Option<T> {
        value.map_err(|invalid| self.refuse(path, invalid)).ok()
    }

    /// Like [`Fields::take`], for a field that may be left out.
    pub fn take_optional<T>(
        &mut self,
        name: &'static str,
        value: Option<std::result::Result<T, InvalidValue>>,
    ) -> Option<T> {
        value.and_then(|value| self.take(name, value))
    }

    /// Notes that the value at `path` below the input is invalid. Beyond 16 it only stays refused.
    pub fn refuse(&mut self, path: &[PathSegment], invalid: InvalidValue) {
        if self.invalid.len() >= MAX_TOLD {
            return;
        }
        let path = self.path.iter().chain(path).cloned().collect();
        self.invalid.push(InvalidField { path, rule: invalid.rule, message: invalid.message });
    }

    /// The refusal of everything that was noted.
    #[must_use]
    pub fn into_error(self) -> Error {
        Error::Invalid(self.invalid)
    }

    /// What `build` makes of the valid values.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that was noted.
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T> {
        if !self.invalid.is_empty() {
            return Err(self.into_error());
        }
        build().ok_or_else(|| Error::Internal("a value is missing though nothing was refused".into()))
    }
}

impl fmt::Display for PathSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Index(index) => index.fmt(f),
        }
    }
}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::Timeout(cause) => {
                tracing::warn!(target: "taskward::internal", %cause, "the database took too long");
                Self::Timeout
            }
            error => Self::Internal(Box::new(error)),
        }
    }
}

impl From<PasswordError> for Error {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Overloaded,
            error => Self::Internal(Box::new(error)),
        }
    }
}

impl From<AccessTokenError> for Error {
    fn from(error: AccessTokenError) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl From<InvalidPasswordHash> for Error {
    fn from(error: InvalidPasswordHash) -> Self {
        Self::Internal(Box::new(error))
    }
}
