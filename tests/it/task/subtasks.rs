//! Subtasks: how they are made and read, how deep and how many, and how they go to the trash with what they are a part of.

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};
use taskward::domain::task::{MAX_LEVELS, MAX_SUBTASKS};
use taskward::storage::project::Role;

use super::{
    changed, create, create_below, create_titled, ids_of_no_task, list, mutate, place, read, texts, with_user,
};
use crate::support::project::{archive, expel, project};
use crate::support::{Client, TestApp};

/// A tree of five: `Root` with `Left` and `Right`, and `Leaf` and `Bud` below `Left`. Each is made a second after the last.
async fn tree(app: &TestApp, client: &Client, project: &Value) -> [Value; 5] {
    let root = create(client, json!({ "title": "Root", "projectId": project })).await;
    let below = async |parent: &Value, title: &str| {
        app.clock.advance(TimeDelta::seconds(1));
        create_below(client, parent, title).await
    };
    let left = below(&root, "Left").await;
    let right = below(&root, "Right").await;
    let leaf = below(&left, "Leaf").await;
    let bud = below(&left, "Bud").await;
    [root, left, right, leaf, bud]
}

#[tokio::test]
async fn a_subtask_names_its_parent_and_is_listed_there_oldest_first() {
    let (app, ana) = with_user().await;
    let [root, left, _, leaf, _] = tree(&app, &ana, &Value::Null).await;
    let root_place = json!({ "parent": null, "subtasks": ["Left", "Right"], "assignee": null, "version": 1 });
    assert_eq!(place(&ana, &root["id"]).await, root_place);
    let left_place = json!({ "parent": "Root", "subtasks": ["Leaf", "Bud"], "assignee": null, "version": 1 });
    assert_eq!(place(&ana, &left["id"]).await, left_place);
    assert_eq!(place(&ana, &leaf["id"]).await["subtasks"], json!([]));
    let direct = list(&ana, json!({ "filter": { "parentId": root["id"] } })).await;
    assert_eq!(texts(&direct, "title"), ["Right", "Left"], "a list of tasks finds them, too");
}

#[tokio::test]
async fn subtasks_are_paged_both_ways() {
    let (app, ana) = with_user().await;
    let root = create(&ana, json!({ "title": "Root" })).await;
    for number in 0..7 {
        create_below(&ana, &root, &format!("Part {number}")).await;
        app.clock.advance(TimeDelta::microseconds(number / 3));
    }
    let query = "query($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { task(id: $id) {
        subtasks(first: $first, after: $after, last: $last, before: $before) {
            nodes { title } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
        }
    } }";
    for (size, cursor, page_cursor, more) in
        [("first", "after", "endCursor", "hasNextPage"), ("last", "before", "startCursor", "hasPreviousPage")]
    {
        let (mut seen, mut position) = (Vec::new(), Value::Null);
        loop {
            let arguments = json!({ "id": root["id"], size: 2, cursor: position });
            let page = ana.gql_with(query, arguments).await.data()["task"]["subtasks"].clone();
            assert_eq!(page["totalCount"], 7);
            let titles =
                page["nodes"].as_array().unwrap().iter().map(|node| node["title"].as_str().unwrap().to_owned());
            let titles = titles.collect::<Vec<_>>();
            seen = if size == "first" { [seen, titles].concat() } else { [titles, seen].concat() };
            position = page["pageInfo"][page_cursor].clone();
            if page["pageInfo"][more] == false {
                break;
            }
        }
        assert_eq!(seen.len(), 7, "{size}");
        let mut whole = ana.gql_with(query, json!({ "id": root["id"] })).await.data();
        let whole = whole["task"]["subtasks"]["nodes"].take();
        assert_eq!(whole, seen.iter().map(|title| json!({ "title": title })).collect::<Value>(), "{size}");
    }
    for arguments in [json!({ "first": 0 }), json!({ "last": 101 }), json!({ "after": "x" })] {
        let mut variables = arguments.clone();
        variables["id"] = root["id"].clone();
        assert_eq!(ana.gql_with(query, variables).await.code(), "BAD_USER_INPUT", "{arguments}");
    }
}

#[tokio::test]
async fn many_tasks_are_read_with_their_places_in_few_statements() {
    let (app, ana) = with_user().await;
    let ben = app.user("ben").await;
    let shared = project(&app, &[(&ana, Role::Owner), (&ben, Role::Editor)]).await;
    for _ in 0..8 {
        tree(&app, &ben, &shared).await;
    }
    let query = "query($first: Int) { tasks(first: $first) { nodes {
        parent { title } assignee { username } createdBy { username }
        subtasks(first: 5) { totalCount nodes { title parent { title } } }
        one: subtasks(last: 1) { nodes { title } }
    } } }";
    for first in [1, 10, 15] {
        let (answer, statements) = app.statements(ana.gql_with(query, json!({ "first": first }))).await;
        assert_eq!(answer.data()["tasks"]["nodes"].as_array().unwrap().len(), first);
        // Who calls, the page, the creators, the two lists of subtasks, their counts, and the parents. The parents of the
        // subtasks are asked for later; those that are known already are not.
        assert!((6..=8).contains(&statements), "{first}: {statements}");
    }
    // Arguments that are refused are the fault of one field.
    let refused = "{ tasks(first: 1) { nodes { subtasks(first: 2) { nodes { id } } bad: subtasks(first: 0) { nodes { id } } } } }";
    let json = ana.gql(refused).await.json();
    let errors = json["errors"].as_array().unwrap();
    assert_eq!((errors.len(), &errors[0]["path"]), (1, &json!(["tasks", "nodes", 0, "bad"])));
}

#[tokio::test]
async fn the_parent_has_to_be_there_and_the_viewers_to_change() {
    let (app, ana) = with_user().await;
    let ben = app.user("ben").await;
    let task = create(&ana, json!({ "title": "Buy milk" })).await;
    for id in ids_of_no_task(&app).await {
        for (name, input) in [
            ("createTask", json!({ "title": "Part", "parentId": id })),
            ("updateTask", json!({ "id": task["id"], "parentId": id })),
        ] {
            assert_eq!(mutate(&ana, name, input).await.code(), "NOT_FOUND", "{name} {id}");
        }
    }
    let shared = project(&app, &[(&ana, Role::Viewer), (&ben, Role::Editor)]).await;
    let theirs = create(&ben, json!({ "title": "Of Ben", "projectId": shared })).await;
    let trashed = create(&ana, json!({ "title": "Trashed" })).await;
    changed(&ana, "deleteTask", json!({ "id": trashed["id"] })).await;
    for (parent, code) in [(&theirs, "FORBIDDEN"), (&trashed, "CONFLICT")] {
        let input = json!({ "title": "Part", "parentId": parent["id"] });
        assert_eq!(mutate(&ana, "createTask", input).await.code(), code);
        let input = json!({ "id": task["id"], "parentId": parent["id"] });
        assert_eq!(mutate(&ana, "updateTask", input).await.code(), code);
    }
    archive(&app, &shared).await;
    let input = json!({ "title": "Part", "parentId": theirs["id"] });
    assert_eq!(mutate(&ben, "createTask", input).await.code(), "CONFLICT");
    assert_eq!(read(&ana, &task["id"]).await, task);
}

#[tokio::test]
async fn a_task_moves_below_another_and_out_again_but_not_in_circles() {
    let (app, ana) = with_user().await;
    let [root, left, right, leaf, bud] = tree(&app, &ana, &Value::Null).await;
    for (task, parent) in [(&root, &root), (&root, &left), (&root, &leaf), (&left, &left), (&left, &bud)] {
        let input = json!({ "id": task["id"], "parentId": parent["id"] });
        assert_eq!(mutate(&ana, "updateTask", input).await.invalid_fields(), ["input.parentId: CONFLICTING"]);
    }
    let moved = changed(&ana, "updateTask", json!({ "id": left["id"], "parentId": right["id"] })).await;
    assert_eq!(moved["version"], 2);
    assert_eq!(place(&ana, &right["id"]).await["subtasks"], json!(["Left"]));
    assert_eq!(place(&ana, &root["id"]).await["subtasks"], json!(["Right"]));
    assert_eq!(read(&ana, &leaf["id"]).await, leaf, "what is below stays where it is");
    let same = changed(&ana, "updateTask", json!({ "id": left["id"], "parentId": right["id"] })).await;
    assert_eq!(same, moved, "the same parent again changes nothing");
    changed(&ana, "updateTask", json!({ "id": left["id"], "parentId": null })).await;
    assert!(place(&ana, &left["id"]).await["parent"].is_null());
    changed(&ana, "updateTask", json!({ "id": root["id"], "parentId": leaf["id"] })).await;
    assert_eq!(place(&ana, &root["id"]).await["parent"], "Leaf");
}

#[tokio::test]
async fn a_tree_has_at_most_so_many_levels_and_subtasks() {
    let (_app, ana) = with_user().await;
    let root = create(&ana, json!({ "title": "Root" })).await;
    let mut last = root.clone();
    for level in 1..=MAX_LEVELS {
        last = create_below(&ana, &last, &format!("Level {level}")).await;
    }
    let deeper = json!({ "title": "Too deep", "parentId": last["id"] });
    assert_eq!(mutate(&ana, "createTask", deeper).await.invalid_fields(), ["input.parentId: TOO_LARGE"]);
    let other = create(&ana, json!({ "title": "Other" })).await;
    let input = json!({ "id": other["id"], "parentId": last["id"] });
    assert_eq!(mutate(&ana, "updateTask", input).await.invalid_fields(), ["input.parentId: TOO_LARGE"]);

    for number in MAX_LEVELS..MAX_SUBTASKS {
        create_below(&ana, &root, &format!("Part {number}")).await;
    }
    let more = json!({ "title": "Too many", "parentId": root["id"] });
    assert_eq!(mutate(&ana, "createTask", more.clone()).await.invalid_fields(), ["input.parentId: TOO_LARGE"]);
    let trashed = ana.gql("{ tasks(first: 1) { nodes { id } } }").await.data()["tasks"]["nodes"][0]["id"].clone();
    changed(&ana, "deleteTask", json!({ "id": trashed })).await;
    assert_eq!(mutate(&ana, "createTask", more.clone()).await.invalid_fields(), ["input.parentId: TOO_LARGE"]);
    changed(&ana, "restoreTask", json!({ "id": trashed })).await;
    changed(&ana, "updateTask", json!({ "id": trashed, "parentId": null })).await;
    create(&ana, more).await;
    changed(&ana, "deleteTask", json!({ "id": root["id"] })).await;
    assert_eq!(ana.gql("{ tasks { totalCount } }").await.data()["tasks"]["totalCount"], 2);
    changed(&ana, "restoreTask", json!({ "id": root["id"] })).await;
    assert_eq!(ana.gql("{ tasks { totalCount } }").await.data()["tasks"]["totalCount"], 203);
}

#[tokio::test(flavor = "multi_thread")]
async fn subtasks_that_are_made_at_the_same_time_keep_to_the_most() {
    let (_app, ana) = with_user().await;
    let root = create(&ana, json!({ "title": "Root" })).await;
    for number in 0..MAX_SUBTASKS - 5 {
        create_below(&ana, &root, &format!("Part {number}")).await;
    }
    let more = (0..20)
        .map(|number| mutate(&ana, "createTask", json!({ "title": format!("More {number}"), "parentId": root["id"] })));
    let made = join_all(more).await.iter().filter(|answer| answer.json().get("errors").is_none()).count();
    assert_eq!(made, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_move_below_each_other_at_the_same_time_make_no_circle() {
    let (_app, ana) = with_user().await;
    let tasks = create_titled(&ana, &["One", "Two", "Three", "Four", "Five"]).await;
    let attempts = (0..5).map(|place| {
        mutate(&ana, "updateTask", json!({ "id": tasks[place]["id"], "parentId": tasks[(place + 1) % 5]["id"] }))
    });
    let moved = join_all(attempts).await.iter().filter(|answer| answer.json().get("errors").is_none()).count();
    assert_eq!(moved, 4, "the one that would close the circle is refused");
}

#[tokio::test]
async fn the_trash_takes_what_is_below_and_gives_back_what_went_along() {
    let (app, ana) = with_user().await;
    let [root, left, right, leaf, bud] = tree(&app, &ana, &Value::Null).await;
    changed(&ana, "deleteTask", json!({ "id": leaf["id"] })).await;
    app.clock.advance(TimeDelta::seconds(1));
    changed(&ana, "deleteTask", json!({ "id": root["id"] })).await;
    let now = read(&ana, &root["id"]).await["deletedAt"].clone();
    for (task, version) in [(&root, 2), (&left, 2), (&right, 2), (&bud, 2)] {
        let task = read(&ana, &task["id"]).await;
        assert_eq!((&task["deletedAt"], &task["version"]), (&now, &json!(version)), "{task}");
    }
    assert_ne!(read(&ana, &leaf["id"]).await["deletedAt"], now, "it was there already");
    let deleted = list(&ana, json!({ "filter": { "deleted": true, "parentId": root["id"] } })).await;
    assert_eq!(texts(&deleted, "title"), ["Right", "Left"]);
    for task in [&left, &bud, &leaf] {
        let answer = mutate(&ana, "restoreTask", json!({ "id": task["id"] })).await;
        assert_eq!(answer.code(), "CONFLICT", "its parent is in the trash: {task}");
    }
    changed(&ana, "restoreTask", json!({ "id": root["id"] })).await;
    for task in [&root, &left, &right, &bud] {
        assert!(read(&ana, &task["id"]).await["deletedAt"].is_null());
    }
    assert_eq!(place(&ana, &left["id"]).await["subtasks"], json!(["Bud"]), "what had gone before stays");
    changed(&ana, "restoreTask", json!({ "id": leaf["id"] })).await;
    assert_eq!(place(&ana, &left["id"]).await["subtasks"], json!(["Leaf", "Bud"]));
}

#[tokio::test]
async fn the_next_field_of_a_mutation_sees_what_the_one_before_changed() {
    let (_app, ana) = with_user().await;
    let root = create(&ana, json!({ "title": "Root" })).await;
    let part = create_below(&ana, &root, "Part").await;
    let query = "mutation($root: ID!, $part: ID!) {
        one: updateTask(input: { id: $part, priority: LOW }) { task { parent { title subtasks { totalCount } } } }
        createTask(input: { title: \"More\", parentId: $root }) { task { id } }
        two: updateTask(input: { id: $part, priority: HIGH }) { task { parent { title subtasks { totalCount } } } }
    }";
    let data = ana.gql_with(query, json!({ "root": root["id"], "part": part["id"] })).await.data();
    let [before, after] = ["one", "two"].map(|name| data[name]["task"]["parent"].clone());
    assert_eq!(before, json!({ "title": "Root", "subtasks": { "totalCount": 1 } }));
    assert_eq!(after, json!({ "title": "Root", "subtasks": { "totalCount": 2 } }));
}

#[tokio::test]
async fn who_cannot_see_the_parent_sees_none() {
    let (app, ana) = with_user().await;
    let ben = app.user("ben").await;
    let shared = project(&app, &[(&ana, Role::Owner), (&ben, Role::Editor)]).await;
    let root = create(&ana, json!({ "title": "Root", "projectId": shared })).await;
    let part = create_below(&ben, &root, "Part").await;
    expel(&app, &shared, &ben).await;
    assert_eq!(place(&ben, &part["id"]).await["parent"], Value::Null, "their own task, and nothing beside it");
    let by_parent = list(&ben, json!({ "filter": { "parentId": root["id"] } })).await;
    assert_eq!(texts(&by_parent, "title"), Vec::<String>::new());
    let by_project = list(&ben, json!({ "filter": { "not": { "projectId": shared } } })).await;
    assert_eq!(texts(&by_project, "title"), ["Part"], "a project that they can't see is none");
    assert_eq!(place(&ana, &root["id"]).await["subtasks"], json!(["Part"]));
}
