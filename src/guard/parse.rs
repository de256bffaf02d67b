//! Parsing: the document as a tree, or an error that says where and repeats nothing of the text.
//!
//! *Attack.* The parser's own message shows the line in which it stopped, so that secrets in a query come back in
//! answers and logs, and 200 KB of text are answered with 400 KB.
//! *Setting.* None.
//! *Answer.* `GRAPHQL_PARSE_FAILED` with line and column; `GRAPHQL_VALIDATION_FAILED` for a name that is defined twice
//! or an unnamed operation beside others; `OPERATION_RESOLUTION_FAILURE` for a document without operations.
//! *Test.* At the end of this file.

use async_graphql::Pos;
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::parser::{Error, parse_query};

use super::Violation;
use crate::code::ErrorCode;

/// The tree of `text`, which must have passed [`super::scan::scan`] before: the parser is recursive.
pub fn parse(text: &str) -> Result<ExecutableDocument, Violation> {
    parse_query(text).map_err(|error| violation(&error))
}

/// The refusal of a text that is not GraphQL, at the place where it stops being it.
pub(super) fn syntax_error(at: Pos) -> Violation {
    let message = format!("Syntax error at line {}, column {}.", at.line, at.column);
    Violation::new(ErrorCode::GraphqlParseFailed, message).at(at)
}

/// The refusal in our words: the parser's own messages repeat the text.
fn violation(error: &Error) -> Violation {
    let mut refusal = match error {
        Error::Syntax { start, .. } => return syntax_error(*start),
        Error::MultipleOperations { .. } => Violation::new(
            ErrorCode::GraphqlValidationFailed,
            "An operation without a name must be the only one of its document.",
        ),
        Error::OperationDuplicated { .. } => {
            Violation::new(ErrorCode::GraphqlValidationFailed, "Two operations of the document have the same name.")
        }
        Error::FragmentDuplicated { .. } => {
            Violation::new(ErrorCode::GraphqlValidationFailed, "Two fragments of the document have the same name.")
        }
        Error::MissingOperation => {
            Violation::new(ErrorCode::OperationResolutionFailure, "The document contains no operation.")
        }
        Error::RecursionLimitExceeded => {
            Violation::new(ErrorCode::QueryTooDeep, "The selections of the document are nested too deeply.")
        }
        _ => Violation::new(ErrorCode::GraphqlParseFailed, "The document is not a GraphQL request."),
    };
    refusal.locations = error.positions().collect();
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_where_and_repeat_nothing() {
        let secret = "secret123";
        for (text, code, position) in [
            (format!("{{tasks(first: \"{secret}\""), ErrorCode::GraphqlParseFailed, Some((1, 26))),
            (format!("{{\n  a @{secret} ]"), ErrorCode::GraphqlParseFailed, Some((2, 16))),
            (format!("{{a(b: 1e9999{secret})}}"), ErrorCode::GraphqlParseFailed, Some((1, 7))),
            (String::from("{a(b: 1e999999999)}"), ErrorCode::GraphqlParseFailed, Some((1, 7))),
            (format!("{{a(b: {})}}", "9".repeat(15_000)), ErrorCode::GraphqlParseFailed, Some((1, 7))),
            (String::from("{a(b: NaN1.5)}"), ErrorCode::GraphqlParseFailed, Some((1, 11))),
            (String::new(), ErrorCode::GraphqlParseFailed, Some((1, 1))),
            (format!("query {secret} {{a}} query {secret} {{a}}"), ErrorCode::GraphqlValidationFailed, Some((1, 21))),
            (format!("{{a}} query {secret} {{a}}"), ErrorCode::GraphqlValidationFailed, Some((1, 1))),
            (
                format!("{{a}} fragment {secret} on A {{a}} fragment {secret} on A {{...{secret}}}"),
                ErrorCode::GraphqlValidationFailed,
                Some((1, 33)),
            ),
            (format!("fragment {secret} on A {{a}}"), ErrorCode::OperationResolutionFailure, None),
            (format!("type {secret} {{a: Int}}"), ErrorCode::GraphqlParseFailed, Some((1, 1))),
        ] {
            let refusal = parse(&text).unwrap_err();
            assert_eq!(refusal.code, code, "{text:.40}");
            assert!(!refusal.message.contains(secret), "{refusal:?}");
            assert_eq!(refusal.locations.first().map(|at| (at.line, at.column)), position, "{text:.40}");
            assert!(refusal.message.len() < 100);
        }
    }
}
