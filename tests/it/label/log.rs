//! What the change log tells of labels: to their owner alone, and once.

use serde_json::{Value, json};

use super::{create_label, create_task, mutate, share, task, with_user};
use crate::support::Client;

/// Kind and title of each change that the client is told behind a cursor, and the cursor of the end.
async fn told(client: &Client, after: &Value) -> (Vec<String>, Value) {
    let query = "query($after: String) { taskChanges(first: 100, after: $after) {
        latestCursor nodes { kind task { title } actor { username } }
    } }";
    let log = client.gql_with(query, json!({ "after": after })).await.data()["taskChanges"].clone();
    let line = |node: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        [&node["kind"], &node["task"]["title"], &node["actor"]["username"]].map(text).join(" ")
    };
    (log["nodes"].as_array().unwrap().iter().map(line).collect(), log["latestCursor"].clone())
}

#[tokio::test]
async fn a_change_of_labels_is_told_once_and_to_their_owner_alone() {
    let (app, ana) = with_user().await;
    let ben = app.user("ben").await;
    let (work, other) = (create_label(&ana, "Work").await, create_label(&ben, "Other").await);
    let id = create_task(&ana, "Task", &[&work]).await;
    share(&app, &[(&ana, 3), (&ben, 1)], &[&id]).await;
    let (_, start) = told(&ana, &Value::Null).await;
    for (caller, input, to_ana, to_ben) in [
        (&ben, json!({ "labelIds": [other] }), None, Some("UPDATED Task ben")),
        (&ben, json!({ "labelIds": [other] }), None, None),
        (&ana, json!({ "labelIds": [] }), Some("UPDATED Task ana"), None),
        (&ana, json!({ "labelIds": [work], "title": "Task" }), Some("UPDATED Task ana"), None),
        // A new version is told to all, and the labels with it.
        (&ana, json!({ "labelIds": [], "completed": true }), Some("UPDATED Task ana"), Some("UPDATED Task ana")),
    ] {
        let (_, before) = told(&ana, &start).await;
        let mut input = input;
        input["id"] = id.clone();
        task(caller, "updateTask", input.clone()).await;
        assert_eq!(told(&ana, &before).await.0, Vec::from_iter(to_ana), "ana: {input}");
        assert_eq!(told(&ben, &before).await.0, Vec::from_iter(to_ben), "ben: {input}");
    }
}

#[tokio::test]
async fn a_deleted_label_is_told_for_each_task_that_its_owner_sees_and_a_renamed_one_is_not() {
    let (app, ana) = with_user().await;
    let ben = app.user("ben").await;
    let work = create_label(&ben, "Work").await;
    let mut tasks = Vec::new();
    for (title, client) in [("Own", &ben), ("Trashed", &ben), ("Unlabelled", &ben), ("Shared", &ana), ("Left", &ana)] {
        tasks.push(create_task(client, title, &[]).await);
    }
    share(&app, &[(&ana, 3), (&ben, 1)], &[&tasks[3], &tasks[4]]).await;
    for place in [0, 1, 3, 4] {
        task(&ben, "updateTask", json!({ "id": tasks[place], "labelIds": [work] })).await;
    }
    task(&ben, "deleteTask", json!({ "id": tasks[1] })).await;
    super::execute(&app, "UPDATE tasks SET project_id = NULL WHERE title = 'Left'").await;
    let (_, before) = told(&ana, &Value::Null).await;

    mutate(&ben, "updateLabel", json!({ "id": work, "name": "Labour", "color": "#000000" })).await.data();
    assert_eq!(told(&ben, &before).await.0, [""; 0]);
    mutate(&ben, "deleteLabel", json!({ "id": work })).await.data();
    let (mut changes, _) = told(&ben, &before).await;
    changes.sort();
    assert_eq!(changes, ["UPDATED Own ben", "UPDATED Shared ben", "UPDATED Trashed ben"]);
    assert_eq!(told(&ana, &before).await.0, [""; 0]);
    let versions = ben.gql("{ tasks { nodes { version } } }").await.data()["tasks"]["nodes"].clone();
    assert!(versions.as_array().unwrap().iter().all(|task| task["version"] == 1), "{versions}");
}
