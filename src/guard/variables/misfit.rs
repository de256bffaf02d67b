//! What a client is told of a value that does not fit its type: where it stands, and what is wrong with it.

use async_graphql::{Name, Value, value};

use crate::guard::mask::Detail;

/// A value in the variables that does not fit its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// From the variable down, by names of the document and the schema.
    pub(super) path: Vec<PathSegment>,
    /// What is wrong.
    pub(super) problem: Problem,
}

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PathSegment {
    /// The name of a variable, or of a field of an input object.
    Name(Name),
    /// A place in a list.
    Index(usize),
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// It is null where there must be a value.
    Null,
    /// It is not there, and must be.
    Missing,
    /// It is not of the type.
    Unfit,
    /// It is an object with a field that its type does not have.
    Unknown,
    /// It is an object without a field that its type requires.
    Incomplete,
}

impl Misfit {
    /// The longest name that is told.
    const NAME_CHARACTERS: usize = 64;

    /// As much of it as a client may see: the name of a field that it has not sent is told in full detail only.
    #[must_use]
    pub fn seen(mut self, detail: Detail) -> Self {
        if self.problem == Problem::Missing && self.path.len() > 1 && detail == Detail::Fixed {
            self.path.pop();
            self.problem = Problem::Incomplete;
        }
        self
    }

    /// The path as a list of names and numbers.
    #[must_use]
    pub fn path(&self) -> Value {
        let segment = |segment: &PathSegment| match segment {
            PathSegment::Name(name) => Value::from(name.chars().take(Self::NAME_CHARACTERS).collect::<String>()),
            PathSegment::Index(index) => Value::from(u64::try_from(*index).unwrap_or(u64::MAX)),
        };
        Value::List(self.path.iter().map(segment).collect())
    }

    /// The name of the rule that it breaks, which is one of those of the fields of inputs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.problem {
            Problem::Null | Problem::Missing | Problem::Incomplete => "NOT_NULL",
            Problem::Unfit | Problem::Unknown => "INVALID_FORMAT",
        }
    }

    /// The rule in words.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        match self.problem {
            Problem::Null => "must not be null",
            Problem::Missing => "must be given",
            Problem::Incomplete => "lacks a field that its type requires",
            Problem::Unfit => "does not fit its type",
            Problem::Unknown => "holds a field that its type does not have",
        }
    }

    /// What a client is told: `{ path: ["input", "dueAt"], code: "INVALID_FORMAT", message: "does not fit its type" }`.
    pub(in crate::guard) fn to_value(&self) -> Value {
        value!({ "path": self.path(), "code": self.code(), "message": self.message() })
    }
}
