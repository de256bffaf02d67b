//! The thirteen checks of graphql-cop 1.15 against the production profile: none of them finds anything.
//!
//! Each is the request that the tool sends and the sign by which it takes a server for vulnerable; a sample of a vulnerable
//! answer shows that the sign is looked for.

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{Method, Request};
use form_urlencoded::Serializer;
use serde_json::{Value, json};

use super::production;
use crate::support::{Answer, Client, TestApp};

/// A request of the tool.
enum Sent {
    /// JSON by POST.
    Json(Value),
    /// A document in the query component of a GET.
    Get(&'static str),
    /// A document in a form.
    Form(&'static str),
    /// What a browser sends that opens the endpoint.
    Page,
}

struct Check {
    name: &'static str,
    sent: Sent,
    /// Whether the text of an answer is a finding.
    finds: fn(&str) -> bool,
    vulnerable: &'static str,
}

fn check(name: &'static str, sent: Sent, vulnerable: &'static str, finds: fn(&str) -> bool) -> Check {
    Check { name, sent, finds, vulnerable }
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn has_typename(text: &str) -> bool {
    json_of(text)["data"]["__typename"].is_string()
}

/// A document as the tool sends most of them.
fn document(text: &str) -> Sent {
    Sent::Json(json!({ "query": text, "operationName": "cop" }))
}

const CIRCLE: &str = "query cop { __schema { types { fields { type { fields { type { fields { type { fields { \
                      type { name } } } } } } } } } } }";
const TYPENAME: &str = r#"{"data":{"__typename":"Query"}}"#;

fn overloading() -> [Check; 5] {
    let aliases = (0..101).map(|number| format!("alias{number}:__typename")).collect::<Vec<_>>().join(" \n");
    let batch = vec![json!({ "query": "query cop { __typename }" }); 10];
    let ten_answers = r"[{},{},{},{},{},{},{},{},{},{}]";
    let ten_errors = r#"{"errors":[{},{},{},{},{},{},{},{},{},{}]}"#;
    [
        check(
            "alias overloading",
            document(&format!("query cop {{ {aliases} }}")),
            r#"{"data":{"alias100":"Query"}}"#,
            |text| !json_of(text)["data"]["alias100"].is_null(),
        ),
        check("array batching", Sent::Json(batch.into()), ten_answers, |text| {
            json_of(text).as_array().is_some_and(|answers| answers.len() >= 10)
        }),
        check("circular introspection", document(CIRCLE), r#"{"data":{"__schema":{"types":[]}}}"#, |text| {
            json_of(text)["data"]["__schema"]["types"].is_array()
        }),
        check(
            "directive overloading",
            document(&format!("query cop {{ __typename {} }}", "@aa".repeat(10))),
            ten_errors,
            |text| json_of(text)["errors"].as_array().is_some_and(|errors| errors.len() == 10),
        ),
        check(
            "field duplication",
            document(&format!("query cop {{ {} }}", "__typename \n".repeat(500))),
            TYPENAME,
            has_typename,
        ),
    ]
}

fn methods() -> [Check; 4] {
    let playground = "<title>GraphiQL</title>";
    [
        check("queries by GET", Sent::Get("query cop {__typename}"), TYPENAME, has_typename),
        check("mutations by GET", Sent::Get("mutation cop {__typename}"), TYPENAME, has_typename),
        check("queries in forms", Sent::Form("query cop { __typename }"), TYPENAME, has_typename),
        check("GraphiQL", Sent::Page, playground, |text| {
            ["graphiql.min.css", "GraphQL Playground", "GraphiQL", "graphql-playground"]
                .iter()
                .any(|it| text.contains(it))
        }),
    ]
}

fn leaks() -> [Check; 4] {
    let suggests = r#"{"errors":[{"message":"Unknown field. Did you mean \"directives\"?"}]}"#;
    let traces = r#"{"data":{},"extensions":{"tracing":{}}}"#;
    let fails = r#"{"errors":[{"extensions":{"exception":{}}}]}"#;
    let schema = "query cop { __schema { types { name fields { name } } } }";
    [
        check("field suggestions", document("query cop { __schema { directive } }"), suggests, |text| {
            text.contains("Did you mean")
        }),
        check("introspection", document(schema), r#"{"data":{"__schema":{"types":[{}]}}}"#, |text| {
            json_of(text)["data"]["__schema"]["types"].is_array()
        }),
        check("trace mode", document("query cop { __typename }"), traces, |text| text.contains("tracing")),
        check("unhandled errors", document("qwerty cop { abc }"), fails, |text| text.contains("exception")),
    ]
}

async fn send(client: &Client, sent: &Sent) -> Answer {
    let encoded = |query| Serializer::new(String::new()).append_pair("query", query).finish();
    let request = |method, target: &str| Request::builder().method(method).uri(target).header("host", "localhost");
    let request = match sent {
        Sent::Json(body) => {
            let request = request(Method::POST, "/graphql").header(CONTENT_TYPE, "application/json");
            request.body(Body::from(body.to_string()))
        }
        Sent::Get(query) => request(Method::GET, &format!("/graphql?{}", encoded(query))).body(Body::empty()),
        Sent::Form(query) => {
            let request = request(Method::POST, "/graphql").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            request.body(Body::from(encoded(query)))
        }
        Sent::Page => request(Method::GET, "/graphql").header(ACCEPT, "text/html").body(Body::empty()),
    };
    client.send(request.unwrap()).await
}

#[tokio::test]
async fn graphql_cop_finds_nothing() {
    let app = TestApp::with(production).await;
    let client = app.anonymous();
    let alive = send(&client, &document("query cop { __typename }")).await;
    assert_eq!(
        alive.text.find(TYPENAME.trim_end_matches('}')),
        Some(0),
        "the tool takes it for GraphQL: {}",
        alive.text
    );
    for Check { name, sent, finds, vulnerable } in overloading().into_iter().chain(methods()).chain(leaks()) {
        assert!(finds(vulnerable), "{name}: the check finds something where there is something");
        let answer = send(&client, &sent).await;
        assert!(!finds(&answer.text), "{name}: {}", answer.text);
        assert!(answer.text.len() < 2_048 && answer.status < 500, "{name}: {}", answer.text);
    }
}
