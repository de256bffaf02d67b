//! Live subscriptions under load: whoever comes back with their last cursor is told everything that was meant for them, in
//! order and once, whatever ended their sockets in the meantime.

mod subscriber;
mod writer;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use taskward::config::Config;
use taskward::storage::project::Role;
use tokio::time::timeout;

use self::subscriber::Subscriber;
use self::writer::Writer;
use crate::support::project::project;
use crate::support::{Client, TestApp};

/// How often the server runs, which is once more than it is stopped.
const RUNS: u64 = 3;

/// Changes that a user makes in one run.
const CHANGES: usize = 25;

/// Subscribers of each user.
const SUBSCRIBERS: u64 = 2;

/// The last task of each user, which nobody else sees.
const END: &str = "The end";

fn settings(config: &mut Config) {
    config.subscriptions.sockets_per_user = 100;
    config.database.max_connections = Some(8.try_into().unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_subscriber_is_told_everything_in_order_and_once_whatever_ends_its_sockets() {
    let mut app = TestApp::with(settings).await;
    let (mut writers, mut subscribers) = people(&app).await;
    for run in 1..=RUNS {
        let write = async {
            join_all(writers.iter_mut().map(|writer| writer.write(&app, CHANGES / 2))).await;
            if run < RUNS {
                // They go on while the sockets end.
                app.begin_shutdown();
            }
            join_all(writers.iter_mut().map(|writer| writer.write(&app, CHANGES / 2))).await;
            if run == RUNS {
                join_all(writers.iter().map(|writer| writer.create(&app, END))).await;
            }
        };
        let follow = join_all(subscribers.iter_mut().map(|subscriber| subscriber.follow(&app)));
        tokio::join!(write, follow);
        if run < RUNS {
            app = app.restarted(settings).await;
        }
    }
    let restarts = subscribers.iter().map(|subscriber| subscriber.ended_by_server).sum::<usize>();
    let returns = subscribers.iter().map(|subscriber| subscriber.returns).sum::<usize>();
    assert!(restarts >= 3 && returns >= 30, "{restarts} sockets ended with the server, {returns} by their clients");
    for subscriber in &subscribers {
        let user = app.anonymous().with_authorization(&subscriber.authorization());
        let meant = log(&user, &subscriber.start).await;
        assert_eq!(subscriber.told, meant, "subscriber {}", subscriber.seed);
        assert_eq!(meant.iter().collect::<HashSet<_>>().len(), meant.len());
        assert!(meant.len() > CHANGES, "{}", meant.len());
    }
}

/// Users who write in projects that they share, and those who follow what they do.
async fn people(app: &TestApp) -> (Vec<Writer>, Vec<Subscriber>) {
    let users = [app.user("ana").await, app.user("ben").await, app.user("cleo").await];
    let [ana, ben, cleo] = &users;
    let all = project(app, &[(ana, Role::Owner), (ben, Role::Editor), (cleo, Role::Editor)]).await;
    let two = project(app, &[(ana, Role::Editor), (ben, Role::Owner)]).await;
    let projects = [vec![all.clone(), two.clone()], vec![all.clone(), two], vec![all]];
    let mut writers = Vec::new();
    let mut subscribers = Vec::new();
    for (number, (user, projects)) in (0..).zip(users.iter().zip(projects)) {
        writers.push(Writer::new(user.authorization_sent(), projects, number));
        let start = latest_cursor(user).await;
        for another in 0..SUBSCRIBERS {
            subscribers.push(Subscriber::new(user, start.clone(), 100 + SUBSCRIBERS * number + another));
        }
    }
    (writers, subscribers)
}

async fn latest_cursor(client: &Client) -> String {
    let data = client.gql("{ taskChanges { latestCursor } }").await.data();
    data["taskChanges"]["latestCursor"].as_str().unwrap().to_owned()
}

/// What the change log has for the client behind a cursor: the cursor, the kind and the task of each change.
async fn log(client: &Client, start: &str) -> Vec<[String; 3]> {
    let query = "query($after: String) { taskChanges(first: 100, after: $after) {
        nodes { cursor kind taskId } pageInfo { hasNextPage endCursor }
    } }";
    let (mut log, mut after) = (Vec::new(), json!(start));
    loop {
        let page = client.gql_with(query, json!({ "after": after })).await.data()["taskChanges"].take();
        log.extend(page["nodes"].as_array().unwrap().iter().map(entry));
        if page["pageInfo"]["hasNextPage"] == false {
            return log;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// What tells one change from all others.
fn entry(change: &Value) -> [String; 3] {
    ["cursor", "kind", "taskId"].map(|member| change[member].as_str().unwrap().to_owned())
}

/// What an event takes is what bounds how many subscribers there can be: whether the session is good, what its user may read,
/// and the task. The newest entries of the log are read once for those who ask at the same time.
#[tokio::test]
async fn an_event_takes_fewer_than_four_statements_for_each_of_its_subscribers() {
    const SOCKETS: u64 = 10;
    let app = TestApp::with(settings).await;
    let ana = app.user("ana").await;
    let create = "mutation { createTask(input: { title: \"Milk\" }) { task { id } } }";
    let (_, alone) = app.statements(ana.gql(create)).await;
    let mut sockets = Vec::new();
    for _ in 0..SOCKETS {
        let mut socket = app.socket().await.init(Some(ana.access_token())).await;
        let before = app.app.services.bus.listeners();
        socket.subscribe("1", "subscription { taskChanged { cursor kind taskId task { title } } }").await;
        while app.app.services.bus.listeners() == before {
            tokio::task::yield_now().await;
        }
        sockets.push(socket);
    }
    // The first of all finds the subscriptions looking for what they might have missed.
    for is_warm in [false, false, true] {
        let told = async {
            ana.gql(create).await.data();
            for socket in &mut sockets {
                socket.expect_data("1").await;
            }
        };
        let ((), statements) = app.statements(told).await;
        assert!(!is_warm || statements < alone + 4 * SOCKETS, "{statements}, of which {alone} for the change");
    }
}

/// A change wakes all who follow the log. They read it in turns: otherwise each statement of a request waits for one of each
/// of them.
#[tokio::test]
async fn bug_a_request_waited_for_the_database_behind_every_subscriber() {
    let app = TestApp::with(|config| config.subscriptions.events = 2).await;
    let ana = app.user("ana").await;
    let start = latest_cursor(&ana).await;
    let subscription = format!("subscription {{ taskChanged(after: \"{start}\") {{ task {{ title }} }} }}");
    let turns = Arc::clone(&app.app.services.log_turns).acquire_many_owned(2).await.unwrap();
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    socket.subscribe("1", &subscription).await;
    ana.gql("mutation { createTask(input: { title: \"Milk\" }) { task { id } } }").await.data();
    assert!(timeout(Duration::from_millis(300), socket.next()).await.is_err(), "there is no turn");
    drop(turns);
    assert_eq!(socket.expect_data("1").await["taskChanged"]["task"]["title"], "Milk");
    let returned = app.app.services.log_turns.acquire_many(2);
    assert!(timeout(Duration::from_secs(5), returned).await.is_ok(), "who waits for changes has no turn");
}
