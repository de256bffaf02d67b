//! The change log as clients read it.

mod feed;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

const PAGE: &str = "query($first: Int, $after: String) { taskChanges(first: $first, after: $after) {
    latestCursor
    nodes { cursor kind taskId occurredAt task { id title } actor { username } }
    edges { cursor node { taskId } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
} }";

async fn page(client: &Client, first: i32, after: &Value) -> Value {
    client.gql_with(PAGE, json!({ "first": first, "after": after })).await.data()["taskChanges"].clone()
}

/// Kind and title of each change of a page.
fn told(page: &Value) -> Vec<String> {
    let changes = page["nodes"].as_array().unwrap().iter();
    changes.map(|change| format!("{} {}", change["kind"].as_str().unwrap(), change["task"]["title"])).collect()
}

async fn mutate(client: &Client, document: &str) -> Answer {
    let answer = client.gql(document).await;
    answer.data();
    answer
}

/// A user with a task that was made, changed, deleted and restored, and another that is in the trash.
async fn with_history(app: &TestApp) -> Client {
    let ana = app.user("ana").await;
    let ids = ["Milk", "Bread"]
        .map(|title| format!(r#"mutation {{ createTask(input: {{ title: "{title}" }}) {{ task {{ id }} }} }}"#));
    let milk = mutate(&ana, &ids[0]).await.data()["createTask"]["task"]["id"].clone();
    mutate(&ana, &format!("mutation {{ updateTask(input: {{ id: {milk}, completed: true }}) {{ task {{ id }} }} }}"))
        .await;
    mutate(&ana, &format!("mutation {{ deleteTask(input: {{ id: {milk} }}) {{ task {{ id }} }} }}")).await;
    mutate(&ana, &format!("mutation {{ restoreTask(input: {{ id: {milk} }}) {{ task {{ id }} }} }}")).await;
    let bread = mutate(&ana, &ids[1]).await.data()["createTask"]["task"]["id"].clone();
    mutate(&ana, &format!("mutation {{ deleteTask(input: {{ id: {bread} }}) {{ task {{ id }} }} }}")).await;
    ana
}

const HISTORY: [&str; 6] = [
    r#"CREATED "Milk""#,
    r#"UPDATED "Milk""#,
    // The task is not in the trash any more, and what the change says of it is over.
    "DELETED null",
    r#"RESTORED "Milk""#,
    r#"CREATED "Bread""#,
    r#"DELETED "Bread""#,
];

#[tokio::test]
async fn the_log_tells_what_happened_oldest_first_and_whoever_did_it() {
    let app = TestApp::new().await;
    let ana = with_history(&app).await;
    let log = page(&ana, 100, &Value::Null).await;
    assert_eq!(told(&log), HISTORY);
    assert!(log["nodes"].as_array().unwrap().iter().all(|change| change["actor"]["username"] == "ana"), "{log}");
    assert_eq!(log["pageInfo"]["hasNextPage"], false);
    assert_eq!(log["pageInfo"]["hasPreviousPage"], false);
    assert_eq!(log["pageInfo"]["endCursor"], log["latestCursor"], "nothing happened since");
    let cursors =
        |members: &str| log[members].as_array().unwrap().iter().map(|it| it["cursor"].clone()).collect::<Vec<_>>();
    assert_eq!(cursors("nodes"), cursors("edges"));
}

#[tokio::test]
async fn reading_on_from_any_cursor_misses_nothing_and_repeats_nothing() {
    let app = TestApp::new().await;
    let ana = with_history(&app).await;
    for size in 1..=7 {
        let (mut all, mut after) = (Vec::new(), Value::Null);
        loop {
            let log = page(&ana, size, &after).await;
            assert_eq!(log["pageInfo"]["hasPreviousPage"], !after.is_null());
            all.extend(told(&log));
            if log["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = log["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(all, HISTORY, "pages of {size}");
    }
}

#[tokio::test]
async fn a_client_that_starts_at_the_latest_cursor_is_told_what_follows() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let start = page(&ana, 1, &Value::Null).await["latestCursor"].clone();
    assert_eq!(told(&page(&ana, 10, &start).await), [""; 0]);
    mutate(&ana, r#"mutation { createTask(input: { title: "Milk" }) { task { id } } }"#).await;
    assert_eq!(told(&page(&ana, 10, &start).await), [r#"CREATED "Milk""#]);
}

#[tokio::test]
async fn nobody_is_told_of_tasks_they_can_not_see() {
    let app = TestApp::new().await;
    with_history(&app).await;
    let ben = app.user("ben").await;
    assert_eq!(told(&page(&ben, 100, &Value::Null).await), [""; 0]);
}

#[tokio::test]
async fn what_changes_nothing_and_what_is_refused_is_not_told() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let milk = mutate(&ana, r#"mutation { createTask(input: { title: "Milk" }) { task { id } } }"#).await;
    let milk = milk.data()["createTask"]["task"]["id"].clone();
    mutate(&ana, &format!(r#"mutation {{ updateTask(input: {{ id: {milk}, title: "Milk" }}) {{ task {{ id }} }} }}"#))
        .await;
    let stale = format!(
        r#"mutation {{ updateTask(input: {{ id: {milk}, ifVersion: 7, title: "Tea" }}) {{ task {{ id }} }} }}"#
    );
    assert_eq!(ana.gql(&stale).await.code(), "CONFLICT");
    assert_eq!(told(&page(&ana, 100, &Value::Null).await), [r#"CREATED "Milk""#]);
}

#[tokio::test]
async fn a_cursor_is_good_as_long_as_the_log_goes_back_and_then_says_start_over() {
    let app = TestApp::with(|config| {
        config.tasks.change_log_days = 10;
        // Nobody logs in again in between.
        config.auth.access_token_seconds = 86_400;
    })
    .await;
    let ana = app.user("ana").await;
    mutate(&ana, r#"mutation { createTask(input: { title: "Milk" }) { task { id } } }"#).await;
    let milk = page(&ana, 1, &Value::Null).await["pageInfo"]["endCursor"].clone();
    app.clock.advance(TimeDelta::hours(1));
    mutate(&ana, r#"mutation { createTask(input: { title: "Bread" }) { task { id } } }"#).await;

    app.clock.advance(TimeDelta::days(10) - TimeDelta::hours(1));
    app.app.tidy().await.unwrap();
    let ana = app.log_in("ana").await;
    assert_eq!(
        told(&page(&ana, 9, &Value::Null).await),
        [r#"CREATED "Milk""#, r#"CREATED "Bread""#],
        "not older than 10 days"
    );

    app.clock.advance(TimeDelta::microseconds(1));
    app.app.tidy().await.unwrap();
    assert_eq!(told(&page(&ana, 9, &Value::Null).await), [r#"CREATED "Bread""#]);
    assert_eq!(told(&page(&ana, 9, &milk).await), [r#"CREATED "Bread""#], "what follows that cursor is still there");

    app.clock.advance(TimeDelta::hours(1));
    app.app.tidy().await.unwrap();
    let answer = ana.gql_with(PAGE, json!({ "first": 9, "after": milk })).await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
    assert_eq!(answer.invalid_fields(), ["after: EXPIRED"]);
    let empty = page(&ana, 9, &Value::Null).await;
    assert_eq!(told(&empty), [""; 0]);
    let start = empty["latestCursor"].clone();
    mutate(&ana, r#"mutation { createTask(input: { title: "Tea" }) { task { id } } }"#).await;
    assert_eq!(told(&page(&ana, 9, &start).await), [r#"CREATED "Tea""#], "starting over works");
}

#[tokio::test]
async fn cursors_of_other_lists_and_sizes_out_of_range_are_refused() {
    let app = TestApp::new().await;
    let ana = with_history(&app).await;
    let tasks = ana.gql("{ tasks(first: 1) { pageInfo { endCursor } } }").await.data();
    for (first, after, refused) in [
        (json!(10), tasks["tasks"]["pageInfo"]["endCursor"].clone(), "after: INVALID_FORMAT"),
        (json!(10), json!("x"), "after: INVALID_FORMAT"),
        (json!(0), Value::Null, "first: TOO_SMALL"),
        (json!(101), Value::Null, "first: TOO_LARGE"),
    ] {
        let answer = ana.gql_with(PAGE, json!({ "first": first, "after": after })).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT");
        assert_eq!(answer.invalid_fields(), [refused]);
    }
    assert_eq!(told(&page(&ana, 100, &Value::Null).await).len(), 6, "100 pass");
}
