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
    let window = Window { end: End::First, limit: 20, after: None, before: None };
    let newest = Order { field: OrderField::CreatedAt, direction: Direction::Descending };
    let filters = leaves().into_iter().map(|leaf| live(Some(leaf))).chain([live(None), Filter::Deleted]);
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
