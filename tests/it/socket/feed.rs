//! What a subscriber is told: everything it may see, in order, from where it left.

use chrono::TimeDelta;
use serde_json::{Value, json};
use taskward::domain::change;

use super::{CHANGES, begin, create};
use crate::support::{Log, TestApp};

const AFTER: &str = "subscription($after: String, $project: ID) {
    taskChanged(after: $after, projectId: $project) { cursor kind task { title } }
}";

#[tokio::test]
async fn events_come_in_order_and_a_cursor_resumes() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    begin(&app, &mut socket, "1", CHANGES).await;
    let titles: Vec<_> = (0..120).map(|number| format!("Task {number}")).collect();
    for title in &titles {
        create(&ana, title).await;
    }
    let mut cursors = Vec::new();
    for title in &titles {
        let change = socket.expect_data("1").await["taskChanged"].take();
        assert_eq!(change["task"]["title"], **title);
        cursors.push(change["cursor"].clone());
    }
    socket.close().await;
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    socket.subscribe_with("1", &json!({ "query": AFTER, "variables": { "after": cursors[59] } })).await;
    for title in &titles[60..] {
        assert_eq!(socket.expect_data("1").await["taskChanged"]["task"]["title"], **title);
    }
    socket.expect_nothing_of("1").await;
}

/// A line for each would bury those that somebody has to look at.
#[tokio::test]
async fn a_subscription_that_begins_is_no_failure_in_the_log() {
    let (log, _guard) = Log::start();
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    begin(&app, &mut socket, "1", CHANGES).await;
    create(&ana, "Milk").await;
    socket.expect_data("1").await;
    assert_eq!(log.lines("taskward::internal"), Vec::<Value>::new());
}

/// Attack 63.
#[tokio::test]
async fn a_project_of_strangers_is_as_one_that_is_not_there() {
    let app = TestApp::new().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let query = "mutation { createProject(input: { name: \"House\" }) { project { id } } }";
    let theirs = ben.gql(query).await.data()["createProject"]["project"]["id"].clone();
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    let mut told = Vec::new();
    for project in [theirs, json!("project_00000000000000000000000000"), json!("nonsense")] {
        socket.subscribe_with("1", &json!({ "query": AFTER, "variables": { "project": project } })).await;
        let mut error = socket.expect_error("1").await;
        assert_eq!(error["extensions"]["code"], "NOT_FOUND");
        error["extensions"]["requestId"] = Value::Null;
        told.push(error);
    }
    assert!(told.iter().all(|error| *error == told[0]), "{told:?}");
}

#[tokio::test]
async fn nobody_is_told_of_tasks_of_others_and_strangers_of_none() {
    let app = TestApp::new().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    begin(&app, &mut socket, "1", CHANGES).await;
    create(&ben, "Secret").await;
    create(&ana, "Milk").await;
    assert_eq!(socket.expect_data("1").await["taskChanged"]["task"]["title"], "Milk");
    let mut stranger = app.socket().await.init(None).await;
    stranger.subscribe("1", CHANGES).await;
    assert_eq!(stranger.expect_error_code("1").await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn the_shutdown_closes_with_1001() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    begin(&app, &mut socket, "1", CHANGES).await;
    app.begin_shutdown();
    socket.expect_close(1001).await;
    app.stopped().await;
}

#[tokio::test]
async fn a_cursor_that_is_none_of_the_log_or_is_older_than_it_ends_the_operation() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    create(&ana, "Milk").await;
    create(&ana, "Bread").await;
    let log = ana.gql("{ tasks { edges { cursor } } taskChanges { edges { cursor } } }").await.data();
    let of_tasks = &log["tasks"]["edges"][0]["cursor"];
    let first = log["taskChanges"]["edges"][0]["cursor"].clone();
    let ana = {
        app.clock.advance(TimeDelta::days(1_000));
        change::prune(&app.app.operator()).await.unwrap();
        app.log_in("ana").await
    };
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    let spoilt = json!(format!("{}A", first.as_str().unwrap()));
    for (after, rule) in [
        (&first, "EXPIRED"),
        (of_tasks, "INVALID_FORMAT"),
        (&spoilt, "INVALID_FORMAT"),
        (&json!(""), "INVALID_FORMAT"),
        (&json!("x".repeat(10_000)), "INVALID_FORMAT"),
    ] {
        socket.subscribe_with("1", &json!({ "query": AFTER, "variables": { "after": after } })).await;
        let error = socket.expect_error("1").await;
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{error}");
        assert_eq!(error["extensions"]["fields"][0]["code"], rule, "{error}");
        assert_eq!(error["extensions"]["fields"][0]["path"], json!(["after"]), "{error}");
    }
    // It starts over with the end of the log.
    let latest = ana.gql("{ taskChanges { latestCursor } }").await.data()["taskChanges"]["latestCursor"].clone();
    socket.subscribe_with("1", &json!({ "query": AFTER, "variables": { "after": latest } })).await;
    create(&ana, "Salt").await;
    assert_eq!(socket.expect_data("1").await["taskChanged"]["task"]["title"], "Salt");
}

/// An `error` ends a subscription for good, though the database may be back in a moment.
#[tokio::test]
async fn bug_a_subscription_was_over_when_the_database_was_away() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    begin(&app, &mut socket, "1", CHANGES).await;
    app.app.services.store.clone().close().await.unwrap();
    let user = ana.user_id().parse::<taskward::ids::UserId>().unwrap();
    app.app.services.bus.publish(&[taskward::bus::Topic::Log(user.uuid())]);
    socket.expect_close(1013).await;
}
