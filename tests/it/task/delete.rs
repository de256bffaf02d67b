//! The trash: in, out, and where it shows.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{changed, create, create_titled, list, mutate, read, texts, titles, with_user};

#[tokio::test]
async fn a_task_goes_to_the_trash_and_comes_back() {
    let (app, ana) = with_user().await;
    let task = create(&ana, json!({ "title": "Buy milk", "priority": "HIGH", "dueAt": "2026-12-24T18:00:00Z" })).await;
    let id = json!({ "id": task["id"] });
    app.clock.advance(TimeDelta::seconds(1));
    let trashed = changed(&ana, "deleteTask", id.clone()).await;
    let mut expected = task.clone();
    expected["deletedAt"] = json!("2026-11-23T09:30:01.000000Z");
    expected["updatedAt"] = json!("2026-11-23T09:30:01.000000Z");
    expected["version"] = json!(2);
    assert_eq!(trashed, expected);
    assert_eq!(read(&ana, &task["id"]).await, trashed, "`task` finds it in the trash");

    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(changed(&ana, "deleteTask", id.clone()).await, trashed, "a second time changes nothing");
    assert_eq!(mutate(&ana, "deleteTask", json!({ "id": task["id"], "ifVersion": 1 })).await.code(), "CONFLICT");

    let restored = changed(&ana, "restoreTask", id.clone()).await;
    expected["deletedAt"] = Value::Null;
    expected["updatedAt"] = json!("2026-11-23T09:30:02.000000Z");
    expected["version"] = json!(3);
    assert_eq!(restored, expected);
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(changed(&ana, "restoreTask", id).await, restored, "a second time changes nothing");
}

#[tokio::test]
async fn a_task_in_the_trash_does_not_change() {
    let (_app, ana) = with_user().await;
    let task = create(&ana, json!({ "title": "Buy milk" })).await;
    let trashed = changed(&ana, "deleteTask", json!({ "id": task["id"] })).await;
    for input in [json!({ "title": "Buy bread" }), json!({ "completed": true, "ifVersion": 2 }), json!({})] {
        let mut input = input;
        input["id"] = task["id"].clone();
        assert_eq!(mutate(&ana, "updateTask", input.clone()).await.code(), "CONFLICT", "{input}");
    }
    let bulk = json!({ "ids": [task["id"]], "completed": true });
    assert_eq!(mutate(&ana, "updateTasks", bulk).await.code(), "CONFLICT");
    assert_eq!(read(&ana, &task["id"]).await, trashed);
}

#[tokio::test]
async fn lists_leave_the_trash_out_unless_they_are_asked_for_it() {
    let (_app, ana) = with_user().await;
    let tasks = create_titled(&ana, &["Kept", "Trashed", "Back again"]).await;
    for task in &tasks[1..] {
        changed(&ana, "deleteTask", json!({ "id": task["id"] })).await;
    }
    changed(&ana, "restoreTask", json!({ "id": tasks[2]["id"] })).await;
    let by_title = json!([{ "field": "TITLE", "direction": "ASC" }]);
    for (filter, expected) in [
        (Value::Null, vec!["Back again", "Kept"]),
        (json!({}), vec!["Back again", "Kept"]),
        (json!({ "deleted": null }), vec!["Back again", "Kept"]),
        (json!({ "deleted": false }), vec!["Back again", "Kept"]),
        (json!({ "deleted": true }), vec!["Trashed"]),
        (json!({ "deleted": true, "search": "kept" }), vec![]),
        (json!({ "deleted": true, "not": { "search": "kept" } }), vec!["Trashed"]),
        (json!({ "not": { "search": "kept" } }), vec!["Back again"]),
        (json!({ "or": [{}, { "completed": true }] }), vec!["Back again", "Kept"]),
    ] {
        assert_eq!(titles(&ana, json!({ "filter": filter, "orderBy": by_title })).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn the_trash_is_asked_for_at_the_top_of_a_filter_only() {
    let (_app, ana) = with_user().await;
    for (filter, places) in [
        (json!({ "not": { "deleted": true } }), vec!["filter.not.deleted"]),
        (json!({ "deleted": true, "not": { "deleted": false } }), vec!["filter.not.deleted"]),
        (
            json!({ "and": [{}, { "deleted": true }], "or": [{ "not": { "deleted": false } }] }),
            vec!["filter.and.1.deleted", "filter.or.0.not.deleted"],
        ),
    ] {
        let answer = ana.gql_with(super::LIST, json!({ "filter": filter })).await;
        let expected = places.iter().map(|place| format!("{place}: CONFLICTING")).collect::<Vec<_>>();
        assert_eq!(answer.invalid_fields(), expected, "{filter}");
    }
    // An explicit null is the same as leaving it out, here too.
    let page = list(&ana, json!({ "filter": { "not": { "deleted": null, "completed": true } } })).await;
    assert_eq!(texts(&page, "title"), Vec::<String>::new());
}
