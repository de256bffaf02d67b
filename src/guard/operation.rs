//! The operation: how many definitions a document may hold, and which of its operations runs.
//!
//! *Attack.* A thousand operations or fragments that are never run, but are validated; an operation name of 64 KB that
//! is looked up, logged and repeated.
//! *Setting.* `limits.operations`, `limits.fragments`, `limits.variables`, `limits.operation_name`.
//! *Answer.* `QUERY_TOO_LARGE`, or `OPERATION_RESOLUTION_FAILURE` for a name that is unknown or missing.
//! *Test.* At the end of this file.

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition};
use async_graphql::{Name, Positioned};

use super::{LimitUse, Violation};
use crate::code::ErrorCode;
use crate::config::Limits;

/// How many operations, fragments and variables of one operation `document` defines; refuses one more than the limits.
pub fn count(document: &ExecutableDocument, limits: &Limits) -> Result<[LimitUse; 3], Violation> {
    let operations = document.operations.iter();
    let variables = operations.clone().map(|(_, operation)| operation.node.variable_definitions.len()).max();
    Ok([
        LimitUse { name: "operations", used: operations.len(), max: limits.operations }
            .check(ErrorCode::QueryTooLarge, "The document has too many operations.")?,
        LimitUse { name: "fragments", used: document.fragments.len(), max: limits.fragments }
            .check(ErrorCode::QueryTooLarge, "The document has too many fragments.")?,
        LimitUse { name: "variables", used: variables.unwrap_or_default(), max: limits.variables }
            .check(ErrorCode::QueryTooLarge, "An operation has too many variables.")?,
    ])
}

/// The operation to run and its name, by the rules of `GetOperation` (GraphQL, September 2025, section 6.1): the one
/// that is named, or the only one. An empty name counts as none, because some clients send it for "no name".
///
/// Refuses a name that is not in the document, and a missing name where there are several operations.
pub fn select<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<(Option<&'a Name>, &'a Positioned<OperationDefinition>), Violation> {
    let name = name.filter(|name| !name.is_empty());
    let selected = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => return Ok((None, operation)),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get_key_value(name),
        (DocumentOperations::Multiple(operations), None) => {
            let mut operations = operations.iter();
            let first = operations.next();
            if operations.next().is_some() {
                return Err(refusal("The document has several operations: say which one by operationName."));
            }
            first
        }
    };
    let (name, operation) = selected.ok_or_else(|| refusal("The document has no operation of that name."))?;
    Ok((Some(name), operation))
}

/// The characters of the name of the operation that runs; refuses too many of them.
pub fn name_characters(name: Option<&Name>, limits: &Limits) -> Result<LimitUse, Violation> {
    let used = name.map_or(0, |name| name.chars().count());
    LimitUse { name: "operation_name", used, max: limits.operation_name }
        .check(ErrorCode::QueryTooLarge, "The name of the operation is too long.")
}

fn refusal(message: &'static str) -> Violation {
    Violation::new(ErrorCode::OperationResolutionFailure, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::parse::parse;
    use crate::guard::tests::times;

    #[test]
    fn the_named_or_only_operation_is_selected() {
        for (text, name, expected) in [
            ("{a}", None, Ok(None)),
            ("{a}", Some(""), Ok(None)),
            ("{a}", Some("A"), Err("no operation of that name")),
            ("query A{a}", None, Ok(Some("A"))),
            ("query A{a}", Some("A"), Ok(Some("A"))),
            ("query A{a}", Some("B"), Err("no operation of that name")),
            ("query A{a} query B{a}", Some("B"), Ok(Some("B"))),
            ("query A{a} query B{a}", None, Err("several operations")),
            ("query A{a} query B{a}", Some(""), Err("several operations")),
        ] {
            let document = parse(text).unwrap();
            match (select(&document, name), expected) {
                (Ok((selected, _)), Ok(expected)) => assert_eq!(selected.map(Name::as_str), expected, "{text}"),
                (Err(refusal), Err(expected)) => {
                    assert_eq!(refusal.code, ErrorCode::OperationResolutionFailure);
                    assert!(refusal.message.contains(expected), "{text}: {}", refusal.message);
                }
                (got, expected) => panic!("{text}: {got:?} instead of {expected:?}"),
            }
        }
    }

    #[test]
    fn a_name_has_128_characters_and_not_one_more() {
        let checked = |length: usize| {
            let document = parse(&format!("query {}{{a}}", "q".repeat(length))).unwrap();
            name_characters(select(&document, None).unwrap().0, &Limits::default())
        };
        assert_eq!(checked(128).unwrap().used, 128);
        let refusal = checked(129).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::QueryTooLarge);
        assert_eq!(refusal.limit.map(|limit| (limit.name, limit.used)), Some(("operation_name", 129)));
        assert_eq!(name_characters(None, &Limits::default()).unwrap().used, 0);
    }

    #[test]
    fn each_count_passes_at_its_limit_and_is_refused_above() {
        let operations = |count: usize| times(count, |at| format!("query Q{at}{{a}}"));
        let fragments = |count: usize| times(count, |at| format!("fragment F{at} on A{{a}}")) + "{a}";
        let variables = |count: usize| {
            let definitions = times(count, |at| format!("$v{at}:A "));
            format!("query P{{a}} query Q({definitions}){{a}}")
        };
        for (name, passes, refused) in [
            ("operations", operations(5), operations(6)),
            ("fragments", fragments(20), fragments(21)),
            ("variables", variables(30), variables(31)),
        ] {
            count(&parse(&passes).unwrap(), &Limits::default()).unwrap();
            let refusal = count(&parse(&refused).unwrap(), &Limits::default()).unwrap_err();
            assert_eq!(refusal.code, ErrorCode::QueryTooLarge);
            let limit = refusal.limit.unwrap();
            assert_eq!((limit.name, limit.used), (name, limit.max + 1));
        }
    }
}
