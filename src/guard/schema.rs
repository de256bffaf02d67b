//! What the guard knows of the schema: its fields, their arguments, inputs and prices, and which types a fragment applies
//! to.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, OperationType, Type, TypeDefinition, TypeKind,
    TypeSystemDefinition,
};
use async_graphql::parser::{Error, parse_schema};
use async_graphql::{Name, Positioned, Value};

use super::cost::{self, FieldCost};

/// The types of a schema by name, without the introspection types.
#[derive(Debug, Clone, Default)]
pub struct SchemaTypes {
    roots: HashMap<&'static str, Name>,
    /// The fields of objects and interfaces.
    fields: HashMap<Name, HashMap<Name, Field>>,
    /// The object types of interfaces and unions.
    members: HashMap<Name, HashSet<Name>>,
    /// The fields of input objects.
    inputs: HashMap<Name, Inputs>,
    /// The points of an object, where the schema says them.
    weights: HashMap<Name, u64>,
    /// The values of enums.
    enums: HashMap<Name, HashSet<Name>>,
    /// What fits the scalars that the server has told of.
    scalars: HashMap<Name, fn(&Value) -> bool>,
}

/// A field that can be selected.
#[derive(Debug, Clone)]
pub(super) struct Field {
    /// Its named type, lists and non-null taken off.
    pub ty: Name,
    /// Its type with lists and non-null.
    pub output: Type,
    /// How many lists are around it.
    pub lists: u32,
    /// Its arguments.
    pub arguments: Inputs,
    /// What the schema says of its price.
    pub cost: FieldCost,
}

/// Arguments of a field, or fields of an input object, by name.
pub(super) type Inputs = HashMap<Name, Input>;

/// An argument, or a field of an input object.
#[derive(Debug, Clone)]
pub(super) struct Input {
    /// Its type.
    pub ty: Type,
    /// Whether it may be left out although its type is not null.
    pub has_default: bool,
}

/// Whether a fragment's selections apply to the objects of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Applies {
    /// To each of them.
    Always,
    /// To none; validation refuses such a fragment.
    Never,
    /// To some, or the schema does not say.
    Sometimes,
}

impl SchemaTypes {
    /// The types of the schema that `sdl` spells out, as `Schema::sdl` of async-graphql exports it; refuses text that
    /// is not SDL.
    pub fn parse(sdl: &str) -> Result<Self, Error> {
        let mut types = Self::default();
        for definition in parse_schema(sdl)?.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    let roots = [schema.node.query, schema.node.mutation, schema.node.subscription];
                    let named = ["query", "mutation", "subscription"].into_iter().zip(roots);
                    types.roots.extend(named.filter_map(|(root, name)| Some((root, name?.node))));
                }
                TypeSystemDefinition::Type(definition) => {
                    let TypeDefinition { name, directives, kind, .. } = definition.node;
                    types.weights.extend(cost::weight(&directives).map(|weight| (name.node.clone(), weight)));
                    types.define(name.node, kind);
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        Ok(types)
    }

    fn define(&mut self, name: Name, kind: TypeKind) {
        match kind {
            TypeKind::Object(object) => {
                for interface in object.implements {
                    self.members.entry(interface.node).or_default().insert(name.clone());
                }
                self.fields.insert(name, object.fields.into_iter().map(field).collect());
            }
            TypeKind::Interface(interface) => {
                self.members.entry(name.clone()).or_default();
                self.fields.insert(name, interface.fields.into_iter().map(field).collect());
            }
            TypeKind::Union(union) => {
                let members = union.members.into_iter().map(|member| member.node);
                self.members.entry(name).or_default().extend(members);
            }
            TypeKind::InputObject(input) => drop(self.inputs.insert(name, inputs(input.fields))),
            TypeKind::Enum(values) => {
                let values = values.values.into_iter().map(|value| value.node.value.node);
                self.enums.insert(name, values.collect());
            }
            TypeKind::Scalar => {}
        }
    }

    /// Tells which values fit a scalar of the schema.
    pub(super) fn define_scalar(&mut self, name: &str, fits: fn(&Value) -> bool) {
        self.scalars.insert(Name::new(name), fits);
    }

    /// Whether `value` fits a scalar of the schema; one that nobody has told of takes anything.
    pub(super) fn fits_scalar(&self, name: &str, value: &Value) -> bool {
        self.scalars.get(name).is_none_or(|fits| fits(value))
    }

    /// The type at the root of an operation.
    pub(super) fn root(&self, operation: OperationType) -> Option<&str> {
        let root = match operation {
            OperationType::Query => "query",
            OperationType::Mutation => "mutation",
            OperationType::Subscription => "subscription",
        };
        self.roots.get(root).map(Name::as_str)
    }

    /// A field that can be selected from objects of type `parent`.
    pub(super) fn field(&self, parent: &str, field: &str) -> Option<&Field> {
        self.fields.get(parent)?.get(field)
    }

    /// The object types of an interface or a union.
    pub(super) fn members(&self, name: &str) -> Option<&HashSet<Name>> {
        self.members.get(name)
    }

    /// The points of an object of type `name`, of the most expensive one if there are several; none for other types.
    pub(super) fn object_weight(&self, name: &str) -> Option<u64> {
        let weight = |object: &str| self.weights.get(object).copied().unwrap_or(1);
        match self.members.get(name) {
            Some(members) => Some(members.iter().map(|member| weight(member)).max().unwrap_or(1)),
            None => self.fields.contains_key(name).then(|| weight(name)),
        }
    }

    /// The fields of an input object type.
    pub(super) fn input(&self, name: &str) -> Option<&Inputs> {
        self.inputs.get(name)
    }

    /// The values of an enum type.
    pub(super) fn values(&self, name: &str) -> Option<&HashSet<Name>> {
        self.enums.get(name)
    }

    /// Whether a fragment on `condition` applies to the objects of type `parent`.
    pub(super) fn applies(&self, condition: &str, parent: Option<&str>) -> Applies {
        let Some(parent) = parent else { return Applies::Sometimes };
        if condition == parent {
            return Applies::Always;
        }
        let is_object = |name: &str| self.fields.contains_key(name) && !self.members.contains_key(name);
        match (is_object(parent), self.members.get(condition)) {
            (true, Some(members)) if members.contains(parent) => Applies::Always,
            (true, Some(_)) => Applies::Never,
            (true, None) if is_object(condition) => Applies::Never,
            _ => Applies::Sometimes,
        }
    }
}

fn field(definition: Positioned<FieldDefinition>) -> (Name, Field) {
    let FieldDefinition { name, ty, arguments, directives, .. } = definition.node;
    let output = ty.node;
    let (ty, lists) = innermost(output.clone());
    (name.node, Field { ty, output, lists, arguments: inputs(arguments), cost: FieldCost::of(&directives) })
}

fn inputs(definitions: Vec<Positioned<InputValueDefinition>>) -> Inputs {
    let definitions = definitions.into_iter().map(|definition| definition.node);
    let input = |it: InputValueDefinition| Input { ty: it.ty.node, has_default: it.default_value.is_some() };
    definitions.map(|definition| (definition.name.node.clone(), input(definition))).collect()
}

/// The named type inside lists and non-null, and how many lists there are.
fn innermost(mut ty: Type) -> (Name, u32) {
    let mut lists: u32 = 0;
    loop {
        match ty.base {
            BaseType::Named(name) => return (name, lists),
            BaseType::List(inner) => ty = *inner,
        }
        lists = lists.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_apply_by_the_types_of_the_schema() {
        let types = SchemaTypes::parse(
            "schema { query: Root } interface Node { id: ID! } union Any = A | B
             type Root { node: Node any: [Any!]! } type A implements Node { id: ID! b: [[B!]]! } type B { c: Int }",
        )
        .unwrap();
        assert_eq!(types.root(OperationType::Query), Some("Root"));
        assert_eq!(types.root(OperationType::Mutation), None);
        let field = |parent, name| types.field(parent, name).map(|field| field.ty.as_str());
        assert_eq!(field("A", "b"), Some("B"));
        assert_eq!(field("Root", "any"), Some("Any"));
        assert_eq!(field("A", "x"), None);
        for (condition, parent, applies) in [
            ("A", Some("A"), Applies::Always),
            ("Node", Some("A"), Applies::Always),
            ("Any", Some("A"), Applies::Always),
            ("Node", Some("Node"), Applies::Always),
            ("Node", Some("B"), Applies::Never),
            ("B", Some("A"), Applies::Never),
            ("A", Some("Node"), Applies::Sometimes),
            ("Node", Some("Any"), Applies::Sometimes),
            ("X", Some("A"), Applies::Sometimes),
            ("A", Some("X"), Applies::Sometimes),
            ("A", None, Applies::Sometimes),
        ] {
            assert_eq!(types.applies(condition, parent), applies, "{condition} on {parent:?}");
        }
    }
}
