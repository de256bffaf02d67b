//! Changing many tasks at once: all of them or none.

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};

use super::{changed, create, create_titled, error, ids_of_no_task, mutate, read, with_user};
use crate::support::Client;

/// As many new tasks as `count`.
async fn create_many(client: &Client, count: usize) -> Vec<Value> {
    let mut ids = Vec::new();
    for number in 0..count {
        ids.push(create(client, json!({ "title": format!("Task {number}") })).await["id"].clone());
    }
    ids
}

#[tokio::test]
async fn the_answer_has_the_order_of_the_ids() {
    let (app, ana) = with_user().await;
    let tasks = create_titled(&ana, &["One", "Two", "Three", "Four"]).await;
    app.clock.advance(TimeDelta::seconds(1));
    let order = [2, 0, 3, 1];
    let ids = order.map(|place| tasks[place]["id"].clone());
    let input = json!({ "ids": ids, "completed": true, "priority": "URGENT", "dueAt": "2026-12-24T18:00:00Z" });
    let answered = changed(&ana, "updateTasks", input).await;
    let now = "2026-11-23T09:30:01.000000Z";
    let expected = order.map(|place| {
        let mut task = tasks[place].clone();
        task["completed"] = json!(true);
        task["completedAt"] = json!(now);
        task["updatedAt"] = json!(now);
        task["priority"] = json!("URGENT");
        task["dueAt"] = json!("2026-12-24T18:00:00.000000Z");
        task["version"] = json!(2);
        task
    });
    assert_eq!(answered, json!(expected));
    assert_eq!(read(&ana, &ids[0]).await, expected[0]);
}

#[tokio::test]
async fn what_is_left_out_stays_and_null_clears_only_the_due_date() {
    let (_app, ana) = with_user().await;
    let task = create(&ana, json!({ "title": "One", "priority": "LOW", "dueAt": "2026-12-24T18:00:00Z" })).await;
    let same = changed(&ana, "updateTasks", json!({ "ids": [task["id"]] })).await;
    assert_eq!(same, json!([task]));
    let nulls = json!({ "ids": [task["id"]], "completed": null, "priority": null, "dueAt": null });
    let refused = mutate(&ana, "updateTasks", nulls).await.invalid_fields();
    assert_eq!(refused, ["input.completed: NOT_NULL", "input.priority: NOT_NULL"]);
    let cleared = changed(&ana, "updateTasks", json!({ "ids": [task["id"]], "dueAt": null })).await;
    assert_eq!((&cleared[0]["dueAt"], &cleared[0]["priority"]), (&Value::Null, &json!("LOW")));
}

#[tokio::test]
async fn one_task_that_cannot_change_keeps_all_from_changing() {
    let (app, ana) = with_user().await;
    let tasks = create_titled(&ana, &["One", "Two", "Trashed"]).await;
    changed(&ana, "deleteTask", json!({ "id": tasks[2]["id"] })).await;
    let mut cases = ids_of_no_task(&app).await.map(|id| (id, "NOT_FOUND", "There is no such task.")).to_vec();
    cases.push((tasks[2]["id"].clone(), "CONFLICT", "The task is in the trash: restore it first."));
    for (bad, code, message) in cases {
        for place in 0..3 {
            let mut ids = vec![tasks[0]["id"].clone(), tasks[1]["id"].clone()];
            ids.insert(place, bad.clone());
            let answer = mutate(&ana, "updateTasks", json!({ "ids": ids, "completed": true })).await;
            assert_eq!(error(&answer), json!({ "message": message, "code": code, "fields": null }), "{bad} at {place}");
        }
    }
    for task in &tasks[..2] {
        assert_eq!(read(&ana, &task["id"]).await, *task);
    }
}

#[tokio::test]
async fn an_id_stands_in_the_list_once() {
    let (_app, ana) = with_user().await;
    let ids = create_many(&ana, 2).await;
    let input = json!({ "ids": [ids[0], ids[1], ids[0], ids[0]], "completed": true });
    let refused = mutate(&ana, "updateTasks", input).await.invalid_fields();
    assert_eq!(refused, ["input.ids.2: DUPLICATE", "input.ids.3: DUPLICATE"]);
    assert_eq!(read(&ana, &ids[0]).await["completed"], false);
}

#[tokio::test]
async fn none_to_a_hundred_ids_pass() {
    let (_app, ana) = with_user().await;
    assert_eq!(changed(&ana, "updateTasks", json!({ "ids": [], "completed": true })).await, json!([]));
    let ids = create_many(&ana, 101).await;
    let answered = changed(&ana, "updateTasks", json!({ "ids": &ids[..100], "completed": true })).await;
    let answered = answered.as_array().unwrap().iter().map(|task| task["id"].clone()).collect::<Vec<_>>();
    assert_eq!(answered, ids[..100]);

    // In the document, because no variable takes more than a hundred entries of an array.
    let list = json!(ids);
    let answer = ana
        .gql(&format!("mutation {{ updateTasks(input: {{ ids: {list} completed: false }}) {{ tasks {{ id }} }} }}"))
        .await;
    assert_eq!(answer.invalid_fields(), ["input.ids: TOO_LARGE"]);
    assert_eq!(read(&ana, &ids[0]).await["completed"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_of_the_same_tasks_at_the_same_time_wait_for_each_other_in_any_order() {
    let (_app, ana) = with_user().await;
    let ids = create_many(&ana, 10).await;
    let updates = (0..20).map(|number| {
        let mut ids = ids.clone();
        ids.rotate_left(number % 10);
        if number % 2 == 0 {
            ids.reverse();
        }
        let due_at = format!("2026-12-24T18:00:{number:02}Z");
        changed(&ana, "updateTasks", json!({ "ids": ids, "dueAt": due_at }))
    });
    join_all(updates).await;
    let mut due = Vec::new();
    for id in &ids {
        let task = read(&ana, id).await;
        assert_eq!(task["version"], 21);
        due.push(task["dueAt"].clone());
    }
    assert!(due.iter().all(|it| *it == due[0]), "the last update changed all: {due:?}");
}
