//! Parsing: the document as a tree, or an error that says where and repeats nothing of the text.
//!
//! *Attack.* The library's parser tries every place of a text in several ways, and reads the spaces and comments there once
//! for each: 16 KiB of comments cost it six milliseconds, whether it accepts them in the end or not. Its message shows the
//! line in which it stopped, so that secrets in a query come back in answers and logs.
//! *Setting.* None.
//! *Answer.* `GRAPHQL_PARSE_FAILED` with line and column; `GRAPHQL_VALIDATION_FAILED` for a name that is defined twice,
//! a field that an input object has twice, or an unnamed operation beside others; `OPERATION_RESOLUTION_FAILURE` for a
//! document without operations.
//! *Test.* At the end of this file, `tests/parse.rs`, and the fuzz target `parser`: the library makes the same trees.
//!
//! This parser knows the executable documents of GraphQL (September 2025, section 2) alone, looks at every token once or
//! twice, and takes its tokens from the scan, so that no bracket is there for one of the two and not for the other. The
//! tree is the library's.

mod definitions;
mod lexer;
mod string;
mod tree;

use async_graphql::Pos;
use async_graphql::parser::types::ExecutableDocument;

use super::Violation;
use crate::code::ErrorCode;

/// The tree of `text`, which must have passed [`super::scan::scan`] before: the parser is recursive.
pub fn parse(text: &str) -> Result<ExecutableDocument, Violation> {
    tree::document(text)
}

/// The refusal of an input object in which the name of the field at `at` stands a second time (section 5.6.3).
fn repeated_field(at: Pos) -> Violation {
    let message = "Two fields of an input object have the same name.";
    Violation::new(ErrorCode::GraphqlValidationFailed, message).at(at)
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
            (
                format!("{{a(b: {{{secret}: 1, c: 2, {secret}: 1}})}}"),
                ErrorCode::GraphqlValidationFailed,
                Some((1, 28)),
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
