//! Who is to do a task: somebody who sees it, and nobody who does not any more.

use serde_json::{Value, json};
use taskward::storage::project::Role;

use super::{changed, create, create_below, mutate, place, read, titles, with_user};
use crate::support::project::project;

#[tokio::test]
async fn whoever_sees_a_task_can_be_given_it() {
    let (app, ana) = with_user().await;
    let [ben, eve] = [app.user("ben").await, app.user("eve").await];
    let shared = project(&app, &[(&ana, Role::Editor), (&ben, Role::Viewer)]).await;
    let nobody = ["user_01jd3qvh7eefhazk9a8w2tn4tz", "no id", eve.user_id(), shared.as_str().unwrap()];
    for (project, allowed, refused) in [
        (Value::Null, vec![&ana], [nobody.as_slice(), &[ben.user_id()]].concat()),
        (shared.clone(), vec![&ana, &ben], nobody.to_vec()),
    ] {
        for client in allowed {
            let input = json!({ "title": "Buy milk", "projectId": project, "assigneeId": client.user_id() });
            let task = create(&ana, input).await;
            let given = place(&ana, &task["id"]).await["assignee"].clone();
            assert!(given == "ana" || given == "ben");
            let unassigned = changed(&ana, "updateTask", json!({ "id": task["id"], "assigneeId": null })).await;
            assert_eq!(unassigned["version"], 2);
            assert!(place(&ana, &task["id"]).await["assignee"].is_null());
            for (name, input) in [
                ("updateTask", json!({ "id": task["id"], "assigneeId": client.user_id() })),
                ("updateTasks", json!({ "ids": [task["id"]], "assigneeId": client.user_id() })),
            ] {
                changed(&ana, name, input).await;
                assert_eq!(place(&ana, &task["id"]).await["assignee"], given, "{name}");
            }
            assert_eq!(read(&ana, &task["id"]).await["version"], 3, "the same again makes no version");
        }
        let task = create(&ana, json!({ "title": "Buy bread", "projectId": project })).await;
        for user in refused {
            for (name, input) in [
                ("createTask", json!({ "title": "Buy milk", "projectId": project, "assigneeId": user })),
                ("updateTask", json!({ "id": task["id"], "assigneeId": user })),
                ("updateTasks", json!({ "ids": [task["id"]], "assigneeId": user })),
            ] {
                assert_eq!(mutate(&ana, name, input).await.code(), "NOT_FOUND", "{name} {user}");
            }
        }
        assert_eq!(read(&ana, &task["id"]).await["version"], 1);
    }
}

#[tokio::test]
async fn a_move_takes_a_task_from_whoever_loses_sight_of_it() {
    let (app, ana) = with_user().await;
    let ben = app.user("ben").await;
    let from = project(&app, &[(&ana, Role::Owner), (&ben, Role::Editor)]).await;
    let to = project(&app, &[(&ana, Role::Owner)]).await;
    let root = create(&ana, json!({ "title": "Root", "projectId": from, "assigneeId": ben.user_id() })).await;
    let part = create_below(&ana, &root, "Part").await;
    let own = create_below(&ana, &root, "Own").await;
    changed(&ana, "updateTask", json!({ "id": part["id"], "assigneeId": ben.user_id() })).await;
    changed(&ana, "updateTask", json!({ "id": own["id"], "assigneeId": ana.user_id() })).await;

    let kept = json!({ "id": root["id"], "projectId": to, "assigneeId": ben.user_id() });
    assert_eq!(mutate(&ana, "updateTask", kept).await.code(), "NOT_FOUND", "not by name either");
    changed(&ana, "updateTask", json!({ "id": root["id"], "projectId": to })).await;
    for (task, expected) in [(&root, Value::Null), (&part, Value::Null), (&own, json!("ana"))] {
        assert_eq!(place(&ana, &task["id"]).await["assignee"], expected, "{task}");
    }
    assert!(place(&ben, &root["id"]).await.is_null());
}

#[tokio::test]
async fn a_list_finds_what_somebody_is_to_do() {
    let (app, ana) = with_user().await;
    let ben = app.user("ben").await;
    let shared = project(&app, &[(&ana, Role::Owner), (&ben, Role::Editor)]).await;
    for (title, client) in [("For Ana", &ana), ("For Ben", &ben)] {
        create(&ana, json!({ "title": title, "projectId": shared, "assigneeId": client.user_id() })).await;
    }
    create(&ana, json!({ "title": "For nobody" })).await;
    for client in [&ana, &ben] {
        let assigned = json!({ "filter": { "assigneeId": ben.user_id() } });
        assert_eq!(titles(client, assigned).await, ["For Ben"]);
    }
    let rest = json!({
        "filter": { "not": { "assigneeId": ben.user_id() } }, "orderBy": [{ "field": "TITLE", "direction": "ASC" }],
    });
    assert_eq!(titles(&ana, rest.clone()).await, ["For Ana", "For nobody"]);
    assert_eq!(titles(&ben, rest).await, ["For Ana"]);
}
