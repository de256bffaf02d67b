//! The plan of a page of the log: each of its logs is read from an index, and no further than the page. And what the tail of
//! the log tells is what a page would.

use sea_orm::{DbBackend, QueryTrait};
use uuid::Uuid;

use super::page::{Log, Logs, Only, Part, together};
use super::{Kind, NewChange, Scope, insert, page, tail};
use crate::ids::{ProjectId, TaskId, UserId};
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

const VIEWER: UserId = UserId::from_uuid(Uuid::from_u128(1));
const OTHER: UserId = UserId::from_uuid(Uuid::from_u128(2));
const PROJECT: ProjectId = ProjectId::from_uuid(Uuid::from_u128(3));
const NEIGHBOUR: ProjectId = ProjectId::from_uuid(Uuid::from_u128(4));

/// Logs that many entries, for the viewer, for others, and for both, and some by which a task left a project.
async fn log(stage: &Stage, entries: u128) {
    let scopes = [Scope::User(VIEWER), Scope::Project(PROJECT), Scope::User(OTHER), Scope::Project(NEIGHBOUR)];
    let change = |(number, scope): (u128, Scope)| NewChange {
        task_id: TaskId::from_uuid(Uuid::from_u128(number)),
        kind: Kind::Updated,
        version: 1,
        actor_id: OTHER,
        occurred_at: 0,
        scope,
        left: [Some(PROJECT), None, Some(NEIGHBOUR), None, None][usize::try_from(number % 5).unwrap()],
    };
    let changes = (0..entries).zip(scopes.into_iter().cycle()).map(change).collect::<Vec<_>>();
    let transaction = stage.store.begin().await.unwrap();
    insert(&transaction, &changes).await.unwrap();
    transaction.commit().await.unwrap();
}

/// Of a user, who joined a project late; of a follower of that project; and of one who reads nothing of their own.
fn some_logs() -> [(&'static str, Logs); 3] {
    let [own, project, neighbour] = [VIEWER.uuid(), PROJECT.uuid(), NEIGHBOUR.uuid()];
    let all = |scope, after| Log { scope, after, only: None };
    let some = |scope, only| Log { scope, after: 0, only: Some(only) };
    let logs = [
        ("all", vec![all(project, 0), all(neighbour, 57), all(own, 0)]),
        ("of a project", vec![all(project, 3), some(neighbour, Only::Left(PROJECT)), some(own, Only::About(PROJECT))]),
        ("of others", vec![some(project, Only::Left(NEIGHBOUR)), all(neighbour, 0)]),
    ];
    logs.map(|(name, logs)| (name, Logs { logs, closed: false }))
}

#[tokio::test]
async fn the_tail_tells_what_a_page_tells_or_nothing() {
    let stage = Stage::sqlite().await;
    for more in [0, 1, 70, 100] {
        log(&stage, more).await;
        let tail = tail(&stage.store).await.unwrap();
        let end = tail.through();
        for (name, logs) in some_logs() {
            let mut told = 0;
            for after in 0..=end {
                for (through, limit) in [(end, 1_000), (end, 5), (end - 3, 50)] {
                    let part = Part { after, through, limit };
                    let Some(entries) = logs.part_of(&tail, part) else { continue };
                    assert_eq!(entries, page(&stage.store, &logs, part).await.unwrap(), "{name}: {part:?}");
                    told += 1;
                }
            }
            assert!(told > 0, "{name}: nothing is told of {end}");
        }
    }
}

#[tokio::test]
async fn the_tail_has_a_hundred_entries_and_tells_nothing_beyond() {
    let stage = Stage::sqlite().await;
    let [(_, logs), ..] = some_logs();
    let tells = |tail: &super::Tail, after, through| logs.part_of(tail, Part { after, through, limit: 10 }).is_some();
    log(&stage, 99).await;
    let whole = tail(&stage.store).await.unwrap();
    assert_eq!(whole.through(), 99);
    assert!(tells(&whole, 0, 99));
    assert!(!tells(&whole, 0, 100), "what came later");
    log(&stage, 21).await;
    let cut = tail(&stage.store).await.unwrap();
    assert_eq!(cut.through(), 120);
    assert!(tells(&cut, 20, 120));
    assert!(!tells(&cut, 19, 120), "what came before");
}

#[tokio::test]
async fn the_tail_of_an_empty_log_ends_where_it_was_pruned() {
    let stage = Stage::sqlite().await;
    assert_eq!(tail(&stage.store).await.unwrap().through(), 0);
    log(&stage, 3).await;
    let transaction = stage.store.begin().await.unwrap();
    assert_eq!(super::prune(&transaction, 1, 10).await.unwrap(), 3);
    transaction.commit().await.unwrap();
    assert_eq!(tail(&stage.store).await.unwrap().through(), 3);
}
