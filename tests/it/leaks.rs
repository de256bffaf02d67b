//! Whatever goes wrong inside, no answer tells what, the log tells it once, and no log tells a secret.

use std::sync::Arc;

use async_graphql::ServerResult;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute, NextResolve, ResolveInfo};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{Method, Request};
use futures::future::BoxFuture;
use http_body_util::BodyExt;
use sea_orm::ConnectionTrait;
use secrecy::SecretString;
use serde_json::{Value, json};
use taskward::app::{App, Environment};
use taskward::auth::Cost;
use taskward::code::INTERNAL_MESSAGE;
use taskward::graphql::{Mutation, Query, Subscription};
use taskward::random::Random;
use tower::ServiceExt;

use crate::session::{login, open_database, refresh};
use crate::support::{Answer, Client, Log, PASSWORD, TestApp};
use crate::user::change_password;

/// Words of SQL, of the libraries, of the language and of the machine, in lower case. None of them is a word of ours.
const INSIDE: &[&str] = &[
    "sql",
    "postgres",
    "sea_orm",
    "seaorm",
    "dberr",
    "no such table",
    "no such column",
    "relation",
    "constraint",
    "unique",
    "returning",
    "select ",
    "insert ",
    "delete from",
    "where ",
    "\"users\"",
    "\"tasks\"",
    "elsewhere",
    "password_hash",
    "refresh_hash",
    "task_changes",
    "created_by",
    "/tmp",
    "/src/",
    ".rs",
    ".db",
    "::",
    "panick",
    "backtrace",
    "thread '",
    "option<",
    "vec<",
    "string(",
    "struct",
    "async_graphql",
    "tokio",
    "axum",
    "serde",
    "rustc",
    "hex digit",
    "utf-8 seq",
];

/// Asserts that the answer is an error that names nothing of the inside.
#[track_caller]
fn assert_tells_nothing(answer: &Answer, what: &str) {
    let json = answer.json();
    let errors = json["errors"].as_array().unwrap_or_else(|| panic!("{what}: {}", answer.text));
    for error in errors {
        // The path of an error repeats names of the document, which may be those of tables.
        let told = format!("{} {}", error["message"], error["extensions"]).to_lowercase();
        for word in INSIDE {
            assert!(!told.contains(word), "{what}: {word} in {}", answer.text);
        }
        assert_eq!(error["extensions"]["requestId"], answer.header("x-request-id"), "{what}");
        let members: Vec<_> = error.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(members.iter().all(|it| ["message", "locations", "path", "extensions"].contains(it)), "{members:?}");
    }
}

/// The same of an answer that failed inside, in the one sentence that there is for it.
#[track_caller]
fn assert_internal(answer: &Answer, what: &str) {
    assert_tells_nothing(answer, what);
    assert_eq!(answer.code(), "INTERNAL_SERVER_ERROR", "{what}");
    assert_eq!(answer.json()["errors"][0]["message"], INTERNAL_MESSAGE, "{what}");
}

const CREATE: &str = r#"mutation { createTask(input: { title: "A task" }) { task { id } } }"#;

/// The ids are well formed, so that each operation comes to the database.
const TASK_OPERATIONS: [&str; 10] = [
    "{ tasks { totalCount } }",
    "{ tasks { nodes { id } } }",
    r#"{ tasks(filter: { search: "words" }) { nodes { id } } }"#,
    r#"{ task(id: "task_01jd3qvh7eefhazk9a8w2tn4tz") { id } }"#,
    r#"{ node(id: "task_01jd3qvh7eefhazk9a8w2tn4tz") { id } }"#,
    CREATE,
    r#"mutation { updateTask(input: { id: "task_01jd3qvh7eefhazk9a8w2tn4tz", title: "New" }) { task { id } } }"#,
    r#"mutation { deleteTask(input: { id: "task_01jd3qvh7eefhazk9a8w2tn4tz" }) { task { id } } }"#,
    r#"mutation { restoreTask(input: { id: "task_01jd3qvh7eefhazk9a8w2tn4tz" }) { task { id } } }"#,
    r#"mutation { updateTasks(input: { ids: ["task_01jd3qvh7eefhazk9a8w2tn4tz"], completed: true }) { tasks { id } } }"#,
];

async fn rename(app: &TestApp, table: &str) {
    let database = open_database(app).await;
    database.execute_unprepared(&format!("ALTER TABLE {table} RENAME TO elsewhere_{table}")).await.unwrap();
    database.close().await.unwrap();
}

/// Asserts that the log tells one cause under the id of the answer.
#[track_caller]
fn assert_logged_once(log: &Log, answer: &Answer, what: &str) {
    let id = answer.header("x-request-id");
    let causes: Vec<_> = log.lines("taskward::internal").into_iter().filter(|line| line["cause"].is_string()).collect();
    let here: Vec<_> = causes.iter().filter(|line| line["spans"][0]["request_id"] == id).collect();
    assert_eq!((here.len(), causes.len()), (1, 1), "{what}: {}", log.text());
}

#[tokio::test]
async fn a_table_that_is_gone_is_told_to_the_log_alone() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    rename(&app, "tasks").await;
    for query in TASK_OPERATIONS {
        let (log, _guard) = Log::start();
        let answer = ana.gql(query).await;
        assert_eq!(answer.status, 200);
        assert_internal(&answer, query);
        assert_logged_once(&log, &answer, query);
        assert!(log.text().contains("tasks"), "the cause is worth reading: {}", log.text());
    }
}

#[tokio::test]
async fn a_mutation_that_fails_half_way_leaves_nothing_behind() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    rename(&app, "task_changes").await;
    assert_internal(&ana.gql(CREATE).await, CREATE);
    assert_eq!(ana.gql("{ tasks { totalCount } }").await.data()["tasks"]["totalCount"], 0);
}

#[tokio::test]
async fn credentials_that_fail_inside_tell_nothing() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    rename(&app, "sessions").await;
    let register =
        format!(r#"mutation {{ register(input: {{ username: "bob", password: "{PASSWORD}" }}) {{ accessToken }} }}"#);
    assert_internal(&login(&app.anonymous(), "ana", PASSWORD).await, "login");
    assert_internal(&app.anonymous().gql(&register).await, "register");
    assert_internal(&refresh(&app.anonymous(), ana.refresh_token()).await, "refresh");
    rename(&app, "users").await;
    assert_internal(&login(&app.anonymous(), "ana", PASSWORD).await, "login");
    assert_internal(&app.anonymous().gql(&register).await, "register");
}

/// It was answered with `OVERLOADED`, which asks clients to try again at once and again.
#[tokio::test]
async fn a_token_that_cannot_be_checked_is_an_internal_error() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    rename(&app, "sessions").await;
    let (log, _guard) = Log::start();
    let answer = ana.gql("{ viewer { id } }").await;
    assert_eq!(answer.status, 500);
    assert_internal(&answer, "the token");
    assert!(answer.json().get("data").is_none());
    assert_logged_once(&log, &answer, "the token");
}

#[tokio::test]
async fn a_stored_value_that_makes_no_sense_tells_nothing() {
    let app = TestApp::new().await;
    app.user("ana").await;
    let database = open_database(&app).await;
    database.execute_unprepared("UPDATE users SET password_hash = 'no hash'").await.unwrap();
    assert_internal(&login(&app.anonymous(), "ana", PASSWORD).await, "login");
}

#[tokio::test]
async fn a_taken_value_tells_nothing_of_its_index() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let id = "task_01jd3qvh7eefhazk9a8w2tn4tz";
    let create =
        |title| format!(r#"mutation {{ createTask(input: {{ id: "{id}", title: "{title}" }}) {{ task {{ id }} }} }}"#);
    ana.gql(&create("One")).await.data();
    let register =
        format!(r#"mutation {{ register(input: {{ username: "ana", password: "{PASSWORD}" }}) {{ accessToken }} }}"#);
    for query in [create("Another"), register] {
        let answer = ana.gql(&query).await;
        assert_eq!(answer.code(), "CONFLICT");
        assert_tells_nothing(&answer, &query);
    }
}

#[tokio::test]
async fn a_closed_pool_tells_nothing() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    app.app.services.store.clone().close().await.unwrap();
    for answer in [
        ana.gql("{ viewer { id } }").await,
        login(&app.anonymous(), "ana", PASSWORD).await,
        refresh(&app.anonymous(), ana.refresh_token()).await,
    ] {
        assert_tells_nothing(&answer, "closed");
        assert!(["INTERNAL_SERVER_ERROR", "TIMEOUT"].contains(&answer.code().as_str()), "{}", answer.text);
    }
}

/// The server keeps the file open, so it may go on; what it may not is tell where the file was.
#[tokio::test]
async fn a_database_file_that_is_gone_tells_nothing() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let url = app.database().connection_url();
    let Some(file) = url.strip_prefix("sqlite://") else { return };
    for name in [String::from(file), format!("{file}-wal"), format!("{file}-shm")] {
        std::fs::remove_file(name).unwrap();
    }
    for query in TASK_OPERATIONS.into_iter().chain(["{ viewer { sessions { id } } }"]) {
        let answer = ana.gql(query).await;
        if answer.json().get("errors").is_some() {
            assert_tells_nothing(&answer, query);
        }
    }
}

/// Documents that are wrong by themselves.
const WRONG: [&str; 21] = [
    "{",
    "{ nothing }",
    "{ viewer { nothing } }",
    "{ viewer }",
    "{ task { id } }",
    "{ task(id: {}) { id } }",
    "{ task(id: 1.5) { id } }",
    "{ tasks(first: \"x\") { totalCount } }",
    "{ tasks(first: 99999999999999999999) { totalCount } }",
    "{ tasks(first: -1) { totalCount } }",
    "{ tasks(after: \"x\") { totalCount nodes { id } } }",
    "{ tasks(orderBy: [{ field: NOTHING, direction: ASC }]) { totalCount } }",
    "{ tasks(filter: { dueAt: { before: \"x\" } }) { totalCount } }",
    "{ tasks(filter: { dueAt: { before: 1 } }) { totalCount } }",
    "{ tasks(filter: { nothing: 1 }) { totalCount } }",
    "query($x: Nothing) { viewer { id } }",
    "query($x: Int!) { tasks(first: $x) { totalCount } }",
    "{ ...F } fragment F on Nothing { id }",
    "{ viewer @nothing { id } }",
    "{ viewer @include(if: 1) { id } }",
    "subscription { viewer { id } }",
];

/// Variables that fit neither `$first: Int` and `$after: String` nor `$input: CreateTaskInput!`.
fn wrong_variables() -> Vec<(&'static str, Value)> {
    let page = "query($first: Int, $after: String) { tasks(first: $first, after: $after) { totalCount } }";
    let create = "mutation($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }";
    let pages = [
        json!({ "first": "x" }),
        json!({ "first": 1.5 }),
        json!({ "first": 2_147_483_648_u32 }),
        json!({ "first": {} }),
        json!({ "after": 1 }),
        json!({ "after": "\u{0}" }),
    ];
    let inputs = [
        Value::Null,
        json!("x"),
        json!({}),
        json!({ "title": null }),
        json!({ "title": 1 }),
        json!({ "title": "\u{0}\u{0}\u{0}" }),
        json!({ "title": "A task", "nothing": 1 }),
        json!({ "title": "A task", "dueAt": "x" }),
        json!({ "title": "A task", "priority": "x" }),
        json!({ "title": "A task", "id": "x" }),
    ];
    let inputs = inputs.into_iter().map(|input| (create, json!({ "input": input })));
    pages.into_iter().map(|variables| (page, variables)).chain(inputs).chain([(create, Value::Null)]).collect()
}

#[tokio::test]
async fn what_a_client_does_wrong_is_told_without_the_inside() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    for (query, variables) in WRONG.map(|query| (query, Value::Null)).into_iter().chain(wrong_variables()) {
        let answer = ana.gql_with(query, variables.clone()).await;
        assert_tells_nothing(&answer, &format!("{query} {variables}"));
        assert_ne!(answer.json()["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{query} {variables}");
    }
}

/// Does to each operation what a bug in a resolver could do, before it runs.
pub(crate) struct Misbehave(pub(crate) fn() -> BoxFuture<'static, ()>);

impl ExtensionFactory for Misbehave {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self(self.0))
    }
}

#[async_trait::async_trait]
impl Extension for Misbehave {
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> async_graphql::Response {
        (self.0)().await;
        next.run(ctx, operation_name).await
    }
}

/// The answer of the same server with another schema to an operation of nobody.
pub(crate) async fn send_to_schema(
    app: &TestApp,
    extension: impl ExtensionFactory,
    body: &Value,
) -> (u16, String, Value) {
    let environment = Environment {
        clock: app.clock.clone(),
        random: Random::seeded(2),
        password_cost: Cost::Cheap,
        signing_key: SecretString::from("a key for tests, of 32 bytes and more"),
    };
    let mut other = App::new(app.app.config.clone(), environment).await.unwrap();
    other.schema = async_graphql::Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .extension(extension)
        .finish();
    other.schema_of_validated = other.schema.clone();
    let request = Request::builder().method(Method::POST).uri("/graphql").header(HOST, "localhost");
    let request = request.header(CONTENT_TYPE, "application/json").body(Body::from(body.to_string()));
    let mut request = request.unwrap();
    request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from(([203, 0, 113, 7], 50_000))));
    let response = taskward::http::router(&Arc::new(other)).oneshot(request).await.unwrap();
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, id, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_resolver_that_panics_tells_nothing() {
    let app = TestApp::new().await;
    let (log, _guard) = Log::start();
    let body = json!({ "query": "{ viewer { id } }" });
    let panics = Misbehave(|| Box::pin(async { panic!("the secret cause") }));
    let (status, id, answer) = send_to_schema(&app, panics, &body).await;
    assert_eq!(status, 500);
    assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "INTERNAL_SERVER_ERROR", "requestId": id }));
    assert!(!answer.to_string().contains("secret"));
    assert!(answer.get("data").is_none());
    let causes = log.lines("taskward::panic");
    assert_eq!(causes.len(), 1);
    assert_eq!((&causes[0]["text"], &causes[0]["request_id"]), (&json!("the secret cause"), &json!(id)));
}

/// The log of everything that the threads of one runtime do, those that hash passwords included.
#[test]
fn no_log_tells_a_secret() {
    let log = Log::default();
    let dispatch = log.dispatch();
    let of_thread = dispatch.clone();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        // Guards of a thread can't leave it; it logs like this until it ends.
        .on_thread_start(move || std::mem::forget(tracing::dispatcher::set_default(&of_thread)))
        .build()
        .unwrap();
    let _guard = tracing::dispatcher::set_default(&dispatch);
    let secrets = runtime.block_on(async { runtime.spawn(use_credentials()).await.unwrap() });
    for event in
        ["registered", "logged_in", "login_refused", "password_changed", "refresh_token_reused", "token_refused"]
            .into_iter()
            .chain(["api_token_created", "api_token_revoked"])
    {
        assert!(log.lines("taskward::authentication").iter().any(|line| line["event"] == event), "{event} is logged");
    }
    let lines: Vec<_> =
        log.text().lines().filter(|line| line.contains(r#""target":"taskward"#)).map(str::to_owned).collect();
    assert!(lines.len() > 20, "{}", lines.len());
    for secret in secrets {
        let told = lines.iter().find(|line| line.contains(&secret));
        assert!(told.is_none(), "{secret} in {told:?}");
    }
}

/// Uses credentials in every way there is, and tells every secret that came up.
async fn use_credentials() -> Vec<String> {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let again = app.anonymous().with_tokens(&login(&app.anonymous(), "ana", PASSWORD).await.data()["login"]);
    login(&app.anonymous(), "ana", "a wrong password").await;
    login(&app.anonymous(), "a password as a name", "another wrong one").await;
    let refreshed = refresh(&app.anonymous(), again.refresh_token()).await;
    let refreshed = app.anonymous().with_tokens(&refreshed.data()["refreshSession"]);
    refresh(&app.anonymous(), "twr_junk").await;
    refresh(&app.anonymous(), refreshed.refresh_token()).await;
    refresh(&app.anonymous(), again.refresh_token()).await;
    change_password(&ana, "a third wrong one", "the next password").await;
    change_password(&ana, PASSWORD, "the next password").await;
    app.anonymous().with_authorization("Bearer a-bad-token").gql("{ viewer { id } }").await;
    app.anonymous().with_authorization("Basic YW5hOnBhc3M=").gql("{ viewer { id } }").await;
    ana.gql(r#"query Named { task(id: "a secret literal") { id } }"#).await;
    let api_token = use_api_token(&app, &ana).await;
    rename(&app, "sessions").await;
    ana.gql("{ viewer { id } }").await;
    let mut secrets: Vec<_> = [
        PASSWORD,
        "a wrong password",
        "a password as a name",
        "another wrong one",
        "twr_junk",
        "a third wrong one",
        "the next password",
        "a-bad-token",
        "YW5hOnBhc3M=",
        "a secret literal",
        "$argon2",
        "a key for tests",
    ]
    .map(str::to_owned)
    .into();
    secrets.extend([&ana, &again, &refreshed].into_iter().flat_map(pieces));
    secrets.extend(api_token);
    secrets
}

/// Makes an API token, calls with it, revokes it, and tells what nobody may know of it.
async fn use_api_token(app: &TestApp, owner: &Client) -> [String; 3] {
    let create =
        r#"mutation { createApiToken(input: { name: "a private name", scopes: [WRITE] }) { secret apiToken { id } } }"#;
    let payload = owner.gql(create).await.data()["createApiToken"].clone();
    let secret = payload["secret"].as_str().unwrap();
    let program = app.anonymous().with_authorization(&format!("Bearer {secret}"));
    program.gql("{ viewer { apiTokens { lastFour } } }").await.data();
    assert_eq!(program.gql(create).await.code(), "FORBIDDEN");
    app.app.tidy().await.unwrap();
    crate::api_token::revoke(owner, payload["apiToken"]["id"].as_str().unwrap()).await.data();
    assert_eq!(program.gql("{ viewer { id } }").await.status, 401);
    [&secret[..12], &secret[8..32], "a private name"].map(str::to_owned)
}

/// Parts of tokens that would be enough to know them by.
fn pieces(client: &Client) -> Vec<String> {
    let (access, refresh) = (client.access_token(), client.refresh_token());
    let signature = access.rsplit('.').next().unwrap();
    vec![access.to_owned(), signature.to_owned(), refresh.to_owned(), refresh[40..60].to_owned()]
}

/// A bug in the resolvers of events.
struct PanicsInEvents;

impl ExtensionFactory for PanicsInEvents {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for PanicsInEvents {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<async_graphql::Value>> {
        assert_ne!(info.parent_type, "TaskChange", "the secret cause");
        next.run(ctx, info).await
    }
}

/// A panic in the task of its connection would end the stream, or the socket with everything on it.
#[tokio::test]
async fn an_event_that_panics_tells_nothing_and_the_next_one_comes() {
    let app = TestApp::resolving_events_with(PanicsInEvents).await;
    let ana = app.user("ana").await;
    let changes = "subscription { taskChanged { kind } }";
    let mut stream = app.stream(changes, Some(ana.access_token()), None).await;
    let listeners = app.app.services.bus.listeners();
    let mut socket = app.socket().await.init(Some(ana.access_token())).await;
    socket.subscribe("1", changes).await;
    // The socket listens, and its subscription does.
    while app.app.services.bus.listeners() < listeners + 2 {
        tokio::task::yield_now().await;
    }
    for _ in 0..2 {
        ana.gql("mutation { createTask(input: { title: \"Milk\" }) { task { id } } }").await.data();
        for payload in [stream.expect_next().await.0, socket.expect_next("1").await] {
            assert_eq!(payload["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{payload}");
            assert!(!payload.to_string().contains("secret"), "{payload}");
        }
    }
}
