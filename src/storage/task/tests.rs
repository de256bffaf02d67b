//! The plans of lists: an index gives every order of one's own tasks, so that a page costs the same whoever else has tasks.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, QueryTrait, Statement};
use secrecy::SecretString;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::config::Database;
use crate::ids::LabelId;
use crate::storage::Store;
use crate::storage::paging::{Direction, End, KeyValue, Position};

/// SQLite's plan of a page, a line for each step.
async fn plan(store: &Store, filter: Filter, order: Order, window: &Window) -> Vec<String> {
    let viewer = UserId::from_uuid(Uuid::nil());
    let filter = Filter::All(vec![filter, Filter::Not(Box::new(Filter::Deleted))]);
    let condition = filter.condition(viewer, DbBackend::Sqlite);
    let page = select_page(viewer, &condition, &[order], window).build(DbBackend::Sqlite);
    let explain = Statement { sql: format!("EXPLAIN QUERY PLAN {}", page.sql), ..page };
    let steps = store.executor().query_all_raw(explain).await.unwrap();
    steps.iter().map(|step| step.try_get("", "detail").unwrap()).collect()
}

async fn store(folder: &TempDir) -> Store {
    let url = format!("sqlite://{}", folder.path().join("plans.db").display());
    let settings = Database { url: SecretString::from(url), ..Database::default() };
    let store = Store::connect(&settings, Duration::from_secs(5)).await.unwrap();
    store.migrate_up().await.unwrap();
    store
}

#[tokio::test]
async fn every_order_of_a_list_is_read_from_an_index_on_sqlite() {
    use OrderField::{CreatedAt, DueAt, Priority, Title, UpdatedAt};
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    for field in [CreatedAt, UpdatedAt, DueAt, Priority, Title] {
        for direction in [Direction::Ascending, Direction::Descending] {
            for end in [End::First, End::Last] {
                let key = if field == Title { KeyValue::Text(String::from("milk")) } else { KeyValue::Integer(1) };
                for after in [None, Some(Position { keys: vec![key.clone()], id: Uuid::nil() })] {
                    let order = Order { field, direction };
                    let window = Window { end, limit: 20, after, before: None };
                    let plan = plan(&store, Filter::everything(), order, &window).await;
                    let own = plan.windows(2).find(|steps| steps[0].starts_with("SEARCH tasks USING INDEX tasks_by_"));
                    let in_order = own.is_some_and(|steps| steps[1] == "SCAN half");
                    // The outer select scans the two halves under the name of the table, where it does not merge them.
                    let halves = usize::from(plan.iter().any(|step| step == "CO-ROUTINE tasks"));
                    let scans = plan.iter().filter(|step| step.starts_with("SCAN tasks")).count();
                    assert!(in_order && scans == halves, "{order:?} {window:?}: {plan:#?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_tasks_that_bear_labels_are_searched_for_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let order = Order { field: OrderField::CreatedAt, direction: Direction::Descending };
    let window = Window { end: End::First, limit: 20, after: None, before: None };
    for count in [1, 20] {
        let labels = Filter::Labels((0..count).map(|it| LabelId::from_uuid(Uuid::from_u128(it))).collect());
        for filter in [labels.clone(), Filter::Not(Box::new(labels))] {
            let plan = plan(&store, filter.clone(), order, &window).await;
            let scans = plan.iter().filter(|step| step.starts_with("SCAN task") || step.starts_with("SCAN label"));
            let halves = usize::from(plan.iter().any(|step| step == "CO-ROUTINE tasks"));
            let searches = plan.iter().filter(|step| step.contains("task_labels_of_label (label_id=?"));
            assert!(scans.count() == halves && searches.count() > 0, "{filter:?}: {plan:#?}");
        }
    }
}
