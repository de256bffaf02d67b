//! The list of one's projects.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Team, mutate, remove_member, set_member};
use crate::support::{Client, TestApp};

const LIST: &str = "query($first: Int, $after: String, $last: Int, $before: String) {
    projects(first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { id name viewerRole } }
        nodes { name }
        pageInfo { hasNextPage hasPreviousPage }
        totalCount
    }
}";

async fn list(client: &Client, arguments: Value) -> Value {
    client.gql_with(LIST, arguments).await.data()["projects"].clone()
}

fn names(page: &Value) -> Vec<&str> {
    page["nodes"].as_array().unwrap().iter().map(|node| node["name"].as_str().unwrap()).collect()
}

/// A new project, made later than the others: ids of the same moment are in no order.
async fn create(app: &TestApp, client: &Client, name: &str) -> Value {
    app.clock.advance(TimeDelta::milliseconds(1));
    super::create(client, name).await
}

#[tokio::test]
async fn projects_are_ordered_by_name_without_regard_to_case_then_by_id() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (first, second) = (create(&app, &ana, "beta").await, create(&app, &ana, "BETA").await);
    for name in ["Zebra", "alpha", "Éclair", "_", "Beta 2"] {
        create(&app, &ana, name).await;
    }
    let page = list(&ana, json!({})).await;
    assert_eq!(names(&page), ["_", "alpha", "beta", "BETA", "Beta 2", "Zebra", "Éclair"]);
    assert_eq!((&page["edges"][2]["node"]["id"], &page["edges"][3]["node"]["id"]), (&first, &second));
    assert_eq!(page["totalCount"], 7);
}

#[tokio::test]
async fn every_project_comes_once_in_both_directions() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    for name in ["a", "A", "b", "B", "c"] {
        create(&app, &ana, name).await;
    }
    let mut cursor = Value::Null;
    let mut seen = Vec::new();
    loop {
        let page = list(&ana, json!({ "first": 2, "after": cursor })).await;
        seen.extend(names(&page).into_iter().map(str::to_owned));
        cursor = page["edges"].as_array().unwrap().last().unwrap()["cursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(seen, ["a", "A", "b", "B", "c"]);
    let last = list(&ana, json!({ "last": 2 })).await;
    assert_eq!(names(&last), ["B", "c"]);
    let before = list(&ana, json!({ "last": 2, "before": last["edges"][0]["cursor"] })).await;
    assert_eq!(names(&before), ["A", "b"]);
    assert_eq!(before["pageInfo"], json!({ "hasNextPage": true, "hasPreviousPage": true }));
    // A cursor of tasks is none of projects.
    let tasks = ana.gql(r#"mutation { createTask(input: { title: "Dig" }) { task { id } } }"#).await;
    tasks.data();
    let cursor = ana.gql("{ tasks { edges { cursor } } }").await.data()["tasks"]["edges"][0]["cursor"].clone();
    assert_eq!(ana.gql_with(LIST, json!({ "after": cursor })).await.invalid_fields(), ["after: INVALID_FORMAT"]);
}

#[tokio::test]
async fn the_list_holds_the_projects_of_the_caller_each_with_their_role() {
    let team = Team::new().await;
    create(&team.app, &team.dan, "Not theirs").await;
    for (client, role) in [(&team.ana, "OWNER"), (&team.ben, "EDITOR"), (&team.cem, "VIEWER")] {
        let page = list(client, json!({})).await;
        let node = json!({ "id": team.project, "name": "Garden", "viewerRole": role });
        assert_eq!((page["edges"].as_array().unwrap().len(), &page["edges"][0]["node"]), (1, &node));
    }
    remove_member(&team.cem, &team.project, &team.cem).await.data();
    assert_eq!(list(&team.cem, json!({})).await["totalCount"], 0);
    set_member(&team.ana, &team.project, "cem", "EDITOR").await.data();
    assert_eq!(list(&team.cem, json!({})).await["totalCount"], 1);
    mutate(&team.ana, "deleteProject", json!({ "id": team.project })).await.data();
    for client in [&team.ana, &team.ben, &team.cem] {
        let page = list(client, json!({})).await;
        assert_eq!((names(&page).len(), &page["totalCount"]), (0, &json!(0)));
    }
}
