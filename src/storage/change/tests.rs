//! The plan of a page of the log: each of its logs is read from an index, and no further than the page.

use sea_orm::{DbBackend, QueryTrait};
use uuid::Uuid;

use super::page::{Log, Only, Part, together};
use crate::ids::ProjectId;
use crate::storage::paging::tests::stage::Stage;

#[tokio::test]
async fn every_log_of_a_page_is_read_from_an_index_on_sqlite() {
    let mut logs = [Log { scope: Uuid::nil(), after: 5, only: None }; 200];
    let project = ProjectId::from_uuid(Uuid::nil());
    logs[198].only = Some(Only::Left(project));
    logs[199].only = Some(Only::About(project));
    let page = together(&logs, Part { after: 0, through: 100, limit: 21 }).build(DbBackend::Sqlite);
    let plan = Stage::sqlite().await.plan(&page).await;
    let reads = plan.iter().filter(|step| step.contains("task_changes")).collect::<Vec<_>>();
    let read = "SEARCH task_changes USING INDEX task_changes_of_scope (scope_id=? AND sequence>? AND sequence<?)";
    let mut expected = [read; 200];
    // Few changes make a task leave a project: these are not looked for among all.
    expected[198] = "SEARCH task_changes USING INDEX task_changes_left \
        (left_project_id=? AND scope_id=? AND sequence>? AND sequence<?)";
    assert_eq!(reads, expected, "{plan:#?}");
    let tasks = plan.iter().filter(|step| step.contains(" tasks ")).collect::<Vec<_>>();
    assert_eq!(tasks, ["SEARCH tasks USING INDEX sqlite_autoindex_tasks_1 (id=?)"]);
}
