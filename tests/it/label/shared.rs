//! Labels on shared tasks: everybody sees and sets their own.

use serde_json::json;

use super::{create_label, create_task, execute, mutate, names, names_on, share, task, with_user};

#[tokio::test]
async fn two_members_see_set_and_filter_by_their_own_labels_alone() {
    let (app, ana) = with_user().await;
    let ben = app.user("ben").await;
    let hers = create_label(&ana, "Hers").await;
    let (his, same) = (create_label(&ben, "His").await, create_label(&ben, "hers").await);
    let id = create_task(&ana, "Shared", &[&hers]).await;
    share(&app, &[(&ana, 3), (&ben, 1)], &[&id]).await;
    assert_eq!(names_on(&ben, &id).await, [""; 0]);
    assert_eq!(
        names(&task(&ben, "updateTask", json!({ "id": id, "labelIds": [his, same] })).await["labels"]),
        ["hers", "His"]
    );
    assert_eq!(names_on(&ana, &id).await, ["Hers"]);
    assert_eq!(names(&task(&ana, "updateTask", json!({ "id": id, "labelIds": [] })).await["labels"]), [""; 0]);
    assert_eq!(names_on(&ben, &id).await, ["hers", "His"], "and emptying hers leaves his");

    for (client, label, expected) in [(&ana, &his, 0), (&ben, &his, 1), (&ben, &hers, 0)] {
        let query = "query($ids: [ID!]) { tasks(filter: { labelIds: $ids }) { totalCount } }";
        let data = client.gql_with(query, json!({ "ids": [label] })).await.data();
        assert_eq!(data["tasks"]["totalCount"], expected);
    }
    let taken = mutate(&ana, "updateTask", json!({ "id": id, "labelIds": [his] })).await;
    assert_eq!(taken.code(), "NOT_FOUND", "the label of another member is nobody's");
    let stranger = app.user("eve").await;
    let eves = create_label(&stranger, "Hers").await;
    for label_ids in [json!([eves]), json!([]), json!([hers])] {
        let answer = mutate(&stranger, "updateTask", json!({ "id": id, "labelIds": label_ids })).await;
        assert_eq!(answer.json()["errors"][0]["message"], "There is no such task.");
    }
}

#[tokio::test]
async fn a_viewer_may_set_labels_and_nothing_else_beside_them() {
    let (app, ana) = with_user().await;
    let ben = app.user("ben").await;
    let his = create_label(&ben, "His").await;
    let id = create_task(&ana, "Shared", &[]).await;
    share(&app, &[(&ana, 3), (&ben, 1)], &[&id]).await;
    let labelled = task(&ben, "updateTask", json!({ "id": id, "ifVersion": 1, "labelIds": [his] })).await;
    assert_eq!((names(&labelled["labels"]), labelled["version"].clone()), (vec![String::from("His")], json!(1)));
    for rest in [json!({ "title": "Mine" }), json!({ "dueAt": null, "completed": true }), json!({ "priority": "LOW" })]
    {
        let mut input = rest;
        input["id"] = id.clone();
        input["labelIds"] = json!([]);
        assert_eq!(mutate(&ben, "updateTask", input.clone()).await.code(), "FORBIDDEN", "{input}");
    }
    assert_eq!(names_on(&ben, &id).await, ["His"], "nothing was done");
    let stale = mutate(&ben, "updateTask", json!({ "id": id, "ifVersion": 2, "labelIds": [] })).await;
    assert_eq!(stale.code(), "CONFLICT");
}

#[tokio::test]
async fn an_archived_project_keeps_the_labels_of_its_tasks_as_they_are() {
    let (app, ana) = with_user().await;
    let (ben, cleo) = (app.user("ben").await, app.user("cleo").await);
    let (hers, his) = (create_label(&ana, "Hers").await, create_label(&ben, "His").await);
    let id = create_task(&ana, "Shared", &[&hers]).await;
    let cleos = create_task(&cleo, "Left behind", &[]).await;
    share(&app, &[(&ana, 3), (&ben, 1)], &[&id, &cleos]).await;
    task(&cleo, "updateTask", json!({ "id": cleos, "labelIds": [] })).await;
    execute(&app, "UPDATE projects SET archived_at = 1").await;
    for (client, task, label_ids) in [(&ana, &id, json!([])), (&ben, &id, json!([his])), (&cleo, &cleos, json!([]))] {
        let answer = mutate(client, "updateTask", json!({ "id": task, "labelIds": label_ids })).await;
        assert_eq!(answer.code(), "CONFLICT");
    }
    assert_eq!(names_on(&ana, &id).await, ["Hers"]);
    mutate(&ana, "deleteLabel", json!({ "id": hers })).await.data();
    assert_eq!(names_on(&ana, &id).await, [""; 0], "a label that is gone is gone everywhere");
}
