//! The numbers of a selection set after its fragments are expanded, without expanding them.

use std::collections::HashMap;

use async_graphql::parser::types::{Field, Selection, SelectionSet};

/// What a selection set, or a fragment, holds once every fragment in it is expanded.
///
/// Numbers saturate: fragments that double each other thirty times stand for more fields than a number can hold.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Summary {
    /// Fields at any depth, `__typename` included.
    pub selections: usize,
    /// Fields at any depth that have an alias.
    pub aliases: usize,
    /// Fields of the set itself.
    pub fields: usize,
    /// Fields inside fields: 1 for a set of fields that have no sets.
    pub depth: usize,
    /// The same, where `__schema` and `__type` in the set itself count 1 whatever is in them.
    pub depth_without_introspection: usize,
    /// The depth of `__schema` and `__type` in the set itself.
    pub introspection_depth: usize,
    /// Lists of the introspection schema inside each other.
    pub introspection_lists: usize,
    /// Selection sets inside each other, those of fragments included: 1 for a set of fields that have none.
    pub sets: usize,
}

impl Summary {
    /// The summary of `set`; `fragments` holds those of all fragments that it spreads.
    ///
    /// It recurses for each bracket, which the scan has bounded, and never from one fragment into another.
    pub(super) fn of(set: &SelectionSet, fragments: &HashMap<&str, Self>) -> Self {
        let mut whole = Self::default();
        for selection in &set.items {
            whole = whole.and(match &selection.node {
                Selection::Field(field) => Self::of_field(&field.node, fragments),
                Selection::InlineFragment(fragment) => Self::of(&fragment.node.selection_set.node, fragments),
                Selection::FragmentSpread(spread) => {
                    fragments.get(spread.node.fragment_name.node.as_str()).copied().unwrap_or_default()
                }
            });
        }
        Self { sets: whole.sets.saturating_add(1), ..whole }
    }

    fn of_field(field: &Field, fragments: &HashMap<&str, Self>) -> Self {
        let name = field.name.node.as_str();
        let set = Some(&field.selection_set.node).filter(|set| !set.items.is_empty());
        let inside = set.map_or_else(Self::default, |set| Self::of(set, fragments));
        let depth = inside.depth.saturating_add(1);
        let is_introspection = matches!(name, "__schema" | "__type");
        let is_list = matches!(name, "fields" | "interfaces" | "possibleTypes" | "inputFields");
        Self {
            selections: inside.selections.saturating_add(1),
            aliases: inside.aliases.saturating_add(usize::from(field.alias.is_some())),
            fields: 1,
            depth,
            depth_without_introspection: if is_introspection { 1 } else { depth },
            introspection_depth: if is_introspection { depth } else { 0 },
            introspection_lists: inside.introspection_lists.saturating_add(usize::from(is_list)),
            sets: inside.sets,
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            fields: self.fields.saturating_add(other.fields),
            depth: self.depth.max(other.depth),
            depth_without_introspection: self.depth_without_introspection.max(other.depth_without_introspection),
            introspection_depth: self.introspection_depth.max(other.introspection_depth),
            introspection_lists: self.introspection_lists.max(other.introspection_lists),
            sets: self.sets.max(other.sets),
        }
    }
}
