//! Lists of tasks: who sees what, what is told beside the tasks, and how many statements that takes.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{create_titled, list, titles, with_user};

#[tokio::test]
async fn everybody_sees_their_own_tasks() {
    let (app, ana) = with_user().await;
    let ben = app.user("ben").await;
    create_titled(&ana, &["Of Ana"]).await;
    create_titled(&ben, &["Of Ben", "Of Ben too"]).await;
    assert_eq!(titles(&ana, json!({})).await, ["Of Ana"]);
    assert_eq!(titles(&ana, json!({ "filter": { "createdById": ana.user_id() } })).await, ["Of Ana"]);
    assert_eq!(titles(&ana, json!({ "filter": { "createdById": ben.user_id() } })).await, Vec::<String>::new());
    let anybody = json!({ "filter": { "or": [{ "createdById": ben.user_id() }, {}] } });
    assert_eq!(titles(&ana, anybody).await, ["Of Ana"]);
    assert_eq!(ana.gql("{ tasks { totalCount } }").await.data()["tasks"]["totalCount"], 1);
}

#[tokio::test]
async fn an_empty_list_has_a_page() {
    let (_app, ana) = with_user().await;
    let query = "{ tasks { totalCount nodes { id } edges { cursor } pageInfo {
        hasNextPage hasPreviousPage startCursor endCursor } } }";
    insta::assert_json_snapshot!(ana.gql(query).await.data(), @r#"
    {
      "tasks": {
        "edges": [],
        "nodes": [],
        "pageInfo": {
          "endCursor": null,
          "hasNextPage": false,
          "hasPreviousPage": false,
          "startCursor": null
        },
        "totalCount": 0
      }
    }
    "#);
}

#[tokio::test]
async fn the_newest_of_twenty_come_first_by_default() {
    let (app, ana) = with_user().await;
    for number in 1..=21 {
        create_titled(&ana, &[&format!("Task {number}")]).await;
        app.clock.advance(TimeDelta::microseconds(1));
    }
    let expected = (2..=21).rev().map(|number| format!("Task {number}")).collect::<Vec<_>>();
    assert_eq!(titles(&ana, json!({})).await, expected);
    assert_eq!(titles(&ana, json!({ "orderBy": [] })).await, expected);
    let page = list(&ana, json!({})).await["pageInfo"].clone();
    assert_eq!((&page["hasNextPage"], &page["hasPreviousPage"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn nodes_are_the_tasks_of_the_edges() {
    let (_app, ana) = with_user().await;
    create_titled(&ana, &["One", "Two", "Three"]).await;
    let page =
        ana.gql("{ tasks(first: 2) { totalCount nodes { id title } edges { node { id title } } } }").await.data();
    let edges = page["tasks"]["edges"].as_array().unwrap();
    assert_eq!(page["tasks"]["nodes"], edges.iter().map(|edge| edge["node"].clone()).collect::<Value>());
    assert_eq!(page["tasks"]["totalCount"], 3, "of all pages");
}

#[tokio::test]
async fn the_total_is_counted_only_when_it_is_asked_for() {
    let (app, ana) = with_user().await;
    create_titled(&ana, &["One", "Two", "Three"]).await;
    let statements = async |query: &str| app.statements(async { ana.gql(query).await.data() }).await.1;
    // The caller's session, and the page.
    assert_eq!(statements("{ tasks { nodes { title } } }").await, 2);
    assert_eq!(statements("{ tasks { nodes { title } totalCount } }").await, 3);
    assert_eq!(statements("{ tasks { nodes { title } totalCount @include(if: false) } }").await, 2);
}

#[tokio::test]
async fn a_page_with_its_creators_takes_two_statements_whatever_its_size() {
    let (app, ana) = with_user().await;
    for number in 0..50 {
        create_titled(&ana, &[&format!("Task {number}")]).await;
    }
    for (size, tasks) in [(1, 1), (50, 50), (100, 50)] {
        let query = format!("{{ tasks(first: {size}) {{ nodes {{ title createdBy {{ username }} }} }} }}");
        let (data, statements) = app.statements(async { ana.gql(&query).await.data() }).await;
        let nodes = data["tasks"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), tasks);
        assert!(nodes.iter().all(|node| node["createdBy"]["username"] == "ana"), "{data}");
        // The caller's session, which brings the caller, and the page.
        assert_eq!(statements, 2, "first: {size}");
    }
}
