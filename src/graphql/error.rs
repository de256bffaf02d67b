//! Errors as clients see them, and the one place where an error becomes GraphQL.
//!
//! [`ApiError`] has no `Display` on purpose: async-graphql turns every error that has one into an answer with its text, so
//! that a stray `?` on a database error would tell clients what it says. Without it, such a `?` does not compile.

use async_graphql::{ErrorExtensionValues, Value};

use crate::code::{ErrorCode, INTERNAL_MESSAGE};
use crate::domain::{self, InvalidField, PathSegment};

/// The result of a resolver.
pub type Result<T> = std::result::Result<T, ApiError>;

/// An error of a field.
#[derive(Debug, Clone)]
pub struct ApiError {
    code: ErrorCode,
    message: &'static str,
    fields: Vec<InvalidField>,
}

impl ApiError {
    /// An error that a client may see in full.
    #[must_use]
    pub const fn new(code: ErrorCode, message: &'static str) -> Self {
        Self { code, message, fields: Vec::new() }
    }

    /// The code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// The text for the client.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        self.message
    }

    /// An error that the log tells and the client does not.
    pub fn internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(target: "taskward::internal", cause = %Chain(cause), "an operation failed inside");
        Self::new(ErrorCode::InternalServerError, INTERNAL_MESSAGE)
    }
}

impl From<domain::Error> for ApiError {
    fn from(error: domain::Error) -> Self {
        match error {
            domain::Error::Unauthenticated(message) => Self::new(ErrorCode::Unauthenticated, message),
            domain::Error::Forbidden(message) => Self::new(ErrorCode::Forbidden, message),
            domain::Error::NotFound(message) => Self::new(ErrorCode::NotFound, message),
            domain::Error::Conflict(message) => Self::new(ErrorCode::Conflict, message),
            domain::Error::Invalid(fields) => Self {
                fields,
                ..Self::new(ErrorCode::BadUserInput, "The input breaks rules; `extensions.fields` says which.")
            },
            domain::Error::Overloaded => Self::new(ErrorCode::Overloaded, "The server is busy: try again in a second."),
            domain::Error::Timeout => Self::new(ErrorCode::Timeout, "The database took too long: try again."),
            domain::Error::Internal(cause) => Self::internal(cause.as_ref()),
        }
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", error.code.as_str());
        if !error.fields.is_empty() {
            extensions.set("fields", Value::List(error.fields.iter().map(field_value).collect()));
        }
        Self { message: error.message.to_owned(), source: None, extensions: Some(extensions) }
    }
}

/// `{ path: ["input", "title"], code: "TOO_SMALL", message: "must have at least 3 characters" }`
fn field_value(field: &InvalidField) -> Value {
    let path = field.path.iter().map(|segment| match segment {
        PathSegment::Name(name) => Value::from(*name),
        PathSegment::Index(index) => Value::from(u64::try_from(*index).unwrap_or(u64::MAX)),
    });
    let members = [
        ("path", Value::List(path.collect())),
        ("code", Value::from(field.rule.as_str())),
        ("message", Value::from(field.message.as_str())),
    ];
    Value::Object(members.into_iter().map(|(name, value)| (async_graphql::Name::new(name), value)).collect())
}

/// An error and what caused it, in a line. Many errors repeat their cause in their own text; it is then told once.
struct Chain<'a>(&'a (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut told = self.0.to_string();
        f.write_str(&told)?;
        let mut source = self.0.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            if !told.contains(&text) {
                write!(f, ": {text}")?;
            }
            told = text;
            source = cause.source();
        }
        Ok(())
    }
}
