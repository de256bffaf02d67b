//! Positions: a variable is used only where a value of its type may stand.
//!
//! *Attack.* None is needed: the library has this rule, but never calls it, so that a text goes where a number belongs
//! and is found out at the field, when the mutations before that field have run.
//! *Setting.* None.
//! *Answer.* `GRAPHQL_VALIDATION_FAILED` (GraphQL, September 2025, section 5.8.5).
//! *Test.* At the end of this file.

use std::convert::Infallible;

use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet, Type,
    VariableDefinition,
};
use async_graphql::{Name, Pos, Positioned, Value};

use super::Violation;
use super::schema::{Input, SchemaTypes};
use crate::code::ErrorCode;

/// Refuses the first variable of any operation that is used where its type does not fit.
///
/// It expands fragments, so the document must have passed [`super::shape::check`]. Fields, arguments and variables that
/// are not defined are left to validation.
pub(super) fn check(document: &ExecutableDocument, schema: &SchemaTypes) -> Result<(), Violation> {
    for (_, operation) in document.operations.iter() {
        let OperationDefinition { variable_definitions: definitions, .. } = &operation.node;
        if !definitions.is_empty() {
            let walk = Walk { document, schema, definitions };
            walk.set(schema.root(operation.node.ty), &operation.node.selection_set.node)?;
        }
    }
    Ok(())
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    schema: &'a SchemaTypes,
    definitions: &'a [Positioned<VariableDefinition>],
}

impl<'a> Walk<'a> {
    fn set(&self, parent: Option<&'a str>, set: &'a SelectionSet) -> Result<(), Violation> {
        for Positioned { node: selection, .. } in &set.items {
            self.directives(selection.directives())?;
            match selection {
                Selection::Field(field) => self.field(parent, &field.node)?,
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let parent = condition.map(|condition| condition.node.on.node.as_str()).or(parent);
                    self.set(parent, &fragment.node.selection_set.node)?;
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        let condition = fragment.node.type_condition.node.on.node.as_str();
                        self.set(Some(condition), &fragment.node.selection_set.node)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn field(&self, parent: Option<&'a str>, field: &'a Field) -> Result<(), Violation> {
        let defined = parent.and_then(|parent| self.schema.field(parent, &field.name.node));
        for (name, value) in &field.arguments {
            if let Some(input) = defined.and_then(|defined| defined.arguments.get(&name.node)) {
                self.value(
                    input,
                    &value.node.clone().into_const_with(|name| Ok::<_, Infallible>(mark(&name))).unwrap_or_default(),
                    value.pos,
                )?;
            }
        }
        self.set(defined.map(|defined| defined.ty.as_str()), &field.selection_set.node)
    }

    /// `@skip` and `@include`; those of the schema are left out.
    fn directives(&self, directives: &[Positioned<Directive>]) -> Result<(), Violation> {
        for Positioned { node: directive, .. } in directives {
            if matches!(directive.name.node.as_str(), "skip" | "include")
                && let Some(value) = directive.get_argument("if")
            {
                let ty = Type { base: BaseType::Named(Name::new("Boolean")), nullable: false };
                self.value(
                    &Input { ty, has_default: false },
                    &value.node.clone().into_const_with(|name| Ok::<_, Infallible>(mark(&name))).unwrap_or_default(),
                    value.pos,
                )?;
            }
        }
        Ok(())
    }

    /// Checks the variables in `value`, which stands where `input` is expected.
    fn value(&self, input: &Input, value: &Value, pos: Pos) -> Result<(), Violation> {
        match value {
            Value::Binary(name) => self.variable(input, name, pos),
            Value::List(items) => {
                let BaseType::List(item) = &input.ty.base else { return Ok(()) };
                let item = Input { ty: Type::clone(item), has_default: false };
                items.iter().try_for_each(|value| self.value(&item, value, pos))
            }
            Value::Object(fields) => {
                let inputs = innermost(&input.ty).and_then(|name| self.schema.input(name));
                let mut known = fields.iter().filter_map(|(name, value)| Some((inputs?.get(name)?, value)));
                known.try_for_each(|(input, value)| self.value(input, value, pos))
            }
            _ => Ok(()),
        }
    }

    fn variable(&self, input: &Input, name: &[u8], pos: Pos) -> Result<(), Violation> {
        let mut definitions = self.definitions.iter();
        let definition = definitions.find(|definition| definition.node.name.node.as_bytes() == name);
        match definition {
            Some(definition) if !may_stand(&definition.node, input) => {
                let message = "A variable is used where its type does not fit.";
                Err(Violation::new(ErrorCode::GraphqlValidationFailed, message).at(pos).at(definition.pos))
            }
            _ => Ok(()),
        }
    }
}

/// Stands for a variable: a binary with its name, which neither a document nor JSON can spell.
fn mark(name: &Name) -> Value {
    Value::Binary(bytes::Bytes::copy_from_slice(name.as_bytes()))
}

fn innermost(ty: &Type) -> Option<&Name> {
    match &ty.base {
        BaseType::Named(name) => Some(name),
        // A single object stands for the list of it.
        BaseType::List(item) => innermost(item),
    }
}

/// `IsVariableUsageAllowed`: a nullable variable may stand where null may not, if one of the two has a default.
fn may_stand(definition: &VariableDefinition, input: &Input) -> bool {
    let has_default = definition.default_value.as_ref().is_some_and(|default| default.node != Value::Null);
    let mut place = input.ty.clone();
    if definition.var_type.node.nullable && (has_default || input.has_default) {
        place.nullable = true;
    }
    is_compatible(&definition.var_type.node, &place)
}

/// `AreTypesCompatible`.
fn is_compatible(variable: &Type, place: &Type) -> bool {
    (place.nullable || !variable.nullable)
        && match (&variable.base, &place.base) {
            (BaseType::Named(variable), BaseType::Named(place)) => variable == place,
            (BaseType::List(variable), BaseType::List(place)) => is_compatible(variable, place),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::parse::parse;

    const SDL: &str = "schema { query: Query } input In { a: Int b: [Int!] c: Int! d: Int! = 1 in: In }
        type Query { int(v: Int): Int required(v: Int!): Int defaulted(v: Int! = 1): Int ints(v: [Int!]): Query
        in(v: In): Int ins(v: [In!]): Int id(v: ID): Int float(v: Float): Int }";

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn variables_stand_only_where_their_values_may() {
        let schema = SchemaTypes::parse(SDL).unwrap();
        for (definition, usage, fits) in [
            ("$v:Int", "int(v:$v)", true),
            ("$v:Int!", "int(v:$v)", true),
            ("$v:String", "int(v:$v)", false),
            ("$v:Int", "float(v:$v)", false),
            ("$v:String", "id(v:$v)", false),
            ("$v:[Int]", "int(v:$v)", false),
            ("$v:Int", "required(v:$v)", false),
            ("$v:Int!", "required(v:$v)", true),
            ("$v:Int=1", "required(v:$v)", true),
            ("$v:Int=null", "required(v:$v)", false),
            ("$v:Int", "defaulted(v:$v)", true),
            ("$v:String", "defaulted(v:$v)", false),
            ("$v:[Int!]", "ints(v:$v){int}", true),
            ("$v:[Int]", "ints(v:$v){int}", false),
            ("$v:Int", "ints(v:$v){int}", false),
            ("$v:Int!", "ints(v:[1 $v]){int}", true),
            ("$v:Int", "ints(v:[1 $v]){int}", false),
            ("$v:In", "in(v:$v)", true),
            ("$v:Int", "in(v:{a:$v})", true),
            ("$v:ID", "in(v:{a:$v})", false),
            ("$v:Int", "in(v:{c:$v})", false),
            ("$v:Int", "in(v:{d:$v})", true),
            ("$v:ID", "in(v:{in:{in:{b:[$v]}}})", false),
            ("$v:ID", "ins(v:[{a:1} {a:$v}])", false),
            ("$v:ID", "ins(v:{a:$v})", false),
            ("$v:ID", "ints{ints{int(v:$v)}}", false),
            ("$v:ID", "...F", false),
            ("$v:Int", "...F", true),
            ("$v:ID", "...on Query{int(v:$v)}", false),
            ("$v:ID", "...{int(v:$v)}", false),
            ("$v:Boolean", "int @skip(if:$v)", false),
            ("$v:Boolean=true", "int @skip(if:$v)", true),
            ("$v:Boolean!", "...on Query @include(if:$v){int}", true),
            ("$v:Int!", "...on Query @include(if:$v){int}", false),
            ("$v:Int!", "unknown(v:$v) int(unknown:$v) in(v:{unknown:$v}) int(v:$unknown)", true),
        ] {
            let text = format!("query({definition}){{{usage}}} fragment F on Query{{int(v:$v)}}");
            let refusal = check(&parse(&text).unwrap(), &schema).err();
            assert_eq!(refusal.is_none(), fits, "{text}");
            assert!(refusal.is_none_or(|refusal| refusal.code == ErrorCode::GraphqlValidationFailed));
        }
    }
}
