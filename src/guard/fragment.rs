//! What stands in a fragment, whether it is written in place or spread.

use async_graphql::Positioned;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet, TypeCondition};

/// The condition and the selections of a fragment; none for a field, and for the spread of a fragment that is not there.
pub(super) fn contents<'a>(
    document: &'a ExecutableDocument,
    selection: &'a Selection,
) -> Option<(Option<&'a Positioned<TypeCondition>>, &'a SelectionSet)> {
    match selection {
        Selection::Field(_) => None,
        Selection::InlineFragment(fragment) => {
            Some((fragment.node.type_condition.as_ref(), &fragment.node.selection_set.node))
        }
        Selection::FragmentSpread(spread) => {
            let fragment = document.fragments.get(&spread.node.fragment_name.node)?;
            Some((Some(&fragment.node.type_condition), &fragment.node.selection_set.node))
        }
    }
}
