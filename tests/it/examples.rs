//! The playground's examples, run in their order as somebody does who is new here.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

pub(crate) struct Example {
    pub(crate) name: String,
    pub(crate) query: String,
    pub(crate) variables: Value,
}

fn examples() -> Vec<Example> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("playground/src/examples.json");
    let examples: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let text = |example: &Value, name: &str| example[name].as_str().unwrap().to_owned();
    let example =
        |it: &Value| Example { name: text(it, "name"), query: text(it, "query"), variables: it["variables"].clone() };
    examples.iter().map(example).collect()
}

impl Example {
    fn is_subscription(&self) -> bool {
        self.query.lines().any(|line| line.starts_with("subscription "))
    }
}

/// The examples that a POST answers.
pub(crate) fn queries_and_mutations() -> impl Iterator<Item = Example> {
    examples().into_iter().filter(|example| !example.is_subscription())
}

/// The examples that go on until they are stopped.
pub(crate) fn subscriptions() -> impl Iterator<Item = Example> {
    examples().into_iter().filter(Example::is_subscription)
}

#[tokio::test]
async fn every_example_fits_the_schema() {
    let app = TestApp::new().await;
    for Example { name, query, variables } in queries_and_mutations() {
        let answer = app.anonymous().gql_with(&query, variables).await;
        // A field may ask for a token; that it answers at all says that the document is valid.
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        let json = answer.json();
        let codes = json["errors"].as_array().into_iter().flatten().map(|error| &error["extensions"]["code"]);
        assert!(codes.into_iter().all(|code| code == "UNAUTHENTICATED"), "{name}: {}", answer.text);
    }
}

/// Somebody who works through the examples as their comments say, and puts the id that an answer showed last where the next
/// example asks for one of its kind.
#[derive(Default)]
pub(crate) struct Reader {
    ids: HashMap<String, String>,
}

impl Reader {
    /// The variables of an example with ids of the reader's own.
    pub(crate) fn fill(&self, variables: &Value) -> Value {
        match variables {
            Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), self.fill(value))).collect(),
            Value::Array(entries) => entries.iter().map(|entry| self.fill(entry)).collect(),
            Value::String(text) => json!(kind(text).and_then(|kind| self.ids.get(kind)).unwrap_or(text)),
            other => other.clone(),
        }
    }

    /// Copies the ids of what a mutation made, and of the viewer.
    pub(crate) fn copy(&mut self, data: &Value) {
        let made = data.as_object().into_iter().flat_map(|fields| fields.values().filter_map(Value::as_object));
        for object in made.flat_map(|payload| payload.values()) {
            let Some(id) = object["id"].as_str() else { continue };
            self.ids.extend(kind(id).map(|kind| (kind.to_owned(), id.to_owned())));
        }
    }

    /// The id that was shown last of this kind.
    fn id(&self, kind: &str) -> &str {
        &self.ids[kind]
    }
}

/// The kind of an id, such as `task`; none of another text.
fn kind(id: &str) -> Option<&str> {
    id.split_once('_').filter(|(_, rest)| rest.len() == 26).map(|(kind, _)| kind)
}

#[tokio::test]
async fn every_example_runs_without_an_error_in_its_order() {
    let app = TestApp::new().await;
    app.user("ben").await;
    let (mut client, mut reader) = (app.anonymous(), Reader::default());
    for Example { name, query, variables } in queries_and_mutations() {
        app.clock.advance(chrono::TimeDelta::seconds(1));
        let data = client.gql_with(&query, reader.fill(&variables)).await.data();
        for payload in ["register", "login"] {
            if data[payload]["accessToken"].is_string() {
                client = client.with_tokens(&data[payload]);
            }
        }
        reader.copy(&data);
        assert!(name == "Start here" || is_full(&data), "{name}: {data}");
    }
    assert_tasks(&client, &reader).await;
}

#[tokio::test]
async fn every_subscription_shows_what_happens() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut count = 0;
    for Example { name, query, .. } in subscriptions() {
        let mut stream = app.stream(&query, Some(ana.access_token()), None).await;
        ana.gql("mutation { createTask(input: { title: \"Water the plants\" }) { task { id } } }").await.data();
        let data = stream.expect_data().await;
        assert_eq!(data["taskChanged"]["task"]["title"], "Water the plants", "{name}");
        count += 1;
    }
    assert_eq!(count, 1);
}

/// Whether every root field answered with something.
fn is_full(data: &Value) -> bool {
    data.as_object().is_some_and(|fields| fields.values().all(|value| !value.is_null()))
}

/// The examples complete a task, throw it away and bring it back, and share a project whose task has everything.
async fn assert_tasks(client: &Client, reader: &Reader) {
    let query = "query($project: ID!) {
        tasks { nodes {
            title completed assignee { username } labels { name } parent { title } comments { nodes { body } }
        } }
        project(id: $project) { members { nodes { role user { username } } } }
    }";
    let data = client.gql_with(query, json!({ "project": reader.id("project") })).await.data();
    let none = json!({ "nodes": [] });
    let comments = json!({ "nodes": [{ "body": "Before the frost, please." }] });
    let expected = json!([
        { "title": "Buy wood", "completed": false, "assignee": null, "labels": [],
          "parent": { "title": "Build a shed" }, "comments": comments },
        { "title": "Build a shed", "completed": false, "assignee": { "username": "ana" },
          "labels": [{ "name": "Weekend" }], "parent": null, "comments": none },
        { "title": "Water the plants", "completed": true, "assignee": null, "labels": [], "parent": null,
          "comments": none },
    ]);
    let members = json!([
        { "role": "OWNER", "user": { "username": "ana" } },
        { "role": "EDITOR", "user": { "username": "ben" } },
    ]);
    assert_eq!(data["tasks"]["nodes"], expected);
    assert_eq!(data["project"]["members"]["nodes"], members);
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
