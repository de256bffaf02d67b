//! Positions: a variable is used only where a value of its type may stand, and a literal only where it fits.
//!
//! *Attack.* None is needed: the library has the rule for variables, but never calls it, and its rule for literals takes an
//! `Int` of 64 bits, anything for an input object, and any text for a scalar of the schema. Such a value is found out at
//! its field, when the mutations before that field have run.
//! *Setting.* None.
//! *Answer.* `GRAPHQL_VALIDATION_FAILED` (GraphQL, September 2025, sections 5.6.1 and 5.8.5).
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

/// Refuses the first variable or literal of any operation that stands where its type does not fit.
///
/// It expands fragments, so the document must have passed [`super::shape::check`]. Fields, arguments and variables that
/// are not defined are left to validation, and so are literals that it finds out by itself.
pub(super) fn check(document: &ExecutableDocument, schema: &SchemaTypes) -> Result<(), Violation> {
    for (_, operation) in document.operations.iter() {
        let OperationDefinition { variable_definitions: definitions, .. } = &operation.node;
        let walk = Walk { document, schema, definitions };
        walk.defaults()?;
        walk.set(schema.root(operation.node.ty), &operation.node.selection_set.node)?;
    }
    Ok(())
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    schema: &'a SchemaTypes,
    definitions: &'a [Positioned<VariableDefinition>],
}

impl<'a> Walk<'a> {
    fn defaults(&self) -> Result<(), Violation> {
        for Positioned { node: definition, .. } in self.definitions {
            if let Some(default) = &definition.default_value {
                let input = Input { ty: definition.var_type.node.clone(), has_default: false };
                self.value(&input, &default.node, default.pos)?;
            }
        }
        Ok(())
    }

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

    /// Checks `value`, which stands where `input` is expected.
    fn value(&self, input: &Input, value: &Value, pos: Pos) -> Result<(), Violation> {
        match (value, &input.ty.base) {
            (Value::Binary(name), _) => self.variable(input, name, pos),
            (Value::List(items), BaseType::List(item)) => {
                let item = Input { ty: Type::clone(item), has_default: false };
                items.iter().try_for_each(|value| self.value(&item, value, pos))
            }
            // A single value stands for the list of it.
            (value, BaseType::List(item)) => {
                self.value(&Input { ty: Type::clone(item), has_default: false }, value, pos)
            }
            (value, BaseType::Named(name)) => match (value, self.schema.input(name)) {
                (Value::Object(fields), Some(inputs)) => {
                    let mut known = fields.iter().filter_map(|(name, value)| Some((inputs.get(name)?, value)));
                    known.try_for_each(|(input, value)| self.value(input, value, pos))
                }
                (value, _) if self.fits(name, value) => Ok(()),
                _ => {
                    let message = "A value does not fit its type.";
                    Err(Violation::new(ErrorCode::GraphqlValidationFailed, message).at(pos))
                }
            },
        }
    }

    /// Whether a literal may be of the type `name`, as far as validation does not find that out. One of a scalar of the
    /// schema may hold variables, which only the library can read.
    fn fits(&self, name: &str, value: &Value) -> bool {
        match value {
            Value::Null => true,
            _ if self.schema.input(name).is_some() => false,
            // JSON has nothing but strings for the values of an enum; a document has names (section 3.9).
            Value::String(_) if self.schema.values(name).is_some() => false,
            Value::Number(number) if name == "Int" => {
                number.as_i64().is_none_or(|number| i32::try_from(number).is_ok())
            }
            Value::List(_) | Value::Object(_) => true,
            value => self.schema.fits_scalar(name, value),
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
        scalar Odd enum Kind { ONE TWO } type Query { odd(v: Odd): Int kind(v: Kind): Int kinds(v: [Kind!]): Int int(v: Int): Int required(v: Int!): Int defaulted(v: Int! = 1): Int ints(v: [Int!]): Query
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

    /// Only what the library takes is refused here; what it refuses, it tells better.
    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn literals_stand_only_where_they_fit() {
        let mut schema = SchemaTypes::parse(SDL).unwrap();
        schema.define_scalar("Odd", |value| matches!(value, Value::String(text) if text.len() % 2 == 1));
        for (ty, literal, fits) in [
            ("Int", "2147483647", true),
            ("Int", "-2147483648", true),
            ("Int", "2147483648", false),
            ("Int", "-2147483649", false),
            ("Int", "null", true),
            ("Int", "\"1\"", true),
            ("ID", "9999999999", true),
            ("Float", "9999999999", true),
            ("[Int!]", "[1 9999999999]", false),
            ("[Int!]", "9999999999", false),
            ("In", "{a:1 b:[2]}", true),
            ("In", "{in:{in:{b:[1 9999999999]}}}", false),
            ("In", "{unknown:9999999999}", true),
            ("In", "1", false),
            ("In", "[{a:1}]", false),
            ("[In!]", "{a:1}", true),
            ("[In!]", "[{a:1} {a:9999999999}]", false),
            ("[In!]", "[{a:1} \"x\"]", false),
            ("Odd", "\"a\"", true),
            ("Odd", "\"ab\"", false),
            ("Odd", "ENUM", false),
            ("Kind", "ONE", true),
            ("Kind", "THREE", true),
            ("Kind", "\"ONE\"", false),
            ("[Kind!]", "[ONE TWO]", true),
            ("[Kind!]", "[ONE \"TWO\"]", false),
            ("[Kind!]", "\"ONE\"", false),
        ] {
            let field = ["int", "ints", "in", "ins", "id", "float", "odd", "kind", "kinds"]
                .into_iter()
                .find(|name| schema.field("Query", name).unwrap().arguments["v"].ty.to_string() == ty)
                .unwrap();
            for text in [
                format!("{{{field}(v:{literal})}}"),
                format!("{{...F}} fragment F on Query{{{field}(v:{literal})}}"),
                format!("query A{{int}} query B{{{field}(v:{literal})}}"),
                format!("query($v:{ty}={literal}){{{field}(v:$v)}}"),
            ] {
                let refusal = check(&parse(&text).unwrap(), &schema).err();
                assert_eq!(refusal.is_none(), fits, "{text}");
                assert!(refusal.is_none_or(|refusal| refusal.code == ErrorCode::GraphqlValidationFailed));
            }
        }
    }
}
