//! Each field of the answer is run once, and nothing else changes.

use async_graphql::Variables;
use async_graphql::parser::types::OperationType;
use proptest::prelude::*;
use serde_json::json;

use super::toy::{answer, prepare, schema};
use crate::guard::collect::collect;
use crate::guard::parse::parse;
use crate::guard::schema::SchemaTypes;
use crate::guard::variables::coerce;

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn a_field_runs_once_however_often_it_is_selected() {
    for (text, data, runs) in [
        ("{task{id} task{id} task{id}}", json!({ "task": { "id": "task" } }), 1),
        ("{task{id} task{title}}", json!({ "task": { "id": "task", "title": "title" } }), 1),
        ("{task{id} ...F} fragment F on Query{task{title}}", json!({ "task": { "id": "task", "title": "title" } }), 1),
        (
            "{...F ...G} fragment F on Query{task{parent{id}}} fragment G on Query{task{parent{title}}}",
            json!({ "task": { "parent": { "id": "task", "title": "title" } } }),
            2,
        ),
        (
            "{tasks(first:1){...F ...G}} fragment F on Task{subtasks{id}} fragment G on Task{subtasks{...F title}}"
                .replace("subtasks{...F title}", "subtasks{title}")
                .leak(),
            json!({ "tasks": [{ "subtasks": [{ "id": "task", "title": "title" }] }] }),
            2,
        ),
        ("{task{id} ...{task{title}}}", json!({ "task": { "id": "task", "title": "title" } }), 1),
        ("{task{...on Node{id} id}}", json!({ "task": { "id": "task" } }), 1),
        (
            "{nodes{id ...on Task{parent{id}} ...on Label{name} ...F ...on Task{parent{title}}}} fragment F on Task{parent{id}}",
            json!({ "nodes": [
                { "id": "task", "parent": { "id": "task", "title": "title" } },
                { "id": "label", "name": "name" },
            ] }),
            1,
        ),
        ("{x:task{id} y:task{id} x:task{id}}", json!({ "x": { "id": "task" }, "y": { "id": "task" } }), 2),
        ("mutation{add(amount:1){id} add(amount:1){title}}", json!({ "add": { "id": "task", "title": "title" } }), 1),
        (
            "mutation{...F ...G} fragment F on Mutation{add(amount:1){id}} fragment G on Mutation{add(amount:1){title}}",
            json!({ "add": { "id": "task", "title": "title" } }),
            1,
        ),
        ("{task{id} task@skip(if:true){title}}", json!({ "task": { "id": "task" } }), 1),
        ("{task{id} task@include(if:true){title}}", json!({ "task": { "id": "task", "title": "title" } }), 1),
        ("{task{id} ...@skip(if:true){task{title}}}", json!({ "task": { "id": "task" } }), 1),
        ("{task{id} ...F@include(if:true)} fragment F on Query{task{id}}", json!({ "task": { "id": "task" } }), 1),
        ("{given task{id @skip(if:true)} task{id @skip(if:true)}}", json!({ "given": "absent", "task": {} }), 2),
        (
            "{__typename __typename task{__typename __typename}}",
            json!({ "__typename": "Query", "task": { "__typename": "Task" } }),
            1,
        ),
        ("{tasks(first:1){id} tasks(first:1){title}}", json!({ "tasks": [{ "id": "task", "title": "title" }] }), 1),
    ] {
        let (answer, ran) = answer(text, None, json!({})).await;
        assert_eq!(answer, data, "{text}");
        assert_eq!(ran, runs, "{text}");
    }
}

#[tokio::test]
async fn copies_that_ask_for_different_things_are_still_refused() {
    for (text, mistake) in [
        ("{given given(value:1)}", "differing arguments"),
        ("{x:task{id} x:tasks{id}}", "different fields"),
        ("{task{id} task}", "must have a selection"),
        ("{task{id} task{id @unknown}}", "Unknown directive"),
        ("{task{id} task{id} ...F} fragment F on Label{id}", "cannot be spread here"),
        ("{nodes{...on Unknown{id} ...on Unknown{id}}}", "Unknown type"),
    ] {
        let (answer, runs) = answer(text, None, json!({})).await;
        let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("{text}: {answer}"));
        assert!(errors.iter().any(|error| error.as_str().unwrap().contains(mistake)), "{text}: {answer}");
        assert_eq!(runs, 0, "{text}");
    }
}

/// Whether the operation is rewritten at all: one that is not is validated only once.
#[test]
fn an_operation_that_would_run_the_same_stays_as_it_is() {
    for (text, variables, rewritten) in [
        ("{given task{id parent{id title}}}", json!({}), false),
        ("query($v:Int $f:Int=2){given(value:$v) tasks(first:$f){id}}", json!({ "v": 1 }), false),
        ("{task{...F ...on Task{title} ...{x:id}}} fragment F on Task{id}", json!({}), false),
        ("{nodes{id ...on Task{title} ...on Label{name}}}", json!({}), false),
        ("{nodes{...on Task{title}}}", json!({}), true),
        ("query($v:Int){given(value:$v)}", json!({}), true),
        ("{task{id id}}", json!({}), true),
        ("{task{...F id}} fragment F on Task{id}", json!({}), true),
        ("{task{id @skip(if:false)}}", json!({}), true),
    ] {
        let document = parse(text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let schema = SchemaTypes::parse(&schema().sdl()).unwrap();
        let definitions = &operation.node.variable_definitions;
        let values = coerce(definitions, Variables::from_json(variables), &schema).unwrap();
        assert_eq!(collect(&document, &operation.node, &schema, &values).is_some(), rewritten, "{text}");
    }
}

#[test]
fn a_prepared_request_says_what_it_uses() {
    let text = "query Q($v:Int){x:given(value:$v) task{parent{...F}}} fragment F on Task{id @skip(if:false)}";
    let prepared = prepare(text, None, json!({ "v": 1 })).unwrap();
    assert_eq!(prepared.operation_name.as_deref(), Some("Q"));
    assert_eq!(prepared.operation_type, OperationType::Query);
    let used: Vec<_> = prepared.budget.iter().map(|limit| (limit.name, limit.used)).collect();
    assert_eq!(
        used,
        [
            ("document_bytes", text.len()),
            ("tokens", 41),
            ("nesting", 3),
            ("operations", 1),
            ("fragments", 1),
            ("variables", 1),
            ("directives", 1),
            ("directives_per_location", 1),
            ("selections", 4),
            ("depth", 3),
            ("aliases", 1),
            ("root_query_fields", 2),
            ("copies", 1),
            ("operation_name", 1),
        ]
    );
}

/// A random selection set of tasks, in which one field often appears several times.
fn selections() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "id",
        "title",
        "x:id",
        "__typename",
        "...F",
        "id@skip(if:$no)",
        "title@skip(if:$yes)",
    ]);
    leaf.prop_map(|leaf| format!("{leaf} ")).prop_recursive(3, 12, 4, |inner| {
        let set = prop::collection::vec(inner, 1..4).prop_map(|items| format!("{{__typename {}}}", items.concat()));
        let head = prop::sample::select(vec![
            "parent",
            "subtasks",
            "subtasks(first:2)",
            "y:parent",
            "...",
            "...on Task",
            "...on Node",
            "...@include(if:$yes)",
            "...@skip(if:$yes)",
        ]);
        (head, set).prop_map(|(head, set)| match (head, set) {
            ("...on Node", _) => String::from("...on Node{id}"),
            (head, set) => format!("{head}{set}"),
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// What the guard makes of a document answers the same as the document itself.
    #[test]
    fn a_collected_operation_answers_as_it_was_written(items in prop::collection::vec(selections(), 1..4)) {
        let set = items.concat();
        let text = format!(
            "query($yes:Boolean! $no:Boolean! $n:Int) {{ given(value:$n) @skip(if:$yes) z:tasks(first:1){{id @skip(if:$no) ...F {set}}} }}
             fragment F on Task {{ title subtasks(first:1){{id}} }}"
        ).replace("subtasks(first:2)", "two:subtasks(first:2)").replace("subtasks{", "one:subtasks{");
        let variables = json!({ "yes": true, "no": false });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (collected, as_written) = runtime.block_on(async {
            let request = async_graphql::Request::new(&text).variables(async_graphql::Variables::from_json(variables.clone()));
            let response = super::toy::schema().execute(request).await;
            (answer(&text, None, variables).await.0, response)
        });
        if collected.get("refused").is_none() {
            prop_assert!(as_written.errors.is_empty(), "{}: {:?}", text, as_written.errors);
            prop_assert_eq!(collected, as_written.data.into_json().unwrap(), "{}", text);
        }
    }
}
