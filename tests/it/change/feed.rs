//! Following the change log: in order, nothing missed, nothing twice, and nothing for those who may not see it any more.

use std::slice::from_ref;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures::FutureExt;
use futures::future::join_all;
use serde_json::{Value, json};
use taskward::bus::LocalBus;
use taskward::domain::change::{Feed, announce, follow};
use taskward::domain::{Error, Op, Rule, authenticate, user};
use taskward::ids::ProjectId;
use taskward::storage::{Store, change};

use crate::support::project::project_id;
use crate::support::{Client, PASSWORD, TestApp};

/// An operation of whoever has this token.
async fn op(app: &TestApp, token: &str) -> Op {
    let services = &app.app.services;
    let known = authenticate(services, format!("Bearer {token}").as_bytes()).await.unwrap();
    Op::new(Arc::clone(services), known.caller)
}

async fn feed(app: &TestApp, client: &Client, after: Option<&str>, project: Option<&Value>) -> Feed {
    follow(&op(app, client.access_token()).await, after, project.map(project_id)).await.unwrap()
}

async fn mutate(client: &Client, name: &str, input: Value, payload: &str) -> Value {
    client.mutate(name, input, payload).await.data()[name].clone()
}

async fn create_task(client: &Client, title: &str, project: Option<&Value>) -> Value {
    let input = json!({ "title": title, "projectId": project });
    mutate(client, "createTask", input, "task { id }").await["task"]["id"].clone()
}

async fn create_project(client: &Client) -> Value {
    mutate(client, "createProject", json!({ "name": "Garden" }), "project { id }").await["project"]["id"].clone()
}

async fn join(owner: &Client, project: &Value, username: &str) {
    let input = json!({ "projectId": project, "username": username, "role": "EDITOR" });
    mutate(owner, "setProjectMember", input, "project { id }").await;
}

async fn leave(client: &Client, project: &Value) {
    let input = json!({ "projectId": project, "userId": client.user_id() });
    mutate(client, "removeProjectMember", input, "project { id }").await;
}

async fn complete(client: &Client, task: &Value) {
    mutate(client, "updateTask", json!({ "id": task, "completed": true }), "task { id }").await;
}

/// The next entry, which is there: its cursor and its task.
async fn next(feed: &mut Feed) -> (String, Value) {
    let edge = feed.next().await.unwrap().unwrap();
    (edge.cursor, json!(edge.node.task_id.to_string()))
}

async fn tasks(feed: &mut Feed, count: usize) -> Vec<Value> {
    let mut tasks = Vec::new();
    for _ in 0..count {
        tasks.push(next(feed).await.1);
    }
    tasks
}

/// Nothing comes, and the feed has read what there is: it asks the database for nothing more.
async fn is_silent(app: &TestApp, feed: &mut Feed) -> bool {
    let mut next = std::pin::pin!(feed.next());
    loop {
        let before = app.app.services.store.statements();
        if tokio::time::timeout(Duration::from_millis(100), next.as_mut()).await.is_ok() {
            return false;
        }
        if app.app.services.store.statements() == before {
            return true;
        }
    }
}

async fn is_shut_out(feed: &mut Feed) -> bool {
    matches!(feed.next().await, Err(Error::Unauthenticated(_)))
}

#[tokio::test]
async fn what_happens_from_now_on_comes_in_order_to_who_may_see_it() {
    let app = TestApp::new().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    create_task(&ana, "Before", None).await;
    let (mut hers, mut his) = (feed(&app, &ana, None, None).await, feed(&app, &ben, None, None).await);
    assert!(is_silent(&app, &mut hers).await);
    let milk = create_task(&ana, "Milk", None).await;
    complete(&ana, &milk).await;
    let tea = create_task(&ben, "Tea", None).await;
    assert_eq!(tasks(&mut hers, 2).await, [milk.clone(), milk]);
    assert_eq!(tasks(&mut his, 1).await, [tea]);
    assert!(is_silent(&app, &mut hers).await && is_silent(&app, &mut his).await);
}

#[tokio::test]
async fn a_cursor_of_the_feed_or_of_the_list_goes_on_behind_it_across_pages() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let start = ana.gql("{ taskChanges { latestCursor } }").await.data()["taskChanges"]["latestCursor"].clone();
    let mut made = Vec::new();
    for number in 0..101 {
        made.push(create_task(&ana, &format!("Task {number}"), None).await);
    }
    let mut first = feed(&app, &ana, start.as_str(), None).await;
    for stop in [1, 49, 50, 51, 100] {
        let mut cursors = Vec::new();
        let mut whole = feed(&app, &ana, start.as_str(), None).await;
        for _ in 0..stop {
            cursors.push(next(&mut whole).await.0);
        }
        let rest = tasks(&mut feed(&app, &ana, cursors.last().map(String::as_str), None).await, 101 - stop).await;
        assert_eq!(rest, made[stop..], "behind entry {stop}");
    }
    assert_eq!(tasks(&mut first, 101).await, made);
    assert!(is_silent(&app, &mut first).await);
}

#[tokio::test]
async fn nothing_is_missed_or_told_twice_while_many_write_and_the_reader_gives_up_again_and_again() {
    let app = TestApp::new().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let project = create_project(&ana).await;
    join(&ana, &project, "ben").await;
    let mut whole = feed(&app, &ben, None, None).await;
    let mut giving_up = feed(&app, &ben, None, Some(&project)).await;
    let write = async |client: &Client| {
        for number in 0..20 {
            create_task(client, &format!("Task {number}"), Some(&project)).await;
        }
    };
    let writers = join_all([&ana, &ben, &ana, &ben].map(write));
    let read = async {
        let (mut seen, mut polls) = (Vec::new(), 0_u32);
        while seen.len() < 80 {
            polls += 1;
            // Dropped at once, after a few steps, or once it is done: whoever never lets it read is never told.
            let next = giving_up.next();
            let patience = match polls % 7 {
                0 => Duration::MAX,
                steps => Duration::from_micros(u64::from(steps) * 300),
            };
            match tokio::time::timeout(patience, next).await {
                Ok(edge) => seen.push(edge.unwrap().unwrap().cursor),
                Err(_elapsed) => tokio::task::yield_now().await,
            }
        }
        seen
    };
    let (_, seen) = tokio::join!(writers, read);
    let mut all = Vec::new();
    for _ in 0..80 {
        all.push(next(&mut whole).await.0);
    }
    assert_eq!(seen, all);
    let log = ben.gql("{ taskChanges(first: 100) { nodes { cursor } } }").await.data();
    let log = log["taskChanges"]["nodes"].as_array().unwrap().iter().map(|node| node["cursor"].clone());
    assert_eq!(log.collect::<Vec<_>>(), all);
    assert!(is_silent(&app, &mut whole).await && is_silent(&app, &mut giving_up).await);
}

#[tokio::test]
async fn a_cursor_that_is_too_old_or_no_cursor_is_refused() {
    let app = TestApp::with(|config| config.tasks.change_log_days = 10).await;
    let ana = app.user("ana").await;
    create_task(&ana, "Milk", None).await;
    let page = ana.gql("{ taskChanges { nodes { cursor } } }").await.data();
    let milk = page["taskChanges"]["nodes"][0]["cursor"].as_str().unwrap().to_owned();
    create_task(&ana, "Bread", None).await;
    app.clock.advance(TimeDelta::days(11));
    app.app.tidy().await.unwrap();
    let ana = app.log_in("ana").await;
    let caller = op(&app, ana.access_token()).await;
    for (cursor, rule) in [(milk.as_str(), Rule::Expired), ("x", Rule::InvalidFormat)] {
        let Err(Error::Invalid(fields)) = follow(&caller, Some(cursor), None).await else { panic!("{cursor}") };
        assert_eq!(fields.iter().map(|field| field.rule).collect::<Vec<_>>(), [rule]);
    }
}

#[tokio::test]
async fn a_project_is_followed_alone_and_by_its_members_alone() {
    let app = TestApp::new().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let (garden, house) = (create_project(&ana).await, create_project(&ana).await);
    let services = &app.app.services;
    let missing = ProjectId::generate(app.clock.now(), &services.random);
    for foreign in [project_id(&garden), missing] {
        let refused = follow(&op(&app, ben.access_token()).await, None, Some(foreign)).await.unwrap_err();
        assert!(matches!(refused, Error::NotFound("There is no such project.")), "{refused:?}");
    }
    let mut feed = feed(&app, &ana, None, Some(&garden)).await;
    create_task(&ana, "Alone", None).await;
    create_task(&ana, "Elsewhere", Some(&house)).await;
    let dig = create_task(&ana, "Dig", Some(&garden)).await;
    assert_eq!(tasks(&mut feed, 1).await, from_ref(&dig));
    // Labels are the viewer's own, and so is what happens to them.
    let label =
        mutate(&ana, "createLabel", json!({ "name": "Soon", "color": "#00aa00" }), "label { id }").await["label"]["id"]
            .clone();
    let bread = create_task(&ana, "Bread", None).await;
    for task in [&bread, &dig] {
        mutate(&ana, "updateTask", json!({ "id": task, "labelIds": [label] }), "task { id }").await;
    }
    assert_eq!(tasks(&mut feed, 1).await, [dig]);
    assert!(is_silent(&app, &mut feed).await);
}

/// What had to ring was not listened for yet, and what was looked at was so before.
#[tokio::test]
async fn bug_a_session_that_ended_while_a_feed_began_went_on_for_a_minute() {
    for statements in 1..=4 {
        let app = TestApp::new().await;
        let ana = app.user("ana").await;
        let mut feed = feed(&app, &ana, None, None).await;
        let mut next = std::pin::pin!(feed.next());
        let before = app.app.services.store.statements();
        while app.app.services.store.statements() < before + statements {
            assert!(next.as_mut().now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        ana.gql("mutation { logout { sessionId } }").await.data();
        let end = tokio::time::timeout(Duration::from_secs(20), next).await;
        let end = end.unwrap_or_else(|_| panic!("it goes on when its session ends after {statements} statements"));
        assert!(matches!(end, Err(Error::Unauthenticated(_))));
    }
}

/// A list of the project would show the task for ever.
#[tokio::test]
async fn who_follows_a_project_is_told_of_a_task_that_leaves_it() {
    let app = TestApp::new().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let (garden, house) = (create_project(&ana).await, create_project(&ana).await);
    join(&ana, &garden, "ben").await;
    let (dig, rest) = (create_task(&ana, "Dig", Some(&garden)).await, create_task(&ana, "Rest", Some(&garden)).await);
    let (mut hers, mut his) =
        (feed(&app, &ana, None, Some(&garden)).await, feed(&app, &ben, None, Some(&garden)).await);
    let (mut all, mut other) = (feed(&app, &ana, None, None).await, feed(&app, &ana, None, Some(&house)).await);
    assert!(is_silent(&app, &mut hers).await && is_silent(&app, &mut his).await);
    // To a project that only ana can see, and then to no project.
    for (task, project) in [(&dig, &house), (&rest, &Value::Null)] {
        mutate(&ana, "updateTask", json!({ "id": task, "projectId": project }), "task { id }").await;
        for (feed, kind) in [(&mut hers, "Updated"), (&mut his, "Deleted"), (&mut all, "Updated")] {
            let change = feed.next().await.unwrap().unwrap().node;
            assert_eq!(
                (json!(change.task_id.to_string()), format!("{:?}", change.kind)),
                (task.clone(), kind.to_owned())
            );
        }
    }
    assert_eq!(tasks(&mut other, 1).await, from_ref(&dig), "it came to the other project");
    complete(&ana, &dig).await;
    assert_eq!(tasks(&mut other, 1).await, from_ref(&dig));
    assert!(is_silent(&app, &mut hers).await && is_silent(&app, &mut his).await, "what is elsewhere is not told here");
    assert_eq!(tasks(&mut all, 1).await, [dig], "and everything comes once");
    assert!(is_silent(&app, &mut all).await);
}

#[tokio::test]
async fn who_joins_is_told_and_who_leaves_is_told_nothing_more_of_what_was_read_before() {
    let app = TestApp::new().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let project = create_project(&ana).await;
    let dig = create_task(&ana, "Dig", Some(&project)).await;
    let mut all = feed(&app, &ben, None, None).await;
    assert!(is_silent(&app, &mut all).await);
    join(&ana, &project, "ben").await;
    assert_eq!(tasks(&mut all, 1).await, from_ref(&dig), "the task is new to him");
    complete(&ana, &dig).await;
    assert_eq!(tasks(&mut all, 1).await, from_ref(&dig), "and the log of the project is listened to");

    let mut one = feed(&app, &ben, None, Some(&project)).await;
    let (sow, _) = (create_task(&ana, "Sow", Some(&project)).await, create_task(&ana, "Reap", Some(&project)).await);
    assert_eq!(tasks(&mut all, 1).await, from_ref(&sow), "the next is read by now");
    assert_eq!(tasks(&mut one, 1).await, [sow]);
    leave(&ben, &project).await;
    create_task(&ana, "Secret", Some(&project)).await;
    assert!(one.next().await.unwrap().is_none());
    let told = [next_kind(&mut all).await, next_kind(&mut all).await, next_kind(&mut all).await];
    assert_eq!(told, ["Deleted"; 3], "the three tasks that he saw are gone");
    assert!(is_silent(&app, &mut all).await);
}

async fn next_kind(feed: &mut Feed) -> String {
    format!("{:?}", feed.next().await.unwrap().unwrap().node.kind)
}

#[tokio::test]
async fn a_project_that_is_deleted_tells_how_it_ended_and_ends() {
    let app = TestApp::new().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let project = create_project(&ana).await;
    join(&ana, &project, "ben").await;
    for number in 0..60 {
        create_task(&ana, &format!("Task {number}"), Some(&project)).await;
    }
    let mut feed = feed(&app, &ben, None, Some(&project)).await;
    let waiting = feed.next().now_or_never();
    assert!(waiting.is_none());
    mutate(&ana, "deleteProject", json!({ "id": project }), "projectId").await;
    for _ in 0..60 {
        assert_eq!(next_kind(&mut feed).await, "Deleted");
    }
    assert!(feed.next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_that_ends_ends_the_feed_and_what_it_had_read() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    for end in ["logout", "changePassword"] {
        let other = app.log_in("ana").await;
        let mut feed = feed(&app, &other, None, None).await;
        let milk = create_task(&ana, "Milk", None).await;
        create_task(&ana, "Bread", None).await;
        assert_eq!(tasks(&mut feed, 1).await, [milk], "the next is read by now");
        if end == "logout" {
            other.gql("mutation { logout { sessionId } }").await.data();
        } else {
            let input = json!({ "currentPassword": PASSWORD, "newPassword": "another battery" });
            mutate(&ana, end, input, "user { id }").await;
        }
        assert!(is_shut_out(&mut feed).await, "{end}");
    }
}

#[tokio::test]
async fn a_feed_that_waits_is_ended_with_its_session() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let mut feed = feed(&app, &ana, None, None).await;
    assert!(is_silent(&app, &mut feed).await);
    let end = async { drop(user::disable(&app.app.operator(), "ana").await.unwrap()) };
    let (shut_out, ()) = tokio::join!(is_shut_out(&mut feed), end);
    assert!(shut_out);
}

#[tokio::test]
async fn an_api_token_that_is_revoked_or_expires_ends_the_feed() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let input = |expires_at: Option<&str>| json!({ "name": "Program", "scopes": ["READ"], "expiresAt": expires_at });
    for expires_at in [None, Some("2026-11-24T09:30:00Z")] {
        let created = mutate(&ana, "createApiToken", input(expires_at), "apiToken { id } secret").await;
        let caller = op(&app, created["secret"].as_str().unwrap()).await;
        let mut feed = follow(&caller, None, None).await.unwrap();
        let milk = create_task(&ana, "Milk", None).await;
        assert_eq!(tasks(&mut feed, 1).await, [milk]);
        if expires_at.is_some() {
            app.clock.advance(TimeDelta::days(1) - TimeDelta::microseconds(1));
            let ana = app.log_in("ana").await;
            let bread = create_task(&ana, "Bread", None).await;
            assert_eq!(tasks(&mut feed, 1).await, [bread], "good to the last moment");
            app.clock.advance(TimeDelta::microseconds(1));
            create_task(&ana, "Tea", None).await;
        } else {
            mutate(&ana, "revokeApiToken", json!({ "id": created["apiToken"]["id"] }), "apiTokenId").await;
        }
        assert!(is_shut_out(&mut feed).await, "{expires_at:?}");
    }
}

#[tokio::test]
async fn what_another_process_writes_is_announced() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let operator = app.app.operator();
    create_task(&ana, "Milk", None).await;
    let last = announce(&operator, None).await.unwrap();
    let mut feed = feed(&app, &ana, None, None).await;
    assert!(is_silent(&app, &mut feed).await);

    // The same database, and a bus that nobody of ours listens to.
    let config = &app.app.config;
    let other = Store::connect(&config.database, config.timeouts.statement()).await.unwrap();
    let other = other.with_bus(Arc::new(LocalBus::default()));
    let user = ana.user_id().parse().unwrap();
    let entry = change::NewChange {
        task_id: taskward::ids::TaskId::generate(app.clock.now(), &app.app.services.random),
        kind: change::Kind::Created,
        version: 1,
        actor_id: user,
        occurred_at: 0,
        scope: change::Scope::User(user),
        left: None,
    };
    let transaction = other.begin().await.unwrap();
    change::insert(&transaction, &vec![entry; 2_500]).await.unwrap();
    transaction.commit().await.unwrap();
    assert!(is_silent(&app, &mut feed).await, "nobody has rung");
    let end = announce(&operator, Some(last)).await.unwrap();
    assert_eq!(tasks(&mut feed, 2_500).await, vec![json!(entry.task_id.to_string()); 2_500]);
    assert_eq!(announce(&operator, Some(end)).await.unwrap(), end);
    assert!(is_silent(&app, &mut feed).await);

    drop(feed);
    let (skipped, statements) = app.statements(announce(&operator, Some(last))).await;
    assert_eq!((skipped.unwrap(), statements), (end, 1), "nobody listens: straight to the end");
    assert!(matches!(announce(&op(&app, ana.access_token()).await, None).await, Err(Error::Forbidden(_))));
    other.close().await.unwrap();
}

#[tokio::test]
async fn a_ring_for_nothing_costs_one_statement_and_a_dropped_transaction_rings_for_nobody() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    create_task(&ana, "Milk", None).await;
    let mut feed = feed(&app, &ana, None, None).await;
    assert!(is_silent(&app, &mut feed).await);
    let user = ana.user_id().parse::<taskward::ids::UserId>().unwrap();
    let services = &app.app.services;
    services.bus.publish(&[taskward::bus::Topic::Log(user.uuid())]);
    assert_eq!(app.statements(is_silent(&app, &mut feed)).await, (true, 1));

    let mut listener = services.bus.listen();
    listener.set([taskward::bus::Topic::Log(user.uuid()), taskward::bus::Topic::Account(user)]);
    let write = async |store: &Store| {
        let transaction = store.begin().await.unwrap();
        taskward::storage::session::delete_others(&transaction, user, None).await.unwrap();
        transaction
    };
    drop(write(&services.store).await);
    assert!(listener.heard().now_or_never().is_none());
    write(&services.store).await.commit().await.unwrap();
    assert!(listener.heard().now_or_never().is_some_and(|heard| heard.account && !heard.log));
}
