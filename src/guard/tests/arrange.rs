//! Answers come in the order of the operation.

use async_graphql::value;
use serde_json::json;

use super::toy::{answer, prepare};

#[tokio::test]
async fn an_object_of_which_everything_is_skipped_is_empty_and_not_null() {
    for (text, data) in [
        ("{given @skip(if:true)}", json!({})),
        ("{task{id @skip(if:true)}}", json!({ "task": {} })),
        ("{task{...F @include(if:false)}} fragment F on Task{id}", json!({ "task": {} })),
        ("{tasks(first:2){title @skip(if:true)}}", json!({ "tasks": [{}, {}] })),
        ("{task{...{id @skip(if:true)} ...on Label{id}}}", json!(null)),
        ("query($no:Boolean=false){task{parent{id @include(if:$no)}}}", json!({ "task": { "parent": {} } })),
        ("{nodes{...on Task@skip(if:true){id} ...on Label{id}}}", json!({ "nodes": [{}, { "id": "label" }] })),
        ("{nodes{...on Label{id @skip(if:true)}}}", json!({ "nodes": [{}, {}] })),
        ("{nodes{...on Label{id}}}", json!({ "nodes": [{}, { "id": "label" }] })),
    ] {
        let (answer, _) = answer(text, None, json!({})).await;
        if data.is_null() {
            assert!(answer["errors"][0].is_string(), "{text}: {answer}");
        } else {
            assert_eq!(answer, data, "{text}");
        }
    }
}

#[test]
fn fields_are_put_in_the_order_of_the_operation_through_lists_and_fragments() {
    let text = "{b:given tasks{title ...F parent{...F title}} a:given} fragment F on Task{id x:title}";
    let (_, order) = prepare(text, None, json!({})).unwrap().into_request();
    let mut data = value!({
        "a": 1,
        "tasks": [{ "x": 1, "parent": { "title": 1, "x": 1, "id": 1 }, "id": { "z": 1, "y": 1 }, "title": 1 }, null],
        "unknown": 1,
        "b": 1,
    });
    order.arrange(&mut data);
    let expected =
        "{b: 1, tasks: [{title: 1, id: {z: 1, y: 1}, x: 1, parent: {id: 1, x: 1, title: 1}}, null], a: 1, unknown: 1}";
    assert_eq!(data.to_string(), expected);
    let mut nothing = async_graphql::Value::Null;
    order.arrange(&mut nothing);
    assert_eq!(nothing, async_graphql::Value::Null);
}
