//! Comments on one's own tasks: what they hold, how they are paged, and what the change log tells of them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

const FIELDS: &str = "id body createdAt updatedAt author { username } task { id version }";

async fn task(client: &Client) -> Value {
    let answer = client.gql(r#"mutation { createTask(input: { title: "Milk" }) { task { id } } }"#).await;
    answer.data()["createTask"]["task"]["id"].clone()
}

async fn mutate(client: &Client, name: &str, input: Value) -> Answer {
    let selection = if name == "deleteComment" { "commentId".to_owned() } else { format!("comment {{ {FIELDS} }}") };
    client.mutate(name, input, &selection).await
}

async fn add(client: &Client, task: &Value, body: &str) -> Value {
    let answer = mutate(client, "addComment", json!({ "taskId": task, "body": body })).await;
    answer.data()["addComment"]["comment"].clone()
}

async fn page(client: &Client, task: &Value, arguments: &str) -> Value {
    let query = format!(
        "query($id: ID!) {{ task(id: $id) {{ comments{arguments} {{
            totalCount nodes {{ {FIELDS} }} edges {{ cursor node {{ body }} }}
            pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }}"
    );
    client.gql_with(&query, json!({ "id": task })).await.data()["task"]["comments"].clone()
}

fn bodies(page: &Value) -> Vec<&str> {
    page["nodes"].as_array().unwrap().iter().map(|comment| comment["body"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn comments_are_added_changed_and_removed() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let milk = task(&ana).await;
    let first = add(&ana, &milk, "  Which milk?\r\nOats? \n").await;
    assert_eq!(first["body"], "Which milk?\nOats?");
    assert_eq!(first["author"]["username"], "ana");
    assert_eq!(first["task"], json!({ "id": milk, "version": 1 }), "the task's version stays");
    assert_eq!(first["createdAt"], first["updatedAt"]);
    app.clock.advance(TimeDelta::seconds(5));
    let changed = mutate(&ana, "updateComment", json!({ "id": first["id"], "body": "Which?" })).await.data();
    let changed = changed["updateComment"]["comment"].clone();
    assert_eq!((&changed["body"], &changed["createdAt"]), (&json!("Which?"), &first["createdAt"]));
    assert_ne!(changed["updatedAt"], first["updatedAt"]);
    assert_eq!(bodies(&page(&ana, &milk, "").await), ["Which?"]);
    let node =
        ana.gql_with("query($id: ID!) { node(id: $id) { ... on Comment { body } } }", json!({ "id": first["id"] }));
    assert_eq!(node.await.data()["node"]["body"], "Which?");
    let removed = mutate(&ana, "deleteComment", json!({ "id": first["id"] })).await.data();
    assert_eq!(removed["deleteComment"]["commentId"], first["id"]);
    assert_eq!(bodies(&page(&ana, &milk, "").await), [""; 0]);
    let again = mutate(&ana, "deleteComment", json!({ "id": first["id"] })).await;
    assert_eq!(again.code(), "NOT_FOUND");
}

#[tokio::test]
async fn comments_are_paged_oldest_first_from_either_end() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let milk = task(&ana).await;
    for body in ["a", "b", "c", "d", "e"] {
        app.clock.advance(TimeDelta::milliseconds(1));
        add(&ana, &milk, body).await;
    }
    let all = page(&ana, &milk, "").await;
    assert_eq!(bodies(&all), ["a", "b", "c", "d", "e"]);
    assert_eq!(all["totalCount"], 5);
    let cursor = |place: usize| all["edges"][place]["cursor"].as_str().unwrap().to_owned();
    for (arguments, expected, more) in [
        ("(first: 2)".to_owned(), &["a", "b"][..], (true, false)),
        (format!(r#"(first: 2, after: "{}")"#, cursor(1)), &["c", "d"], (true, true)),
        (format!(r#"(first: 2, after: "{}")"#, cursor(3)), &["e"], (false, true)),
        ("(last: 2)".to_owned(), &["d", "e"], (false, true)),
        (format!(r#"(last: 2, before: "{}")"#, cursor(3)), &["b", "c"], (true, true)),
    ] {
        let page = page(&ana, &milk, &arguments).await;
        assert_eq!(bodies(&page), expected, "{arguments}");
        let info = &page["pageInfo"];
        assert_eq!((&info["hasNextPage"], &info["hasPreviousPage"]), (&json!(more.0), &json!(more.1)), "{arguments}");
    }
}

#[tokio::test]
async fn a_body_has_1_to_10_000_characters() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let milk = task(&ana).await;
    for (body, refused) in [
        ("x".to_owned(), None),
        ("é".repeat(10_000), None),
        (format!(" {}\n", "é".repeat(10_000)), None),
        ("a\tb\nc".to_owned(), None),
        (String::new(), Some("input.body: TOO_SMALL")),
        (" \n\t ".to_owned(), Some("input.body: TOO_SMALL")),
        ("é".repeat(10_001), Some("input.body: TOO_LARGE")),
        ("bell \u{7}".to_owned(), Some("input.body: INVALID_CHARACTER")),
    ] {
        let answer = mutate(&ana, "addComment", json!({ "taskId": milk, "body": body })).await;
        match refused {
            None => _ = answer.data(),
            Some(refused) => assert_eq!(answer.invalid_fields(), [refused]),
        }
    }
}

#[tokio::test]
async fn a_task_in_the_trash_takes_no_word() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let milk = task(&ana).await;
    let comment = add(&ana, &milk, "Oats").await["id"].clone();
    ana.gql(&format!("mutation {{ deleteTask(input: {{ id: {milk} }}) {{ task {{ id }} }} }}")).await.data();
    for (name, input) in [
        ("addComment", json!({ "taskId": milk, "body": "Tea" })),
        ("updateComment", json!({ "id": comment, "body": "Tea" })),
        ("deleteComment", json!({ "id": comment })),
    ] {
        assert_eq!(mutate(&ana, name, input).await.code(), "CONFLICT", "{name}");
    }
    assert_eq!(bodies(&page(&ana, &milk, "").await), ["Oats"], "what was said can be read");
}

#[tokio::test]
async fn strangers_find_neither_the_task_nor_the_comment() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let ben = app.user("ben").await;
    let milk = task(&ana).await;
    let comment = add(&ana, &milk, "Oats").await["id"].clone();
    let error = |answer: &Answer| answer.json()["errors"][0]["message"].clone();
    for (name, input) in [
        ("addComment", json!({ "taskId": milk, "body": "Tea" })),
        ("updateComment", json!({ "id": comment, "body": "Tea" })),
        ("deleteComment", json!({ "id": comment })),
    ] {
        let foreign = mutate(&ben, name, input.clone()).await;
        assert_eq!(foreign.code(), "NOT_FOUND", "{name}");
        for missing in ["comment_01jd3qvh7eefhazk9a8w2tn4tz", "task_01jd3qvh7eefhazk9a8w2tn4tz", "no id"] {
            let mut input = input.clone();
            for key in ["id", "taskId"] {
                if input.get(key).is_some() {
                    input[key] = json!(missing);
                }
            }
            let answer = mutate(&ben, name, input).await;
            assert_eq!((answer.code(), error(&answer)), (foreign.code(), error(&foreign)), "{name} {missing}");
        }
    }
    let node = ben.gql_with("query($id: ID!) { node(id: $id) { id } }", json!({ "id": comment })).await;
    assert_eq!(node.data()["node"], json!(null));
}

#[tokio::test]
async fn each_comment_is_told_as_a_change_of_its_task_and_an_unchanged_one_is_not() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let milk = task(&ana).await;
    let comment = add(&ana, &milk, "Oats").await["id"].clone();
    mutate(&ana, "updateComment", json!({ "id": comment, "body": "Oats" })).await.data();
    mutate(&ana, "updateComment", json!({ "id": comment, "body": "Soy" })).await.data();
    mutate(&ana, "deleteComment", json!({ "id": comment })).await.data();
    let log = ana.gql("{ taskChanges { nodes { kind taskId } } }").await.data();
    let kinds = log["taskChanges"]["nodes"].as_array().unwrap().iter().map(|change| change["kind"].clone());
    assert_eq!(kinds.collect::<Vec<_>>(), ["CREATED", "UPDATED", "UPDATED", "UPDATED"]);
}

#[tokio::test]
async fn the_comments_of_a_page_of_tasks_are_read_in_as_many_statements_as_those_of_one() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let query = "query($first: Int) { tasks(first: $first) { nodes { comments(first: 3) {
        totalCount nodes { body author { username } task { id } } } } } }";
    for _ in 0..20 {
        let task = task(&ana).await;
        for body in ["a", "b", "c", "d"] {
            app.clock.advance(TimeDelta::milliseconds(1));
            add(&ana, &task, body).await;
        }
    }
    for first in [1, 2, 20] {
        let (answer, statements) = app.statements(ana.gql_with(query, json!({ "first": first }))).await;
        let tasks = answer.data()["tasks"]["nodes"].as_array().unwrap().clone();
        assert_eq!(tasks.len(), first);
        for task in tasks {
            assert_eq!(bodies(&task["comments"]), ["a", "b", "c"]);
            assert_eq!(task["comments"]["totalCount"], 4);
        }
        // Who calls, the tasks, their comments, the counts of these, the tasks of the comments.
        assert_eq!(statements, 5, "{first}");
    }
}
