//! The lists of tasks: every order of each, and every filter.

use super::stage::{Case, LABEL, PROJECT, Stage, TASK, USER};
use super::*;
use crate::ids::LabelId;
use crate::storage::task::{self, Filter, InstantRange, Listing, Order, OrderField, Places};

/// What all lists of tasks send.
pub(super) async fn cases(stage: &Stage) -> Vec<Case> {
    let mut cases = Vec::new();
    for (order, window) in windows() {
        let filter = live(None);
        let listing = Listing { filter: &filter, order: &[order], window: &window };
        cases.extend(pages(stage, &format!("{order:?} {window:?}"), listing).await);
    }
    for case in &mut cases {
        // The subtasks of a task are few.
        case.is_ordered = !case.name.contains("Parents");
    }
    for (order, window) in longer_windows() {
        let filter = live(None);
        let listing = Listing { filter: &filter, order: &order, window: &window };
        cases.extend(pages(stage, &format!("{order:?} {window:?}"), listing).await);
    }
    let window = Window { end: End::First, limit: 20, after: None, before: None };
    let newest = Order { field: OrderField::CreatedAt, direction: Direction::Descending };
    let filters = leaves().into_iter().chain(compounds()).map(|filter| live(Some(filter)));
    let filters =
        filters.chain([live(None), Filter::Deleted, Filter::All(vec![Filter::Project(PROJECT), Filter::Deleted])]);
    for filter in filters {
        let listing = Listing { filter: &filter, order: &[newest], window: &window };
        cases.extend(pages(stage, &format!("{filter:?}"), listing).await);
        cases.extend(counts(stage, &filter).await);
    }
    cases
}

fn places() -> [Places; 2] {
    [Places::Projects(vec![PROJECT]), Places::Parents(vec![TASK])]
}

async fn pages(stage: &Stage, name: &str, listing: Listing<'_>) -> Vec<Case> {
    let mut cases = stage.catch(name, task::page(&stage.store, USER, listing)).await;
    for places in places() {
        let name = format!("{places:?} {name}");
        cases.extend(stage.catch(&name, task::pages(&stage.store, USER, &places, listing)).await);
    }
    cases
}

async fn counts(stage: &Stage, filter: &Filter) -> Vec<Case> {
    let name = format!("count of {filter:?}");
    let mut cases = stage.catch(&name, task::count(&stage.store, USER, filter)).await;
    for places in places() {
        let name = format!("{places:?} {name}");
        cases.extend(stage.catch(&name, task::counts(&stage.store, USER, &places, filter)).await);
    }
    cases
}

fn live(filter: Option<Filter>) -> Filter {
    Filter::All(filter.into_iter().chain([Filter::Not(Box::new(Filter::Deleted))]).collect())
}

/// Every order of one field, from both ends, from the first page and from a later one.
fn windows() -> Vec<(Order, Window)> {
    use OrderField::{CreatedAt, DueAt, Priority, Title, UpdatedAt};
    let mut windows = Vec::new();
    for field in [CreatedAt, UpdatedAt, DueAt, Priority, Title] {
        let key = if field == Title { KeyValue::Text(String::from("milk")) } else { KeyValue::Integer(1) };
        for direction in [Direction::Ascending, Direction::Descending] {
            windows.extend(super::windows(&key).map(|window| (Order { field, direction }, window)));
        }
    }
    windows
}

/// Orders of two fields, and pages that begin behind the last task that is ever due.
fn longer_windows() -> Vec<(Vec<Order>, Window)> {
    use Direction::{Ascending, Descending};
    use OrderField::{CreatedAt, DueAt, Priority, Title};
    let of = |fields: &[(OrderField, Direction)]| {
        fields.iter().map(|(field, direction)| Order { field: *field, direction: *direction }).collect::<Vec<_>>()
    };
    let position = |keys: &[KeyValue]| Some(Position { keys: keys.to_vec(), id: Uuid::nil() });
    let first = |after| Window { end: End::First, limit: 20, after, before: None };
    let last = |before| Window { end: End::Last, limit: 20, after: None, before };
    let milk = KeyValue::Text(String::from("milk"));
    let orders = [
        (of(&[(Priority, Descending), (DueAt, Ascending)]), [KeyValue::Integer(2), KeyValue::Null]),
        (of(&[(DueAt, Ascending), (Priority, Descending)]), [KeyValue::Null, KeyValue::Integer(2)]),
        (of(&[(Title, Ascending), (CreatedAt, Descending)]), [milk, KeyValue::Integer(1)]),
    ];
    let with = |(order, keys): (Vec<Order>, [KeyValue; 2])| {
        let windows = [first(None), first(position(&keys)), last(None), last(position(&keys))];
        windows.map(|window| (order.clone(), window))
    };
    let never_due = [Ascending, Descending].into_iter().flat_map(|direction| {
        let position = || position(&[KeyValue::Null]);
        [first(position()), last(position())].map(|window| (of(&[(DueAt, direction)]), window))
    });
    orders.into_iter().flat_map(with).chain(never_due).collect()
}

/// Filters that are made up of others.
fn compounds() -> Vec<Filter> {
    let words = || Filter::Words(vec![String::from("milk")]);
    let due = || Filter::Due(InstantRange { after: None, before: Some(1_000) });
    let open = || Filter::Not(Box::new(Filter::Completed));
    vec![
        Filter::nothing(),
        Filter::All(vec![open(), due()]),
        Filter::All(vec![Filter::Priority(vec![3, 4]), words()]),
        Filter::All(vec![Filter::Labels(vec![LABEL]), words(), open()]),
        Filter::All(vec![Filter::Project(PROJECT), Filter::Assignee(USER), open()]),
        Filter::All(vec![Filter::Project(PROJECT), words()]),
        Filter::Any(vec![Filter::Completed, Filter::Labels(vec![LABEL])]),
        Filter::Any(vec![Filter::Assignee(USER), Filter::CreatedBy(USER)]),
        Filter::Any(vec![words(), Filter::Project(PROJECT), Filter::Parent(TASK)]),
        Filter::Not(Box::new(Filter::Any(vec![words(), Filter::Labels(vec![LABEL])]))),
        Filter::Words(vec![String::from("task"), String::from("milk")]),
        Filter::Words(vec![String::from("nowhere")]),
    ]
}

/// Every filter and its opposite.
fn leaves() -> Vec<Filter> {
    let range = InstantRange { after: Some(1), before: Some(2) };
    let leaves = vec![
        Filter::Completed,
        Filter::Priority(vec![1, 4]),
        Filter::Words(vec![String::from("milk")]),
        Filter::Due(range),
        Filter::Created(range),
        Filter::Labels(vec![LABEL]),
        Filter::Labels((0..20).map(|at| LabelId::from_uuid(Uuid::from_u128(at))).collect()),
        Filter::Updated(range),
        Filter::NeverDue,
        Filter::CreatedBy(USER),
        Filter::CreatedBy(UserId::from_uuid(Uuid::max())),
        Filter::Assignee(USER),
        Filter::Project(PROJECT),
        Filter::Parent(TASK),
    ];
    let opposites = leaves.iter().cloned().map(|leaf| Filter::Not(Box::new(leaf))).collect::<Vec<_>>();
    [leaves, opposites].concat()
}
