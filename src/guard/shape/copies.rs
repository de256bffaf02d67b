//! Copies: how often one response key is selected in one place.
//!
//! *Attack.* `{items{id} items{id} …}`: GraphQL runs such copies once, the library each of them, a thousand for 10 KB.
//! *Setting.* `limits.copies` of a field that has a selection set; copies are merged before execution anyway, see
//! [`crate::guard::collect`].
//! *Answer.* `QUERY_TOO_LARGE`.
//! *Test.* At the end of this file.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};

use crate::code::ErrorCode;
use crate::guard::{LimitUse, Violation};

/// The most copies of a field that has a selection set, in any one place of what `set` expands to; refuses more than `max`.
///
/// It expands fragments as it goes, so the expanded selections and sets must have been limited before.
pub(super) fn check(document: &ExecutableDocument, set: &SelectionSet, max: usize) -> Result<LimitUse, Violation> {
    let mut most = LimitUse { name: "copies", used: 0, max };
    check_sets(document, &[set], &mut most)?;
    Ok(most)
}

fn check_sets(document: &ExecutableDocument, sets: &[&SelectionSet], most: &mut LimitUse) -> Result<(), Violation> {
    let mut places: HashMap<_, Vec<&SelectionSet>> = HashMap::new();
    for set in sets {
        fields(document, set, &mut |field| {
            let inside = &field.selection_set.node;
            if !inside.items.is_empty() {
                places.entry(field.response_key().node.as_str()).or_default().push(inside);
            }
        });
    }
    for copies in places.values() {
        most.used = most.used.max(copies.len());
        most.check(ErrorCode::QueryTooLarge, "A field is selected too often in one place.")?;
        check_sets(document, copies, most)?;
    }
    Ok(())
}

/// Calls `found` with every field of `set` itself, through fragments.
fn fields<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet, found: &mut impl FnMut(&'a Field)) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => found(&field.node),
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

    fn checked(text: &str) -> Result<LimitUse, Violation> {
        let document = parse(text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        check(&document, &operation.node.selection_set.node, 10)
    }

    #[test]
    fn ten_copies_pass_and_eleven_are_refused_through_fragments_and_copies_of_the_parent() {
        for (open, close) in [
            ("{", "}"),
            ("{a{", "}}"),
            ("{...on T{", "}}"),
            ("{...{b{c}} ...F ", "}fragment F on T{...{x:b{c}}}"),
            ("{a{b{c}} a{", "}}"),
            ("{a{a{b{c}}} ...F a{a{", "}}}fragment F on T{a{id}}"),
        ] {
            let here = 10 - open.matches("b{c}").count();
            let text = |count: usize| format!("{open}{}{close}", "b{c}".repeat(count));
            assert_eq!(checked(&text(here)).unwrap().used, 10);
            let refusal = checked(&text(here + 1)).unwrap_err();
            assert_eq!((refusal.code, refusal.limit.map(|limit| limit.used)), (ErrorCode::QueryTooLarge, Some(11)));
        }
    }

    #[test]
    fn fields_without_a_selection_set_and_other_keys_do_not_count() {
        checked(&format!("{{{}}}", "a ".repeat(400))).unwrap();
        checked("{a:x{c} b:x{c} c:x{c} d:x{c} e:x{c} f:x{c} g:x{c} h:x{c} i:x{c} j:x{c} k:x{c}}").unwrap();
        checked("{a{b{c}} x:a{b{c}} a{b{c} b{c} b{c} b{c} b{c} b{c} b{c} b{c} b{c}}}").unwrap();
    }
}
