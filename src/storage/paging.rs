//! Keyset paging, the one way in which any list is read.
//!
//! A page is cut out of a total order: the sort keys of the list, then the id, which settles every tie. A position in that
//! order is the values of the keys and the id, so a page starts right behind a row whether or not that row is still
//! there: no row comes twice and none is missed under ties, nulls and concurrent inserts, in both directions.

mod each;
#[cfg(test)]
pub(super) mod tests;

use sea_orm::sea_query::{Expr, Order};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Value};
use uuid::Uuid;

pub(super) use each::count_each;

/// Which way a key is ordered. Nulls come last in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// Whether a key can be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// It can't.
    Never,
    /// It can, and the nulls come last.
    Last,
}

/// One key of an order.
#[derive(Debug, Clone, Copy)]
pub struct SortKey<C> {
    /// The column.
    pub column: C,
    /// Which way it is ordered.
    pub direction: Direction,
    /// Whether it can be null.
    pub nulls: Nulls,
}

/// The value of a sort key in some row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeyValue {
    /// A number, or an instant in microseconds.
    Integer(i64),
    /// A text, compared by its bytes.
    Text(String),
    /// No value.
    Null,
}

/// Where a row stands in an order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Position {
    /// The values of the sort keys, in their order.
    pub keys: Vec<KeyValue>,
    /// The id that settles ties.
    pub id: Uuid,
}

/// The end of the list that a page is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// The page holds the first rows.
    First,
    /// The page holds the last rows.
    Last,
}

/// Which rows of a list make up a page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Window {
    /// The end that rows are counted from.
    pub end: End,
    /// How many rows at the most.
    pub limit: u32,
    /// Only rows behind this position.
    pub after: Option<Position>,
    /// Only rows before this position.
    pub before: Option<Position>,
}

/// The rows of a page, in the order of the list.
#[derive(Debug, Clone)]
pub struct Slice<R> {
    /// The rows.
    pub rows: Vec<R>,
    /// Whether the list goes on past the page, at the other end than the one it was counted from.
    pub more: bool,
}

impl Window {
    /// `select` cut down to this page and one row more, which tells whether the list goes on. `order` must be the one
    /// that the positions were taken from.
    pub(super) fn apply<E: EntityTrait>(
        &self,
        select: Select<E>,
        order: &[SortKey<E::Column>],
        id: E::Column,
    ) -> Select<E> {
        let select = self.between(select, &with_id(order, id));
        self.sort(select, order, id).limit(self.rows())
    }

    /// `select` in the order in which the rows of a page are read, and [`Window::cut`] takes them.
    pub(super) fn sort<E: EntityTrait>(
        &self,
        mut select: Select<E>,
        order: &[SortKey<E::Column>],
        id: E::Column,
    ) -> Select<E> {
        for (term, direction) in self.terms(&with_id(order, id)) {
            select = select.order_by(term, direction);
        }
        select
    }

    /// The rows of `select` behind the one position and before the other.
    fn between<E: EntityTrait>(&self, mut select: Select<E>, keys: &[SortKey<E::Column>]) -> Select<E> {
        for (position, side) in [(&self.after, Side::Behind), (&self.before, Side::Before)] {
            if let Some(position) = position {
                select = select.filter(beyond(keys, position, side));
            }
        }
        select
    }

    /// What rows are ordered by, and which way the query walks.
    fn terms<C: ColumnTrait>(&self, keys: &[SortKey<C>]) -> Vec<(Expr, Order)> {
        let mut terms = Vec::with_capacity(keys.len());
        for key in keys {
            if key.nulls == Nulls::Last {
                terms.push((key.column.is_null(), self.oriented(Direction::Ascending)));
            }
            terms.push((key.column.into_expr(), self.oriented(key.direction)));
        }
        terms
    }

    /// How many rows are read: one more than the page has.
    fn rows(&self) -> u64 {
        u64::from(self.limit).saturating_add(1)
    }

    /// The page in `rows`, which a query of [`Window::apply`] gave.
    pub(super) fn cut<R>(&self, mut rows: Vec<R>) -> Slice<R> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        if self.end == End::Last {
            rows.reverse();
        }
        Slice { rows, more }
    }

    /// The direction in which the query walks: against the list's when the page is counted from its end.
    fn oriented(&self, direction: Direction) -> Order {
        match (self.end, direction) {
            (End::First, Direction::Ascending) | (End::Last, Direction::Descending) => Order::Asc,
            (End::First, Direction::Descending) | (End::Last, Direction::Ascending) => Order::Desc,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Behind,
    Before,
}

/// The order made total. The id goes the way of the last key, so that one index serves both.
fn with_id<C: Copy>(order: &[SortKey<C>], id: C) -> Vec<SortKey<C>> {
    let direction = order.last().map_or(Direction::Ascending, |key| key.direction);
    let mut keys = order.to_vec();
    keys.push(SortKey { column: id, direction, nulls: Nulls::Never });
    keys
}

/// Rows that stand on `side` of `position`: those that differ from it in the first key on that side, or agree in the first
/// key and differ in the second, and so on.
fn beyond<C: ColumnTrait>(keys: &[SortKey<C>], position: &Position, side: Side) -> Condition {
    let values = position.keys.iter().cloned().map(Some).chain([None]);
    let mut any = Condition::any();
    let mut equal_so_far = Condition::all();
    for (key, value) in keys.iter().zip(values) {
        let value = value.map_or_else(|| Some(Value::from(position.id)), KeyValue::into_value);
        if let Some(differs) = differs(key, value.clone(), side) {
            any = any.add(equal_so_far.clone().add(differs));
        }
        equal_so_far = equal_so_far.add(equals(key, value));
    }
    match index_bound(keys, position, side) {
        Some(bound) => Condition::all().add(bound).add(any),
        None => any,
    }
}

/// The rows that differ from `value` in this key on `side`, or none when there can't be any.
fn differs<C: ColumnTrait>(key: &SortKey<C>, value: Option<Value>, side: Side) -> Option<Condition> {
    match (value, side) {
        (Some(value), _) => {
            let strict = Condition::any().add(match towards(key.direction, side) {
                Order::Desc => key.column.lt(value),
                _ => key.column.gt(value),
            });
            let null_is_behind = key.nulls == Nulls::Last && side == Side::Behind;
            Some(if null_is_behind { strict.add(key.column.is_null()) } else { strict })
        }
        (None, Side::Behind) => None,
        (None, Side::Before) => Some(Condition::all().add(key.column.is_not_null())),
    }
}

fn equals<C: ColumnTrait>(key: &SortKey<C>, value: Option<Value>) -> Expr {
    match value {
        Some(value) => key.column.eq(value),
        None => key.column.is_null(),
    }
}

/// A bound on the first key alone. It follows from the rest of the condition, and lets an index start at the position
/// where the engines would otherwise not see one behind the `OR`.
fn index_bound<C: ColumnTrait>(keys: &[SortKey<C>], position: &Position, side: Side) -> Option<Expr> {
    let first = keys.first().filter(|key| key.nulls == Nulls::Never)?;
    let value = position.keys.first().cloned().map_or(Some(Value::from(position.id)), KeyValue::into_value)?;
    Some(match towards(first.direction, side) {
        Order::Desc => first.column.lte(value),
        _ => first.column.gte(value),
    })
}

/// The way from a position to `side`, in the values of a key: ascending values or descending ones.
fn towards(direction: Direction, side: Side) -> Order {
    match (direction, side) {
        (Direction::Ascending, Side::Behind) | (Direction::Descending, Side::Before) => Order::Asc,
        (Direction::Descending, Side::Behind) | (Direction::Ascending, Side::Before) => Order::Desc,
    }
}

impl KeyValue {
    fn into_value(self) -> Option<Value> {
        match self {
            Self::Integer(integer) => Some(Value::from(integer)),
            Self::Text(text) => Some(Value::from(text)),
            Self::Null => None,
        }
    }
}
