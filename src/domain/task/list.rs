//! Lists of tasks.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Filter, Order, OrderField, Task};
use crate::domain::paging::{Direction, Page, PageArguments};
use crate::domain::{Fields, InvalidValue, Op, PathSegment, Result, Rule};
use crate::ids::{ProjectId, TaskId};
use crate::storage;
use crate::storage::paging::Slice;
use crate::storage::task::{Listing, Places};

/// Which tasks, in which order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TaskList {
    filter: Filter,
    order: Vec<Order>,
}

/// A place that tasks are in, with a list of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Within {
    /// A project.
    Project(ProjectId),
    /// A task, with its direct subtasks.
    Parent(TaskId),
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

    /// The direct subtasks of a task, oldest first and without the trash.
    #[must_use]
    pub fn of_subtasks() -> Self {
        let oldest_first = Order { field: OrderField::CreatedAt, direction: Direction::Ascending };
        Self { filter: Filter::Not(Box::new(Filter::Deleted)), order: vec![oldest_first] }
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
    let listing = Listing { filter: &list.filter, order: &list.order, window: &window };
    let slice = storage::task::page(op.store(), viewer, listing).await?;
    Ok(Page::new((op, &scope), &window, slice, |row| row.position(&list.order), Task::from))
}

/// The same page of the list in each of `places`.
///
/// # Errors
/// Those of [`page`].
pub async fn pages_within(
    op: &Op,
    places: &[Within],
    list: &TaskList,
    arguments: &PageArguments,
) -> Result<HashMap<Within, Page<Task>>> {
    let viewer = op.viewer()?;
    let scope = list.cursor_scope();
    let window = arguments.window(op, &scope)?;
    let listing = Listing { filter: &list.filter, order: &list.order, window: &window };
    let mut slices = HashMap::new();
    for places in kinds(places) {
        slices.extend(storage::task::pages(op.store(), viewer, &places, listing).await?);
    }
    let page = |slice: Slice<storage::task::Model>| {
        Page::new((op, &scope), &window, slice, |row| row.position(&list.order), Task::from)
    };
    let mut slice_of = |place: &Within| slices.remove(&place.uuid()).unwrap_or(Slice { rows: Vec::new(), more: false });
    Ok(places.iter().map(|place| (*place, page(slice_of(place)))).collect())
}

/// How many tasks the list holds, on all its pages.
///
/// # Errors
/// [`Error::Unauthenticated`](crate::domain::Error::Unauthenticated) for a caller we don't know.
pub async fn count(op: &Op, list: &TaskList) -> Result<u64> {
    Ok(storage::task::count(op.store(), op.viewer()?, &list.filter).await?)
}

/// How many tasks the list holds in each of `places`, on all its pages.
///
/// # Errors
/// Those of [`count`].
pub async fn counts_within(op: &Op, places: &[Within], list: &TaskList) -> Result<HashMap<Within, u64>> {
    let viewer = op.viewer()?;
    let mut counts = HashMap::new();
    for places in kinds(places) {
        counts.extend(storage::task::counts(op.store(), viewer, &places, &list.filter).await?);
    }
    Ok(places.iter().map(|place| (*place, counts.get(&place.uuid()).copied().unwrap_or_default())).collect())
}

/// The places of each kind, without the kinds that there are none of.
fn kinds(places: &[Within]) -> impl Iterator<Item = Places> {
    let projects = places.iter().filter_map(|it| if let Within::Project(id) = it { Some(*id) } else { None });
    let parents = places.iter().filter_map(|it| if let Within::Parent(id) = it { Some(*id) } else { None });
    let kinds = [Places::Projects(projects.collect()), Places::Parents(parents.collect())];
    kinds.into_iter().filter(|places| !places.is_empty())
}

impl Within {
    /// Ids of different types never collide: both are random.
    const fn uuid(&self) -> Uuid {
        match self {
            Self::Project(id) => id.uuid(),
            Self::Parent(id) => id.uuid(),
        }
    }
}
