//! Variables: every value is there and fits before anything runs, and an omitted one stays omitted.
//!
//! *Attack.* None is needed: the library turns an omitted variable into null, so that a client that leaves a field out
//! clears it; it finds a missing required variable only at the field that uses it, when the mutations before that field
//! have run; and it decides `@skip` and `@include` without a variable's default.
//! *Setting.* None; the size of the variables is the transport's.
//! *Answer.* `BAD_USER_INPUT` with the name of the variable, and the ways to the values as `extensions.fields`.
//! *Test.* `tests/variables.rs`.
//!
//! The rules are those of `CoerceVariableValues` and `CoerceArgumentValues` (GraphQL, September 2025, sections 6.1.2 and
//! 6.4.1). Values of the schema's own scalars are left to the library.

mod misfit;

use std::collections::BTreeSet;
use std::convert::Infallible;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{BaseType, Directive, Field, Type, VariableDefinition};
use async_graphql::{Name, Positioned, Value, Variables};

pub use self::misfit::Misfit;
use self::misfit::{PathSegment, Problem};
use super::Violation;
use super::schema::{Input, Inputs, SchemaTypes};
use crate::code::ErrorCode;

/// The longest name of a variable that a message repeats.
const NAME_CHARACTERS: usize = 64;

/// The most values that are told of. Clients write few wrong ones, and a refusal is short.
const MOST_MISFITS: usize = 5;

/// The values of the variables that `definitions` define: the given one, or else the default. A variable that has
/// neither is left out. Refuses a missing or wrong value.
pub(super) fn coerce(
    definitions: &[Positioned<VariableDefinition>],
    mut given: Variables,
    schema: &SchemaTypes,
) -> Result<Variables, Violation> {
    let mut values = Variables::default();
    let mut look = Look { schema, path: Vec::new(), misfits: Vec::new() };
    let mut first = None;
    for Positioned { pos, node: definition } in definitions {
        let name = &definition.name.node;
        if values.contains_key(name) {
            continue;
        }
        let ty = &definition.var_type.node;
        let given = given.remove(name);
        let problem = if given.is_some() { "has a value that does not fit its type." } else { "must be given." };
        match (given, &definition.default_value) {
            (Some(value), _) => {
                look.inside(PathSegment::Name(name.clone()), |look| look.value(ty, &value));
                values.insert(name.clone(), value);
            }
            (None, Some(default)) => drop(values.insert(name.clone(), default.node.clone())),
            (None, None) if ty.nullable => {}
            (None, None) => look.inside(PathSegment::Name(name.clone()), |look| look.note(Problem::Missing)),
        }
        if first.is_none() && !look.misfits.is_empty() {
            first = Some(refusal(name, problem).at(*pos));
        }
    }
    match first {
        Some(refusal) => Err(Violation { misfits: look.misfits, ..refusal }),
        None => Ok(values),
    }
}

/// Looks for values that do not fit their types.
struct Look<'a> {
    schema: &'a SchemaTypes,
    /// The way to the value that is looked at.
    path: Vec<PathSegment>,
    misfits: Vec<Misfit>,
}

impl Look<'_> {
    /// Looks at the value behind one more `segment` of the path.
    fn inside(&mut self, segment: PathSegment, look: impl FnOnce(&mut Self)) {
        self.path.push(segment);
        look(self);
        self.path.pop();
    }

    fn note(&mut self, problem: Problem) {
        if self.misfits.len() < MOST_MISFITS {
            self.misfits.push(Misfit { path: self.path.clone(), problem });
        }
    }

    /// Notes where `value`, which the request holds, can't be of type `ty`.
    fn value(&mut self, ty: &Type, value: &Value) {
        match (&ty.base, value) {
            (_, Value::Null) if ty.nullable => {}
            (_, Value::Null) => self.note(Problem::Null),
            (BaseType::List(item), Value::List(values)) => {
                for (index, value) in values.iter().enumerate() {
                    self.inside(PathSegment::Index(index), |look| look.value(item, value));
                }
            }
            // A single value stands for the list of it (section 3.12).
            (BaseType::List(item), value) => self.value(item, value),
            (BaseType::Named(name), value) => match (self.schema.input(name), value) {
                (Some(inputs), Value::Object(fields)) => self.inputs(inputs, fields),
                (None, value) if fits_leaf(name, value, self.schema) => {}
                _ => self.note(Problem::Unfit),
            },
        }
    }

    /// Notes the fields of an input object that do not fit, are missing, or are not fields of it.
    fn inputs(&mut self, inputs: &Inputs, fields: &IndexMap<Name, Value>) {
        for (name, value) in fields {
            match inputs.get_key_value(name) {
                Some((name, input)) => {
                    self.inside(PathSegment::Name(name.clone()), |look| look.value(&input.ty, value));
                }
                // Its name is the client's alone, and not repeated.
                None => self.note(Problem::Unknown),
            }
        }
        let is_required = |input: &Input| !input.ty.nullable && !input.has_default;
        let missing = inputs.iter().filter(|(name, input)| is_required(input) && !fields.contains_key(*name));
        for name in missing.map(|(name, _)| name).collect::<BTreeSet<_>>() {
            self.inside(PathSegment::Name(name.clone()), |look| look.note(Problem::Missing));
        }
    }
}

/// Whether `value` is a value of an enum, or of a scalar that the specification or the schema defines.
fn fits_leaf(name: &str, value: &Value, schema: &SchemaTypes) -> bool {
    match schema.values(name) {
        Some(values) => matches!(value, Value::String(value) if values.contains(value.as_str())),
        None => fits_scalar(name, value, schema),
    }
}

/// Whether `value` is of a scalar type that the specification or the schema defines.
fn fits_scalar(name: &str, value: &Value, schema: &SchemaTypes) -> bool {
    match name {
        "Int" => matches!(value, Value::Number(n) if n.as_i64().is_some_and(|n| i32::try_from(n).is_ok())),
        "Float" => matches!(value, Value::Number(_)),
        "String" => matches!(value, Value::String(_)),
        "Boolean" => matches!(value, Value::Boolean(_)),
        "ID" => match value {
            Value::Number(number) => number.is_i64() || number.is_u64(),
            value => matches!(value, Value::String(_)),
        },
        _ => schema.fits_scalar(name, value),
    }
}

fn refusal(name: &Name, problem: &str) -> Violation {
    let message = match name.chars().nth(NAME_CHARACTERS) {
        None => format!("Variable ${name} {problem}"),
        Some(_) => format!("A variable {problem}"),
    };
    Violation::new(ErrorCode::BadUserInput, message)
}

/// Takes the variables that have no value out of the arguments of `field`: the argument or the field of an input object
/// is gone, an item of a list is null. An argument that holds none stays as it is. Says whether there were any.
pub(super) fn omit(field: &mut Field, values: &Variables) -> bool {
    let mut omits = false;
    let arguments = std::mem::take(&mut field.arguments).into_iter();
    field.arguments = arguments
        .filter_map(|(name, value)| {
            let mut complete = true;
            let look = |variable: Name| {
                complete &= values.contains_key(&variable);
                Ok::<_, Infallible>(Value::Null)
            };
            value.node.clone().into_const_with(look).ok();
            if complete {
                return Some((name, value));
            }
            omits = true;
            let resolve = |variable: Name| Ok::<_, Infallible>(values.get(&variable).cloned().unwrap_or_else(omitted));
            let resolved = present(value.node.clone().into_const_with(resolve).ok()?)?;
            Some((name, value.map(|_| resolved.into_value())))
        })
        .collect();
    omits
}

/// Stands for a variable without a value: neither a document nor JSON can spell a binary.
fn omitted() -> Value {
    Value::Binary(bytes::Bytes::default())
}

/// `value` without what is omitted in it; none when it is omitted itself.
fn present(value: Value) -> Option<Value> {
    match value {
        Value::Binary(_) => None,
        Value::List(items) => {
            Some(Value::List(items.into_iter().map(|item| present(item).unwrap_or_default()).collect()))
        }
        Value::Object(fields) => {
            let fields = fields.into_iter().filter_map(|(name, value)| Some((name, present(value)?)));
            Some(Value::Object(fields.collect()))
        }
        other => Some(other),
    }
}

/// Calls `found` with each variable in the arguments of `field` and in those of its directives.
pub(super) fn used(field: &Field, found: &mut impl FnMut(Name)) {
    let mut look = |name| {
        found(name);
        Ok::<_, Infallible>(Value::Null)
    };
    for (_, value) in &field.arguments {
        value.node.clone().into_const_with(&mut look).ok();
    }
    used_by_directives(&field.directives, found);
}

/// Calls `found` with each variable in the arguments of `directives`.
pub(super) fn used_by_directives(directives: &[Positioned<Directive>], found: &mut impl FnMut(Name)) {
    let mut look = |name| {
        found(name);
        Ok::<_, Infallible>(Value::Null)
    };
    for (_, value) in directives.iter().flat_map(|directive| &directive.node.arguments) {
        value.node.clone().into_const_with(&mut look).ok();
    }
}
