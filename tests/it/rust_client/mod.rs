//! A Rust client as people write it: types that are generated from `schema.graphql` and a file of operations, so that the
//! compiler finds what does not fit, and errors that are told apart by their codes.

use chrono::Utc;
use graphql_client::{GraphQLQuery, Response};
use serde::Serialize;

use crate::support::{Answer, Client, TestApp};

// recipe: Rust
/// What the schema's own scalar is in Rust.
type DateTime = chrono::DateTime<Utc>;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "schema.graphql",
    query_path = "tests/it/rust_client/operations.graphql",
    normalization = "rust",
    variables_derives = "Default",
    response_derives = "Debug, PartialEq",
    skip_serializing_none
)]
struct CreateTask;

/// Sends an operation and reads its answer: all that the client needs of an HTTP library.
async fn run<Q>(client: &Client, variables: Q::Variables) -> Response<Q::ResponseData>
where
    Q: GraphQLQuery,
    Q::Variables: Serialize,
{
    let body = serde_json::to_value(Q::build_query(variables)).unwrap();
    let Answer { text, .. } = client.post(&body).await;
    serde_json::from_str(&text).unwrap()
}
// end of recipe

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "schema.graphql",
    query_path = "tests/it/rust_client/operations.graphql",
    normalization = "rust",
    response_derives = "Debug, PartialEq",
    skip_serializing_none
)]
struct Tasks;

async fn create(client: &Client, input: create_task::CreateTaskInput) -> Response<create_task::ResponseData> {
    run::<CreateTask>(client, create_task::Variables { input }).await
}

#[tokio::test]
async fn a_mutation_takes_an_input_object_with_an_enum_and_a_time() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let due_at: DateTime = "2026-12-24T18:00:00Z".parse().unwrap();
    let input = create_task::CreateTaskInput {
        title: String::from("Water the plants"),
        priority: Some(create_task::TaskPriority::High),
        due_at: Some(due_at),
        ..Default::default()
    };
    let answer = create(&ana, input).await;
    assert!(answer.errors.is_none(), "{:?}", answer.errors);
    let task = answer.data.unwrap().create_task.task;
    assert_eq!(task.title, "Water the plants");
    assert_eq!((task.priority, task.due_at), (create_task::TaskPriority::High, Some(due_at)));
    assert!(task.id.starts_with("task_"));
}

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    for title in ["Milk", "Bread", "Salt"] {
        let input = create_task::CreateTaskInput { title: title.to_owned(), ..Default::default() };
        assert!(create(&ana, input).await.errors.is_none());
    }
    let (mut titles, mut after) = (Vec::new(), None);
    loop {
        let order = tasks::TaskOrder { field: tasks::TaskOrderField::Title, direction: tasks::OrderDirection::Asc };
        let variables = tasks::Variables { first: Some(2), after, filter: None, order_by: Some(vec![order]) };
        let page = run::<Tasks>(&ana, variables).await.data.unwrap().tasks;
        assert_eq!(page.total_count, 3);
        assert!(page.nodes.iter().all(|task| task.created_by.username == "ana"));
        titles.extend(page.nodes.into_iter().map(|task| task.title));
        if !page.page_info.has_next_page {
            break;
        }
        after = page.page_info.end_cursor;
    }
    assert_eq!(titles, ["Bread", "Milk", "Salt"]);
}

#[tokio::test]
async fn an_error_is_told_apart_by_its_code() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let short = || create_task::CreateTaskInput { title: String::from("x"), ..Default::default() };
    for (client, code) in [(&ana, "BAD_USER_INPUT"), (&app.anonymous(), "UNAUTHENTICATED")] {
        let answer = create(client, short()).await;
        assert!(answer.data.is_none());
        let errors = answer.errors.unwrap();
        assert_eq!(errors.len(), 1);
        let extensions = errors[0].extensions.as_ref().unwrap();
        assert_eq!(extensions["code"], code);
        assert!(extensions["requestId"].as_str().unwrap().starts_with("req_"));
        if code == "BAD_USER_INPUT" {
            assert_eq!(extensions["fields"][0]["path"], serde_json::json!(["input", "title"]));
        }
    }
}
