//! Who may do what: every field of both root types asked by every kind of caller, and ids of what they can't see in every
//! place that takes one.

mod foreign;
mod nested;
mod stage;
mod table;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use serde_json::{Value, json};

use crate::support::Answer;
use stage::{CALLERS, Stage};
use table::{COMMENTS_AND_LABELS, CREDENTIALS, Outcome, PROJECTS, QUERIES, Repeats, Row, SUBSCRIPTIONS, TASKS};

/// What the caller was answered for the row's field.
#[track_caller]
fn outcome(answer: &Answer, row: &Row) -> String {
    let json = answer.json();
    match (answer.status, json.get("errors")) {
        (401, _) => Outcome::ShutOut.to_string(),
        (200, Some(_)) => answer.code(),
        (200, None) if is_empty(&json["data"][row.field()]) => Outcome::Empty.to_string(),
        (200, None) => Outcome::Data.to_string(),
        _ => panic!("{} {}", answer.status, answer.text),
    }
}

/// Null, zero, or a list or object that holds nothing else.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Array(entries) => entries.iter().all(is_empty),
        Value::Object(members) => members.values().all(is_empty),
        _ => false,
    }
}

/// Every caller asks for every row. What a mutation did is not there for the next row, nor for the next caller where it can
/// happen only once.
async fn check(operation: &str, rows: &[Row]) {
    let mut stage = Box::pin(Stage::set()).await;
    let mut found = Vec::new();
    for row in rows {
        let mut is_used = false;
        for (caller, expected) in CALLERS.into_iter().zip(row.outcomes) {
            if is_used && row.repeats == Repeats::Never {
                (stage, is_used) = (Box::pin(Stage::set()).await, false);
            }
            let document = stage.document(&format!("{operation} {{ {} }}", row.selection));
            let answer = stage.client(caller).gql(&document).await;
            let outcome = outcome(&answer, row);
            if outcome != expected.to_string() {
                found.push(format!("{caller}: {}: {outcome}, not {expected}: {}", row.selection, answer.text));
            }
            is_used |= operation == "mutation" && outcome == Outcome::Data.to_string();
        }
        if is_used {
            stage = Box::pin(Stage::set()).await;
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn every_query_answers_each_caller_as_the_table_says() {
    check("query", QUERIES).await;
}

#[tokio::test]
async fn every_mutation_of_credentials_answers_each_caller_as_the_table_says() {
    check("mutation", CREDENTIALS).await;
}

#[tokio::test]
async fn every_mutation_of_projects_answers_each_caller_as_the_table_says() {
    check("mutation", PROJECTS).await;
}

#[tokio::test]
async fn every_mutation_of_tasks_answers_each_caller_as_the_table_says() {
    check("mutation", TASKS).await;
}

#[tokio::test]
async fn every_mutation_of_comments_and_labels_answers_each_caller_as_the_table_says() {
    check("mutation", COMMENTS_AND_LABELS).await;
}

#[tokio::test]
async fn every_subscription_tells_each_caller_what_the_table_says() {
    let mut found = Vec::new();
    for row in SUBSCRIPTIONS {
        let stage = Box::pin(Stage::set()).await;
        for (caller, expected) in CALLERS.into_iter().zip(row.outcomes) {
            let outcome = first_event(&stage, caller, row).await;
            if outcome != expected.to_string() {
                found.push(format!("{caller}: {}: {outcome}, not {expected}", row.selection));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// What the caller is told first. Whoever is told nothing hears at last of a task that they make for themselves; for a
/// token that only reads, its owner makes it.
async fn first_event(stage: &Stage, caller: &str, row: &Row) -> String {
    let body = json!({ "query": stage.document(&format!("subscription {{ {} }}", row.selection)) });
    let authorization = (caller != "anonymous").then(|| ("Authorization", stage.client(caller).authorization_sent()));
    let fields: Vec<_> = authorization.into_iter().collect();
    let mut stream = match stage.app.try_stream(&body, &fields).await {
        Ok(stream) => stream,
        Err(answer) => return answer.status.to_string(),
    };
    let own = match caller {
        "anonymous" => json!(null),
        "read-only" => stage.mutate("owner", "createTask", &json!({ "title": "Own" })).await["task"]["id"].clone(),
        _ => stage.mutate(caller, "createTask", &json!({ "title": "Own" })).await["task"]["id"].clone(),
    };
    let (payload, _) = stream.expect_next().await;
    match (payload["errors"][0]["extensions"]["code"].as_str(), &payload["data"]["taskChanged"]["taskId"]) {
        (Some(code), _) => code.to_owned(),
        (None, task) if *task == own => Outcome::Empty.to_string(),
        (None, _) => Outcome::Data.to_string(),
    }
}

#[test]
fn every_root_field_of_the_schema_is_in_the_table() {
    let schema = parse_schema(taskward::graphql::sdl()).unwrap();
    let mutations: Vec<_> = [CREDENTIALS, PROJECTS, TASKS, COMMENTS_AND_LABELS].into_iter().flatten().collect();
    for (root, rows) in
        [("Query", QUERIES.iter().collect()), ("Mutation", mutations), ("Subscription", SUBSCRIPTIONS.iter().collect())]
    {
        let definition = schema.definitions.iter().find_map(|definition| match definition {
            TypeSystemDefinition::Type(it) if it.node.name.node == root => Some(&it.node.kind),
            _ => None,
        });
        let fields: Vec<_> = match definition {
            Some(TypeKind::Object(object)) => {
                object.fields.iter().map(|field| field.node.name.node.to_string()).collect()
            }
            _ => Vec::new(),
        };
        let missing: Vec<_> = fields.iter().filter(|field| !rows.iter().any(|row| row.field() == **field)).collect();
        assert!(missing.is_empty(), "{root} has fields without a row in tests/it/authorization/table.rs: {missing:?}");
        let gone: Vec<_> =
            rows.iter().map(|row| row.field()).filter(|row| !fields.iter().any(|it| it == row)).collect();
        assert!(gone.is_empty(), "the table has rows that {root} has no field for: {gone:?}");
    }
}
