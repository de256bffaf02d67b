//! Changing a task: what is left out stays, what is null goes where it may, and no change is lost to another.

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};

use super::{FIELDS, changed, create, mutate, read, with_user};
use crate::support::{Answer, Client};

/// A task that has everything.
async fn full_task(client: &Client) -> Value {
    let input = json!({
        "title": "Buy milk", "description": "Two litres", "priority": "HIGH", "dueAt": "2026-12-24T18:00:00Z",
    });
    create(client, input).await
}

/// `task` with these members instead of its own.
fn with(task: &Value, members: &Value) -> Value {
    let mut task = task.clone();
    task.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    task
}

/// The answer to an update that is written into the document.
async fn update_inline(client: &Client, id: &Value, literals: &str) -> Answer {
    client.gql(&format!("mutation {{ updateTask(input: {{ id: {id} {literals} }}) {{ task {{ {FIELDS} }} }} }}")).await
}

/// Each field with its type, a new value, and what that makes of a full task.
fn single_fields() -> [(&'static str, &'static str, Value, Value); 7] {
    let done = json!({ "completed": true, "completedAt": "2026-11-23T09:30:01.000000Z" });
    let due = json!({ "dueAt": "2027-01-01T00:00:00.000000Z" });
    [
        ("title", "String", json!("Buy bread"), json!({ "title": "Buy bread" })),
        ("description", "String", json!(""), json!({ "description": "" })),
        ("completed", "Boolean", json!(true), done),
        ("priority", "TaskPriority", json!("NONE"), json!({ "priority": "NONE" })),
        ("dueAt", "DateTime", Value::Null, json!({ "dueAt": null })),
        ("dueAt", "DateTime", json!("2027-01-01T00:00:00Z"), due.clone()),
        ("dueAt", "DateTime", json!("2027-01-01T01:00:00.0000009+01:00"), due),
    ]
}

/// The answers to the same update: written into the document, sent as one variable, and sent as a variable for each field.
async fn update_three_ways(
    client: &Client,
    tasks: &[Value; 3],
    (name, field_type, value): (&str, &str, &Value),
) -> [Answer; 3] {
    let literal = if field_type == "TaskPriority" { value.as_str().unwrap().to_owned() } else { value.to_string() };
    let query = format!(
        "mutation($id: ID!, $value: {field_type}) {{
            updateTask(input: {{ id: $id, {name}: $value }}) {{ task {{ {FIELDS} }} }}
        }}"
    );
    [
        update_inline(client, &tasks[0]["id"], &format!("{name}: {literal}")).await,
        mutate(client, "updateTask", json!({ "id": tasks[1]["id"], name: value })).await,
        client.gql_with(&query, json!({ "id": tasks[2]["id"], "value": value })).await,
    ]
}

#[tokio::test]
async fn what_is_left_out_stays_and_a_null_due_date_goes() {
    for (name, field_type, value, effect) in single_fields() {
        let (app, ana) = with_user().await;
        let tasks = [full_task(&ana).await, full_task(&ana).await, full_task(&ana).await];
        app.clock.advance(TimeDelta::seconds(1));
        let answers = update_three_ways(&ana, &tasks, (name, field_type, &value)).await;
        let changed = json!({ "version": 2, "updatedAt": "2026-11-23T09:30:01.000000Z" });
        for (task, answer) in tasks.iter().zip(answers) {
            let expected = with(&with(task, &effect), &changed);
            assert_eq!(answer.data()["updateTask"]["task"], expected, "{name}: {value}");
            assert_eq!(read(&ana, &task["id"]).await, expected, "{name}: {value}");
        }
    }
}

#[tokio::test]
async fn null_is_refused_where_there_must_be_a_value() {
    let (_app, ana) = with_user().await;
    let task = full_task(&ana).await;
    let nulls = json!({ "id": task["id"], "title": null, "description": null, "completed": null, "priority": null });
    let expected =
        ["title", "description", "completed", "priority"].map(|name| format!("input.{name}: NOT_NULL")).to_vec();
    assert_eq!(mutate(&ana, "updateTask", nulls).await.invalid_fields(), expected);
    let inline = "title: null, description: null, completed: null, priority: null";
    assert_eq!(update_inline(&ana, &task["id"], inline).await.invalid_fields(), expected);
    for name in ["title", "description", "completed", "priority"] {
        // One bad field refuses the good ones beside it.
        let input = json!({ "id": task["id"], "dueAt": null, name: null });
        assert_eq!(mutate(&ana, "updateTask", input).await.invalid_fields(), [format!("input.{name}: NOT_NULL")]);
    }
    assert_eq!(read(&ana, &task["id"]).await, task);
}

#[tokio::test]
async fn the_rules_of_a_new_task_hold_for_a_change() {
    let (_app, ana) = with_user().await;
    let task = full_task(&ana).await;
    let input = json!({ "id": task["id"], "title": "a", "description": "x".repeat(10_001) });
    let answer = mutate(&ana, "updateTask", input).await;
    assert_eq!(answer.invalid_fields(), ["input.title: TOO_SMALL", "input.description: TOO_LARGE"]);
    let updated = changed(&ana, "updateTask", json!({ "id": task["id"], "title": "  Cafe\u{301}  au lait" })).await;
    assert_eq!(updated["title"], "Café au lait");
}

#[tokio::test]
async fn what_changes_nothing_makes_no_version() {
    let (app, ana) = with_user().await;
    let task = full_task(&ana).await;
    app.clock.advance(TimeDelta::seconds(1));
    let inputs = [
        json!({}),
        json!({ "title": "Buy milk", "description": "Two litres", "priority": "HIGH", "completed": false }),
        json!({ "title": " Buy  milk ", "dueAt": "2026-12-24T19:00:00+01:00" }),
        json!({ "ifVersion": 1 }),
        json!({ "ifVersion": null }),
    ];
    for input in inputs {
        let input = with(&input, &json!({ "id": task["id"] }));
        assert_eq!(changed(&ana, "updateTask", input.clone()).await, task, "{input}");
    }
    let changed = changed(&ana, "updateTask", json!({ "id": task["id"], "priority": "LOW" })).await;
    assert_eq!(changed["version"], 2);
}

#[tokio::test]
async fn completed_at_is_set_once_kept_and_cleared() {
    let (app, ana) = with_user().await;
    let task = full_task(&ana).await;
    let complete = async |completed: bool| {
        app.clock.advance(TimeDelta::seconds(1));
        let task = changed(&ana, "updateTask", json!({ "id": task["id"], "completed": completed })).await;
        [task["completed"].clone(), task["completedAt"].clone(), task["version"].clone()]
    };
    assert_eq!(complete(true).await, [json!(true), json!("2026-11-23T09:30:01.000000Z"), json!(2)]);
    assert_eq!(complete(true).await, [json!(true), json!("2026-11-23T09:30:01.000000Z"), json!(2)]);
    assert_eq!(complete(false).await, [json!(false), Value::Null, json!(3)]);
    assert_eq!(complete(false).await, [json!(false), Value::Null, json!(3)]);
    assert_eq!(complete(true).await, [json!(true), json!("2026-11-23T09:30:05.000000Z"), json!(4)]);
}

#[tokio::test]
async fn another_version_than_the_client_saw_is_a_conflict() {
    let (_app, ana) = with_user().await;
    let task = full_task(&ana).await;
    let update = async |version: i32, title: &str| {
        mutate(&ana, "updateTask", json!({ "id": task["id"], "ifVersion": version, "title": title })).await
    };
    for version in [0, 2, -1, i32::MAX, i32::MIN] {
        assert_eq!(update(version, "Lost update").await.code(), "CONFLICT", "{version}");
    }
    assert_eq!(update(1, "Buy bread").await.data()["updateTask"]["task"]["version"], 2);
    assert_eq!(update(1, "Lost update").await.code(), "CONFLICT");
    assert_eq!(update(2, "Buy butter").await.data()["updateTask"]["task"]["version"], 3);
    assert_eq!(read(&ana, &task["id"]).await["title"], "Buy butter");
    for version in [1, 4] {
        let input = json!({ "id": task["id"], "ifVersion": version });
        assert_eq!(mutate(&ana, "deleteTask", input).await.code(), "CONFLICT", "{version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_updates_of_one_version_exactly_one_wins() {
    let (_app, ana) = with_user().await;
    let task = full_task(&ana).await;
    let updates = (0..50).map(|number| {
        let title = format!("Winner {number}");
        mutate(&ana, "updateTask", json!({ "id": task["id"], "ifVersion": 1, "title": title }))
    });
    let answers = join_all(updates).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.json().get("errors").is_none());
    assert_eq!((won.len(), lost.len()), (1, 49));
    assert!(lost.iter().all(|answer| answer.code() == "CONFLICT"));
    assert_eq!(read(&ana, &task["id"]).await, won[0].data()["updateTask"]["task"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_at_the_same_time_are_all_kept() {
    let (_app, ana) = with_user().await;
    let task = full_task(&ana).await;
    let fields = [
        json!({ "title": "Buy bread" }),
        json!({ "description": "Rye" }),
        json!({ "completed": true }),
        json!({ "priority": "LOW" }),
        json!({ "dueAt": null }),
    ];
    let updates = fields.iter().map(|field| changed(&ana, "updateTask", with(field, &json!({ "id": task["id"] }))));
    let mut versions = join_all(updates).await.iter().map(|task| task["version"].as_i64().unwrap()).collect::<Vec<_>>();
    versions.sort_unstable();
    assert_eq!(versions, [2, 3, 4, 5, 6]);
    let now = read(&ana, &task["id"]).await;
    for (name, value) in fields.iter().flat_map(|field| field.as_object().unwrap()) {
        assert_eq!(now[name], *value, "{name}");
    }
}
