//! Making, changing, deleting and listing labels.

use futures::future::join_all;
use serde_json::{Value, json};

use super::{MISSING, create_label, insert_labels, label, mutate, names, with_user};
use crate::support::Client;

const LIST: &str = "query($first: Int, $after: String, $last: Int, $before: String) {
    labels(first: $first, after: $after, last: $last, before: $before) {
        totalCount nodes { name }
        edges { cursor node { id name color } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}";

async fn list(client: &Client, arguments: Value) -> Value {
    client.gql_with(LIST, arguments).await.data()["labels"].clone()
}

#[tokio::test]
async fn a_label_comes_back_as_it_was_sent_in_every_place() {
    let (_app, ana) = with_user().await;
    let made = label(&ana, "createLabel", json!({ "name": "  To \t do! ", "color": "#1E90fF" })).await;
    assert!(made["id"].as_str().unwrap().starts_with("label_"));
    assert_eq!((made["name"].clone(), made["color"].clone()), (json!("To do!"), json!("#1e90ff")));
    assert_eq!(list(&ana, json!({})).await["edges"][0]["node"], made);
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Label { name color } } }";
    let data = ana.gql_with(query, json!({ "ids": [made["id"], MISSING, made["id"]] })).await.data();
    assert_eq!(data["nodes"], json!([made, null, made]));

    let changed = label(&ana, "updateLabel", json!({ "id": made["id"], "color": "#FFFFFF" })).await;
    assert_eq!(changed, json!({ "id": made["id"], "name": "To do!", "color": "#ffffff" }));
    let changed = label(&ana, "updateLabel", json!({ "id": made["id"], "name": "Done" })).await;
    assert_eq!(changed, json!({ "id": made["id"], "name": "Done", "color": "#ffffff" }));
    assert_eq!(label(&ana, "updateLabel", json!({ "id": made["id"] })).await, changed);

    let gone = mutate(&ana, "deleteLabel", json!({ "id": made["id"] })).await.data();
    assert_eq!(gone["deleteLabel"]["labelId"], made["id"]);
    assert_eq!(list(&ana, json!({})).await["edges"], json!([]));
    assert_eq!(mutate(&ana, "deleteLabel", json!({ "id": made["id"] })).await.code(), "NOT_FOUND");
}

#[tokio::test]
async fn the_list_is_by_name_without_regard_to_case_in_pages_of_both_directions() {
    let (app, ana) = with_user().await;
    let ordered = ["1st", "alpha", "Beta", "gamma", "Éclair", "Ωmega"];
    for name in ["Ωmega", "gamma", "alpha", "Éclair", "1st", "Beta"] {
        create_label(&ana, name).await;
    }
    create_label(&app.user("ben").await, "aardvark").await;
    let whole = list(&ana, json!({ "first": 100 })).await;
    assert_eq!(names(&whole["nodes"]), ordered);
    assert_eq!(whole["totalCount"], 6);
    for size in 1..=7 {
        for (count, cursor, more, end) in
            [("first", "after", "hasNextPage", "endCursor"), ("last", "before", "hasPreviousPage", "startCursor")]
        {
            let (mut pages, mut arguments) = (Vec::new(), json!({ count: size }));
            loop {
                let page = list(&ana, arguments.clone()).await;
                assert_eq!(page["totalCount"], 6);
                pages.push(names(&page["nodes"]));
                if page["pageInfo"][more] == false {
                    break;
                }
                arguments[cursor] = page["pageInfo"][end].clone();
            }
            if count == "last" {
                pages.reverse();
            }
            assert_eq!(pages.concat(), ordered, "{count}: {size}");
        }
    }
}

#[tokio::test]
async fn page_arguments_out_of_range_and_foreign_cursors_are_refused() {
    let (app, ana) = with_user().await;
    insert_labels(&app, &ana, 101).await;
    ana.gql(r#"mutation { createTask(input: { title: "Milk" }) { task { id } } }"#).await.data();
    let tasks = ana.gql("{ tasks(first: 1) { pageInfo { endCursor } } }").await.data();
    let foreign = tasks["tasks"]["pageInfo"]["endCursor"].clone();
    assert_eq!(names(&list(&ana, json!({})).await["nodes"]).len(), 20);
    assert_eq!(names(&list(&ana, json!({ "first": 100 })).await["nodes"]).len(), 100);
    for (arguments, refused) in [
        (json!({ "first": 0 }), "first: TOO_SMALL"),
        (json!({ "last": 101 }), "last: TOO_LARGE"),
        (json!({ "first": 1, "last": 1 }), "last: CONFLICTING"),
        (json!({ "after": foreign }), "after: INVALID_FORMAT"),
        (json!({ "before": "x" }), "before: INVALID_FORMAT"),
    ] {
        assert_eq!(ana.gql_with(LIST, arguments).await.invalid_fields(), [refused]);
    }
}

#[tokio::test]
async fn names_that_differ_in_case_alone_are_a_conflict_for_one_user() {
    let (app, ana) = with_user().await;
    let work = create_label(&ana, "Straße").await;
    let play = create_label(&ana, "Play").await;
    for name in ["Straße", "STRASSE", " strasse "] {
        assert_eq!(mutate(&ana, "createLabel", json!({ "name": name, "color": "#000000" })).await.code(), "CONFLICT");
        assert_eq!(mutate(&ana, "updateLabel", json!({ "id": play, "name": name })).await.code(), "CONFLICT");
    }
    assert_eq!(label(&ana, "updateLabel", json!({ "id": work, "name": "STRASSE" })).await["name"], "STRASSE");
    create_label(&app.user("ben").await, "strasse").await;
    mutate(&ana, "deleteLabel", json!({ "id": work })).await.data();
    create_label(&ana, "straße").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_name_at_the_same_time_makes_one_label() {
    let (_app, ana) = with_user().await;
    let names = ["Work", "WORK", "work", "wOrk"].iter().cycle().take(12);
    let inputs = names.map(|name| json!({ "name": name, "color": "#000000" }));
    let answers = join_all(inputs.map(|input| mutate(&ana, "createLabel", input))).await;
    let made = answers.iter().filter(|answer| answer.json().get("errors").is_none()).count();
    let conflicts = answers.iter().filter(|answer| answer.text.contains("CONFLICT")).count();
    assert_eq!((made, conflicts), (1, 11));
    assert_eq!(list(&ana, json!({})).await["totalCount"], 1);
}

#[tokio::test]
async fn labels_of_others_and_of_nobody_are_not_found() {
    let (app, ana) = with_user().await;
    let foreign = create_label(&app.user("ben").await, "Work").await;
    for id in [&foreign, &json!(MISSING), &json!("no id"), &json!(ana.user_id())] {
        for (name, input) in
            [("updateLabel", json!({ "id": id, "name": "Mine" })), ("deleteLabel", json!({ "id": id }))]
        {
            let answer = mutate(&ana, name, input).await;
            assert_eq!(answer.code(), "NOT_FOUND");
            assert_eq!(answer.json()["errors"][0]["message"], "There is no such label.");
        }
        let data = ana.gql_with("query($id: ID!) { node(id: $id) { ... on Label { name } } }", json!({ "id": id }));
        let data = data.await.data();
        assert!(data["node"].get("name").is_none(), "{data}");
    }
    assert_eq!(names(&list(&app.log_in("ben").await, json!({})).await["nodes"]), ["Work"]);
}
