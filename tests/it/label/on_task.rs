//! Labels on tasks: set at its making and later, told with it, and priced.

use futures::future::join_all;
use serde_json::{Value, json};
use taskward::config::Cost;

use super::{MISSING, create_label, create_task, mutate, names, names_on, task, with_user};
use crate::support::TestApp;

#[tokio::test]
async fn a_list_replaces_the_labels_and_leaving_it_out_keeps_them() {
    let (_app, ana) = with_user().await;
    let [work, play, home] = ["Work", "play", "Home"].map(|name| create_label(&ana, name));
    let (work, play, home) = (work.await, play.await, home.await);
    let made = task(&ana, "createTask", json!({ "title": "Task", "labelIds": [work, play] })).await;
    assert_eq!(
        (names(&made["labels"]), made["version"].clone()),
        (vec!["play".to_owned(), "Work".to_owned()], json!(1))
    );
    for (input, expected, version) in [
        (json!({ "labelIds": [home, work] }), vec!["Home", "Work"], 1),
        (json!({ "labelIds": [work, home] }), vec!["Home", "Work"], 1),
        (json!({ "completed": true }), vec!["Home", "Work"], 2),
        (json!({ "labelIds": [play], "title": "Renamed" }), vec!["play"], 3),
        (json!({ "labelIds": [] }), vec![], 3),
        (json!({ "labelIds": [] , "title": "Again" }), vec![], 4),
    ] {
        let mut input = input;
        input["id"] = made["id"].clone();
        let changed = task(&ana, "updateTask", input.clone()).await;
        assert_eq!(names(&changed["labels"]), expected, "{input}");
        assert_eq!(changed["version"], version, "{input}");
    }
    for input in [json!({ "title": "None" }), json!({ "title": "None", "labelIds": null })] {
        assert_eq!(task(&ana, "createTask", input).await["labels"], json!([]));
    }
}

#[tokio::test]
async fn labels_of_others_and_of_nobody_are_not_found_and_nothing_is_done() {
    let (app, ana) = with_user().await;
    let own = create_label(&ana, "Own").await;
    let foreign = create_label(&app.user("ben").await, "Foreign").await;
    let id = create_task(&ana, "Task", &[&own]).await;
    for bad in [&foreign, &json!(MISSING), &json!("no id"), &id] {
        for label_ids in [json!([bad]), json!([own, bad])] {
            for (name, input) in [
                ("createTask", json!({ "title": "New", "labelIds": label_ids })),
                ("updateTask", json!({ "id": id, "labelIds": label_ids })),
                ("updateTask", json!({ "id": id, "labelIds": label_ids, "title": "Changed" })),
            ] {
                let answer = mutate(&ana, name, input).await;
                assert_eq!(answer.code(), "NOT_FOUND", "{name} {bad}");
                assert_eq!(answer.json()["errors"][0]["message"], "There is no such label.");
            }
        }
    }
    let data = ana.gql("{ tasks { nodes { title version labels { name } } } }").await.data();
    assert_eq!(data["tasks"]["nodes"], json!([{ "title": "Task", "version": 1, "labels": [{ "name": "Own" }] }]));
    let answer =
        mutate(&ana, "updateTask", json!({ "id": "task_01jd3qvh7eefhazk9a8w2tn4tz", "labelIds": [own] })).await;
    assert_eq!(answer.json()["errors"][0]["message"], "There is no such task.");
}

#[tokio::test]
async fn labels_alone_obey_if_version_and_the_trash() {
    let (_app, ana) = with_user().await;
    let own = create_label(&ana, "Own").await;
    let id = create_task(&ana, "Task", &[]).await;
    let input = json!({ "id": id, "ifVersion": 2, "labelIds": [own] });
    assert_eq!(mutate(&ana, "updateTask", input.clone()).await.code(), "CONFLICT");
    task(&ana, "updateTask", json!({ "id": id, "completed": true })).await;
    assert_eq!(names(&task(&ana, "updateTask", input).await["labels"]), ["Own"]);
    let trashed = task(&ana, "deleteTask", json!({ "id": id })).await;
    assert_eq!(names(&trashed["labels"]), ["Own"], "those in the trash keep theirs");
    assert_eq!(mutate(&ana, "updateTask", json!({ "id": id, "labelIds": [] })).await.code(), "CONFLICT");
    assert_eq!(names(&task(&ana, "restoreTask", json!({ "id": id })).await["labels"]), ["Own"]);
}

#[tokio::test]
async fn the_labels_are_part_of_the_input_that_may_be_sent_again() {
    let (_app, ana) = with_user().await;
    let (work, play) = (create_label(&ana, "Work").await, create_label(&ana, "Play").await);
    let input =
        |label_ids: Value| json!({ "id": "task_01kas2m0g0e9ar5jhr9y9d5t3q", "title": "Task", "labelIds": label_ids });
    let made = task(&ana, "createTask", input(json!([work, play]))).await;
    for label_ids in [json!([work, play]), json!([play, work])] {
        assert_eq!(task(&ana, "createTask", input(label_ids)).await, made);
    }
    for label_ids in [json!([work]), json!([]), Value::Null, json!([work, MISSING]), json!([work, play, "x"])] {
        assert_eq!(mutate(&ana, "createTask", input(label_ids.clone())).await.code(), "CONFLICT", "{label_ids}");
    }
    task(&ana, "updateTask", json!({ "id": made["id"], "labelIds": [] })).await;
    assert_eq!(task(&ana, "createTask", input(json!([work, play]))).await["labels"], json!([]), "as it is now");
}

#[tokio::test]
async fn a_deleted_label_is_on_no_task_any_more() {
    let (_app, ana) = with_user().await;
    let (work, play) = (create_label(&ana, "Work").await, create_label(&ana, "Play").await);
    let both = create_task(&ana, "Both", &[&work, &play]).await;
    let one = create_task(&ana, "One", &[&work]).await;
    mutate(&ana, "deleteLabel", json!({ "id": work })).await.data();
    assert_eq!(names_on(&ana, &both).await, ["Play"]);
    assert_eq!(names_on(&ana, &one).await, [""; 0]);
}

/// Whichever comes first, the label is gone in the end and nobody waits forever.
#[tokio::test(flavor = "multi_thread")]
async fn setting_renaming_and_deleting_a_label_at_the_same_time_end_well() {
    let (_app, ana) = with_user().await;
    for round in 0..5 {
        let (work, play) = (create_label(&ana, "Work").await, create_label(&ana, "Play").await);
        let mut tasks = Vec::new();
        for number in 0..4 {
            tasks.push(create_task(&ana, &format!("Task {round} {number}"), &[&play]).await);
        }
        let sets = join_all(tasks.iter().map(|id| mutate(&ana, "updateTask", json!({ "id": id, "labelIds": [work] }))));
        let made = mutate(&ana, "createTask", json!({ "title": "Another", "labelIds": [work, play] }));
        let renamed = mutate(&ana, "updateLabel", json!({ "id": work, "name": "Works" }));
        let delete = mutate(&ana, "deleteLabel", json!({ "id": work }));
        let (sets, made, renamed, deleted) = tokio::join!(sets, made, renamed, delete);
        for answer in sets.iter().chain([&made, &renamed]) {
            assert!(answer.json().get("errors").is_none() || answer.code() == "NOT_FOUND", "{}", answer.text);
        }
        deleted.data();
        for id in &tasks {
            assert!(!names_on(&ana, id).await.contains(&String::from("Work")));
        }
        mutate(&ana, "deleteLabel", json!({ "id": play })).await.data();
    }
}

#[tokio::test]
async fn a_page_of_any_size_sends_one_statement_for_its_labels() {
    let (app, ana) = with_user().await;
    let (work, play) = (create_label(&ana, "Work").await, create_label(&ana, "Play").await);
    for number in 0..50 {
        create_task(&ana, &format!("Task {number}"), &[&work, &play]).await;
    }
    let query = "query($first: Int) { tasks(first: $first) { nodes { id labels { id name color } } edges { node { labels { id } } } } }";
    for first in [2, 50] {
        let (answer, sent) = app.statements(ana.gql_with(query, json!({ "first": first }))).await;
        let nodes = answer.data()["tasks"]["nodes"].clone();
        assert!(nodes.as_array().unwrap().iter().all(|node| names(&node["labels"]) == ["Play", "Work"]));
        assert_eq!(sent, 3, "who calls, the page, the labels");
    }
    let filtered =
        "query($first: Int, $ids: [ID!]) { tasks(first: $first, filter: { labelIds: $ids }) { nodes { id } } }";
    for first in [2, 50] {
        let (_, sent) = app.statements(ana.gql_with(filtered, json!({ "first": first, "ids": [work, play] }))).await;
        assert_eq!(sent, 2, "who calls, the page");
    }
    let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let (_, sent) = app.statements(ana.gql_with(nodes, json!({ "ids": [work, play, MISSING] }))).await;
    assert_eq!(sent, 2, "who calls, the labels");
    let (_, sent) = app.statements(ana.gql("{ labels { nodes { name } edges { cursor } } }")).await;
    assert_eq!(sent, 2, "who calls, the page");
    let (_, sent) = app.statements(ana.gql("{ labels { totalCount nodes { name } } }")).await;
    assert_eq!(sent, 3, "who calls, the page, the count");
}

#[tokio::test]
async fn mutations_of_labels_send_the_same_for_2_and_for_50_tasks() {
    let (app, ana) = with_user().await;
    for count in [2, 50] {
        let (work, play) = (create_label(&ana, "Work").await, create_label(&ana, "Play").await);
        let mut id = Value::Null;
        for number in 0..count {
            id = create_task(&ana, &format!("Task {number}"), &[&work]).await;
        }
        let query = "mutation($input: UpdateTaskInput!) { updateTask(input: $input) { task { id } } }";
        let replace = |label_ids: Value| ana.gql_with(query, json!({ "input": { "id": id, "labelIds": label_ids } }));
        let (_, sent) = app.statements(replace(json!([play]))).await;
        assert_eq!(
            sent, 8,
            "who calls, lock, the labels' lock, those on it, off, whether they are there, on, the change"
        );
        let (_, sent) = app.statements(replace(json!([play]))).await;
        assert_eq!(sent, 4, "who calls, lock, the labels' lock, those on it");
        let (_, sent) = app.statements(mutate(&ana, "deleteLabel", json!({ "id": work }))).await;
        assert_eq!(sent, 5, "who calls, the labels' lock, the label, the changes, the label");
        let (_, sent) = app.statements(mutate(&ana, "updateLabel", json!({ "id": play, "name": "Fun" }))).await;
        assert_eq!(sent, 4, "who calls, the labels' lock, the label, the label");
        let (_, sent) = app.statements(mutate(&ana, "createLabel", json!({ "name": "New", "color": "#000000" }))).await;
        assert_eq!(sent, 4, "who calls, the labels' lock, how many, the label");
        super::execute(&app, "DELETE FROM labels").await;
    }
}

#[tokio::test]
async fn a_page_of_50_tasks_with_labels_leaves_room_for_what_else_they_have() {
    let app = TestApp::with(|config| config.cost = Cost::default()).await;
    let ana = app.user("ana").await;
    let answer = ana.gql("{ tasks(first: 50) { nodes { id labels { name } createdBy { username } } } }").await;
    // The list, and for each task itself, its creator and two labels. Project, assignee, parent and a page of three comments
    // are seven more: 551 of 1,000 points.
    assert_eq!(answer.json()["extensions"]["cost"]["requested"], 201);
}
