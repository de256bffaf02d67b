//! Fragments: each that is spread is known, and none spreads itself.
//!
//! *Attack.* Fragments that spread each other in a circle, also unused ones: whoever expands them never ends.
//! *Setting.* None.
//! *Answer.* `GRAPHQL_VALIDATION_FAILED`, one error (GraphQL, September 2025, sections 5.5.2.1 and 5.5.2.2).
//! *Test.* At the end of this file.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, FragmentDefinition, FragmentSpread, Selection, SelectionSet};
use async_graphql::{Name, Positioned};

use crate::code::ErrorCode;
use crate::guard::Violation;

/// The fragments of `document`, each after all those that it spreads, so that one pass in this order needs no recursion
/// through fragments. Refuses an unknown fragment and a circle.
pub(super) fn in_order(
    document: &ExecutableDocument,
) -> Result<Vec<(&Name, &Positioned<FragmentDefinition>)>, Violation> {
    for (_, operation) in document.operations.iter() {
        spreads(document, &operation.node.selection_set.node)?;
    }
    let mut waiting_for = HashMap::new();
    let mut spread_by: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut ready = Vec::new();
    for (name, fragment) in &document.fragments {
        let spreads = spreads(document, &fragment.node.selection_set.node)?;
        if spreads.is_empty() {
            ready.push(name.as_str());
        }
        waiting_for.insert(name.as_str(), spreads.len());
        for spread in spreads {
            spread_by.entry(spread).or_default().push(name);
        }
    }
    let mut order = Vec::with_capacity(document.fragments.len());
    while let Some(name) = ready.pop() {
        order.extend(document.fragments.get_key_value(name));
        waiting_for.remove(name);
        for user in spread_by.get(name).into_iter().flatten() {
            if let Some(left) = waiting_for.get_mut(user) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    ready.push(user);
                }
            }
        }
    }
    match waiting_for.keys().filter_map(|name| document.fragments.get(*name)).map(|fragment| fragment.pos).min() {
        Some(first) => Err(refusal("A fragment spreads itself, directly or through others.").at(first)),
        None => Ok(order),
    }
}

/// The names of the fragments that `set` spreads, once for each spread.
fn spreads<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet) -> Result<Vec<&'a str>, Violation> {
    let mut names = Vec::new();
    let mut sets = vec![set];
    while let Some(set) = sets.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => sets.push(&field.node.selection_set.node),
                Selection::InlineFragment(fragment) => sets.push(&fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => names.push(known(document, spread)?),
            }
        }
    }
    Ok(names)
}

fn known<'a>(document: &ExecutableDocument, spread: &'a Positioned<FragmentSpread>) -> Result<&'a str, Violation> {
    let name = &spread.node.fragment_name.node;
    if !document.fragments.contains_key(name) {
        return Err(refusal("A fragment is spread that the document does not define.").at(spread.pos));
    }
    Ok(name)
}

fn refusal(message: &'static str) -> Violation {
    Violation::new(ErrorCode::GraphqlValidationFailed, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::parse::parse;

    #[test]
    fn every_fragment_comes_after_those_that_it_spreads() {
        let text = "{...A ...B} fragment A on T{...B a{...C ...C}} fragment B on T{...{...C}} fragment C on T{a}";
        let document = parse(text).unwrap();
        let order: Vec<_> = in_order(&document).unwrap().into_iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(order, ["C", "B", "A"]);
    }

    #[test]
    fn circles_and_unknown_fragments_are_refused_wherever_they_are() {
        for (text, message) in [
            ("{...A} fragment A on T{...A}", "spreads itself"),
            ("{...A} fragment A on T{...B} fragment B on T{a{...A}}", "spreads itself"),
            ("{...A} fragment A on T{...B} fragment B on T{...C} fragment C on T{...on T{...A}}", "spreads itself"),
            ("{a} fragment A on T{...B} fragment B on T{...A}", "spreads itself"),
            ("{...C} fragment A on T{...A} fragment C on T{a}", "spreads itself"),
            ("{...A}", "does not define"),
            ("query A{a} query B{a{...{...C}}}", "does not define"),
            ("{a} fragment A on T{...B}", "does not define"),
        ] {
            let document = parse(text).unwrap();
            let refusal = in_order(&document).unwrap_err();
            assert_eq!(refusal.code, ErrorCode::GraphqlValidationFailed);
            assert!(refusal.message.contains(message), "{text}: {}", refusal.message);
            assert_eq!(refusal.locations.len(), 1);
        }
    }
}
