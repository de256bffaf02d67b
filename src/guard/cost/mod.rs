//! Cost: what an operation may cost at most, known before it runs, and what it did cost, known from its answer.
//!
//! *Attack.* Pages inside pages inside pages: a hundred orders of a hundred shops of a hundred towns each are ten lines
//! of text and a million objects. A sum that overflows, so that the largest query looks like the smallest.
//! *Setting.* `cost.user_limit`, `cost.anonymous_limit` for an operation; the sizes of pages are bounded by
//! `limits.page_size`.
//! *Answer.* `QUERY_TOO_COMPLEX`.
//! *Test.* `tests/cost.rs`.
//!
//! An object costs what `@cost` says of its type, and otherwise 1; a scalar costs nothing; a field costs what `@cost` says
//! of it, and otherwise nothing by itself; a list costs its size times one of its objects, where `@listSize` says the
//! size. Of an interface or a union, the most expensive type counts. What a variable skips counts: it is refunded when it
//! did not run. `__schema` and `__type` have a fixed price, whatever is asked of them.
//!
//! The root of the operation is free. Fragments are expanded, which the document's shape has bounded, and copies of a
//! field are priced once, as they are run once. Sums and products saturate.

mod annotations;
mod size;

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Value, Variables};

use self::annotations::ListSize;
use super::schema::{Applies, SchemaTypes};
use super::{LimitUse, Violation, fragment};
use crate::code::ErrorCode;

pub(super) use self::annotations::{FieldCost, weight};

/// Points of `__schema` and of `__type`: their answers are large, but come from memory.
pub const INTROSPECTION: u64 = 10;

/// What an operation may cost.
#[derive(Debug, Clone, Default)]
pub struct Estimate {
    root: Prices,
}

/// What the fields of one object may cost.
#[derive(Debug, Clone, Default)]
struct Prices {
    /// All of them together, for the most expensive type that the object can have.
    total: u64,
    /// Those that are not free, by response key.
    fields: HashMap<Name, Price>,
}

/// What a field may cost.
#[derive(Debug, Clone, Default)]
struct Price {
    /// For the field itself.
    weight: u64,
    /// The most objects that it answers with.
    size: u64,
    /// For each of its objects.
    object: u64,
    /// For the fields of each of its objects.
    inside: Prices,
}

impl Estimate {
    /// The points that the operation costs at most.
    #[must_use]
    pub const fn points(&self) -> u64 {
        self.root.total
    }

    /// The use of the limit `setting`; refuses an operation that may cost more than `max`.
    pub fn check(&self, setting: &'static str, max: u32) -> Result<LimitUse, Violation> {
        let number = |points: u64| usize::try_from(points).unwrap_or(usize::MAX);
        LimitUse { name: setting, used: number(self.points()), max: number(max.into()) }
            .check(ErrorCode::QueryTooComplex, "The operation may cost too much: ask for smaller pages, or for less.")
    }

    /// The points that an operation did cost that answered with `data`, and with errors if it `failed`. It is never more
    /// than [`Estimate::points`]. What is null or missing beside
    /// errors may have run before it failed, so it costs as much as it may.
    #[must_use]
    pub fn actual(&self, data: &Value, outcome: Outcome) -> u64 {
        self.root.spent(data, outcome).min(self.points())
    }
}

/// Whether an answer is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It has no errors.
    Whole,
    /// It has errors, which make fields null, or let the library leave them out.
    WithErrors,
}

impl Prices {
    fn spent(&self, data: &Value, outcome: Outcome) -> u64 {
        match data {
            Value::Object(values) => sum(self.fields.iter().map(|(key, price)| match values.get(key) {
                Some(value) => price.spent(value, outcome),
                None if outcome == Outcome::WithErrors => price.points(),
                None => 0,
            })),
            Value::Null if outcome == Outcome::WithErrors => self.total,
            _ => 0,
        }
    }

    /// Prices of two types that an object can have, for whichever it has.
    fn or(mut self, other: Self) -> Self {
        self.total = self.total.max(other.total);
        for (key, price) in other.fields {
            let known = self.fields.remove(&key).unwrap_or_default();
            self.fields.insert(key, known.or(price));
        }
        self
    }
}

impl Price {
    fn points(&self) -> u64 {
        let object = self.object.saturating_add(self.inside.total);
        self.weight.saturating_add(self.size.saturating_mul(object))
    }

    fn spent(&self, value: &Value, outcome: Outcome) -> u64 {
        match value {
            Value::Null if outcome == Outcome::WithErrors => self.points(),
            value => self.weight.saturating_add(self.spent_on_objects(value, outcome)),
        }
    }

    fn spent_on_objects(&self, value: &Value, outcome: Outcome) -> u64 {
        match value {
            Value::List(items) => sum(items.iter().map(|item| self.spent_on_objects(item, outcome))),
            Value::Null if outcome == Outcome::Whole => 0,
            Value::Object(_) | Value::Null => self.object.saturating_add(self.inside.spent(value, outcome)),
            _ => 0,
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            weight: self.weight.max(other.weight),
            size: self.size.max(other.size),
            object: self.object.max(other.object),
            inside: self.inside.or(other.inside),
        }
    }
}

fn sum(points: impl Iterator<Item = u64>) -> u64 {
    points.fold(0, u64::saturating_add)
}

/// What `operation` of `document` may cost with `values`; a list of which the schema does not say the size is taken for
/// `page_size`.
///
/// It expands fragments, so the document must have passed [`super::shape::check`]. What the schema does not know is free:
/// the library refuses it before anything runs.
pub(super) fn estimate(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    schema: &SchemaTypes,
    values: &Variables,
    page_size: u32,
) -> Estimate {
    let estimator = Estimator { document, schema, values, page_size: page_size.into() };
    let root = schema.root(operation.ty);
    let prices = root.map(|root| estimator.prices(root, &[&operation.selection_set.node], None));
    Estimate { root: prices.unwrap_or_default() }
}

struct Estimator<'a> {
    document: &'a ExecutableDocument,
    schema: &'a SchemaTypes,
    values: &'a Variables,
    page_size: u64,
}

/// The fields of one place: by the type whose field it is, the response key and the field's name, all copies.
type Place<'a> = HashMap<(&'a str, &'a Name, &'a Name), Vec<&'a Field>>;

/// The lists inside a field that have a size, and the size.
type Sized<'a> = (&'a ListSize, u64);

impl<'a> Estimator<'a> {
    /// What all of `sets` select together may cost for an object of type `parent`.
    fn prices(&self, parent: &'a str, sets: &[&'a SelectionSet], sized: Option<Sized<'a>>) -> Prices {
        let mut place = Place::new();
        for set in sets {
            self.gather(parent, set, &mut place);
        }
        let priced = place.into_iter();
        let priced =
            priced.filter_map(|((on, key, name), copies)| Some((on, key, self.price(on, name, &copies, sized)?)));
        let priced: Vec<_> = priced.collect();
        let total = |applies: &dyn Fn(&str) -> bool| {
            sum(priced.iter().filter(|(on, ..)| applies(on)).map(|(_, _, price)| price.points()))
        };
        let total = match self.schema.members(parent) {
            None => total(&|_| true),
            Some(members) => {
                let of_member = |member| total(&|on| self.schema.applies(on, Some(member)) == Applies::Always);
                members.iter().map(|member| of_member(member)).max().unwrap_or_default()
            }
        };
        let mut fields = HashMap::<Name, Price>::with_capacity(priced.len());
        for (_, key, price) in priced {
            let known = fields.remove(key).unwrap_or_default();
            fields.insert(key.clone(), known.or(price));
        }
        Prices { total, fields }
    }

    /// Adds what `set` selects from objects of type `on`, or of a narrower one inside fragments.
    fn gather(&self, on: &'a str, set: &'a SelectionSet, place: &mut Place<'a>) {
        for selection in &set.items {
            if let Selection::Field(field) = &selection.node {
                let key = (on, &field.node.response_key().node, &field.node.name.node);
                place.entry(key).or_default().push(&field.node);
                continue;
            }
            let Some((condition, set)) = fragment::contents(self.document, &selection.node) else { continue };
            let condition = condition.map_or(on, |condition| condition.node.on.node.as_str());
            match self.schema.applies(condition, Some(on)) {
                Applies::Always => self.gather(on, set, place),
                Applies::Sometimes => self.gather(condition, set, place),
                Applies::Never => {}
            }
        }
    }

    /// What the field `name` of `on` may cost that is selected by all of `copies`; none when it is free.
    fn price(&self, on: &str, name: &Name, copies: &[&'a Field], sized: Option<Sized<'a>>) -> Option<Price> {
        if matches!(name.as_str(), "__schema" | "__type") {
            return Some(Price { weight: INTROSPECTION, ..Price::default() });
        }
        let field = self.schema.field(on, name)?;
        let list = field.cost.list_size.as_ref();
        // Copies that ask for different sizes are refused later on.
        let asked_for = copies.iter().filter_map(|copy| size::asked_for(list?, copy, self.values, self.page_size));
        let size = asked_for.max().unwrap_or(self.page_size);
        let (inside, own) = match list {
            Some(list) if !list.sized_fields.is_empty() => (Some((list, size)), self.page_size),
            _ => (None, size),
        };
        let own = sized.filter(|(list, _)| list.sized_fields.contains(name)).map_or(own, |(_, size)| size);
        let object = self.schema.object_weight(&field.ty);
        let sets: Vec<_> = copies.iter().map(|copy| &copy.selection_set.node).collect();
        let inside = object.map(|_| self.prices(&field.ty, &sets, inside)).unwrap_or_default();
        let price = Price {
            weight: field.cost.weight,
            size: own.saturating_pow(field.lists),
            object: object.unwrap_or_default(),
            inside,
        };
        (price.weight > 0 || object.is_some()).then_some(price)
    }
}
