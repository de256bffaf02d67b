//! What an answer holds where fields have failed.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn a_field_that_failed_is_null_beside_those_that_did_not() {
    let app = TestApp::new().await;
    let query = "{ viewer { id } node(id: \"task_01jd3qvh7eefhazk9a8w2tn4tz\") { id } again: viewer { id } }";
    let answer = app.anonymous().gql(query).await;
    assert_eq!((answer.status, answer.code().as_str()), (200, "UNAUTHENTICATED"));
    assert!(answer.text.contains(r#""data":{"viewer":null,"node":null,"again":null}"#), "{}", answer.text);
}

#[tokio::test]
async fn a_field_that_may_not_be_null_takes_the_whole_answer_along() {
    let app = TestApp::new().await;
    let answer = app.user("ana").await.gql("{ viewer { id } tasks(first: 0) { totalCount } }").await;
    assert_eq!((answer.status, answer.code().as_str()), (200, "BAD_USER_INPUT"));
    assert_eq!(answer.json()["data"], json!(null));
    assert!(answer.json().as_object().unwrap().contains_key("data"));
}

#[tokio::test]
async fn a_variable_of_a_scalar_that_does_not_fit_stops_the_mutations_before_it() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let query = "mutation($d: DateTime) {
        a: createTask(input: { title: \"Buy milk\" }) { task { id } }
        b: createTask(input: { title: \"Buy bread\", dueAt: $d }) { task { id } }
    }";
    let answer = ana.gql_with(query, json!({ "d": "tomorrow" })).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_USER_INPUT"));
    let count = ana.gql("{ tasks { totalCount } }").await.data()["tasks"]["totalCount"].clone();
    assert_eq!(count, 0);
}

/// The library takes each of these for valid, and ran the mutation before it.
#[tokio::test]
async fn a_literal_that_does_not_fit_stops_the_mutations_before_it() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    for input in [r#"{ title: "Buy bread", dueAt: "tomorrow" }"#, r#""Buy bread""#, r#"[{ title: "Buy bread" }]"#, "5"]
    {
        let query = format!(
            r#"mutation {{
                a: createTask(input: {{ title: "Buy milk" }}) {{ task {{ id }} }}
                b: createTask(input: {input}) {{ task {{ id }} }}
            }}"#
        );
        let answer = ana.gql(&query).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "GRAPHQL_VALIDATION_FAILED"), "{input}");
    }
    let query = r#"mutation($d: DateTime = "tomorrow", $v: Int = 9999999999) {
        a: createTask(input: { title: "Buy milk" }) { task { id } }
        b: updateTask(input: { id: "x", dueAt: $d, ifVersion: $v }) { task { id } }
    }"#;
    assert_eq!(ana.gql(query).await.code(), "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(ana.gql("{ tasks { totalCount } }").await.data()["tasks"]["totalCount"], 0);
}
