//! Every error code that a client can see, in one list, each with the HTTP status of a whole request that ends with it.
//!
//! Codes follow Apollo's where it has one, so that clients' existing error links work.

/// All that a client learns of an error that is not its own.
pub const INTERNAL_MESSAGE: &str = "Something went wrong on our side; the log has the cause under this request id.";

/// A code in `errors[].extensions.code`. Clients may switch on it; names never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The document is not GraphQL.
    GraphqlParseFailed,
    /// The document does not fit the schema.
    GraphqlValidationFailed,
    /// The operation is unknown, or its name is needed and missing.
    OperationResolutionFailure,
    /// A value breaks a rule; `extensions.fields` says which.
    BadUserInput,
    /// Not a GraphQL request: bad JSON, wrong types, a batch.
    BadRequest,
    /// The document, or what it expands to, is too large.
    QueryTooLarge,
    /// The document is nested too deeply.
    QueryTooDeep,
    /// The operation costs more than one operation may.
    QueryTooComplex,
    /// Too many aliases.
    TooManyAliases,
    /// Too many fields of the root type.
    TooManyRootFields,
    /// Too many directives.
    TooManyDirectives,
    /// The hash is unknown: send the document with it.
    PersistedQueryNotFound,
    /// Persisted queries are off.
    PersistedQueryNotSupported,
    /// The caller is not known, and the field needs one.
    Unauthenticated,
    /// The caller is known and lacks the right.
    Forbidden,
    /// Not there, or not visible to the caller: the two are the same answer.
    NotFound,
    /// A version, an id or a name is taken.
    Conflict,
    /// A budget is used up; `Retry-After` says when to come back.
    RateLimited,
    /// A page of another site may have sent this request.
    CsrfRejected,
    /// The method is not allowed here; `Allow` names those that are.
    MethodNotAllowed,
    /// No media type of `Accept` can be served.
    NotAcceptable,
    /// The body did not arrive in time.
    RequestTimeout,
    /// The body is too large.
    PayloadTooLarge,
    /// The request target is too long.
    UriTooLong,
    /// The content type, charset or encoding is not taken.
    UnsupportedMediaType,
    /// The `Host` is not one of ours.
    MisdirectedRequest,
    /// Too many header fields, or too large.
    HeadersTooLarge,
    /// The operation ran too long and was stopped.
    Timeout,
    /// The server has too much to do; `Retry-After` says when to come back.
    Overloaded,
    /// The answer would be too large.
    ResponseTooLarge,
    /// Anything else; the log has the cause under the request id.
    InternalServerError,
}

impl ErrorCode {
    /// The code as a client reads it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::OperationResolutionFailure => "OPERATION_RESOLUTION_FAILURE",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::BadRequest => "BAD_REQUEST",
            Self::QueryTooLarge => "QUERY_TOO_LARGE",
            Self::QueryTooDeep => "QUERY_TOO_DEEP",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::TooManyAliases => "TOO_MANY_ALIASES",
            Self::TooManyRootFields => "TOO_MANY_ROOT_FIELDS",
            Self::TooManyDirectives => "TOO_MANY_DIRECTIVES",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::PersistedQueryNotSupported => "PERSISTED_QUERY_NOT_SUPPORTED",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::Conflict => "CONFLICT",
            Self::RateLimited => "RATE_LIMITED",
            Self::CsrfRejected => "CSRF_REJECTED",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::NotAcceptable => "NOT_ACCEPTABLE",
            Self::RequestTimeout => "REQUEST_TIMEOUT",
            Self::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Self::UriTooLong => "URI_TOO_LONG",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::MisdirectedRequest => "MISDIRECTED_REQUEST",
            Self::HeadersTooLarge => "HEADERS_TOO_LARGE",
            Self::Timeout => "TIMEOUT",
            Self::Overloaded => "OVERLOADED",
            Self::ResponseTooLarge => "RESPONSE_TOO_LARGE",
            Self::InternalServerError => "INTERNAL_SERVER_ERROR",
        }
    }

    /// The HTTP status of an answer that holds nothing but this error.
    ///
    /// A field error travels in a 200 instead, and [`ErrorCode::is_graphql_request_error`] names the codes that are 200
    /// for a client that takes `application/json` alone.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Unauthenticated => 401,
            Self::Forbidden | Self::CsrfRejected => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::NotAcceptable => 406,
            Self::RequestTimeout => 408,
            Self::Conflict => 409,
            Self::PayloadTooLarge => 413,
            Self::UriTooLong => 414,
            Self::UnsupportedMediaType => 415,
            Self::MisdirectedRequest => 421,
            Self::RateLimited => 429,
            Self::HeadersTooLarge => 431,
            Self::InternalServerError => 500,
            Self::Timeout | Self::Overloaded => 503,
            _ => 400,
        }
    }

    /// Whether the error is one that GraphQL itself names (syntax, validation, coercion, operation, persisted document):
    /// 400 as `application/graphql-response+json`, 200 as `application/json`.
    #[must_use]
    pub const fn is_graphql_request_error(self) -> bool {
        matches!(
            self,
            Self::GraphqlParseFailed
                | Self::GraphqlValidationFailed
                | Self::OperationResolutionFailure
                | Self::BadUserInput
                | Self::PersistedQueryNotFound
                | Self::PersistedQueryNotSupported
        )
    }
}
