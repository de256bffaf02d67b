//! A failed field is null, or the nearest parent that may be.

use async_graphql::parser::parse_query;
use async_graphql::parser::types::OperationType;
use async_graphql::{PathSegment, Response, ServerError, Value};
use serde_json::json;

use crate::guard::Order;
use crate::guard::schema::SchemaTypes;

const SDL: &str = "schema { query: Query }
    type Query { maybe: T sure: T! list: [T!] sparse: [T]! }
    type T { maybe: Int sure: Int! inner: T }";

fn path(path: &str) -> Vec<PathSegment> {
    let segment = |part: &str| match part.parse() {
        Ok(index) => PathSegment::Index(index),
        Err(_) => PathSegment::Field(part.to_owned()),
    };
    path.split('.').map(segment).collect()
}

/// What becomes of `data`, the library's answer to `text`, when the fields at `paths` failed.
fn complete(text: &str, data: serde_json::Value, paths: &[&str]) -> serde_json::Value {
    let schema = SchemaTypes::parse(SDL).unwrap();
    let document = parse_query(text).unwrap();
    let (_, operation) = document.operations.iter().next().unwrap();
    let set = &operation.node.selection_set.node;
    let order = Order::of(&document, set, &schema, schema.root(OperationType::Query));
    let errors = paths.iter().map(|at| ServerError { path: path(at), ..ServerError::new("failed", None) });
    let mut response = Response::new(Value::from_json(data).unwrap());
    response.errors = errors.collect();
    order.complete(&mut response);
    response.data.into_json().unwrap()
}

#[test]
fn a_failed_field_is_null_and_takes_along_what_may_not_miss_it() {
    for (text, data, failed, completed) in [
        ("{ maybe { maybe } a: __typename }", json!({ "a": "Query" }), "maybe", json!({ "maybe": null, "a": "Query" })),
        (
            "{ maybe { maybe sure } }",
            json!({ "maybe": { "sure": 1 } }),
            "maybe.maybe",
            json!({ "maybe": { "maybe": null, "sure": 1 } }),
        ),
        ("{ maybe { maybe sure } }", json!({ "maybe": { "maybe": 1 } }), "maybe.sure", json!({ "maybe": null })),
        // The library answers null for an object of which every field failed.
        ("{ maybe { maybe } }", json!({ "maybe": null }), "maybe.maybe", json!({ "maybe": { "maybe": null } })),
        ("{ sure { sure } maybe { sure } }", json!({ "maybe": { "sure": 1 } }), "sure", json!(null)),
        ("{ sure { maybe sure } }", json!({ "sure": { "maybe": 1 } }), "sure.sure", json!(null)),
        (
            "{ sure { inner { sure maybe } } }",
            json!({ "sure": { "inner": { "maybe": 1 } } }),
            "sure.inner.sure",
            json!({ "sure": { "inner": null } }),
        ),
        (
            "{ list { sure maybe } }",
            json!({ "list": [{ "sure": 1, "maybe": 1 }, { "maybe": 1 }] }),
            "list.1.sure",
            json!({ "list": null }),
        ),
        (
            "{ sparse { sure maybe } }",
            json!({ "sparse": [{ "sure": 1, "maybe": 1 }, { "maybe": 1 }] }),
            "sparse.1.sure",
            json!({ "sparse": [{ "sure": 1, "maybe": 1 }, null] }),
        ),
        (
            "{ x: sparse { ...F } } fragment F on T { y: sure maybe }",
            json!({ "x": [{ "maybe": 1 }] }),
            "x.0.y",
            json!({ "x": [null] }),
        ),
        ("{ maybe { maybe } }", json!({ "maybe": { "maybe": 1 } }), "unknown", json!({ "maybe": { "maybe": 1 } })),
    ] {
        assert_eq!(complete(text, data, &[failed]), completed, "{failed} of {text}");
    }
}

#[test]
fn every_failed_field_of_an_answer_is_null() {
    let text = "{ maybe { maybe inner { sure } } list { maybe } }";
    let data = json!({ "maybe": null, "list": [{ "maybe": 1 }, null] });
    let completed = complete(text, data, &["maybe.maybe", "maybe.inner.sure", "list.1.maybe"]);
    assert_eq!(
        completed,
        json!({ "maybe": { "maybe": null, "inner": null }, "list": [{ "maybe": 1 }, { "maybe": null }] })
    );
}
