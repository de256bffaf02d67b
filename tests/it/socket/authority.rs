//! Attack 73: whoever may not call any more is not told any more.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use taskward::domain::user;
use taskward::storage::project::Role;
use tokio::time::timeout;

use super::{CHANGES, begin, create};
use crate::api_token::{program, revoke};
use crate::session::{refresh, session_id};
use crate::support::project::{create_task_in, project, remove};
use crate::support::{Client, PASSWORD, Socket, TestApp};

async fn subscribed(app: &TestApp, token: &str) -> Socket {
    let mut socket = app.socket().await.init(Some(token)).await;
    begin(app, &mut socket, "1", CHANGES).await;
    socket
}

/// A project of two, of whom `ben` makes tasks.
async fn two(app: &TestApp) -> (Client, Client, serde_json::Value) {
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let id = project(app, &[(&ana, Role::Editor), (&ben, Role::Owner)]).await;
    (ana, ben, id)
}

#[tokio::test]
async fn a_token_that_expires_closes() {
    let app = TestApp::new().await;
    let (ana, _, project) = two(&app).await;
    let mut socket = subscribed(&app, ana.access_token()).await;
    app.clock.advance(TimeDelta::seconds(920));
    create_task_in(&app.log_in("ben").await, &project, "Milk").await;
    socket.expect_close(4403).await;
}

#[tokio::test]
async fn a_user_who_is_disabled_is_closed() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut socket = subscribed(&app, ana.access_token()).await;
    user::disable(&app.app.operator(), "ana").await.unwrap();
    socket.expect_close(4403).await;
}

#[tokio::test]
async fn a_token_that_is_revoked_closes_and_its_owner_goes_on() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (id, program) = program(&app, &ana, &["READ"]).await;
    let mut revoked = subscribed(&app, program.authorization_sent().trim_start_matches("Bearer ")).await;
    let mut owner = subscribed(&app, ana.access_token()).await;
    revoke(&ana, &id).await.data();
    revoked.expect_close(4403).await;
    create(&ana, "Milk").await;
    assert_eq!(owner.expect_data("1").await["taskChanged"]["kind"], "CREATED");
}

#[tokio::test]
async fn a_member_who_is_removed_is_told_that_the_tasks_are_gone_and_no_more() {
    let app = TestApp::new().await;
    let (ana, ben, project) = two(&app).await;
    let mut socket = subscribed(&app, ana.access_token()).await;
    create_task_in(&ben, &project, "Milk").await;
    assert_eq!(socket.expect_data("1").await["taskChanged"]["kind"], "CREATED");
    remove(&ben, &project, &ana).await;
    create_task_in(&ben, &project, "Milk").await;
    let gone = socket.expect_data("1").await;
    assert_eq!((&gone["taskChanged"]["kind"], &gone["taskChanged"]["task"]), (&json!("DELETED"), &json!(null)));
    create(&ana, "Salt").await;
    assert_eq!(socket.expect_data("1").await["taskChanged"]["task"]["title"], "Salt");
}

/// The sockets close long before anybody looks by the clock, which is once a minute: what ended them has told them.
async fn expect_closed_at_once(sockets: &mut [Socket]) {
    for socket in sockets {
        socket.expect_close(4403).await;
    }
}

/// Two sockets with this token: one that does nothing, and one that follows the changes.
async fn idle_and_busy(app: &TestApp, token: &str) -> [Socket; 2] {
    [app.socket().await.init(Some(token)).await, subscribed(app, token).await]
}

/// The socket is open, and serves its client.
async fn assert_open(mut socket: Socket) {
    socket.subscribe("open", "{ viewer { id } }").await;
    assert!(socket.expect_data("open").await["viewer"]["id"].is_string());
}

#[tokio::test]
async fn a_changed_password_closes_every_other_session_at_once() {
    let app = TestApp::new().await;
    let (here, there) = (app.user("ana").await, app.log_in("ana").await);
    let mut sockets = idle_and_busy(&app, there.access_token()).await;
    let own = app.socket().await.init(Some(here.access_token())).await;
    let query = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { user { id } } }";
    let input = json!({ "currentPassword": PASSWORD, "newPassword": "a better password" });
    here.gql_with(query, json!({ "input": input })).await.data();
    expect_closed_at_once(&mut sockets).await;
    assert_open(own).await;
}

#[tokio::test]
async fn a_session_that_is_ended_closes_at_once_and_others_go_on() {
    for by_itself in [true, false] {
        let app = TestApp::new().await;
        let (here, there) = (app.user("ana").await, app.log_in("ana").await);
        let mut sockets = idle_and_busy(&app, there.access_token()).await;
        let own = app.socket().await.init(Some(here.access_token())).await;
        if by_itself {
            there.gql("mutation { logout { sessionId } }").await.data();
        } else {
            let id = session_id(&there).await;
            let query = "mutation($input: RevokeSessionInput!) { revokeSession(input: $input) { sessionId } }";
            here.gql_with(query, json!({ "input": { "id": id } })).await.data();
        }
        expect_closed_at_once(&mut sockets).await;
        assert_open(own).await;
    }
}

#[tokio::test]
async fn a_stolen_refresh_token_that_is_used_again_closes_its_session_at_once() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut sockets = idle_and_busy(&app, ana.access_token()).await;
    refresh(&app.anonymous(), ana.refresh_token()).await.data();
    for socket in &mut sockets {
        socket.expect_nothing_of("1").await;
    }
    app.clock.advance(TimeDelta::seconds(11));
    assert_eq!(refresh(&app.anonymous(), ana.refresh_token()).await.code(), "UNAUTHENTICATED");
    expect_closed_at_once(&mut sockets).await;
}

#[tokio::test]
async fn a_user_who_is_disabled_is_closed_at_once_with_all_programs() {
    let app = TestApp::new().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let (_, program) = program(&app, &ana, &["READ"]).await;
    let [idle, busy] = idle_and_busy(&app, ana.access_token()).await;
    let secret = program.authorization_sent().trim_start_matches("Bearer ");
    let [idle_program, busy_program] = idle_and_busy(&app, secret).await;
    let other = app.socket().await.init(Some(ben.access_token())).await;
    user::disable(&app.app.operator(), "ana").await.unwrap();
    expect_closed_at_once(&mut [idle, busy, idle_program, busy_program]).await;
    assert_open(other).await;
}

#[tokio::test]
async fn an_api_token_that_is_revoked_closes_at_once() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (id, program) = program(&app, &ana, &["READ"]).await;
    let mut sockets = idle_and_busy(&app, program.authorization_sent().trim_start_matches("Bearer ")).await;
    revoke(&ana, &id).await.data();
    expect_closed_at_once(&mut sockets).await;
}

#[tokio::test]
async fn what_expires_closes_within_two_seconds() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let query = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret } }";
    let expires_at = app.clock.now() + TimeDelta::seconds(900);
    let input = json!({ "name": "A program", "scopes": ["READ"], "expiresAt": expires_at.to_rfc3339() });
    let secret = ana.gql_with(query, json!({ "input": input })).await.data()["createApiToken"]["secret"].clone();
    let [idle, busy] = idle_and_busy(&app, ana.access_token()).await;
    let [idle_program, busy_program] = idle_and_busy(&app, secret.as_str().unwrap()).await;
    let mut sockets = [idle, busy, idle_program, busy_program];
    app.clock.advance(TimeDelta::seconds(900) - TimeDelta::microseconds(1));
    for socket in &mut sockets {
        let early = timeout(Duration::from_millis(600), socket.end()).await;
        assert!(early.is_err(), "it is good until its last moment: {early:?}");
    }
    app.clock.advance(TimeDelta::microseconds(1));
    let closed = async {
        for socket in &mut sockets {
            socket.expect_close(4403).await;
        }
    };
    timeout(Duration::from_secs(2), closed).await.expect("a look each second");
}

/// As `taskward user disable` does, which rings no bell of this process. While the clock stands still it goes on by itself when
/// everybody waits, be it for the database: its answers must not seem to come too late.
#[tokio::test]
async fn bug_a_user_whom_another_process_disables_kept_an_idle_socket() {
    let app = TestApp::with(|config| {
        config.subscriptions.ping_seconds = 600;
        config.timeouts.statement_seconds = 600;
    })
    .await;
    let ana = app.user("ana").await;
    let mut sockets = idle_and_busy(&app, ana.access_token()).await;
    app.in_another_process(async |op| user::disable(&op, "ana").await.unwrap()).await;
    tokio::time::pause();
    tokio::time::sleep(Duration::from_secs(61)).await;
    tokio::time::resume();
    for socket in &mut sockets {
        socket.expect_close(4403).await;
    }
}

/// What was under way when she was removed is told without its task, and of what came later nothing is.
#[tokio::test]
async fn nothing_is_told_of_tasks_behind_the_removal_even_when_it_was_read_before() {
    let app = TestApp::with(|config| config.subscriptions.events = 1).await;
    let (ana, ben, project) = two(&app).await;
    let mut socket = subscribed(&app, ana.access_token()).await;
    let turn = app.app.subscriptions.event().await;
    for _ in 0..10 {
        create_task_in(&ben, &project, "Milk").await;
    }
    // She has read a page of them, of which the first waits for its turn.
    remove(&ben, &project, &ana).await;
    create_task_in(&ben, &project, "Milk").await;
    drop(turn);
    create(&ana, "Salt").await;
    let mut told = Vec::new();
    while told.last() != Some(&json!("Salt")) {
        told.push(socket.expect_data("1").await["taskChanged"]["task"]["title"].take());
    }
    told.pop();
    assert!(told.iter().all(serde_json::Value::is_null), "{told:?}");
    assert!((10..=11).contains(&told.len()), "each of the ten is gone, and one was under way: {told:?}");
}
