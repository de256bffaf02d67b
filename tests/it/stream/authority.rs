//! Attack 73: whoever may not follow any more is told so, and no more.

use chrono::TimeDelta;
use serde_json::json;
use taskward::domain::user;
use taskward::storage::project::Role;

use super::{create, follow};
use crate::api_token::{program, revoke};
use crate::support::project::{create_task_in, project, remove};
use crate::support::{PASSWORD, Stream, TestApp};

async fn expect_end(mut stream: Stream) {
    assert_eq!(stream.expect_error_code().await, "UNAUTHENTICATED");
    stream.expect_complete().await;
}

#[tokio::test]
async fn a_token_that_expires_ends_the_stream() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut stream = follow(&app, &ana).await;
    create(&ana, "Milk").await;
    stream.expect_data().await;
    app.clock.advance(TimeDelta::seconds(920));
    create(&app.log_in("ana").await, "Bread").await;
    expect_end(stream).await;
}

#[tokio::test]
async fn a_session_that_ends_ends_its_streams_and_no_others() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let phone = app.log_in("ana").await;
    let (stream, mut other) = (follow(&app, &ana).await, follow(&app, &phone).await);
    ana.gql("mutation { logout { sessionId } }").await.data();
    expect_end(stream).await;
    create(&phone, "Milk").await;
    other.expect_data().await;
    let laptop = app.log_in("ana").await;
    let input = json!({ "input": { "currentPassword": PASSWORD, "newPassword": "another battery staple" } });
    let change = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { user { id } } }";
    laptop.gql_with(change, input).await.data();
    expect_end(other).await;
}

#[tokio::test]
async fn a_user_who_is_disabled_is_told_no_more() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let stream = follow(&app, &ana).await;
    user::disable(&app.app.operator(), "ana").await.unwrap();
    expect_end(stream).await;
}

#[tokio::test]
async fn an_api_token_that_is_revoked_ends_the_stream() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (id, program) = program(&app, &ana, &["READ"]).await;
    let secret = program.authorization_sent().trim_start_matches("Bearer ");
    let mut stream = app.stream(super::CHANGES, Some(secret), None).await;
    create(&ana, "Milk").await;
    stream.expect_data().await;
    revoke(&ana, &id).await.data();
    expect_end(stream).await;
}

#[tokio::test]
async fn a_member_who_leaves_a_project_has_seen_all_of_it() {
    let app = TestApp::new().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let id = project(&app, &[(&ana, Role::Editor), (&ben, Role::Owner)]).await;
    let query = format!("subscription {{ taskChanged(projectId: {id}) {{ kind task {{ title }} }} }}");
    let mut stream = app.stream(&query, Some(ana.access_token()), None).await;
    create_task_in(&ben, &id, "Milk").await;
    assert_eq!(stream.expect_data().await["taskChanged"]["task"]["title"], "Milk");
    remove(&ben, &id, &ana).await;
    create_task_in(&ben, &id, "Bread").await;
    stream.expect_complete().await;
}
