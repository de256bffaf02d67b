//! The shape of a document: what it expands to, counted in one pass that expands nothing.
//!
//! *Attack.* Fragments that double each other (900 bytes stand for millions of fields), fields nested in circles of the
//! schema, one expensive field under a hundred aliases, many fields of the root.
//! *Setting.* `limits.selections`, `limits.depth`, `limits.nesting`, `limits.aliases`, `limits.root_query_fields`,
//! `limits.root_mutation_fields`; a subscription has one field.
//! *Answer.* `QUERY_TOO_LARGE`, `QUERY_TOO_DEEP`, `TOO_MANY_ALIASES`, `TOO_MANY_ROOT_FIELDS`.
//! *Test.* `shape/tests.rs`.
//!
//! Each fragment is summed up once, after those that it spreads, so the pass is linear in the size of the document.
//! Every fragment and every operation must keep the limits, also those that do not run. What comes after this pass may
//! expand fragments freely: it meets at most `limits.selections` fields, in at most `limits.nesting` sets inside each
//! other.

mod copies;
mod directives;
mod fragments;
mod summary;

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet};

use self::summary::Summary;
use super::{LimitUse, Violation};
use crate::code::ErrorCode;
use crate::config::Limits;

/// The most fields inside fields under `__schema` and `__type`. The introspection query of GraphiQL has 15.
pub const INTROSPECTION_DEPTH: usize = 20;

/// The most lists of the introspection schema inside each other: `fields`, `interfaces`, `possibleTypes` and
/// `inputFields`. One more makes the answer grow with the cube of the schema.
pub const INTROSPECTION_LISTS: usize = 2;

/// Whether the caller may ask for the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Introspection {
    /// `__schema` and `__type` are answered, and their depth has a limit of its own.
    Allowed,
    /// They are null, and count like any other field.
    Refused,
}

/// What a document uses.
#[derive(Debug, Clone)]
pub struct Shapes {
    /// Directives of the whole document, and the most in one place.
    pub directives: [LimitUse; 2],
    /// What each operation uses, by its name.
    pub operations: HashMap<Option<String>, Shape>,
}

/// The selections, depth, aliases, root fields and copies of one operation.
pub type Shape = [LimitUse; 5];

/// What `document` uses; refuses the first limit that any
/// of its definitions passes, and fragments that are unknown or go in a circle.
pub fn check(
    document: &ExecutableDocument,
    limits: &Limits,
    introspection: Introspection,
) -> Result<Shapes, Violation> {
    let directives = directives::count(document, limits)?;
    let mut fragments = HashMap::new();
    for (name, fragment) in fragments::in_order(document)? {
        let summary = Summary::of(&fragment.node.selection_set.node, &fragments);
        expanded(&summary, limits)?;
        fragments.insert(name.as_str(), summary);
    }
    let mut operations = HashMap::new();
    for (name, operation) in document.operations.iter() {
        let summary = Summary::of(&operation.node.selection_set.node, &fragments);
        let [selections, depth, aliases, roots] = check_operation(&operation.node, &summary, limits, introspection)?;
        let copies = copies::check(document, &operation.node.selection_set.node, limits.copies)?;
        if operation.node.ty == OperationType::Subscription {
            unconditional(document, &operation.node.selection_set.node)?;
        }
        operations.insert(name.map(ToString::to_string), [selections, depth, aliases, roots, copies]);
    }
    Ok(Shapes { directives, operations })
}

fn check_operation(
    operation: &OperationDefinition,
    summary: &Summary,
    limits: &Limits,
    introspection: Introspection,
) -> Result<[LimitUse; 4], Violation> {
    let selections = expanded(summary, limits)?;
    let depth = match introspection {
        Introspection::Refused => summary.depth,
        Introspection::Allowed => {
            check_introspection(summary)?;
            summary.depth_without_introspection
        }
    };
    let (name, max) = match operation.ty {
        OperationType::Query => ("root_query_fields", limits.root_query_fields),
        OperationType::Mutation => ("root_mutation_fields", limits.root_mutation_fields),
        OperationType::Subscription => ("root_subscription_fields", 1),
    };
    Ok([
        selections,
        LimitUse { name: "depth", used: depth, max: limits.depth }
            .check(ErrorCode::QueryTooDeep, "The fields of the operation are nested too deeply.")?,
        LimitUse { name: "aliases", used: summary.aliases, max: limits.aliases }
            .check(ErrorCode::TooManyAliases, "The operation has too many aliases.")?,
        LimitUse { name, used: summary.fields, max }
            .check(ErrorCode::TooManyRootFields, "The operation has too many fields at its root.")?,
    ])
}

/// The expanded selections; refuses too many of them, or too many sets inside each other.
fn expanded(summary: &Summary, limits: &Limits) -> Result<LimitUse, Violation> {
    LimitUse { name: "nesting", used: summary.sets, max: limits.nesting }
        .check(ErrorCode::QueryTooDeep, "The selections are nested too deeply after fragments are expanded.")?;
    LimitUse { name: "selections", used: summary.selections, max: limits.selections }
        .check(ErrorCode::QueryTooLarge, "The document selects too many fields after fragments are expanded.")
}

fn check_introspection(summary: &Summary) -> Result<(), Violation> {
    LimitUse { name: "introspection_depth", used: summary.introspection_depth, max: INTROSPECTION_DEPTH }
        .check(ErrorCode::QueryTooDeep, "The introspection is nested too deeply.")?;
    if summary.introspection_depth > 0 {
        LimitUse { name: "introspection_lists", used: summary.introspection_lists, max: INTROSPECTION_LISTS }
            .check(ErrorCode::QueryTooDeep, "The introspection asks for lists inside lists too often.")?;
    }
    Ok(())
}

/// Refuses `@skip` and `@include` at the root of a subscription (GraphQL, September 2025, section 5.2.4.1): a stream of
/// nothing would stay open for nothing.
fn unconditional(document: &ExecutableDocument, set: &SelectionSet) -> Result<(), Violation> {
    for selection in &set.items {
        let is_condition = |name: &str| matches!(name, "skip" | "include");
        if selection.node.directives().iter().any(|directive| is_condition(&directive.node.name.node)) {
            let message = "The field of a subscription can't be skipped.";
            return Err(Violation::new(ErrorCode::GraphqlValidationFailed, message).at(selection.pos));
        }
        match &selection.node {
            Selection::Field(_) => {}
            Selection::InlineFragment(fragment) => unconditional(document, &fragment.node.selection_set.node)?,
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    unconditional(document, &fragment.node.selection_set.node)?;
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
