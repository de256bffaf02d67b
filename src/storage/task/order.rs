//! In which order a list of tasks can be.

use super::entity::{Column, Model};
use crate::storage::paging::{Direction, KeyValue, Nulls, Position, SortKey};

/// What tasks can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderField {
    /// When they were made.
    CreatedAt,
    /// When they last changed.
    UpdatedAt,
    /// When they are due; those that never are come last in both directions.
    DueAt,
    /// Their priority.
    Priority,
    /// Their title, without regard to case.
    Title,
}

/// One key of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Order {
    /// What to order by.
    pub field: OrderField,
    /// Which way.
    pub direction: Direction,
}

impl Model {
    /// Where this task stands in a list of this order.
    #[must_use]
    pub fn position(&self, order: &[Order]) -> Position {
        let keys = order.iter().map(|order| match order.field {
            OrderField::CreatedAt => KeyValue::Integer(self.created_at),
            OrderField::UpdatedAt => KeyValue::Integer(self.updated_at),
            OrderField::DueAt => self.due_at.map_or(KeyValue::Null, KeyValue::Integer),
            OrderField::Priority => KeyValue::Integer(self.priority.into()),
            OrderField::Title => KeyValue::Text(self.title_key.clone()),
        });
        Position { keys: keys.collect(), id: self.id }
    }
}

pub(super) fn sort_keys(order: &[Order]) -> Vec<SortKey<Column>> {
    let key = |order: &Order| {
        let (column, nulls) = match order.field {
            OrderField::CreatedAt => (Column::CreatedAt, Nulls::Never),
            OrderField::UpdatedAt => (Column::UpdatedAt, Nulls::Never),
            OrderField::DueAt => (Column::DueAt, Nulls::Last),
            OrderField::Priority => (Column::Priority, Nulls::Never),
            OrderField::Title => (Column::TitleKey, Nulls::Never),
        };
        SortKey { column, direction: order.direction, nulls }
    };
    order.iter().map(key).collect()
}
