//! Collected fields: an operation rewritten so that each field of an answer is selected, and therefore run, once.
//!
//! *Attack.* None is needed: clients that keep a fragment beside each component select a list in several of them.
//! GraphQL runs such a field once; the library runs every copy, a mutation too, and puts the lists together by
//! position, so that a row inserted in between mixes one object's id with another's name.
//! *Setting.* None.
//! *Answer.* The same as for the operation as written.
//! *Test.* `tests/collect.rs`.
//!
//! This is `CollectFields` of the specification (GraphQL, September 2025, section 6.3.2), done ahead of the execution:
//! fragments that always apply are dissolved, `@skip` and `@include` are decided, fields with the same response key are
//! merged. Fragments on one of several possible types stay, one for each type.

use std::collections::HashMap;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, InlineFragment, OperationDefinition, OperationType, Selection, SelectionSet,
    TypeCondition, VariableDefinition,
};
use async_graphql::{Name, Pos, Positioned, Value, Variables};

use super::arrange::NOTHING;
use super::schema::{Applies, SchemaTypes};
use super::{fragment, variables};

/// `operation` of `document` with its fields collected, without fragments of the document, with omitted variables taken
/// out, and with the definitions of the variables that are still used. None when the library does the same with the
/// operation as it is.
///
/// It expands fragments, so the document must have passed [`super::shape::check`]. An operation that does not fit the
/// schema comes out in some shape that does not fit it either.
pub(super) fn collect(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    schema: &SchemaTypes,
    values: &Variables,
) -> Option<OperationDefinition> {
    // The library looks for the field of a subscription outside of fragments alone.
    let differs = operation.ty == OperationType::Subscription
        && operation.selection_set.node.items.iter().any(|item| !matches!(item.node, Selection::Field(_)));
    let mut collector = Collector { document, schema, values, used: Vec::new(), differs };
    let root = schema.root(operation.ty);
    let set = collector.set(root, &[&operation.selection_set.node]);
    variables::used_by_directives(&operation.directives, &mut |name| collector.used.push(name));
    let is_used = |definition: &&Positioned<VariableDefinition>| collector.used.contains(&definition.node.name.node);
    collector.differs.then(|| OperationDefinition {
        ty: operation.ty,
        variable_definitions: operation.variable_definitions.iter().filter(is_used).cloned().collect(),
        directives: operation.directives.clone(),
        selection_set: operation.selection_set.position_node(set),
    })
}

struct Collector<'a> {
    document: &'a ExecutableDocument,
    schema: &'a SchemaTypes,
    values: &'a Variables,
    /// Variables that are left in the collected operation.
    used: Vec<Name>,
    /// Whether the library would run the operation as written in another way.
    differs: bool,
}

/// The selections of one place, in the order of their first appearance.
#[derive(Default)]
struct Place<'a> {
    selections: Vec<Collected<'a>>,
    /// Where in `selections` the fields with a response key, and the fragments on a type, are.
    fields: HashMap<&'a str, usize>,
    fragments: HashMap<&'a str, usize>,
}

struct Collected<'a> {
    kind: Kind<'a>,
    pos: Pos,
    /// Directives that are left to the library.
    directives: Vec<Positioned<Directive>>,
    /// The selection sets of all copies.
    sets: Vec<&'a SelectionSet>,
}

#[derive(Clone, Copy)]
enum Kind<'a> {
    Field(&'a Field),
    Fragment(Option<&'a Positioned<TypeCondition>>),
}

impl<'a> Collector<'a> {
    /// What all of `sets` select together from objects of type `parent`.
    fn set(&mut self, parent: Option<&'a str>, sets: &[&'a SelectionSet]) -> SelectionSet {
        let mut place = Place::default();
        for set in sets {
            self.gather(parent, set, &mut place);
        }
        let mut items = Vec::with_capacity(place.selections.len());
        for collected in place.selections {
            items.push(Positioned::new(self.selection(parent, &collected), collected.pos));
        }
        let always_selects = items.iter().any(|item| matches!(item.node, Selection::Field(_)));
        if !always_selects && !sets.is_empty() {
            items.push(nothing());
            self.differs = true;
        }
        SelectionSet { items }
    }

    fn gather(&mut self, parent: Option<&'a str>, set: &'a SelectionSet, place: &mut Place<'a>) {
        for Positioned { pos, node: selection } in &set.items {
            let Some(directives) = self.undecided(selection.directives()) else { continue };
            if let Selection::Field(field) = selection {
                self.differs |= place.add_field(&field.node, *pos, directives);
                continue;
            }
            let Some((condition, set)) = fragment::contents(self.document, selection) else { continue };
            let applies = match condition {
                None => Applies::Always,
                Some(condition) => self.schema.applies(&condition.node.on.node, parent),
            };
            match applies {
                Applies::Always if directives.is_empty() => self.gather(parent, set, place),
                Applies::Never => {}
                Applies::Always | Applies::Sometimes => place.add_fragment(condition, set, *pos, directives),
            }
        }
    }

    /// The directives without `@skip` and `@include` that are decided; none when they leave the selection out.
    fn undecided(&mut self, directives: &[Positioned<Directive>]) -> Option<Vec<Positioned<Directive>>> {
        let mut left = Vec::new();
        for directive in directives {
            let runs = match directive.node.name.node.as_str() {
                "include" => Some(true),
                "skip" => Some(false),
                _ => None,
            };
            let condition = directive.node.get_argument("if").and_then(|value| {
                value.node.clone().into_const_with(|name| self.values.get(&name).cloned().ok_or(())).ok()
            });
            match (runs, condition) {
                (Some(runs), Some(Value::Boolean(condition))) => {
                    self.differs = true;
                    if runs != condition {
                        return None;
                    }
                }
                _ => left.push(directive.clone()),
            }
        }
        Some(left)
    }

    fn selection(&mut self, parent: Option<&'a str>, collected: &Collected<'a>) -> Selection {
        let directives = collected.directives.clone();
        match collected.kind {
            Kind::Field(field) => {
                let ty = parent
                    .and_then(|parent| self.schema.field(parent, &field.name.node))
                    .map(|field| field.ty.as_str());
                let set = field.selection_set.position_node(self.set(ty, &collected.sets));
                let mut field = Field {
                    alias: field.alias.clone(),
                    name: field.name.clone(),
                    arguments: field.arguments.clone(),
                    directives,
                    selection_set: set,
                };
                self.differs |= variables::omit(&mut field, self.values);
                variables::used(&field, &mut |name| self.used.push(name));
                Selection::Field(Positioned::new(field, collected.pos))
            }
            Kind::Fragment(type_condition) => {
                variables::used_by_directives(&directives, &mut |name| self.used.push(name));
                let ty = type_condition.map(|condition| condition.node.on.node.as_str()).or(parent);
                let selection_set = Positioned::new(self.set(ty, &collected.sets), collected.pos);
                let fragment = InlineFragment { type_condition: type_condition.cloned(), directives, selection_set };
                Selection::InlineFragment(Positioned::new(fragment, collected.pos))
            }
        }
    }
}

impl<'a> Place<'a> {
    /// Adds a field, and says whether it is a copy of one that is there.
    fn add_field(&mut self, field: &'a Field, pos: Pos, directives: Vec<Positioned<Directive>>) -> bool {
        let key = field.response_key().node.as_str();
        let set = Some(&field.selection_set.node).filter(|set| !set.items.is_empty());
        if let Some(first) = self.fields.get(key).and_then(|at| self.selections.get_mut(*at))
            && directives.is_empty()
            && matches!(first.kind, Kind::Field(first) if is_copy(first, field))
        {
            first.sets.extend(set);
            return true;
        }
        if directives.is_empty() {
            self.fields.entry(key).or_insert(self.selections.len());
        }
        self.selections.push(Collected { kind: Kind::Field(field), pos, directives, sets: set.into_iter().collect() });
        false
    }

    /// Adds a fragment, joined with one on the same type that is there.
    fn add_fragment(
        &mut self,
        condition: Option<&'a Positioned<TypeCondition>>,
        set: &'a SelectionSet,
        pos: Pos,
        directives: Vec<Positioned<Directive>>,
    ) {
        if directives.is_empty() {
            let on = condition.map_or("", |condition| condition.node.on.node.as_str());
            if let Some(first) = self.fragments.get(on).and_then(|at| self.selections.get_mut(*at)) {
                first.sets.push(set);
                return;
            }
            self.fragments.insert(on, self.selections.len());
        }
        self.selections.push(Collected { kind: Kind::Fragment(condition), pos, directives, sets: vec![set] });
    }
}

/// Whether two fields with the same response key ask for the same: the same name, and the same arguments in any order.
fn is_copy(a: &Field, b: &Field) -> bool {
    a.name.node == b.name.node
        && a.selection_set.node.items.is_empty() == b.selection_set.node.items.is_empty()
        && a.arguments.len() == b.arguments.len()
        && a.arguments
            .iter()
            .all(|(name, value)| b.get_argument(&name.node).is_some_and(|other| value.node == other.node))
}

/// What is selected where it may be that nothing is: every selection is skipped, or no fragment applies.
pub(super) fn nothing() -> Positioned<Selection> {
    let at = |name: &str| Positioned::new(Name::new(name), Pos::default());
    let field = Field {
        alias: Some(at(NOTHING)),
        name: at("__typename"),
        arguments: Vec::new(),
        directives: Vec::new(),
        selection_set: Positioned::default(),
    };
    Positioned::new(Selection::Field(Positioned::new(field, Pos::default())), Pos::default())
}
