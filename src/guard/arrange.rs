//! Arranged answers: the fields of an answer in the order in which the operation asks for them.
//!
//! *Attack.* None is needed: the library answers with fields in the order in which they happen to be ready, and with
//! null for an object of which every field is skipped, also where the schema promises an object.
//! *Setting.* None.
//! *Answer.* The same answer, ordered (GraphQL, September 2025, sections 6.3 and 7.2.2), with `{}` for such an object.
//! *Test.* `tests/arrange.rs`.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Value};

/// The response key under which a collected operation selects something where nothing is selected: without it, the
/// library answers null. No client can write such an alias, and [`Order::arrange`] takes it out of the answer.
pub(super) const NOTHING: &str = "nothing selected";

/// The order of the fields of an answer.
#[derive(Debug, Clone, Default)]
pub struct Order {
    fields: HashMap<Name, (usize, Self)>,
}

impl Order {
    /// The order in which `set` selects fields, fragments expanded.
    pub(super) fn of(document: &ExecutableDocument, set: &SelectionSet) -> Self {
        let mut order = Self::default();
        order.add(document, set);
        order
    }

    fn add(&mut self, document: &ExecutableDocument, set: &SelectionSet) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let next = self.fields.len();
                    let key = field.node.response_key().node.clone();
                    let (_, inside) = self.fields.entry(key).or_insert_with(|| (next, Self::default()));
                    inside.add(document, &field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => self.add(document, &fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                        self.add(document, &fragment.node.selection_set.node);
                    }
                }
            }
        }
    }

    /// Puts the data of an answer, or of one event of a subscription, in order.
    pub fn arrange(&self, data: &mut Value) {
        if self.fields.is_empty() {
            return;
        }
        match data {
            Value::List(items) => items.iter_mut().for_each(|item| self.arrange(item)),
            Value::Object(fields) => {
                let place = |name: &Name| self.fields.get(name).map_or(usize::MAX, |(place, _)| *place);
                if !fields.keys().is_sorted_by_key(place) {
                    fields.sort_by(|a, _, b, _| place(a).cmp(&place(b)));
                }
                fields.shift_remove(NOTHING);
                for (name, value) in fields {
                    if let Some((_, inside)) = self.fields.get(name) {
                        inside.arrange(value);
                    }
                }
            }
            _ => {}
        }
    }
}
