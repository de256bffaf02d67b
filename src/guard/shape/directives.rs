//! Directives: counted wherever they can stand.
//!
//! *Attack.* Ten thousand directives on an operation, a spread, a variable or `__typename`: the library counts those on
//! fields alone, and answers each of the others with an error, twenty bytes out for one in.
//! *Setting.* `limits.directives` for a document, `limits.directives_per_location` for one place.
//! *Answer.* `TOO_MANY_DIRECTIVES`.
//! *Test.* At the end of this file.

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use crate::code::ErrorCode;
use crate::config::Limits;
use crate::guard::{LimitUse, Violation};

/// The directives of `document` as written, and the most in one place; refuses one more than the limits.
pub(super) fn count(document: &ExecutableDocument, limits: &Limits) -> Result<[LimitUse; 2], Violation> {
    let mut places = Vec::new();
    for (_, operation) in document.operations.iter() {
        places.push(operation.node.directives.len());
        places.extend(operation.node.variable_definitions.iter().map(|variable| variable.node.directives.len()));
        in_set(&operation.node.selection_set.node, &mut places);
    }
    for fragment in document.fragments.values() {
        places.push(fragment.node.directives.len());
        in_set(&fragment.node.selection_set.node, &mut places);
    }
    let all = places.iter().fold(0, |sum: usize, count| sum.saturating_add(*count));
    let most = places.into_iter().max().unwrap_or_default();
    Ok([
        LimitUse { name: "directives", used: all, max: limits.directives }
            .check(ErrorCode::TooManyDirectives, "The document has too many directives.")?,
        LimitUse { name: "directives_per_location", used: most, max: limits.directives_per_location }
            .check(ErrorCode::TooManyDirectives, "One place of the document has too many directives.")?,
    ])
}

fn in_set(set: &SelectionSet, places: &mut Vec<usize>) {
    for selection in &set.items {
        places.push(selection.node.directives().len());
        match &selection.node {
            Selection::Field(field) => in_set(&field.node.selection_set.node, places),
            Selection::InlineFragment(fragment) => in_set(&fragment.node.selection_set.node, places),
            Selection::FragmentSpread(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::parse::parse;

    #[test]
    fn directives_are_counted_at_every_place() {
        for text in [
            "query Q DIRECTIVES {a}",
            "query Q($v:A DIRECTIVES){a}",
            "{a DIRECTIVES}",
            "{__typename DIRECTIVES}",
            "{a{b{c DIRECTIVES}}}",
            "{...F DIRECTIVES} fragment F on A{a}",
            "{...on A DIRECTIVES{a}}",
            "{...DIRECTIVES{a}}",
            "{...F} fragment F on A DIRECTIVES {a}",
            "{a} fragment F on A{a DIRECTIVES}",
            "query P{a} query Q{a DIRECTIVES}",
        ] {
            for (directives, used) in [("@a@a@a", Some(3)), ("@a@a@a@a", None)] {
                let document = parse(&text.replace("DIRECTIVES", directives)).unwrap();
                let counted = count(&document, &Limits::default());
                assert_eq!(counted.clone().ok().map(|[all, _]| all.used), used, "{text}");
                if let Err(refusal) = counted {
                    assert_eq!(refusal.code, ErrorCode::TooManyDirectives);
                    assert_eq!(refusal.limit.map(|limit| limit.name), Some("directives_per_location"));
                }
            }
        }
    }

    #[test]
    fn a_document_has_twenty_and_not_one_more() {
        let text = |count: usize| format!("{{{}}}", "a@a ".repeat(count));
        count(&parse(&text(20)).unwrap(), &Limits::default()).unwrap();
        let refusal = count(&parse(&text(21)).unwrap(), &Limits::default()).unwrap_err();
        assert_eq!(refusal.limit.map(|limit| (limit.name, limit.used)), Some(("directives", 21)));
    }
}
