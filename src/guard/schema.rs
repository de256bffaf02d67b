//! What the guard knows of the schema: the fields of its types, and which types a fragment applies to.

use std::collections::{HashMap, HashSet};

use async_graphql::Name;
use async_graphql::Positioned;
use async_graphql::parser::types::{BaseType, FieldDefinition, OperationType, Type, TypeKind, TypeSystemDefinition};
use async_graphql::parser::{Error, parse_schema};

/// The types that can be selected from, without the introspection types.
#[derive(Debug, Clone, Default)]
pub struct SchemaTypes {
    roots: HashMap<&'static str, Name>,
    /// The named type of each field of each object and interface.
    fields: HashMap<Name, HashMap<Name, Name>>,
    /// The object types of each interface and union.
    members: HashMap<Name, HashSet<Name>>,
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
    /// The types of the schema that `sdl` spells out, as `Schema::sdl` of async-graphql exports it; refuses text that is
    /// not SDL.
    pub fn parse(sdl: &str) -> Result<Self, Error> {
        let mut types = Self::default();
        for definition in parse_schema(sdl)?.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    let roots = [schema.node.query, schema.node.mutation, schema.node.subscription];
                    let named = ["query", "mutation", "subscription"].into_iter().zip(roots);
                    types.roots.extend(named.filter_map(|(root, name)| Some((root, name?.node))));
                }
                TypeSystemDefinition::Type(definition) => types.define(definition.node.name.node, definition.node.kind),
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
                self.define_fields(name, object.fields);
            }
            TypeKind::Interface(interface) => {
                self.members.entry(name.clone()).or_default();
                self.define_fields(name, interface.fields);
            }
            TypeKind::Union(union) => {
                let members = union.members.into_iter().map(|member| member.node);
                self.members.entry(name).or_default().extend(members);
            }
            TypeKind::Scalar | TypeKind::Enum(_) | TypeKind::InputObject(_) => {}
        }
    }

    fn define_fields(&mut self, name: Name, fields: Vec<Positioned<FieldDefinition>>) {
        let named = fields.into_iter().map(|field| (field.node.name.node, innermost(field.node.ty.node)));
        self.fields.entry(name).or_default().extend(named);
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

    /// The named type of a field, lists and non-null taken off.
    pub(super) fn field(&self, parent: &str, field: &str) -> Option<&str> {
        self.fields.get(parent)?.get(field).map(Name::as_str)
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

fn innermost(mut ty: Type) -> Name {
    loop {
        match ty.base {
            BaseType::Named(name) => return name,
            BaseType::List(inner) => ty = *inner,
        }
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
        assert_eq!(types.field("A", "b"), Some("B"));
        assert_eq!(types.field("Root", "any"), Some("Any"));
        assert_eq!(types.field("A", "x"), None);
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
