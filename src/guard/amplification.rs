//! Amplification: all uses of variables together hold no more values than the variables of one request may.
//!
//! *Attack.* One large variable that a short document uses again and again: `or: [$f, $f, …]` four hundred times, with two
//! thousand values in `$f`, is a filter of 800,000.
//! *Setting.* `limits.json_nodes`, which is how many values the JSON of one request may hold.
//! *Answer.* `QUERY_TOO_LARGE`.
//! *Test.* At the end of this file.

use std::collections::HashMap;
use std::convert::Infallible;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Value, Variables};

use super::{LimitUse, Violation};
use crate::code::ErrorCode;

/// Refuses a document whose uses of `variables` hold more than `most` values, each counted as often as it is used.
pub(super) fn check(document: &ExecutableDocument, variables: &Variables, most: usize) -> Result<(), Violation> {
    if variables.is_empty() {
        return Ok(());
    }
    let sizes: HashMap<_, _> = variables.iter().map(|(name, value)| (name, size(value))).collect();
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let mut used = 0_usize;
    for root in operations.chain(fragments) {
        for_each_variable(root, |name| used = used.saturating_add(sizes.get(&name).copied().unwrap_or_default()));
    }
    let limit = LimitUse { name: "json_nodes", used, max: most };
    limit.check(ErrorCode::QueryTooLarge, "The uses of variables together hold too many values.").map(drop)
}

/// Calls `note` for each use of a variable in the selections, without following fragment spreads.
fn for_each_variable(root: &SelectionSet, mut note: impl FnMut(Name)) {
    let mut waiting = vec![root];
    while let Some(selections) = waiting.pop() {
        for selection in &selections.items {
            let (arguments, directives) = match &selection.node {
                Selection::Field(field) => {
                    waiting.push(&field.node.selection_set.node);
                    (field.node.arguments.as_slice(), &field.node.directives)
                }
                Selection::InlineFragment(fragment) => {
                    waiting.push(&fragment.node.selection_set.node);
                    (&[][..], &fragment.node.directives)
                }
                Selection::FragmentSpread(spread) => (&[][..], &spread.node.directives),
            };
            let of_directives = directives.iter().flat_map(|directive| &directive.node.arguments);
            for (_, value) in arguments.iter().chain(of_directives) {
                // The library hands out the variables of a value only while it replaces them.
                let replaced: Result<Value, Infallible> = value.node.clone().into_const_with(|name| {
                    note(name);
                    Ok(Value::Null)
                });
                drop(replaced);
            }
        }
    }
}

/// How many values there are in `value`, itself included.
fn size(value: &Value) -> usize {
    match value {
        Value::List(items) => items.iter().map(size).fold(1, usize::saturating_add),
        Value::Object(members) => members.values().map(size).fold(1, usize::saturating_add),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    fn check_uses(text: &str, entries: usize) -> Result<(), Violation> {
        let variables = Variables::from_json(json!({ "f": vec![1; entries] }));
        check(&parse_query(text).unwrap(), &variables, 2_000)
    }

    #[test]
    fn all_uses_together_hold_as_many_values_as_one_request_may() {
        let twice = "query($f: [Int]) { a(f: $f) ...F } fragment F on Query { b(f: { g: [$f] }) }";
        // The list itself is a value too.
        assert!(check_uses(twice, 999).is_ok());
        assert_eq!(check_uses(twice, 1_000).unwrap_err().code, ErrorCode::QueryTooLarge);
        assert!(check_uses("query($f: [Int]) { a }", 100_000).is_ok(), "what is not used costs nothing");
        assert!(check_uses("query($f: [Int]) { ... @a(f: $f) { b @c(f: $f) } ...F @d(f: $f) }", 666).is_err());
    }
}
