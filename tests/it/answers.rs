//! Whole answers, as clients read them: members, their order, and nothing besides.

use serde_json::json;

use crate::support::{Client, TestApp};

#[tokio::test]
async fn a_created_task() {
    let app = TestApp::new().await;
    let query = "mutation($input: CreateTaskInput!) { createTask(input: $input) {
        task { id title description completed completedAt priority dueAt createdAt updatedAt deletedAt version
            createdBy { username } } } }";
    let input = json!({ "input": { "title": "  Buy   milk ", "dueAt": "2026-12-01T10:00:00+01:00" } });
    let answer = app.user("ana").await.gql_with(query, input).await;
    insta::assert_snapshot!(answer.text, @r#"{"data":{"createTask":{"task":{"id":"task_01m83vvae0e8sb2kprf34e3per","title":"Buy milk","description":"","completed":false,"completedAt":null,"priority":"NONE","dueAt":"2026-12-01T09:00:00.000000Z","createdAt":"2026-11-23T09:30:00.000000Z","updatedAt":"2026-11-23T09:30:00.000000Z","deletedAt":null,"version":1,"createdBy":{"username":"ana"}}}},"extensions":{"cost":{"requested":13,"actual":13,"remaining":999987,"limit":1000000}}}"#);
}

#[tokio::test]
async fn an_input_with_several_invalid_fields() {
    let app = TestApp::new().await;
    let query = "mutation { createTask(input: { title: \"B!\", description: \"\\u0007\" }) { task { id } } }";
    let answer = app.user("ana").await.gql(query).await;
    insta::assert_snapshot!(answer.text, @r#"{"errors":[{"message":"The input breaks rules; `extensions.fields` says which.","locations":[{"line":1,"column":12}],"path":["createTask"],"extensions":{"code":"BAD_USER_INPUT","fields":[{"path":["input","title"],"code":"TOO_SMALL","message":"must have at least 3 characters"},{"path":["input","description"],"code":"INVALID_CHARACTER","message":"must hold no control characters but newline and tab"}],"requestId":"req_01m83vvae0fc9tvs54yhaqy5zy"}}],"data":null,"extensions":{"cost":{"requested":12,"actual":12,"remaining":999988,"limit":1000000}}}"#);
}

#[tokio::test]
async fn variables_with_several_values_that_do_not_fit() {
    let app = TestApp::new().await;
    let query = "mutation($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }";
    let input = json!({ "input": { "dueAt": "tomorrow", "priority": "HIGHEST", "labelIds": ["x", null] } });
    let answer = app.user("ana").await.gql_with(query, input).await;
    insta::assert_snapshot!(answer.text, @r#"{"errors":[{"message":"Variable $input has a value that does not fit its type.","locations":[{"line":1,"column":10}],"extensions":{"code":"BAD_USER_INPUT","fields":[{"path":["input","dueAt"],"code":"INVALID_FORMAT","message":"does not fit its type"},{"path":["input","labelIds",1],"code":"NOT_NULL","message":"must not be null"},{"path":["input","priority"],"code":"INVALID_FORMAT","message":"does not fit its type"},{"path":["input","title"],"code":"NOT_NULL","message":"must be given"}],"requestId":"req_01m83vvae0fc9tvs54yhaqy5zy"}}]}"#);
}

#[tokio::test]
async fn a_document_that_does_not_fit_the_schema() {
    let app = TestApp::new().await;
    insta::assert_snapshot!(app.anonymous().gql("{ veiwer { id } }").await.text, @r#"{"errors":[{"message":"Unknown field \"veiwer\" on type \"Query\". Did you mean \"viewer\"?","locations":[{"line":1,"column":3}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED","requestId":"req_01m83vvae0fk7r9jn8snxp7hyb"}}]}"#);
}

#[tokio::test]
async fn a_document_beyond_a_limit() {
    let app = TestApp::new().await;
    let aliases = (0..16).map(|number| format!("a{number}: __typename")).collect::<Vec<_>>().join(" ");
    let query = format!("{{ {aliases} }}");
    insta::assert_snapshot!(app.anonymous().gql(&query).await.text, @r#"{"errors":[{"message":"The operation has too many aliases.","extensions":{"code":"TOO_MANY_ALIASES","limit":{"max":15,"name":"aliases","used":16},"requestId":"req_01m83vvae0fk7r9jn8snxp7hyb"}}]}"#);
}

#[tokio::test]
async fn a_token_that_is_not_good() {
    let app = TestApp::new().await;
    let answer = app.anonymous().with_authorization("Bearer nonsense").gql("{ viewer { id } }").await;
    insta::assert_snapshot!(answer.text, @r#"{"errors":[{"message":"The token is not valid. Log in, or refresh the session.","extensions":{"code":"UNAUTHENTICATED","requestId":"req_01m83vvae0fk7r9jn8snxp7hyb"}}]}"#);
}

#[tokio::test]
async fn a_budget_that_is_used_up() {
    let app = TestApp::with(|config| config.rate_limit.anonymous = "1/minute".parse().unwrap()).await;
    app.anonymous().gql("{ viewer { id } }").await.data();
    let answer = app.anonymous().gql("{ viewer { id } }").await;
    insta::assert_snapshot!(answer.text, @r#"{"errors":[{"message":"Too many requests.","extensions":{"code":"RATE_LIMITED","policy":"requests","requestId":"req_01m83vvae0ev6t1dd6peshr71z"}}]}"#);
}

/// Attack 69: an answer is as long as its data, which many small requests have stored.
#[tokio::test]
async fn an_answer_at_the_limit_is_sent_and_one_of_a_byte_more_is_refused() {
    let query = "{ tasks { nodes { description } } }";
    let (_app, ana) = with_long_tasks(1024 * 1024).await;
    let length = ana.gql(query).await.text.len();
    assert!(length > 10 * 5_000);
    let (_app, ana) = with_long_tasks(length).await;
    let answer = ana.gql(query).await;
    assert_eq!((answer.status, answer.text.len()), (200, length));
    let (_app, ana) = with_long_tasks(length - 1).await;
    let answer = ana.gql(query).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "RESPONSE_TOO_LARGE"));
    assert!(answer.json().get("data").is_none() && answer.text.len() < 2_048, "{}", answer.text);
}

/// A server whose answers have at most so many bytes, and somebody with ten long tasks.
async fn with_long_tasks(response_bytes: usize) -> (TestApp, Client) {
    let app = TestApp::with(|config| config.limits.response_bytes = response_bytes).await;
    let ana = app.user("ana").await;
    let create = "mutation($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }";
    let input = json!({ "input": { "title": "A long one", "description": "x".repeat(5_000) } });
    for _ in 0..10 {
        ana.gql_with(create, input.clone()).await.data();
    }
    (app, ana)
}
