//! In which project a task is: who may put it there, what moves along, and who is told.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use taskward::ids::TaskId;
use taskward::storage::change::{Kind, of_task};
use taskward::storage::project::Role;
use uuid::Uuid;

use super::{changed, create, create_below, mutate, place, read, titles_in, with_user};
use crate::support::project::{archive, project, project_id, user_id};
use crate::support::{Client, TestApp};

/// The kinds of the entries for a task, each with whose log it is in, since the version `after`.
async fn entries(app: &TestApp, task: &Value, after: i32) -> BTreeSet<(i16, Uuid)> {
    let id = task["id"].as_str().unwrap().parse::<TaskId>().unwrap();
    let entries = of_task(&app.app.services.store, id).await.unwrap();
    let entries = entries.iter().filter(|entry| entry.version > after).collect::<Vec<_>>();
    let distinct = entries.iter().map(|entry| (entry.kind, entry.scope_id)).collect::<BTreeSet<_>>();
    assert_eq!(distinct.len(), entries.len(), "nobody is told twice: {entries:?}");
    distinct
}

/// A project of ana's and ben's, and one of ana's and eve's.
async fn two_projects(app: &TestApp, ana: &Client) -> (Client, Client, Value, Value) {
    let [ben, eve] = [app.user("ben").await, app.user("eve").await];
    let one = project(app, &[(ana, Role::Owner), (&ben, Role::Editor)]).await;
    let two = project(app, &[(ana, Role::Editor), (&eve, Role::Viewer)]).await;
    (ben, eve, one, two)
}

#[tokio::test]
async fn members_see_the_tasks_of_a_project_and_nobody_else_does() {
    let (app, ana) = with_user().await;
    let (ben, eve, one, two) = two_projects(&app, &ana).await;
    let task = create(&ana, json!({ "title": "Shared", "projectId": one })).await;
    create(&ana, json!({ "title": "Private" })).await;
    assert_eq!(read(&ben, &task["id"]).await, task);
    assert!(read(&eve, &task["id"]).await.is_null());
    assert_eq!(titles_in(&ben, &one).await, ["Shared"]);
    for (client, project) in [(&eve, &one), (&ben, &two), (&ana, &two)] {
        assert_eq!(titles_in(client, project).await, Vec::<String>::new());
    }
    for client in [&ana, &ben] {
        let page = client.gql("{ tasks { totalCount nodes { title } } }").await.data()["tasks"].clone();
        assert_eq!(page["totalCount"], page["nodes"].as_array().unwrap().len(), "what is in both is counted once");
    }
}

#[tokio::test]
async fn the_project_has_to_be_there_and_the_viewers_to_change() {
    let (app, ana) = with_user().await;
    let (_ben, eve, one, two) = two_projects(&app, &ana).await;
    let archived = project(&app, &[(&eve, Role::Owner)]).await;
    archive(&app, &archived).await;
    let task = create(&eve, json!({ "title": "Of Eve" })).await;
    let missing = json!("project_01jd3qvh7eefhazk9a8w2tn4tz");
    for (project, code) in [
        (&one, "NOT_FOUND"),
        (&missing, "NOT_FOUND"),
        (&json!("no id"), "NOT_FOUND"),
        (&task["id"], "NOT_FOUND"),
        (&two, "FORBIDDEN"),
        (&archived, "CONFLICT"),
    ] {
        for (name, input) in [
            ("createTask", json!({ "title": "A task", "projectId": project })),
            ("createTask", json!({ "title": "A task", "projectId": project, "parentId": task["id"] })),
            ("updateTask", json!({ "id": task["id"], "projectId": project })),
            ("updateTasks", json!({ "ids": [task["id"]], "projectId": project })),
        ] {
            assert_eq!(mutate(&eve, name, input).await.code(), code, "{name} {project}");
        }
    }
    assert_eq!(read(&eve, &task["id"]).await, task);
}

#[tokio::test]
async fn viewers_and_creators_who_are_no_editors_only_read() {
    let (app, ana) = with_user().await;
    let (ben, eve, _, two) = two_projects(&app, &ana).await;
    let task = create(&ana, json!({ "title": "Shared", "projectId": two })).await;
    let refused = async |client: &Client, task: &Value, code: &str| {
        for (name, input) in [
            ("updateTask", json!({ "id": task["id"], "completed": true })),
            ("updateTask", json!({ "id": task["id"], "projectId": null })),
            ("updateTask", json!({ "id": task["id"], "parentId": null })),
            ("updateTask", json!({ "id": task["id"], "assigneeId": null })),
            ("updateTasks", json!({ "ids": [task["id"]], "completed": true })),
            ("deleteTask", json!({ "id": task["id"] })),
            ("restoreTask", json!({ "id": task["id"] })),
        ] {
            assert_eq!(mutate(client, name, input).await.code(), code, "{name}");
        }
    };
    refused(&eve, &task, "FORBIDDEN").await;
    refused(&ben, &task, "NOT_FOUND").await;
    crate::support::project::expel(&app, &two, &ana).await;
    refused(&ana, &task, "FORBIDDEN").await;
    assert_eq!(read(&ana, &task["id"]).await, task, "its creator still sees it");
    archive(&app, &two).await;
    refused(&eve, &task, "FORBIDDEN").await;
    assert_eq!(read(&eve, &task["id"]).await, task);
}

#[tokio::test]
async fn a_move_takes_the_subtasks_along_and_is_told_to_those_concerned() {
    let (app, ana) = with_user().await;
    let (ben, eve, one, two) = two_projects(&app, &ana).await;
    let root = create(&ana, json!({ "title": "Root", "projectId": one })).await;
    let part = create_below(&ben, &root, "Part").await;
    let trashed = create_below(&ana, &part, "Trashed").await;
    changed(&ana, "deleteTask", json!({ "id": trashed["id"] })).await;
    let [first, second] = [&one, &two].map(|project| project_id(project).uuid());
    assert_eq!(entries(&app, &root, 0).await, [(Kind::Created as i16, first)].into());

    let moved = changed(&ana, "updateTask", json!({ "id": root["id"], "projectId": two })).await;
    assert_eq!(moved["version"], 2);
    assert_eq!(titles_in(&eve, &two).await, ["Part", "Root"]);
    assert_eq!(titles_in(&ana, &one).await, Vec::<String>::new());
    let [deleted, updated] = [Kind::Deleted as i16, Kind::Updated as i16];
    let expected = [(deleted, user_id(&ben).uuid()), (updated, second)];
    assert_eq!(entries(&app, &root, 1).await, expected.into(), "ben lost sight of it");
    // Ben made it, so he still sees it.
    assert_eq!(entries(&app, &part, 1).await, [(updated, user_id(&ben).uuid()), (updated, second)].into());
    assert_eq!(read(&ana, &trashed["id"]).await["version"], 3, "what is in the trash follows, too");

    // Out of all projects: only with what one made oneself.
    let out = json!({ "id": root["id"], "projectId": null });
    assert_eq!(mutate(&ana, "updateTask", out.clone()).await.code(), "FORBIDDEN");
    changed(&ana, "updateTask", json!({ "id": part["id"], "parentId": null })).await;
    let left = changed(&ana, "updateTask", out).await;
    assert_eq!(left["version"], 3);
    assert!(read(&eve, &root["id"]).await.is_null());
    let expected = [(deleted, user_id(&eve).uuid()), (updated, user_id(&ana).uuid())];
    assert_eq!(entries(&app, &root, 2).await, expected.into());
    assert_eq!(place(&ana, &part["id"]).await["parent"], Value::Null);
    assert_eq!(titles_in(&eve, &two).await, ["Part"]);
}

#[tokio::test]
async fn a_subtask_is_in_the_project_of_its_parent() {
    let (app, ana) = with_user().await;
    let (_ben, _eve, one, two) = two_projects(&app, &ana).await;
    let root = create(&ana, json!({ "title": "Root", "projectId": one })).await;
    let part = create_below(&ana, &root, "Part").await;
    assert_eq!(titles_in(&ana, &one).await, ["Part", "Root"], "it inherits it");
    create(&ana, json!({ "title": "Same", "projectId": one, "parentId": root["id"] })).await;
    let alone = create(&ana, json!({ "title": "Alone" })).await;
    for (name, input) in [
        ("createTask", json!({ "title": "Other", "projectId": two, "parentId": root["id"] })),
        ("createTask", json!({ "title": "Other", "projectId": two, "parentId": alone["id"] })),
        ("updateTask", json!({ "id": part["id"], "projectId": two })),
        ("updateTask", json!({ "id": part["id"], "projectId": null })),
        ("updateTask", json!({ "id": part["id"], "projectId": two, "parentId": root["id"] })),
        ("updateTask", json!({ "id": alone["id"], "projectId": null, "parentId": root["id"] })),
        ("updateTasks", json!({ "ids": [part["id"], alone["id"]], "projectId": two })),
    ] {
        let answer = mutate(&ana, name, input.clone()).await;
        assert_eq!(answer.invalid_fields(), ["input.projectId: CONFLICTING"], "{name} {input}");
    }
    assert_eq!(read(&ana, &alone["id"]).await, alone, "all or none");
    // Below another task it goes to that one's project; out of it, where it is told to.
    changed(&ana, "updateTask", json!({ "id": alone["id"], "parentId": root["id"] })).await;
    assert_eq!(titles_in(&ana, &one).await, ["Alone", "Part", "Root", "Same"]);
    changed(&ana, "updateTask", json!({ "id": part["id"], "projectId": two, "parentId": null })).await;
    assert_eq!(titles_in(&ana, &two).await, ["Part"]);
    // Parent and subtask may be named together.
    let both = json!({ "ids": [alone["id"], root["id"]], "projectId": two });
    assert_eq!(changed(&ana, "updateTasks", both).await.as_array().unwrap().len(), 2);
    assert_eq!(titles_in(&ana, &two).await, ["Alone", "Part", "Root", "Same"]);
    assert_eq!(place(&ana, &alone["id"]).await["parent"], "Root");
}

#[tokio::test]
async fn many_tasks_move_together_or_not_at_all() {
    let (app, ana) = with_user().await;
    let (ben, eve, one, two) = two_projects(&app, &ana).await;
    let mut tasks = Vec::new();
    for number in 0..3 {
        tasks.push(create(&ana, json!({ "title": format!("Task {number}") })).await);
    }
    let theirs = create(&ben, json!({ "title": "Private" })).await;
    let seen = create(&ana, json!({ "title": "Seen", "projectId": two })).await;
    let ids = tasks.iter().map(|task| task["id"].clone()).collect::<Vec<_>>();
    let with = |id: &Value| [ids.as_slice(), std::slice::from_ref(id)].concat();
    for (client, ids, code) in [(&ana, with(&theirs["id"]), "NOT_FOUND"), (&eve, vec![seen["id"].clone()], "FORBIDDEN")]
    {
        let input = json!({ "ids": ids, "projectId": if code == "FORBIDDEN" { &two } else { &one } });
        assert_eq!(mutate(client, "updateTasks", input).await.code(), code);
    }
    let refused = json!({ "ids": ids, "projectId": one, "assigneeId": eve.user_id() });
    assert_eq!(mutate(&ana, "updateTasks", refused).await.code(), "NOT_FOUND");
    for task in &tasks {
        assert_eq!(read(&ana, &task["id"]).await, *task);
    }
    let moved = json!({ "ids": ids, "projectId": one, "assigneeId": ben.user_id(), "completed": true });
    let moved = changed(&ana, "updateTasks", moved).await;
    assert!(moved.as_array().unwrap().iter().all(|task| task["version"] == 2 && task["completed"] == true));
    assert_eq!(titles_in(&ben, &one).await, ["Task 0", "Task 1", "Task 2"]);
}

#[tokio::test]
async fn the_same_creation_has_the_same_places() {
    let (app, ana) = with_user().await;
    let (ben, _eve, one, two) = two_projects(&app, &ana).await;
    let parent = create(&ana, json!({ "title": "Parent", "projectId": one })).await;
    let id = "task_01kas2m0g0e9ar5jhr9y9d5t3q";
    let input = json!({ "id": id, "title": "Part", "parentId": parent["id"], "assigneeId": ben.user_id() });
    let task = create(&ana, input.clone()).await;
    assert_eq!(create(&ana, input.clone()).await, task);
    for (name, value) in [
        ("projectId", one.clone()),
        ("projectId", two.clone()),
        ("parentId", Value::Null),
        ("assigneeId", Value::Null),
        ("assigneeId", json!(ana.user_id())),
    ] {
        let mut other = input.clone();
        other[name] = value;
        assert_eq!(mutate(&ana, "createTask", other.clone()).await.code(), "CONFLICT", "{other}");
    }
    // The answer is the same when the places would be refused by now.
    archive(&app, &one).await;
    assert_eq!(create(&ana, input).await, task);
}
