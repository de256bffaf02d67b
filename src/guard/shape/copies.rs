//! Copies: how often one response key is selected in one place.
//!
//! *Attack.* `{tasks{id} tasks{id} …}`: GraphQL runs such copies once, the library each of them, a thousand for 10 KB.
//! *Setting.* At most 10 copies of a field that has a selection set; copies are merged before execution anyway, see
//! [`crate::guard::collect`].
//! *Answer.* `QUERY_TOO_LARGE`.
//! *Test.* At the end of this file.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};

use crate::code::ErrorCode;
use crate::guard::{LimitUse, Violation};

/// The most copies of a field that has a selection set, in one place.
pub const COPIES: usize = 10;

/// The most copies of one field, with and without a selection set, in any one place of what `set` expands to. Refuses
/// more than [`COPIES`] of a field that has a selection set.
///
/// It expands fragments as it goes, so the expanded selections and sets must have been limited before.
pub(super) fn count(document: &ExecutableDocument, set: &SelectionSet) -> Result<usize, Violation> {
    in_sets(document, &[set])
}

fn in_sets(document: &ExecutableDocument, sets: &[&SelectionSet]) -> Result<usize, Violation> {
    let mut places: HashMap<_, Vec<&Field>> = HashMap::new();
    for set in sets {
        fields(document, set, &mut |key, field| places.entry(key).or_default().push(field));
    }
    let mut most = 0;
    for fields in places.values() {
        let inside: Vec<_> =
            fields.iter().map(|field| &field.selection_set.node).filter(|set| !set.items.is_empty()).collect();
        LimitUse { name: "copies", used: inside.len(), max: COPIES }
            .check(ErrorCode::QueryTooLarge, "A field is selected too often in one place.")?;
        most = most.max(fields.len());
        if !inside.is_empty() {
            most = most.max(in_sets(document, &inside)?);
        }
    }
    Ok(most)
}

/// Calls `found` with every field of `set` itself and its response key, through fragments.
fn fields<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet, found: &mut impl FnMut(&'a str, &'a Field)) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => found(&field.node.response_key().node, &field.node),
            Selection::InlineFragment(fragment) => fields(document, &fragment.node.selection_set.node, found),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    fields(document, &fragment.node.selection_set.node, found);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::parse::parse;

    fn counted(text: &str) -> Result<usize, Violation> {
        let document = parse(text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        count(&document, &operation.node.selection_set.node)
    }

    #[test]
    fn copies_are_counted_through_fragments_and_through_copies_of_the_parent() {
        for (text, copies) in [
            ("{a b c}", 1),
            ("{a a}", 2),
            ("{x:a x:b a}", 2),
            ("{a ...{a} ...on T{a} ...F} fragment F on T{a}", 4),
            ("{a{b} a{b c}}", 2),
            ("{a{b{c}} a{b{c}} a{b{c} b{c}}}", 4),
            ("{a{b} c{b}}", 1),
        ] {
            assert_eq!(counted(text).unwrap(), copies, "{text}");
        }
    }

    #[test]
    fn ten_copies_with_a_selection_set_pass_and_eleven_are_refused() {
        for (open, close) in [("{", "}"), ("{a{", "}}"), ("{...on T{", "}}")] {
            let text = |count: usize| format!("{open}{}{close}", "b{c}".repeat(count));
            assert_eq!(counted(&text(10)), Ok(10));
            let refusal = counted(&text(11)).unwrap_err();
            assert_eq!((refusal.code, refusal.limit.map(|limit| limit.used)), (ErrorCode::QueryTooLarge, Some(11)));
        }
        assert_eq!(counted(&format!("{{{}}}", "a ".repeat(400))), Ok(400));
    }
}
