//! Lists of tasks.

use super::{Filter, Order, OrderField, Task};
use crate::domain::paging::{Direction, Page, PageArguments};
use crate::domain::{Fields, InvalidValue, Op, PathSegment, Result, Rule};
use crate::storage;

/// Which tasks, in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskList {
    filter: Filter,
    order: Vec<Order>,
}

/// Newest first, when the client names no order.
const DEFAULT_ORDER: Order = Order { field: OrderField::CreatedAt, direction: Direction::Descending };

impl TaskList {
    /// The tasks that pass `filter`, in this order; newest first when it is empty. The filter says by itself whether the
    /// trash is in it.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::domain::Error::Invalid) when the order names a field twice.
    pub fn new(filter: Filter, order: Vec<Order>) -> Result<Self> {
        let mut fields = Fields::at(Vec::new());
        for (place, key) in order.iter().enumerate() {
            if order.iter().take(place).any(|earlier| earlier.field == key.field) {
                let path = [PathSegment::Name("orderBy"), PathSegment::Index(place), PathSegment::Name("field")];
                fields.refuse(&path, InvalidValue::new(Rule::Duplicate, "is ordered by already"));
            }
        }
        let order = if order.is_empty() { vec![DEFAULT_ORDER] } else { order };
        fields.finish(|| Some(Self { filter, order }))
    }

    /// What cursors are bound to: a cursor of one order makes no sense in another. Filters may change under it.
    fn cursor_scope(&self) -> String {
        let keys = self.order.iter().map(|order| format!("{:?} {:?}", order.field, order.direction));
        format!("tasks {}", keys.collect::<Vec<_>>().join(", "))
    }
}

/// A page of the tasks that the caller may see.
///
/// # Errors
/// [`Error::Unauthenticated`](crate::domain::Error::Unauthenticated) for a caller we don't know, and
/// [`Error::Invalid`](crate::domain::Error::Invalid) for paging arguments out of range.
pub async fn page(op: &Op, list: &TaskList, arguments: &PageArguments) -> Result<Page<Task>> {
    let viewer = op.viewer()?;
    let scope = list.cursor_scope();
    let window = arguments.window(op, &scope)?;
    let slice = storage::task::page(op.store(), viewer, &list.filter, &list.order, &window).await?;
    Ok(Page::new((op, &scope), &window, slice, |row| row.position(&list.order), Task::from))
}

/// How many tasks the list holds, on all its pages.
///
/// # Errors
/// [`Error::Unauthenticated`](crate::domain::Error::Unauthenticated) for a caller we don't know.
pub async fn count(op: &Op, list: &TaskList) -> Result<u64> {
    Ok(storage::task::count(op.store(), op.viewer()?, &list.filter).await?)
}
