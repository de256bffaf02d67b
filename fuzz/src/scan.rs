//! The lexical scan, and what the parser makes of a text that passed it.

use std::convert::Infallible;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Value};
use taskward::config::Limits;
use taskward::guard::parse::parse;
use taskward::guard::scan::scan;

use super::refusal;

/// The scan ends; what it accepts keeps the limits, and nests no deeper and holds no more than the scan has counted.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let limits = Limits::default();
    let scan = match scan(text, &limits) {
        Ok(scan) => scan,
        Err(violation) => return refusal::holds_of_violation(&violation),
    };
    for limit in [scan.bytes, scan.tokens, scan.nesting] {
        assert!(limit.used <= limit.max, "{limit:?}");
    }
    match parse(text) {
        Ok(document) => {
            let size = Size::of(&document);
            assert!(size.nesting <= scan.nesting.used, "{size:?} {scan:?}");
            assert!(size.nodes <= scan.tokens.used, "{size:?} {scan:?}");
        }
        Err(violation) => refusal::holds_of_violation(&violation),
    }
}

/// How large the tree of a document is.
#[derive(Debug, Default)]
struct Size {
    /// Selections and values.
    nodes: usize,
    /// Brackets inside each other.
    nesting: usize,
}

/// The library hands out the inside of a value only once its variables are replaced.
const NULL: fn(Name) -> Result<Value, Infallible> = |_variable| Ok(Value::Null);

impl Size {
    fn of(document: &ExecutableDocument) -> Self {
        let mut size = Self::default();
        for (_, operation) in document.operations.iter() {
            size.set(&operation.node.selection_set.node, 1);
        }
        for fragment in document.fragments.values() {
            size.set(&fragment.node.selection_set.node, 1);
        }
        size
    }

    fn set(&mut self, set: &SelectionSet, level: usize) {
        if set.items.is_empty() {
            return;
        }
        self.nesting = self.nesting.max(level);
        for selection in &set.items {
            self.nodes += 1;
            for directive in selection.node.directives() {
                let arguments = &directive.node.arguments;
                for (_, value) in arguments {
                    self.argument(value.node.clone().into_const_with(NULL), level);
                }
            }
            match &selection.node {
                Selection::Field(field) => {
                    let arguments = &field.node.arguments;
                    for (_, it) in arguments {
                        self.argument(it.node.clone().into_const_with(NULL), level);
                    }
                    self.set(&field.node.selection_set.node, level + 1);
                }
                Selection::InlineFragment(fragment) => self.set(&fragment.node.selection_set.node, level + 1),
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    /// An argument of a selection inside `level` brackets, which has its own in parentheses.
    fn argument(&mut self, value: Result<Value, Infallible>, level: usize) {
        self.nesting = self.nesting.max(level + 1);
        self.value(&value.unwrap_or_default(), level + 1);
    }

    fn value(&mut self, value: &Value, level: usize) {
        self.nodes += 1;
        match value {
            Value::List(items) => {
                self.nesting = self.nesting.max(level + 1);
                for item in items {
                    self.value(item, level + 1);
                }
            }
            Value::Object(fields) => {
                self.nesting = self.nesting.max(level + 1);
                for field in fields.values() {
                    self.value(field, level + 1);
                }
            }
            _ => {}
        }
    }
}
