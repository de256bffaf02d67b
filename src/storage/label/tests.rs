//! The plans of what is asked of labels: nothing reads all tasks, or all labels on them.

use std::time::Duration;

use sea_orm::sea_query::SqliteQueryBuilder;
use sea_orm::{ConnectionTrait, DbBackend, QueryTrait, Statement};
use secrecy::SecretString;
use uuid::Uuid;

use super::on_task::select_of_tasks;
use super::{BY_NAME, Column, bearing_all, visible_to};
use crate::config::Database;
use crate::ids::{LabelId, TaskId, UserId};
use crate::storage::paging::{End, Window};
use crate::storage::{Source, Store, task};

/// SQLite's plans of statements, a line for each step.
async fn plans<const N: usize>(statements: [Statement; N]) -> [Vec<String>; N] {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("plans.db").display());
    let settings = Database { url: SecretString::from(url), ..Database::default() };
    let store = Store::connect(&settings, Duration::from_secs(5)).await.unwrap();
    store.migrate_up().await.unwrap();
    let mut plans = [const { Vec::new() }; N];
    for (plan, statement) in plans.iter_mut().zip(statements) {
        let explain = Statement { sql: format!("EXPLAIN QUERY PLAN {}", statement.sql), ..statement };
        let steps = store.executor().query_all_raw(explain).await.unwrap();
        plan.extend(steps.iter().map(|step| step.try_get::<String>("", "detail").unwrap()));
    }
    plans
}

#[tokio::test]
async fn what_is_asked_of_labels_is_searched_for_on_sqlite() {
    let viewer = UserId::from_uuid(Uuid::nil());
    let label = |number| LabelId::from_uuid(Uuid::from_u128(number));
    let tasks = (0..100).map(|number| TaskId::from_uuid(Uuid::from_u128(number))).collect::<Vec<_>>();
    let twenty = (0..20).map(label).collect::<Vec<_>>();
    let bearing = |labels: &[LabelId]| {
        let (sql, values) = task::versions(viewer, bearing_all(viewer, labels)).build(SqliteQueryBuilder);
        Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
    };
    let list = Window { end: End::First, limit: 20, after: None, before: None };
    let list = list.apply(visible_to(viewer), &[BY_NAME], Column::Id).build(DbBackend::Sqlite);
    let page = select_of_tasks(viewer, &tasks).build(DbBackend::Sqlite);
    for plan in plans([list, page, bearing(&[label(1)]), bearing(&twenty)]).await {
        let scans = plan.iter().filter(|step| step.starts_with("SCAN")).collect::<Vec<_>>();
        assert!(scans.is_empty() && plan.iter().any(|step| step.starts_with("SEARCH")), "{plan:#?}");
    }
}
