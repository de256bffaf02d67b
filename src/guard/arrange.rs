//! Arranged answers: the fields of an answer in the order in which the operation asks for them.
//!
//! *Attack.* None is needed: the library answers with fields in the order in which they happen to be ready, and with
//! null for an object of which every field is skipped, also where the schema promises an object.
//! *Setting.* None.
//! *Answer.* The same answer, ordered (GraphQL, September 2025, sections 6.3 and 7.2.2), with `{}` for such an object.
//! *Test.* `tests/arrange.rs`.

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet, Type};
use async_graphql::{Name, Value};

use super::fragment;
use super::schema::SchemaTypes;

/// The response key under which a collected operation selects something where nothing is selected: without it, the
/// library answers null. No client can write such an alias, and `Order::arrange` takes it out of the answer.
pub(super) const NOTHING: &str = "nothing selected";

/// The fields of an answer, in their order and with their types.
#[derive(Debug, Clone, Default)]
pub struct Order {
    pub(super) fields: IndexMap<Name, Place>,
}

/// A field of an answer.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Its type; unknown for introspection.
    pub(super) output: Option<Type>,
    /// The fields of the objects in it.
    pub(super) inside: Order,
}

impl Order {
    /// The order in which `set` selects fields of objects of type `parent`, fragments expanded.
    pub(super) fn of(
        document: &ExecutableDocument,
        set: &SelectionSet,
        schema: &SchemaTypes,
        parent: Option<&str>,
    ) -> Self {
        let mut order = Self::default();
        order.add(document, set, schema, parent);
        order
    }

    fn add(&mut self, document: &ExecutableDocument, set: &SelectionSet, schema: &SchemaTypes, parent: Option<&str>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.clone();
                    let known = parent.and_then(|parent| schema.field(parent, &field.node.name.node));
                    let output = known.map(|field| field.output.clone());
                    let new = || Place { output, inside: Self::default() };
                    let place = self.fields.entry(key).or_insert_with(new);
                    let inner = known.map(|field| field.ty.as_str());
                    place.inside.add(document, &field.node.selection_set.node, schema, inner);
                }
                expands => {
                    if let Some((condition, set)) = fragment::contents(document, expands) {
                        let condition = condition.map(|condition| condition.node.on.node.as_str());
                        self.add(document, set, schema, condition.or(parent));
                    }
                }
            }
        }
    }

    /// Puts the data of an answer in order.
    pub(super) fn arrange(&self, data: &mut Value) {
        if self.fields.is_empty() {
            return;
        }
        match data {
            Value::List(items) => items.iter_mut().for_each(|item| self.arrange(item)),
            Value::Object(fields) => {
                if !self.is_arranged(fields) {
                    let number = |name: &Name| self.fields.get_index_of(name).unwrap_or(usize::MAX);
                    fields.sort_by(|a, _, b, _| number(a).cmp(&number(b)));
                    fields.shift_remove(NOTHING);
                }
                let mut places = self.fields.iter();
                for (name, value) in fields {
                    if let Some((_, place)) = places.find(|(key, _)| *key == name) {
                        place.inside.arrange(value);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether nothing is to be done for an object, which is the rule: told by comparing names side by side, because
    /// looking up each of them would be the dearest part of the guard.
    fn is_arranged(&self, fields: &IndexMap<Name, Value>) -> bool {
        let mut keys = self.fields.keys();
        fields.keys().all(|name| name != NOTHING && keys.any(|key| key == name))
    }
}
