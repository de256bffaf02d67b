//! The change log: one entry for every change, in the transaction of the change, and none for anything else.

use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use taskward::storage::change::{Kind, of_task};

use super::{changed, create, create_titled, mutate, read, with_user};
use crate::support::{Client, TestApp};

/// What happened to a task, and the version that it made.
async fn log(app: &TestApp, id: &Value) -> Vec<(i16, i32)> {
    let entries = of_task(&app.app.services.store, id.as_str().unwrap().parse().unwrap()).await.unwrap();
    entries.iter().map(|entry| (entry.kind, entry.version)).collect()
}

#[tokio::test]
async fn every_change_makes_one_entry() {
    let (app, ana) = with_user().await;
    let id = create(&ana, json!({ "title": "Buy milk" })).await["id"].clone();
    let mut expected = vec![(Kind::Created as i16, 1)];
    assert_eq!(log(&app, &id).await, expected);
    let changes = [
        ("updateTask", json!({ "id": id, "title": "Buy bread", "completed": true, "dueAt": null }), Kind::Updated),
        ("updateTasks", json!({ "ids": [id], "priority": "LOW" }), Kind::Updated),
        ("deleteTask", json!({ "id": id }), Kind::Deleted),
        ("restoreTask", json!({ "id": id }), Kind::Restored),
    ];
    for (place, (name, input, kind)) in changes.into_iter().enumerate() {
        changed(&ana, name, input.clone()).await;
        expected.push((kind as i16, i32::try_from(place).unwrap() + 2));
        assert_eq!(log(&app, &id).await, expected, "{name}");
        if name != "restoreTask" && name != "deleteTask" {
            changed(&ana, name, input).await;
            assert_eq!(log(&app, &id).await, expected, "{name} that changes nothing");
        }
    }
}

#[tokio::test]
async fn an_entry_says_who_and_when() {
    let (app, ana) = with_user().await;
    let id = create(&ana, json!({ "title": "Buy milk" })).await["id"].clone();
    app.clock.advance(TimeDelta::seconds(1));
    changed(&ana, "deleteTask", json!({ "id": id })).await;
    let entries = of_task(&app.app.services.store, id.as_str().unwrap().parse().unwrap()).await.unwrap();
    let ana = ana.user_id().parse::<taskward::ids::UserId>().unwrap();
    assert!(entries.iter().all(|entry| entry.actor_id == Some(ana.uuid())), "{entries:?}");
    let start = crate::support::start().timestamp_micros();
    let instants = entries.iter().map(|entry| entry.occurred_at - start).collect::<Vec<_>>();
    assert_eq!(instants, [0, 1_000_000]);
    assert!(entries[0].sequence < entries[1].sequence);
}

#[tokio::test]
async fn what_is_refused_or_changes_nothing_makes_no_entry() {
    let (app, ana) = with_user().await;
    let tasks = create_titled(&ana, &["Buy milk", "Trashed"]).await;
    let (id, trashed) = (&tasks[0]["id"], &tasks[1]["id"]);
    changed(&ana, "deleteTask", json!({ "id": trashed })).await;
    let attempts = [
        ("createTask", json!({ "id": id, "title": "Taken" })),
        ("updateTask", json!({ "id": id, "title": "a" })),
        ("updateTask", json!({ "id": id, "title": "Buy bread", "ifVersion": 2 })),
        ("updateTask", json!({ "id": id, "title": "Buy milk", "completed": false })),
        ("updateTask", json!({ "id": trashed, "title": "Buy bread" })),
        ("updateTasks", json!({ "ids": [id, trashed], "completed": true })),
        ("updateTasks", json!({ "ids": [id, "task_01jd3qvh7eefhazk9a8w2tn4tz"], "completed": true })),
        ("updateTasks", json!({ "ids": [id, id], "completed": true })),
        ("deleteTask", json!({ "id": id, "ifVersion": 2 })),
        ("deleteTask", json!({ "id": trashed })),
        ("restoreTask", json!({ "id": id })),
    ];
    for (name, input) in attempts {
        mutate(&ana, name, input.clone()).await;
        assert_eq!(log(&app, id).await, [(Kind::Created as i16, 1)], "{name} {input}");
        assert_eq!(log(&app, trashed).await.len(), 2, "{name} {input}");
    }
}

#[tokio::test]
async fn sending_a_creation_again_makes_no_entry() {
    let (app, ana) = with_user().await;
    let input = json!({ "id": "task_01kas2m0g0e9ar5jhr9y9d5t3q", "title": "Buy milk" });
    for _ in 0..3 {
        let task = create(&ana, input.clone()).await;
        assert_eq!(log(&app, &task["id"]).await, [(Kind::Created as i16, 1)]);
    }
}

#[tokio::test]
async fn without_its_entry_a_change_does_not_happen() {
    let (app, ana) = with_user().await;
    let tasks = create_titled(&ana, &["Buy milk", "Trashed"]).await;
    let (id, trashed) = (&tasks[0]["id"], &tasks[1]["id"]);
    changed(&ana, "deleteTask", json!({ "id": trashed })).await;
    let before = [read(&ana, id).await, read(&ana, trashed).await];
    break_log(&app).await;
    let fresh = "task_01kas2m0g0e9ar5jhr9y9d5t3q";
    for (name, input) in [
        ("createTask", json!({ "id": fresh, "title": "Buy bread" })),
        ("updateTask", json!({ "id": id, "title": "Buy bread" })),
        ("updateTasks", json!({ "ids": [id], "completed": true })),
        ("deleteTask", json!({ "id": id })),
        ("restoreTask", json!({ "id": trashed })),
    ] {
        assert_fails_inside(&ana, name, input).await;
    }
    assert_eq!([read(&ana, id).await, read(&ana, trashed).await], before);
    assert!(read(&ana, &json!(fresh)).await.is_null());
}

/// Takes the table of the log away, so that every entry fails.
async fn break_log(app: &TestApp) {
    let database = sea_orm::Database::connect(app.database().connection_url()).await.unwrap();
    database.execute_unprepared("ALTER TABLE task_changes RENAME TO task_changes_away").await.unwrap();
    database.close().await.unwrap();
}

async fn assert_fails_inside(client: &Client, name: &str, input: Value) {
    let answer = mutate(client, name, input).await;
    assert_eq!(answer.code(), "INTERNAL_SERVER_ERROR", "{name}");
    assert!(!answer.text.contains("task_changes"), "nothing internal is told: {}", answer.text);
}
