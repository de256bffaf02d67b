//! Many requests at once, and requests that do not end: some wait, the others are sent away, and all is free afterwards.

use std::time::Duration;

use futures::future::join_all;
use taskward::config::Concurrency;
use tokio::task::JoinHandle;

use crate::cost::lock_tasks;
use crate::session::login;
use crate::support::{Answer, Client, PASSWORD, TestApp};

/// Long enough for what is going to happen, on the slowest machine; what waits for a lock waits longer.
const PATIENCE: Duration = Duration::from_secs(30);

const CREATE: &str = r#"mutation { createTask(input: { title: "At once" }) { task { id } } }"#;

/// A server on which so many operations run and wait, and none of them gives up.
async fn patient(concurrency: Concurrency) -> TestApp {
    TestApp::with(|config| {
        config.concurrency = concurrency;
        // More than wait for the lock: on PostgreSQL each of them has a connection.
        config.database.max_connections = Some(16.try_into().unwrap());
        config.timeouts.statement_seconds = 120;
        config.timeouts.execution_seconds = 120;
    })
    .await
}

async fn tasks(client: &Client) -> u64 {
    client.gql("{ tasks { totalCount } }").await.data()["tasks"]["totalCount"].as_u64().unwrap()
}

#[track_caller]
fn assert_come_back(answer: &Answer) {
    assert!(matches!(answer.status, 429 | 503), "{} {}", answer.status, answer.text);
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0, "{}", answer.text);
    assert!(answer.text.len() < 2_048);
}

/// As many operations as `count`, each on its own.
fn start(client: &Client, count: usize) -> Vec<JoinHandle<Answer>> {
    let operation = || {
        let client = client.clone();
        tokio::spawn(async move { client.gql(CREATE).await })
    };
    (0..count).map(|_| operation()).collect()
}

/// Waits until so many of them have ended.
async fn ended(operations: &[JoinHandle<Answer>], count: usize) {
    let ended = async {
        while operations.iter().filter(|operation| operation.is_finished()).count() < count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.expect("they are answered at once");
}

/// Attack 56. Nobody can write while the lock is held, so whoever got a turn still has it when the others are answered.
#[tokio::test]
async fn of_a_thousand_operations_of_one_user_ten_run_and_the_others_are_told_to_come_back() {
    let app = patient(Concurrency::default()).await;
    let (ana, bob) = (app.user("ana").await, app.user("bob").await);
    let lock = lock_tasks(&app).await;
    let operations = start(&ana, 1_000);
    ended(&operations, 990).await;
    assert_eq!(bob.gql("{ viewer { username } }").await.data()["viewer"]["username"], "bob", "others are served");
    lock.rollback().await.unwrap();
    let answers = join_all(operations).await.into_iter().map(Result::unwrap);
    let (made, refused): (Vec<_>, Vec<_>) = answers.partition(|answer| answer.status == 200);
    assert_eq!((made.len(), refused.len()), (10, 990));
    for answer in refused {
        assert_come_back(&answer);
        assert_eq!(answer.json()["errors"][0]["extensions"]["policy"], "concurrency");
    }
    assert_eq!(tasks(&ana).await, 10);
}

/// The same by many users: the server runs no more than it can, and keeps no more waiting.
#[tokio::test]
async fn what_neither_runs_nor_waits_is_told_to_come_back() {
    let app = patient(Concurrency { caller: 10, server: 8, queue: 12 }).await;
    let mut users = Vec::new();
    for number in 0..5 {
        users.push(app.user(&format!("user_{number}")).await);
    }
    let lock = lock_tasks(&app).await;
    let operations: Vec<_> = users.iter().flat_map(|user| start(user, 10)).collect();
    ended(&operations, 30).await;
    lock.rollback().await.unwrap();
    let answers = join_all(operations).await.into_iter().map(Result::unwrap);
    let (made, refused): (Vec<_>, Vec<_>) = answers.partition(|answer| answer.status == 200);
    assert_eq!((made.len(), refused.len()), (20, 30));
    for answer in refused {
        assert_come_back(&answer);
        assert_eq!(answer.code(), "OVERLOADED");
    }
}

/// Attack 67: whoever waits for a lock is stopped at the deadline, and what they held is free then.
#[tokio::test]
async fn operations_behind_a_lock_are_stopped_and_the_pool_recovers() {
    let app = TestApp::with(|config| config.timeouts.execution_seconds = 2).await;
    let ana = app.user("ana").await;
    let lock = lock_tasks(&app).await;
    for answer in join_all(start(&ana, 20)).await.into_iter().map(Result::unwrap) {
        assert_eq!(answer.code(), "TIMEOUT");
        assert_come_back(&answer);
    }
    lock.rollback().await.unwrap();
    ana.gql(CREATE).await.data();
    assert_eq!(tasks(&ana).await, 1, "what was stopped has made nothing");
    for _ in 0..20 {
        ana.gql(CREATE).await.data();
    }
}

/// Attack 68: the work of clients that leave ends, and what it held is free.
#[tokio::test]
async fn a_thousand_clients_that_leave_free_what_they_held() {
    let app = patient(Concurrency { caller: 1_000, server: 8, queue: 992 }).await;
    let ana = app.user("ana").await;
    let lock = lock_tasks(&app).await;
    let before = app.app.services.store.statements();
    let operations = start(&ana, 1_000);
    let begun = async {
        while app.app.services.store.statements() < before + 1_000 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, begun).await.expect("the server knows who calls in each");
    for operation in operations {
        operation.abort();
        assert!(operation.await.unwrap_err().is_cancelled());
    }
    lock.rollback().await.unwrap();
    assert_eq!(tasks(&ana).await, 0);
    ana.gql(CREATE).await.data();
    let free = async { join_all(start(&ana, 50)).await.into_iter().for_each(|answer| drop(answer.unwrap().data())) };
    tokio::time::timeout(PATIENCE, free).await.expect("there is room for others");
    assert_eq!(tasks(&ana).await, 51);
}

/// Attack 61: so many logins at once that there is no room for their hashes.
#[tokio::test]
async fn of_five_hundred_logins_at_once_each_is_answered() {
    let app = TestApp::with(|config| config.concurrency = Concurrency::default()).await;
    app.user("ana").await;
    let login = |number: usize| {
        let client = app.anonymous().at(&format!("198.51.{}.{}", number / 250, number % 250 + 1));
        async move { login(&client, "ana", "not the password").await }
    };
    for answer in join_all((0..500).map(login)).await {
        match answer.status {
            200 => assert_eq!(answer.code(), "UNAUTHENTICATED"),
            _ => assert_come_back(&answer),
        }
    }
    assert_eq!(crate::session::login(&app.anonymous(), "ana", PASSWORD).await.status, 200);
}

/// What the scan refuses is refused at once, also while every thread that checks documents is kept busy by others.
#[test]
fn what_the_scan_refuses_waits_for_no_thread() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap();
    let (release, released) = std::sync::mpsc::channel::<()>();
    runtime.block_on(async {
        let app = TestApp::new().await;
        tokio::task::spawn_blocking(move || released.recv());
        let (tokens, brackets) = ("a ".repeat(999), "[".repeat(65));
        for (text, code) in [
            (format!("{{ {tokens} }}"), "QUERY_TOO_LARGE"),
            (format!("{{ a(b: {brackets}"), "QUERY_TOO_DEEP"),
            ("{ a(b: \"".to_owned(), "GRAPHQL_PARSE_FAILED"),
        ] {
            let anonymous = app.anonymous();
            let answer = tokio::time::timeout(PATIENCE, anonymous.gql(&text)).await.expect("it waits for nothing");
            assert_eq!(answer.code(), code);
        }
        release.send(()).unwrap();
    });
}
