//! What an answer holds where fields have failed.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn a_field_that_failed_is_null_beside_those_that_did_not() {
    let app = TestApp::new().await;
    let query = "{ viewer { id } node(id: \"task_01jd3qvh7eefhazk9a8w2tn4tz\") { id } again: viewer { id } }";
    let answer = app.anonymous().gql(query).await;
    assert_eq!((answer.status, answer.code().as_str()), (200, "UNAUTHENTICATED"));
    assert!(answer.text.ends_with(r#""data":{"viewer":null,"node":null,"again":null}}"#), "{}", answer.text);
}

#[tokio::test]
async fn a_field_that_may_not_be_null_takes_the_whole_answer_along() {
    let app = TestApp::new().await;
    let answer = app.user("ana").await.gql("{ viewer { id } tasks(first: 0) { totalCount } }").await;
    assert_eq!((answer.status, answer.code().as_str()), (200, "BAD_USER_INPUT"));
    assert_eq!(answer.json()["data"], json!(null));
    assert!(answer.json().as_object().unwrap().contains_key("data"));
}
