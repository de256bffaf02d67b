//! What a client sees of errors, by kind.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, PathSegment, ServerError};
use serde_json::{Value, json};

use super::toy::{prepare, schema};
use crate::code::ErrorCode;
use crate::code::INTERNAL_MESSAGE;
use crate::guard::mask::{Detail, Masked, mask};

/// Documents with every mistake that the library's validation and coercion find, and the code for each.
const MISTAKES: &[(&str, &str)] = &[
    ("{taskz{id}}", "GRAPHQL_VALIDATION_FAILED"),
    ("{task{id{x}}}", "GRAPHQL_VALIDATION_FAILED"),
    ("{task}", "GRAPHQL_VALIDATION_FAILED"),
    ("{given(x:1)}", "GRAPHQL_VALIDATION_FAILED"),
    ("{given(value:1 value:2)}", "GRAPHQL_VALIDATION_FAILED"),
    ("{given(value:\"secret\")}", "GRAPHQL_VALIDATION_FAILED"),
    ("{given(value:$secret)}", "GRAPHQL_VALIDATION_FAILED"),
    ("{change}", "GRAPHQL_VALIDATION_FAILED"),
    ("{given @secret}", "GRAPHQL_VALIDATION_FAILED"),
    ("{given @skip}", "GRAPHQL_VALIDATION_FAILED"),
    ("{given @skip(if:true) @skip(if:true)}", "GRAPHQL_VALIDATION_FAILED"),
    ("{given @skip(if:true x:1)}", "GRAPHQL_VALIDATION_FAILED"),
    ("query @skip(if:true){given}", "GRAPHQL_VALIDATION_FAILED"),
    ("{...F} fragment F on Int{x}", "GRAPHQL_VALIDATION_FAILED"),
    ("{...F} fragment F on Secret{x}", "GRAPHQL_VALIDATION_FAILED"),
    ("{...on Int{x}}", "GRAPHQL_VALIDATION_FAILED"),
    ("{...on Task{id}}", "GRAPHQL_VALIDATION_FAILED"),
    ("{given} fragment F on Task{id}", "GRAPHQL_VALIDATION_FAILED"),
    ("{x:given x:given(value:1)}", "GRAPHQL_VALIDATION_FAILED"),
    ("query($v:Int $v:Int){given(value:$v)}", "GRAPHQL_VALIDATION_FAILED"),
    ("query($v:Int){given}", "GRAPHQL_VALIDATION_FAILED"),
    ("query($v:Secret){given}", "GRAPHQL_VALIDATION_FAILED"),
    ("query($v:Task){given}", "GRAPHQL_VALIDATION_FAILED"),
    ("query($v:Int=\"secret\"){given(value:$v)}", "GRAPHQL_VALIDATION_FAILED"),
    ("subscription{__typename}", "GRAPHQL_VALIDATION_FAILED"),
    ("{given(value:2147483648)}", "BAD_USER_INPUT"),
    ("{change(change:{seven:99999999999})}", "BAD_USER_INPUT"),
];

async fn errors(text: &str) -> Vec<ServerError> {
    match prepare(text, None, json!({})) {
        Ok(prepared) => schema().execute(prepared.into_request().0).await.errors,
        // What the guard refuses is masked all the same, should it come to that.
        Err(_) => schema().execute(text).await.errors,
    }
}

fn shown(masked: &Masked) -> Vec<Value> {
    masked.errors.iter().map(|error| serde_json::to_value(error).unwrap()).collect()
}

#[tokio::test]
async fn mistakes_of_the_client_get_a_code_and_their_text_only_in_full_detail() {
    for (text, code) in MISTAKES {
        let errors = errors(text).await;
        assert!(!errors.is_empty(), "{text}");
        let full = mask(errors.clone(), 5, "r", Detail::Full);
        let fixed = mask(errors.clone(), 5, "r", Detail::Fixed);
        for error in shown(&full).iter().chain(&shown(&fixed)) {
            assert_eq!(error["extensions"]["code"], *code, "{text}: {error}");
            assert_eq!(error["extensions"]["requestId"], "r");
        }
        assert_eq!(full.errors[0].message, errors[0].message);
        for error in &fixed.errors {
            assert!(error.message.starts_with("The document does") || error.message.starts_with("A value does"));
            assert!(!error.locations.is_empty(), "{text}");
        }
        assert!(full.internal.is_empty() && fixed.internal.is_empty());
    }
}

#[test]
fn everything_else_is_internal_and_only_the_caller_learns_the_text() {
    let path = vec![PathSegment::Field(String::from("task"))];
    let from_resolver = |message: &str| ServerError::new(message, None).with_path(path.clone());
    let mut passed_on = from_resolver("Failed to parse \"postgres://secret\"");
    passed_on.source = Some(Arc::new(std::io::Error::other("x")));
    for error in [
        from_resolver("connection to secret refused"),
        from_resolver("Unknown field \"secret\""),
        from_resolver(""),
        passed_on,
        ServerError::new("the secret is out", None),
    ] {
        for detail in [Detail::Full, Detail::Fixed] {
            let masked = mask(vec![error.clone()], 5, "request_1", detail);
            assert_eq!(masked.internal.join("|"), error.message);
            let mut expected = json!({
                "message": INTERNAL_MESSAGE,
                "extensions": { "code": "INTERNAL_SERVER_ERROR", "requestId": "request_1" },
            });
            if !error.path.is_empty() {
                expected["path"] = json!(["task"]);
            }
            assert_eq!(shown(&masked), [expected]);
            assert!(masked.errors[0].source.is_none());
        }
    }
}

#[test]
fn errors_with_a_code_of_ours_pass_as_they_are() {
    let mut error = ServerError::new("The title is too short.", None);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", ErrorCode::BadUserInput.as_str());
    extensions.set("fields", async_graphql::value!([{ "path": ["input", "title"] }]));
    error.extensions = Some(extensions);
    let masked = mask(vec![error], 5, "r", Detail::Fixed);
    let expected = json!([{
        "message": "The title is too short.",
        "extensions": { "code": "BAD_USER_INPUT", "fields": [{ "path": ["input", "title"] }], "requestId": "r" },
    }]);
    assert_eq!(Value::Array(shown(&masked)), expected);
}

#[test]
fn five_errors_and_three_hundred_characters_pass_and_no_more() {
    let error = |at: usize| ServerError::new(format!("Unknown field \"f{at}\" on type \"Query\"."), None);
    assert_eq!(mask((0..5).map(error).collect(), 5, "r", Detail::Full).errors.len(), 5);
    assert_eq!(mask((0..1_000).map(error).collect(), 5, "r", Detail::Full).errors.len(), 5);
    assert_eq!(mask((0..1_000).map(error).collect(), 5, "r", Detail::Fixed).errors.len(), 1, "the same error once");
    for (characters, cut) in [(300, false), (301, true), (16_000, true)] {
        let message = String::from("Unknown field ") + &"é".repeat(characters - 14);
        let masked = mask(vec![ServerError::new(message.clone(), None)], 5, "r", Detail::Full);
        let shown = &masked.errors[0].message;
        assert_eq!(shown.chars().count(), 300);
        assert_eq!(*shown != message, cut);
        assert_eq!(shown.ends_with('…'), cut);
    }
    let internal = |at: usize| ServerError::new(format!("cause {}", at % 2), None);
    assert_eq!(mask((0..100).map(internal).collect(), 5, "r", Detail::Full).internal, ["cause 0", "cause 1"]);
}

#[test]
fn a_refusal_names_its_limit_only_in_full_detail() {
    let refusal = prepare(&format!("{{{}}}", "a ".repeat(999)), None, json!({})).unwrap_err();
    let full = serde_json::to_value(refusal.clone().into_error(Detail::Full)).unwrap();
    assert_eq!(full["extensions"]["limit"], json!({ "name": "tokens", "used": 1_001, "max": 1_000 }));
    let fixed = serde_json::to_value(refusal.into_error(Detail::Fixed)).unwrap();
    assert_eq!(fixed["extensions"], json!({ "code": "QUERY_TOO_LARGE" }));
}
