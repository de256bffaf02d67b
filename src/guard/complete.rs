//! Completed answers: a field that failed is null, or where the schema allows no null, the nearest parent that may be.
//!
//! *Attack.* None is needed: the library leaves a failed field out of the answer, so that a client finds neither the value
//! nor the null that the schema promises, and an object without a field that can't be missing.
//! *Setting.* None.
//! *Answer.* The same answer with its nulls (GraphQL, September 2025, section 6.4.4, "Handling Execution Errors").
//! *Test.* `tests/complete.rs`.

use async_graphql::parser::types::{BaseType, Type};
use async_graphql::{Name, PathSegment, Response, ServerError, Value};

use super::Order;

/// What a failed field makes of the value around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The null has found its place.
    Settled,
    /// The value around it has to be null as well.
    Propagates,
}

impl Order {
    /// Makes an answer, or one event of a subscription, what the specification promises: a failed field is null, or its
    /// nearest parent that may be, and fields come in the order in which the operation selects them.
    pub fn complete(&self, response: &mut Response) {
        self.put_nulls(&mut response.data, &response.errors);
        self.arrange(&mut response.data);
    }

    /// Puts the null of each failed field into `data`.
    fn put_nulls(&self, data: &mut Value, errors: &[ServerError]) {
        for error in errors.iter().filter(|error| !error.path.is_empty()) {
            if self.complete_object(data, &error.path) == Outcome::Propagates {
                *data = Value::Null;
            }
        }
    }

    /// Puts the null of the field at `path` into an object.
    fn complete_object(&self, object: &mut Value, path: &[PathSegment]) -> Outcome {
        let Some((PathSegment::Field(key), rest)) = path.split_first() else { return Outcome::Settled };
        let Some(place) = self.fields.get(key.as_str()) else { return Outcome::Settled };
        // Where every field of an object failed, the library answers null for the object.
        if *object == Value::Null {
            *object = Value::Object(async_graphql::indexmap::IndexMap::new());
        }
        let Value::Object(fields) = object else { return Outcome::Settled };
        let failed_before = !fields.contains_key(key.as_str());
        let value = fields.entry(Name::new(key)).or_insert(Value::Null);
        let Some(output) = &place.output else { return Outcome::Settled };
        if failed_before || rest.is_empty() {
            return null(output, value);
        }
        place.inside.complete_value(value, output, rest)
    }

    /// Puts the null of the field at `path` into a value of type `output`.
    fn complete_value(&self, value: &mut Value, output: &Type, path: &[PathSegment]) -> Outcome {
        let outcome = match (&output.base, path.split_first()) {
            (BaseType::List(item), Some((PathSegment::Index(index), rest))) => match value {
                Value::List(items) => match items.get_mut(*index) {
                    Some(entry) if rest.is_empty() => null(item, entry),
                    Some(entry) => self.complete_value(entry, item, rest),
                    None => Outcome::Settled,
                },
                _ => Outcome::Settled,
            },
            _ => self.complete_object(value, path),
        };
        match outcome {
            Outcome::Settled => Outcome::Settled,
            Outcome::Propagates => null(output, value),
        }
    }
}

/// Makes a value of type `output` null, which the type may not allow.
fn null(output: &Type, value: &mut Value) -> Outcome {
    *value = Value::Null;
    if output.nullable { Outcome::Settled } else { Outcome::Propagates }
}
