//! Slow statements: stopped at their limit and when nobody waits for them, and the pool serves the next, on both engines.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use futures::future::join_all;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};
use serde_json::json;
use taskward::config::Config;
use taskward::http;
use taskward::http::server::{self, ServerSettings};
use taskward::ids::UserId;
use taskward::storage::{Error, Source};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::session::open_database;
use crate::support::{Client, Database, TestApp};

/// Long enough for any statement that is not held up, on any machine.
const SOON: Duration = Duration::from_secs(20);

/// Never ends by itself: on SQLite it computes, on PostgreSQL it sleeps.
fn endless() -> &'static str {
    if Database::is_postgres() {
        "SELECT 1 AS one FROM pg_sleep(3600)"
    } else {
        "SELECT COUNT(*) AS one FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n)"
    }
}

/// Sends `sql` as any finder does.
async fn query(source: &impl Source, sql: String) -> Result<Vec<QueryResult>, DbErr> {
    let executor = source.executor();
    executor.query_all_raw(Statement::from_string(executor.get_database_backend(), sql)).await
}

/// A server with one connection for reading, and statements that take at most this many seconds.
async fn narrow(statement_seconds: u64, change: impl FnOnce(&mut Config)) -> TestApp {
    TestApp::with(|config| {
        config.database.max_connections = Some(1.try_into().unwrap());
        config.timeouts.statement_seconds = statement_seconds;
        change(config);
    })
    .await
}

/// Makes whoever reads a task wait for ever.
async fn make_tasks_slow(app: &TestApp) {
    let database = open_database(app).await;
    database.execute_unprepared("ALTER TABLE tasks RENAME TO slow_tasks").await.unwrap();
    let view = format!("CREATE VIEW tasks AS SELECT slow_tasks.* FROM slow_tasks, ({}) AS slow", endless());
    database.execute_unprepared(&view).await.unwrap();
    database.close().await.unwrap();
}

#[tokio::test]
async fn a_statement_is_stopped_at_its_limit_and_its_connection_serves_the_next() {
    let app = narrow(1, |_| {}).await;
    let store = &app.app.services.store;
    for _ in 0..2 {
        let error = tokio::time::timeout(SOON, query(store, endless().to_owned())).await.unwrap().unwrap_err();
        assert!(matches!(Error::from(error), Error::Timeout(_)));
    }
    tokio::time::timeout(SOON, store.ping()).await.unwrap().expect("the only connection is free");
}

#[tokio::test]
async fn who_leaves_stops_the_statement_and_its_connection_serves_the_next() {
    let app = narrow(600, |_| {}).await;
    let store = &app.app.services.store;
    for _ in 0..3 {
        let leaving = tokio::time::timeout(Duration::from_millis(200), query(store, endless().to_owned())).await;
        assert!(leaving.is_err(), "it had begun, and did not end");
    }
    tokio::time::timeout(SOON, store.ping()).await.expect("the statements are stopped").unwrap();
}

#[tokio::test]
async fn no_statement_of_who_left_runs_on() {
    let app = narrow(600, |_| {}).await;
    let store = &app.app.services.store;
    let marked = format!("{} /* of {} */", endless(), app.database().connection_url().replace('%', ""));
    assert!(tokio::time::timeout(Duration::from_millis(200), query(store, marked.clone())).await.is_err());
    if !Database::is_postgres() {
        // The connection comes back when its thread has nothing more to do.
        return tokio::time::timeout(SOON, store.ping()).await.expect("it is stopped").unwrap();
    }
    let database = open_database(&app).await;
    let running = format!(
        "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = '{}' AND pid <> pg_backend_pid()",
        marked.replace('\'', "''")
    );
    let stopped = async {
        let statement = Statement::from_string(database.get_database_backend(), running);
        while !database.query_all_raw(statement.clone()).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(SOON, stopped).await.expect("the server has stopped it");
}

#[tokio::test]
async fn a_transaction_that_is_stopped_leaves_nothing_and_the_next_can_write() {
    let app = narrow(1, |_| {}).await;
    let ana = app.user("ana").await;
    let store = &app.app.services.store;
    for slow in [endless().to_owned(), format!("UPDATE users SET username = 'bob' WHERE ({}) = 1", endless())] {
        let transaction = store.begin().await.unwrap();
        query(&transaction, "UPDATE users SET username = 'eve'".to_owned()).await.unwrap();
        let error = tokio::time::timeout(SOON, query(&transaction, slow)).await.unwrap().unwrap_err();
        assert!(matches!(Error::from(error), Error::Timeout(_)));
        drop(transaction);
        let created = "mutation { createTask(input: { title: \"Buy milk\" }) { task { createdBy { username } } } }";
        let answer = tokio::time::timeout(SOON, ana.gql(created)).await.unwrap();
        assert_eq!(answer.data()["createTask"]["task"]["createdBy"]["username"], "ana");
        if !Database::is_postgres() {
            let transaction = store.begin().await.unwrap();
            let second = open_database(&app).await;
            let begin = second.execute_unprepared("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE").await;
            assert!(begin.is_err(), "the next transaction has the lock from its beginning");
            drop(transaction);
        }
    }
}

#[tokio::test]
async fn each_statement_of_a_transaction_has_the_whole_time() {
    let app = narrow(2, |_| {}).await;
    let transaction = app.app.services.store.begin().await.unwrap();
    for _ in 0..3 {
        // The transaction lives longer than a statement may.
        tokio::time::sleep(Duration::from_millis(800)).await;
        query(&transaction, "SELECT 1".to_owned()).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_field_that_takes_too_long_is_a_timeout_whichever_deadline_is_first() {
    for (statement_seconds, execution_seconds) in [(1, 600), (600, 1)] {
        let app = narrow(statement_seconds, |config| config.timeouts.execution_seconds = execution_seconds).await;
        let ana = app.user("ana").await;
        ana.gql("mutation { createTask(input: { title: \"Buy milk\" }) { task { id } } }").await.data();
        make_tasks_slow(&app).await;
        let answer = tokio::time::timeout(SOON, ana.gql("{ tasks { totalCount } }")).await.unwrap();
        assert_eq!((answer.status, answer.code().as_str()), (503, "TIMEOUT"), "{}", answer.text);
        assert!(answer.headers.contains_key(RETRY_AFTER), "{:?}", answer.headers);
        let next = tokio::time::timeout(SOON, ana.gql("{ viewer { username } }")).await.expect("the pool is free");
        assert_eq!(next.data()["viewer"]["username"], "ana");
    }
}

#[tokio::test]
async fn who_waits_for_a_connection_waits_no_longer_than_a_statement_may_take() {
    let app = narrow(1, |_| {}).await;
    let ana = app.user("ana").await;
    // On SQLite the one connection for writing, on PostgreSQL the only one.
    let transaction = app.app.services.store.begin().await.unwrap();
    let create = "mutation { createTask(input: { title: \"Buy milk\" }) { task { id } } }";
    let answer = tokio::time::timeout(SOON, ana.gql(create)).await.unwrap();
    let told = (answer.status, answer.code());
    assert_eq!(told, (503, "TIMEOUT".to_owned()), "{}", answer.text);
    drop(transaction);
    tokio::time::timeout(SOON, ana.gql(create)).await.unwrap().data();
}

/// How many points the user has spent.
fn spent(app: &TestApp, client: &Client) -> u32 {
    let user: UserId = client.user_id().parse().unwrap();
    1_000_000 - app.app.budgets.cost.user.peek(&user).remaining
}

/// Serves on a real socket until the token is cancelled.
async fn serve(app: &TestApp, shutdown: CancellationToken) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let settings = ServerSettings::new(&app.app.config.server, &app.app.config.timeouts, None);
    (address, tokio::spawn(server::serve(listener, http::router(&app.app), settings, shutdown)))
}

/// A connection on which `query` was sent, and whose answer nobody reads.
async fn send(address: SocketAddr, client: &Client, query: &str) -> TcpStream {
    let body = json!({ "query": query }).to_string();
    let (token, length) = (client.access_token(), body.len());
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n\
         Content-Length: {length}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn two_hundred_clients_that_hang_up_leave_nothing_behind() {
    let app = TestApp::with(|config| {
        config.timeouts.statement_seconds = 600;
        config.timeouts.execution_seconds = 600;
    })
    .await;
    let ana = app.user("ana").await;
    ana.gql("mutation { createTask(input: { title: \"Buy milk\" }) { task { id } } }").await.data();
    make_tasks_slow(&app).await;
    let before = spent(&app, &ana);
    let shutdown = CancellationToken::new();
    let (address, server) = serve(&app, shutdown.clone()).await;
    let streams = join_all((0..200).map(|_| send(address, &ana, "{ tasks { totalCount } }"))).await;
    let store = &app.app.services.store;
    let held_up = async { while tokio::time::timeout(Duration::from_millis(200), store.ping()).await.is_ok() {} };
    tokio::time::timeout(SOON, held_up).await.expect("every connection is busy");
    assert!(spent(&app, &ana) > before && app.app.concurrency.callers() == 1);
    drop(streams);

    let left = async {
        while app.app.concurrency.callers() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, left).await.expect("nobody runs or waits");
    let answers = join_all((0..16).map(|_| ana.gql("{ viewer { username } }")));
    for answer in tokio::time::timeout(SOON, answers).await.expect("the pool is free") {
        assert_eq!(answer.data()["viewer"]["username"], "ana");
    }
    let statements = store.statements();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(store.statements(), statements, "nothing goes on");
    shutdown.cancel();
    server.await.unwrap();
}
