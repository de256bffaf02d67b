//! The playground's examples, run in their order as somebody does who is new here.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

pub(crate) struct Example {
    pub(crate) name: String,
    pub(crate) query: String,
    pub(crate) variables: Value,
}

pub(crate) fn examples() -> Vec<Example> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("playground/src/examples.json");
    let examples: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let text = |example: &Value, name: &str| example[name].as_str().unwrap().to_owned();
    let example =
        |it: &Value| Example { name: text(it, "name"), query: text(it, "query"), variables: it["variables"].clone() };
    examples.iter().map(example).collect()
}

#[tokio::test]
async fn every_example_fits_the_schema() {
    let app = TestApp::new().await;
    for Example { name, query, variables } in examples() {
        let answer = app.anonymous().gql_with(&query, variables).await;
        // A field may ask for a token; that it answers at all says that the document is valid.
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        let json = answer.json();
        let codes = json["errors"].as_array().into_iter().flatten().map(|error| &error["extensions"]["code"]);
        assert!(codes.into_iter().all(|code| code == "UNAUTHENTICATED"), "{name}: {}", answer.text);
    }
}

/// What a reader of the comments does: registers, pastes the token, and puts the id of the new task where it is asked for.
#[tokio::test]
async fn every_example_runs_without_an_error_in_its_order() {
    let app = TestApp::new().await;
    let mut client = app.anonymous();
    let mut task = Value::Null;
    for Example { name, query, mut variables } in examples() {
        if let Some(id) = variables.pointer_mut("/input/id") {
            *id = task.clone();
        }
        let data = client.gql_with(&query, variables).await.data();
        for payload in ["register", "login"] {
            if data[payload]["accessToken"].is_string() {
                client = client.with_tokens(&data[payload]);
            }
        }
        if let Some(id) = data.pointer("/createTask/task/id") {
            task = id.clone();
        }
        assert!(name == "Start here" || is_full(&data), "{name}: {data}");
    }
    assert_tasks(&client, &task).await;
}

/// Whether every root field answered with something.
fn is_full(data: &Value) -> bool {
    data.as_object().is_some_and(|fields| fields.values().all(|value| !value.is_null()))
}

/// The examples complete the task, throw it away and bring it back.
async fn assert_tasks(client: &Client, id: &Value) {
    let query = "{ tasks { nodes { id completed } } }";
    let tasks = client.gql(query).await.data()["tasks"]["nodes"].clone();
    assert_eq!(tasks, json!([{ "id": id, "completed": true }]));
}

#[test]
fn examples_have_names_of_their_own_and_name_their_operations() {
    let examples = examples();
    let names: std::collections::HashSet<_> = examples.iter().map(|example| &example.name).collect();
    assert_eq!(names.len(), examples.len());
    for example in &examples {
        let starts = ["query", "mutation", "subscription"].map(|kind| format!("{kind} "));
        let start = example.query.lines().find_map(|line| starts.iter().find_map(|start| line.strip_prefix(start)));
        assert!(start.is_some_and(|rest| rest.starts_with(|it: char| it.is_ascii_uppercase())), "{}", example.name);
    }
}
