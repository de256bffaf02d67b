//! What others do while somebody's data is imported.

use std::{io, iter};

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use taskward::domain::import::import;
use taskward::ids::{CommentId, LabelId, ProjectId, TaskId};
use taskward::random::Random;
use taskward::storage::change::of_task;
use taskward::storage::project::Role;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::support::project::project;
use crate::support::{Client, Database, TestApp};

const INSTANT: &str = "2026-01-02T03:04:05.000006Z";

/// Enough for several chunks of each kind of record.
const TASKS: u64 = 1_100;

fn task_id(number: u64) -> TaskId {
    TaskId::generate(chrono::DateTime::UNIX_EPOCH, &Random::seeded(number))
}

/// An export of everything that there can be in one: tasks in `project`, subtasks, labels on tasks, and comments.
fn lines(user: &Client, project: &Value) -> Vec<String> {
    let label = LabelId::generate(chrono::DateTime::UNIX_EPOCH, &Random::seeded(1)).to_string();
    let mine = ProjectId::generate(chrono::DateTime::UNIX_EPOCH, &Random::seeded(1)).to_string();
    let task = |number: u64| {
        let parent = if number.is_multiple_of(5) { json!(task_id(number - 1).to_string()) } else { Value::Null };
        json!({ "type": "task", "id": task_id(number).to_string(), "title": "A task", "description": "", "priority": "LOW",
            "createdAt": INSTANT, "updatedAt": INSTANT, "version": 1, "project": project, "parent": parent })
    };
    let on_task = |number: u64| json!({ "type": "taskLabel", "task": task_id(number).to_string(), "label": label });
    let comment = |number: u64| {
        let id = CommentId::generate(chrono::DateTime::UNIX_EPOCH, &Random::seeded(number)).to_string();
        json!({ "type": "comment", "id": id, "task": task_id(number).to_string(), "body": "Yes.", "createdAt": INSTANT,
            "updatedAt": INSTANT })
    };
    let first = [
        json!({ "type": "taskward.export", "version": 1 }),
        json!({ "type": "user", "id": user.user_id(), "username": "ana", "createdAt": INSTANT }),
        json!({ "type": "project", "id": mine, "name": "Mine", "description": "", "createdAt": INSTANT,
            "updatedAt": INSTANT, "role": "OWNER", "joinedAt": INSTANT }),
        json!({ "type": "label", "id": label, "name": "Soon", "color": "#1e90ff", "createdAt": INSTANT }),
    ];
    let rest = (1..=TASKS).map(task).chain((1..=TASKS).map(on_task)).chain((1..=TASKS).map(comment));
    first.into_iter().chain(rest).map(|line| line.to_string()).collect()
}

/// Every kind of write that a member of `project` can do to tasks. The id of a task that they made.
async fn write(ben: &Client, project: &Value) -> TaskId {
    let create = "mutation($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }";
    let input = json!({ "input": { "title": "Of Ben", "projectId": project } });
    let id = ben.gql_with(create, input).await.data()["createTask"]["task"]["id"].clone();
    let input = json!({ "input": { "title": "A part", "parentId": id } });
    ben.gql_with(create, input).await.data();
    for document in [
        "mutation($id: ID!) { updateTask(input: { id: $id, priority: HIGH }) { task { id } } }",
        r#"mutation($id: ID!) { addComment(input: { taskId: $id, body: "Yes." }) { comment { id } } }"#,
        "mutation($id: ID!) { deleteTask(input: { id: $id }) { task { id } } }",
        "mutation($id: ID!) { restoreTask(input: { id: $id }) { task { id } } }",
    ] {
        ben.gql_with(document, json!({ "id": id })).await.data();
    }
    id.as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_the_end_of_an_import_on_postgresql() {
    if !Database::is_postgres() {
        return; // SQLite has one writer.
    }
    let app = TestApp::new().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let project = project(&app, &[(&ana, Role::Editor), (&ben, Role::Owner)]).await;
    let count = "query($id: ID!) { project(id: $id) { tasks { totalCount } } }";
    let tasks = async || {
        let data = ben.gql_with(count, json!({ "id": project })).await.data();
        data["project"]["tasks"]["totalCount"].as_u64().unwrap()
    };

    // The import asks for its last line when it has written everything but its last chunk.
    let mut of_ben = None;
    let meanwhile = iter::once_with(|| {
        let work = async {
            of_ben = Some(write(&ben, &project).await);
            assert_eq!(tasks().await, 2, "nothing of the import is seen");
        };
        block_in_place(|| Handle::current().block_on(work));
        Ok(json!({ "type": "task", "id": task_id(0).to_string(), "title": "The last", "description": "",
            "priority": "LOW", "createdAt": INSTANT, "updatedAt": INSTANT, "version": 1 })
        .to_string())
    });
    let lines = lines(&ana, &project).into_iter().map(io::Result::Ok).chain(meanwhile);
    let summary = import(&app.app.operator(), lines).await.unwrap();

    assert_eq!((summary.added, summary.left_out), (3 * TASKS + 3, 0), "{summary:?}");
    assert_eq!(tasks().await, TASKS + 2);
    let store = &app.app.services.store;
    let (before, after) = (of_task(store, of_ben.unwrap()).await.unwrap(), of_task(store, task_id(1)).await.unwrap());
    assert_eq!(after.len(), 3, "it was made, labelled and commented: {after:?}");
    assert!(before.last().unwrap().sequence < after[0].sequence, "whoever has read {before:?} still finds {after:?}");
}

/// How many tasks PostgreSQL plans for; it starts at -1, and looks by itself once a minute.
#[tokio::test]
async fn postgresql_knows_how_much_was_imported() {
    if !Database::is_postgres() {
        return; // SQLite plans by its indexes.
    }
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    import(&app.app.operator(), lines(&ana, &Value::Null).into_iter().map(Ok)).await.unwrap();
    let database = sea_orm::Database::connect(app.database().connection_url()).await.unwrap();
    for (table, rows) in [("tasks", TASKS), ("task_labels", TASKS), ("comments", TASKS), ("labels", 1)] {
        let known = format!("SELECT reltuples::bigint AS rows FROM pg_class WHERE oid = '{table}'::regclass");
        let known = database.query_one_raw(Statement::from_string(DbBackend::Postgres, known)).await.unwrap().unwrap();
        assert_eq!(known.try_get::<i64>("", "rows").unwrap(), i64::try_from(rows).unwrap(), "{table}");
    }
}
