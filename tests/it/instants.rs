//! One deed has one instant: whatever it sets the time of bears the same, and so does its entry in the change log.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const LATEST: &str = "{ taskChanges(first: 100) { nodes { occurredAt } } }";

/// The payload of the mutation `field`, of which `selection` is asked.
async fn run(client: &Client, field: &str, input: Value, selection: &str) -> Value {
    client.mutate(field, input, selection).await.data()[field].clone()
}

/// When the last change was, by the log.
async fn logged(client: &Client) -> Value {
    let data = client.gql(LATEST).await.data();
    data["taskChanges"]["nodes"].as_array().unwrap().last().unwrap()["occurredAt"].clone()
}

#[tokio::test]
async fn what_happens_to_a_task_happens_at_one_instant() {
    let app = TestApp::on_the_clock_of_the_system().await;
    let ana = app.user("ana").await;
    let selection = "task { id createdAt updatedAt completedAt deletedAt }";
    let task = run(&ana, "createTask", json!({ "title": "Water the plants" }), selection).await["task"].clone();
    assert_eq!(task["createdAt"], task["updatedAt"]);
    assert_eq!(logged(&ana).await, task["updatedAt"]);
    let id = &task["id"];
    for (field, input, set) in [
        ("updateTask", json!({ "id": id, "completed": true }), "completedAt"),
        ("deleteTask", json!({ "id": id }), "deletedAt"),
        ("restoreTask", json!({ "id": id }), "updatedAt"),
    ] {
        let task = run(&ana, field, input, selection).await["task"].clone();
        assert_eq!(task[set], task["updatedAt"], "{field}");
        assert_eq!(logged(&ana).await, task["updatedAt"], "{field}");
    }
    let comment = json!({ "taskId": id, "body": "Twice." });
    let comment = run(&ana, "addComment", comment, "comment { createdAt updatedAt }").await["comment"].clone();
    assert_eq!(comment["createdAt"], comment["updatedAt"]);
    assert_eq!(logged(&ana).await, comment["createdAt"]);
}

#[tokio::test]
async fn what_happens_to_many_tasks_happens_at_one_instant() {
    let app = TestApp::on_the_clock_of_the_system().await;
    let ana = app.user("ana").await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let task = run(&ana, "createTask", json!({ "title": "Water the plants" }), "task { id }").await;
        ids.push(task["task"]["id"].clone());
    }
    let input = json!({ "ids": ids, "completed": true });
    let tasks = run(&ana, "updateTasks", input, "tasks { updatedAt completedAt }").await["tasks"].clone();
    let tasks = tasks.as_array().unwrap();
    let instants: HashSet<_> = tasks.iter().flat_map(|task| [&task["updatedAt"], &task["completedAt"]]).collect();
    assert_eq!((tasks.len(), instants.len()), (3, 1), "{tasks:?}");
}

#[tokio::test]
async fn a_project_is_joined_by_its_owner_when_it_is_made() {
    let app = TestApp::on_the_clock_of_the_system().await;
    let ana = app.user("ana").await;
    let selection = "project { createdAt updatedAt members { nodes { joinedAt } } }";
    let project = run(&ana, "createProject", json!({ "name": "Garden" }), selection).await["project"].clone();
    assert_eq!(project["createdAt"], project["updatedAt"]);
    assert_eq!(project["createdAt"], project["members"]["nodes"][0]["joinedAt"]);
}
