//! The limits of labels, at each and one above.

use futures::future::join_all;
use serde_json::{Value, json};

use super::{create_label, create_task, insert_labels, label, mutate, names_on, task, with_user};

#[tokio::test]
async fn names_and_colors_pass_at_their_limits_and_every_invalid_one_is_told_at_once() {
    let (_app, ana) = with_user().await;
    let longest = "é".repeat(50);
    for name in ["x", &longest] {
        assert_eq!(label(&ana, "createLabel", json!({ "name": name, "color": "#abcdef" })).await["name"], name);
    }
    // The longest name by its key can be listed, and its cursor is taken.
    let expanding = "\u{FDFA}".repeat(50);
    create_label(&ana, &expanding).await;
    let end = ana.gql("{ labels { pageInfo { endCursor } } }").await.data()["labels"]["pageInfo"]["endCursor"].clone();
    let query = "query($before: String) { labels(last: 1, before: $before) { nodes { name } } }";
    assert_eq!(ana.gql_with(query, json!({ "before": end })).await.data()["labels"]["nodes"][0]["name"], longest);

    for (name, color, refused) in [
        ("", "#000000", vec!["input.name: TOO_SMALL"]),
        (" \t", "#000000", vec!["input.name: TOO_SMALL"]),
        (&"é".repeat(51), "#00000", vec!["input.name: TOO_LARGE", "input.color: INVALID_FORMAT"]),
        ("a\u{202E}b", "000000", vec!["input.name: INVALID_CHARACTER", "input.color: INVALID_FORMAT"]),
        ("ok", "#fff", vec!["input.color: INVALID_FORMAT"]),
        ("ok", "red", vec!["input.color: INVALID_FORMAT"]),
        ("ok", "#12345g", vec!["input.color: INVALID_FORMAT"]),
        ("ok", "#1234567", vec!["input.color: INVALID_FORMAT"]),
    ] {
        let answer = mutate(&ana, "createLabel", json!({ "name": name, "color": color })).await;
        assert_eq!(answer.invalid_fields(), refused, "{name:?} {color:?}");
    }
    let id = create_label(&ana, "Work").await;
    let answer = mutate(&ana, "updateLabel", json!({ "id": id, "name": null, "color": null })).await;
    assert_eq!(answer.invalid_fields(), ["input.name: NOT_NULL", "input.color: NOT_NULL"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_at_most_200_labels() {
    let (app, ana) = with_user().await;
    insert_labels(&app, &ana, 195).await;
    let inputs = (0..10).map(|number| json!({ "name": format!("made {number}"), "color": "#000000" }));
    let answers = join_all(inputs.map(|input| mutate(&ana, "createLabel", input))).await;
    let made = answers.iter().filter(|answer| answer.json().get("errors").is_none()).count();
    let conflicts = answers.iter().filter(|answer| answer.text.contains("CONFLICT")).count();
    assert_eq!((made, conflicts), (5, 5));
    let count = ana.gql("{ labels(first: 1) { totalCount nodes { id } } }").await.data()["labels"].clone();
    assert_eq!(count["totalCount"], 200);
    mutate(&ana, "deleteLabel", json!({ "id": count["nodes"][0]["id"] })).await.data();
    create_label(&ana, "room for one").await;
    assert_eq!(
        mutate(&ana, "createLabel", json!({ "name": "none left", "color": "#000000" })).await.code(),
        "CONFLICT"
    );
    create_label(&app.user("ben").await, "others have room of their own").await;
}

#[tokio::test]
async fn a_task_bears_at_most_20_labels_of_a_user_each_once() {
    let (app, ana) = with_user().await;
    insert_labels(&app, &ana, 21).await;
    let nodes = ana.gql("{ labels(first: 100) { nodes { id } } }").await.data()["labels"]["nodes"].clone();
    let ids: Vec<Value> = nodes.as_array().unwrap().iter().map(|node| node["id"].clone()).collect();
    let id = create_task(&ana, "Full", &ids[..20].iter().collect::<Vec<_>>()).await;
    assert_eq!(names_on(&ana, &id).await.len(), 20);
    let moved = task(&ana, "updateTask", json!({ "id": id, "labelIds": ids[1..] })).await;
    assert_eq!(moved["labels"].as_array().unwrap().len(), 20);
    assert_eq!(moved["labels"][19]["id"], ids[20]);

    let twice = json!([ids[0], ids[1], ids[0], "x", "x"]);
    for (name, input) in [("createTask", json!({ "title": "More" })), ("updateTask", json!({ "id": id }))] {
        let with = |label_ids: Value| {
            let mut input = input.clone();
            input["labelIds"] = label_ids;
            mutate(&ana, name, input)
        };
        assert_eq!(with(json!(ids)).await.invalid_fields(), ["input.labelIds: TOO_LARGE"], "{name}");
        let duplicates = ["input.labelIds.2: DUPLICATE", "input.labelIds.4: DUPLICATE"];
        assert_eq!(with(twice.clone()).await.invalid_fields(), duplicates, "{name}");
    }
    let answer = mutate(&ana, "updateTask", json!({ "id": id, "labelIds": null })).await;
    assert_eq!(answer.invalid_fields(), ["input.labelIds: NOT_NULL"]);
    assert_eq!(names_on(&ana, &id).await.len(), 20);
}
