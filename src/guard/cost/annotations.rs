//! What the directives `@cost` and `@listSize` of a schema say.

use async_graphql::parser::types::ConstDirective;
use async_graphql::{Name, Positioned, Value};

/// What a schema says of the price of a field.
#[derive(Debug, Clone, Default)]
pub(in crate::guard) struct FieldCost {
    /// Points for the field itself.
    pub weight: u64,
    /// How large its list is, or the lists inside it.
    pub list_size: Option<ListSize>,
}

/// `@listSize`.
#[derive(Debug, Clone, Default)]
pub(in crate::guard) struct ListSize {
    /// The size when no argument says it.
    pub assumed: Option<u64>,
    /// The arguments that say it, each a path into input objects.
    pub slicing: Vec<Vec<Name>>,
    /// The lists inside the field that have the size; none when it is the field's own.
    pub sized_fields: Vec<Name>,
}

impl FieldCost {
    /// What the directives of a field say.
    pub(in crate::guard) fn of(directives: &[Positioned<ConstDirective>]) -> Self {
        Self { weight: weight(directives).unwrap_or_default(), list_size: named(directives, "listSize").map(list_size) }
    }
}

/// The weight of `@cost`; none without it. A weight that is no whole number counts as the largest: a slip in the schema
/// must not make anything free.
pub(in crate::guard) fn weight(directives: &[Positioned<ConstDirective>]) -> Option<u64> {
    let weight = named(directives, "cost")?.get_argument("weight")?;
    Some(match &weight.node {
        Value::String(text) => text.parse().unwrap_or(u64::MAX),
        _ => u64::MAX,
    })
}

fn named<'a>(directives: &'a [Positioned<ConstDirective>], name: &str) -> Option<&'a ConstDirective> {
    directives.iter().map(|directive| &directive.node).find(|directive| directive.name.node == name)
}

fn list_size(directive: &ConstDirective) -> ListSize {
    let argument = |name: &str| directive.get_argument(name).map(|value| &value.node);
    let assumed = match argument("assumedSize") {
        Some(Value::Number(size)) => size.as_u64(),
        _ => None,
    };
    let path = |text: &str| text.split('.').map(Name::new).collect();
    ListSize {
        assumed,
        slicing: texts(argument("slicingArguments")).map(path).collect(),
        sized_fields: texts(argument("sizedFields")).map(Name::new).collect(),
    }
}

fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    let items = if let Some(Value::List(items)) = list { items.as_slice() } else { &[] };
    items.iter().filter_map(|item| if let Value::String(text) = item { Some(text.as_str()) } else { None })
}
