//! The plan of a page of the log: each of its logs is read from an index, and no further than the page.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, QueryTrait, Statement};
use secrecy::SecretString;
use uuid::Uuid;

use super::page::{Log, Part, together};
use crate::config::Database;
use crate::ids::ProjectId;
use crate::storage::{Source, Store};

#[tokio::test]
async fn every_log_of_a_page_is_read_from_an_index_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("plans.db").display());
    let settings = Database { url: SecretString::from(url), ..Database::default() };
    let store = Store::connect(&settings, Duration::from_secs(5)).await.unwrap();
    store.migrate_up().await.unwrap();
    let mut logs = [Log { scope: Uuid::nil(), after: 5, project: None }; 200];
    logs[199].project = Some(ProjectId::from_uuid(Uuid::nil()));
    let page = together(&logs, Part { after: 0, through: 100, limit: 21 }).build(DbBackend::Sqlite);
    let explain = Statement { sql: format!("EXPLAIN QUERY PLAN {}", page.sql), ..page };
    let steps = store.executor().query_all_raw(explain).await.unwrap();
    let steps = steps.iter().map(|step| step.try_get::<String>("", "detail").unwrap()).collect::<Vec<_>>();
    let reads = steps.iter().filter(|step| step.contains("task_changes")).collect::<Vec<_>>();
    assert_eq!(reads.len(), logs.len(), "{steps:#?}");
    for read in reads {
        let plan = "SEARCH task_changes USING INDEX task_changes_of_scope (scope_id=? AND sequence>? AND sequence<?)";
        assert_eq!(read, plan);
    }
    let tasks = steps.iter().filter(|step| step.contains(" tasks ")).collect::<Vec<_>>();
    assert_eq!(tasks, ["SEARCH tasks EXISTS USING INDEX sqlite_autoindex_tasks_1 (id=?)"]);
}
