//! Every limit that `GET /limits` tells: what keeps it passes, and one more is refused.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{Method, Request};
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};
use taskward::config::{Cost, IntrospectionScope, Limits};
use taskward::edge::concurrency::CallerKey;
use taskward::ids::UserId;

use crate::leaks::{Misbehave, send_to_schema};
use crate::session::open_database;
use crate::support::{Answer, Client, Database, Log, TestApp};

const VIEWER: &str = "{ viewer { id } }";

/// How a limit is shown to hold.
enum Shown {
    /// By requests: one that uses so much of it passes at the limit; above, it is refused with this status and code.
    By(fn(&Client, usize) -> Request<Body>, u16, &'static str),
    /// By the test of this name in this file, because it takes time, other requests, a socket or an answer.
    In(&'static str, &'static str),
}

use Shown::{By, In};

/// Files of tests, and tests that show more than one limit.
const CONNECTION: &str = "src/http/server/connection.rs";
const LIFECYCLE: &str = "src/http/server/tests/lifecycle.rs";
const CONCURRENCY: &str = "tests/it/edge/concurrency.rs";
const CREDENTIALS: &str = "tests/it/credentials.rs";
const SCRIPT: &str = "tests/it/rate_limit_script.rs";
const SOCKETS: &str = "tests/it/socket/settings.rs";
const MESSAGES: &str = "a_socket_sends_as_fast_as_the_settings_say";
const SLOW_READER: &str = "who_does_not_read_is_closed_and_keeps_nobody_waiting";
const QUEUE: &str = "what_the_server_can_not_run_waits_and_what_can_not_wait_is_refused";
const POINTS: &str = "points_run_out_and_come_back_as_the_settings_say";
const ONE_OPERATION: &str = "an_operation_at_the_limit_runs_and_one_above_is_refused";

/// One row for each limit.
const TABLE: &[(&str, Shown)] = &[
    ("headers", By(headers, 431, "HEADERS_TOO_LARGE")),
    ("header_bytes", By(header_bytes, 431, "HEADERS_TOO_LARGE")),
    ("uri_bytes", By(uri_bytes, 414, "URI_TOO_LONG")),
    ("body_bytes", By(body_bytes, 413, "PAYLOAD_TOO_LARGE")),
    ("json_nesting", By(json_nesting, 400, "BAD_REQUEST")),
    ("json_array", By(json_array, 400, "BAD_REQUEST")),
    ("json_nodes", By(json_nodes, 400, "BAD_REQUEST")),
    ("document_bytes", By(document_bytes, 400, "QUERY_TOO_LARGE")),
    ("tokens", By(tokens, 400, "QUERY_TOO_LARGE")),
    ("nesting", By(nesting, 400, "QUERY_TOO_DEEP")),
    ("depth", By(depth, 400, "QUERY_TOO_DEEP")),
    ("selections", By(selections, 400, "QUERY_TOO_LARGE")),
    ("aliases", By(aliases, 400, "TOO_MANY_ALIASES")),
    ("copies", By(copies, 400, "QUERY_TOO_LARGE")),
    ("root_query_fields", By(root_query_fields, 400, "TOO_MANY_ROOT_FIELDS")),
    ("root_mutation_fields", By(root_mutation_fields, 400, "TOO_MANY_ROOT_FIELDS")),
    ("directives", By(directives, 400, "TOO_MANY_DIRECTIVES")),
    // There are two directives to put in one place, so that no operation with three is valid.
    ("directives_per_location", In("src/guard/shape/directives.rs", "directives_are_counted_at_every_place")),
    ("fragments", By(fragments, 400, "QUERY_TOO_LARGE")),
    ("operations", By(operations, 400, "QUERY_TOO_LARGE")),
    ("variables", By(variables, 400, "QUERY_TOO_LARGE")),
    ("operation_name", By(operation_name, 400, "QUERY_TOO_LARGE")),
    ("errors", In(file!(), "an_answer_has_at_most_as_many_errors_as_the_setting_says")),
    ("response_bytes", In(file!(), "an_answer_of_the_size_of_the_setting_is_sent_and_one_byte_more_is_not")),
    ("page_size", In("tests/it/task/paging.rs", "a_page_has_1_to_100_entries_counted_from_one_end")),
    ("timeouts.handshake_seconds", In("src/http/tls.rs", "a_handshake_has_its_time_and_not_a_moment_more")),
    ("timeouts.header_seconds", In(CONNECTION, "a_head_has_its_time_and_not_a_moment_more")),
    ("timeouts.body_seconds", In("tests/it/edge/body.rs", "a_body_has_its_time_and_not_a_moment_more")),
    ("timeouts.parse_milliseconds", In(file!(), "a_document_that_takes_too_long_to_check_is_refused")),
    ("timeouts.execution_seconds", In(file!(), "an_operation_has_its_time_and_not_a_moment_more")),
    ("timeouts.statement_seconds", In(file!(), "a_statement_waits_for_its_time_and_no_longer")),
    ("timeouts.idle_seconds", In(CONNECTION, "an_idle_connection_has_its_time_and_not_a_moment_more")),
    (
        "timeouts.shutdown_seconds",
        In(LIFECYCLE, "a_running_request_has_the_time_of_the_shutdown_and_not_a_moment_more"),
    ),
    ("concurrency.caller", In(CONCURRENCY, "a_caller_has_as_many_operations_at_once_as_the_setting_says")),
    ("concurrency.server", In(CONCURRENCY, QUEUE)),
    ("concurrency.queue", In(CONCURRENCY, QUEUE)),
    ("rate_limit.user", In(SCRIPT, "a_user_has_100_requests_a_minute")),
    ("rate_limit.anonymous", In(SCRIPT, "an_address_without_a_token_has_50_requests_a_minute")),
    ("rate_limit.login", In(CREDENTIALS, "the_sixth_login_of_an_address_is_refused_whatever_the_account")),
    ("rate_limit.refresh", In(CREDENTIALS, "the_31st_refresh_of_an_address_is_refused_and_logins_are_not")),
    ("cost.user_budget", In(file!(), POINTS)),
    ("cost.user_refill", In(file!(), POINTS)),
    ("cost.anonymous_budget", In(file!(), POINTS)),
    ("cost.anonymous_refill", In(file!(), POINTS)),
    ("cost.user_limit", In("tests/it/cost.rs", ONE_OPERATION)),
    ("cost.anonymous_limit", In("tests/it/cost.rs", ONE_OPERATION)),
    ("cost.event_limit", In(SOCKETS, "an_event_costs_as_much_as_the_setting_says_and_no_point_more")),
    ("subscriptions.init_seconds", In(SOCKETS, "a_socket_has_as_long_to_say_who_it_is_as_the_setting_says")),
    ("subscriptions.message_bytes", In(SOCKETS, "a_message_has_as_many_bytes_as_the_setting_says")),
    ("subscriptions.operations", In(SOCKETS, "a_socket_has_as_many_operations_as_the_setting_says")),
    ("subscriptions.sockets", In(SOCKETS, "there_are_as_many_sockets_as_the_setting_says")),
    ("subscriptions.sockets_per_user", In(SOCKETS, "a_user_has_as_many_sockets_as_the_setting_says")),
    ("subscriptions.sockets_per_address", In(SOCKETS, "an_address_has_as_many_sockets_as_the_setting_says")),
    ("subscriptions.opening_per_address", In(SOCKETS, "an_address_opens_as_many_sockets_at_once_as_the_setting_says")),
    ("subscriptions.messages_per_second", In(SOCKETS, MESSAGES)),
    ("subscriptions.messages_burst", In(SOCKETS, MESSAGES)),
    ("subscriptions.ping_seconds", In(SOCKETS, "who_answers_pings_stays_and_who_is_silent_for_two_periods_is_dropped")),
    ("subscriptions.queue", In(SOCKETS, SLOW_READER)),
    ("subscriptions.send_seconds", In(SOCKETS, SLOW_READER)),
    ("subscriptions.events", In(SOCKETS, "as_many_events_are_resolved_at_once_as_the_setting_says")),
    ("server.max_connections", In(LIFECYCLE, "at_the_cap_newcomers_wait_until_somebody_leaves")),
    (
        "server.max_connections_per_address",
        In("src/http/server/admission.rs", "one_address_has_at_most_its_share_and_gets_it_back"),
    ),
];

/// What `GET /limits` tells: the most of each limit.
async fn told(client: &Client) -> BTreeMap<String, usize> {
    let answer = client.send(client.request(Method::GET, "/limits").body(Body::empty()).unwrap()).await;
    let limits = answer.json();
    let max = |(name, limit): (&String, &Value)| {
        assert!(limit["unit"].as_str().is_some_and(|unit| !unit.is_empty()), "{name}");
        (name.clone(), usize::try_from(limit["max"].as_u64().unwrap()).unwrap())
    };
    limits.as_object().unwrap().iter().map(max).collect()
}

#[tokio::test]
async fn every_limit_that_is_told_is_shown_to_hold() {
    let told = told(&TestApp::new().await.anonymous()).await;
    let mut shown: Vec<_> = TABLE.iter().map(|(name, _)| *name).collect();
    shown.sort_unstable();
    assert_eq!(told.keys().collect::<Vec<_>>(), shown);
    for (name, shown) in TABLE {
        if let In(file, test) = shown {
            let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
            let head =
                text.split_once(&format!("fn {test}()")).unwrap_or_else(|| panic!("{name}: no {test} in {file}")).0;
            let attribute = head.trim_end().trim_end_matches("async").trim_end().lines().last().unwrap().trim();
            assert!(attribute.starts_with("#[test") || attribute.starts_with("#[tokio::test"), "{name}: {attribute}");
        }
    }
}

#[tokio::test]
async fn at_each_limit_a_request_passes_and_one_above_is_refused() {
    assert_limits(Limits::default()).await;
}

/// The same with every setting one higher and one lower: what is enforced is the setting.
#[tokio::test]
async fn the_settings_are_what_is_enforced() {
    for step in [1, -1] {
        let mut settings = serde_json::to_value(Limits::default()).unwrap();
        for value in settings.as_object_mut().unwrap().values_mut() {
            *value = json!(value.as_u64().unwrap().checked_add_signed(step));
        }
        assert_limits(serde_json::from_value(settings).unwrap()).await;
    }
}

/// Nobody may ask for the schema here: under `__schema` alone there is room for the depth.
async fn assert_limits(limits: Limits) {
    let app = TestApp::with(|config| {
        config.limits = limits;
        config.graphql.introspection = IntrospectionScope::Off;
    })
    .await;
    let ana = app.user("ana").await;
    let told = told(&ana).await;
    let (log, _guard) = Log::start();
    for (name, shown) in TABLE {
        let By(request, status, code) = shown else { continue };
        let max = told[*name];
        let passed = ana.send(request(&ana, max)).await;
        assert!(passed.status == 200 && passed.json().get("errors").is_none(), "{name} at {max}: {}", passed.text);
        let before = budgets(&app, &ana);
        let (refused, statements) = app.statements(ana.send(request(&ana, max + 1))).await;
        assert_eq!((refused.status, refused.code().as_str()), (*status, *code), "{name} above {max}: {}", refused.text);
        assert_refusal(&refused);
        let lines = log.lines("taskward::refusal");
        let limit = lines.last().unwrap()["limit"].as_str().unwrap();
        assert_eq!(limit.trim_start_matches("limits."), *name, "the line of the log");
        // Before the caller is known nothing is charged; later it is one request and no point.
        let known = *status == 400 && *code != "BAD_REQUEST";
        assert_eq!(statements, u64::from(known), "{name}");
        let limit = refused.json()["errors"][0]["extensions"]["limit"].clone();
        let expected = if known { json!({ "name": name, "used": max + 1, "max": max }) } else { Value::Null };
        assert_eq!(limit, expected, "{name}");
        let [requests, points] = before;
        assert_eq!(budgets(&app, &ana), [requests - u32::from(known), points], "{name}");
    }
}

/// What every refusal has, and has not.
#[track_caller]
fn assert_refusal(answer: &Answer) {
    assert!(answer.text.len() < 2_048 && answer.json().get("data").is_none(), "{}", answer.text);
    assert!(answer.header("ratelimit").contains("\"cost\";r="));
    assert!(answer.header("ratelimit-policy").contains("\"cost\";q="));
    assert_eq!(answer.json()["errors"][0]["extensions"]["requestId"], answer.header("x-request-id"));
}

/// Requests and points that a user has left.
fn budgets(app: &TestApp, client: &Client) -> [u32; 2] {
    let user: UserId = client.user_id().parse().unwrap();
    let budgets = &app.app.budgets;
    [budgets.user.peek(&user).remaining, budgets.cost.user.peek(&user).remaining]
}

fn post(client: &Client, path: &str) -> Builder {
    client.request(Method::POST, path).header("content-type", "application/json")
}

fn body(client: &Client, body: &Value) -> Request<Body> {
    post(client, "/graphql").body(Body::from(body.to_string())).unwrap()
}

fn document(client: &Client, text: &str) -> Request<Body> {
    body(client, &json!({ "query": text }))
}

/// `piece` for each number below `count`, one after the other.
fn times(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect()
}

fn headers(client: &Client, max: usize) -> Request<Body> {
    let request = post(client, "/graphql");
    let there = request.headers_ref().unwrap().len();
    let request = (there..max).fold(request, |request, _| request.header("x-many", "1"));
    request.body(Body::from(json!({ "query": VIEWER }).to_string())).unwrap()
}

fn header_bytes(client: &Client, max: usize) -> Request<Body> {
    let request = post(client, "/graphql");
    let fields = request.headers_ref().unwrap().iter();
    let there: usize = fields.map(|(name, value)| name.as_str().len() + value.len()).sum();
    let request = request.header("x-large", "a".repeat(max - there - "x-large".len()));
    request.body(Body::from(json!({ "query": VIEWER }).to_string())).unwrap()
}

fn uri_bytes(client: &Client, max: usize) -> Request<Body> {
    let path = format!("/graphql?{}", "a".repeat(max - "/graphql?".len()));
    post(client, &path).body(Body::from(json!({ "query": VIEWER }).to_string())).unwrap()
}

fn body_bytes(client: &Client, max: usize) -> Request<Body> {
    let text = json!({ "query": VIEWER }).to_string();
    let spaces = " ".repeat(max - text.len());
    post(client, "/graphql").body(Body::from(text + &spaces)).unwrap()
}

fn json_nesting(client: &Client, max: usize) -> Request<Body> {
    body(client, &json!({ "query": VIEWER, "variables": (0..max).fold(json!(1), |inner, _| json!({ "a": inner })) }))
}

fn json_array(client: &Client, max: usize) -> Request<Body> {
    body(client, &json!({ "query": VIEWER, "variables": { "a": vec![1; max] } }))
}

fn json_nodes(client: &Client, max: usize) -> Request<Body> {
    let variables: BTreeMap<_, _> = (0..max - 2).map(|number| (format!("v{number}"), 1)).collect();
    body(client, &json!({ "query": VIEWER, "variables": variables }))
}

fn document_bytes(client: &Client, max: usize) -> Request<Body> {
    document(client, &format!("{VIEWER}{}", ",".repeat(max - VIEWER.len())))
}

fn tokens(client: &Client, max: usize) -> Request<Body> {
    let inside = max - "{viewer{}}".split_inclusive(['{', 'r', '}']).count();
    document(client, &format!("{{viewer{{{}{}}}}}", "...{id}".repeat(inside / 4), "id ".repeat(inside % 4)))
}

fn nesting(client: &Client, max: usize) -> Request<Body> {
    document(client, &format!("{{{}viewer{{id}}{}}}", "...{".repeat(max - 2), "}".repeat(max - 2)))
}

fn depth(client: &Client, max: usize) -> Request<Body> {
    let (open, close) = ("ofType{".repeat(max - 5), "}".repeat(max - 5));
    document(client, &format!("{{__schema{{types{{fields{{type{{{open}name{close}}}}}}}}}}}"))
}

fn selections(client: &Client, max: usize) -> Request<Body> {
    document(client, &format!("{{viewer{{{}}}}}", "id ".repeat(max - 1)))
}

fn aliases(client: &Client, max: usize) -> Request<Body> {
    document(client, &format!("{{viewer{{{}}}}}", times(max, |number| format!("a{number}:id "))))
}

fn copies(client: &Client, max: usize) -> Request<Body> {
    document(client, &format!("{{tasks{{{}}}}}", "nodes{id}".repeat(max)))
}

fn root_query_fields(client: &Client, max: usize) -> Request<Body> {
    document(client, &format!("{{{}}}", "__typename ".repeat(max)))
}

fn root_mutation_fields(client: &Client, max: usize) -> Request<Body> {
    document(client, &format!("mutation{{{}}}", "__typename ".repeat(max)))
}

fn directives(client: &Client, max: usize) -> Request<Body> {
    document(client, &format!("{{viewer{{{}}}}}", "id @include(if:true) ".repeat(max)))
}

fn fragments(client: &Client, max: usize) -> Request<Body> {
    let (spreads, definitions) = (
        times(max, |number| format!("...F{number} ")),
        times(max, |number| format!("fragment F{number} on User{{id}}")),
    );
    document(client, &format!("{{viewer{{{spreads}}}}}{definitions}"))
}

fn operations(client: &Client, max: usize) -> Request<Body> {
    let operations = times(max, |number| format!("query Q{number}{VIEWER}"));
    body(client, &json!({ "query": operations, "operationName": "Q0" }))
}

fn variables(client: &Client, max: usize) -> Request<Body> {
    let (definitions, uses) = (0..max).fold((String::new(), String::new()), |(mut definitions, mut uses), number| {
        write!(definitions, "$v{number}:ID!=\"x\" ").unwrap();
        write!(uses, "$v{number} ").unwrap();
        (definitions, uses)
    });
    document(client, &format!("query({definitions}){{nodes(ids:[{uses}]){{id}}}}"))
}

fn operation_name(client: &Client, max: usize) -> Request<Body> {
    document(client, &format!("query {}{VIEWER}", "q".repeat(max)))
}

#[tokio::test]
async fn an_answer_has_at_most_as_many_errors_as_the_setting_says() {
    for most in [Limits::default().errors, 2] {
        let app = TestApp::with(|config| config.limits.errors = most).await;
        for failing in [most, most + 1] {
            let fields = times(failing, |number| format!("f{number}: node(id: \"x\") {{ id }} "));
            let answer = app.anonymous().gql(&format!("{{ {fields} }}")).await;
            let errors = answer.json()["errors"].as_array().unwrap().len();
            assert_eq!((answer.status, errors), (200, most), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn an_answer_of_the_size_of_the_setting_is_sent_and_one_byte_more_is_not() {
    let document = format!("{{ {} }}", times(10, |number| format!("v{number}: viewer {{ id username }} ")));
    let size = TestApp::new().await.user("ana").await.gql(&document).await.text.len();
    for (most, sent) in [(size, true), (size - 1, false)] {
        let app = TestApp::with(|config| config.limits.response_bytes = most).await;
        let answer = app.user("ana").await.gql(&document).await;
        if sent {
            assert_eq!((answer.status, answer.text.len()), (200, size), "{}", answer.text);
        } else {
            assert_eq!((answer.status, answer.code().as_str()), (400, "RESPONSE_TOO_LARGE"));
            assert_refusal(&answer);
        }
    }
}

#[tokio::test]
async fn a_document_that_takes_too_long_to_check_is_refused() {
    let document = format!("{{ viewer {{ {} }} }}", "id ".repeat(9_000));
    for (milliseconds, in_time) in [(10_000, true), (0, false)] {
        let app = TestApp::with(|config| {
            config.timeouts.parse_milliseconds = milliseconds;
            config.limits = Limits { document_bytes: 30_000, tokens: 10_000, selections: 10_000, ..Limits::default() };
        })
        .await;
        let answer = app.anonymous().gql(&document).await;
        if in_time {
            answer.data();
        } else {
            assert_eq!((answer.status, answer.code().as_str()), (400, "QUERY_TOO_COMPLEX"));
            assert_refusal(&answer);
        }
    }
}

/// The clock stands still but for what is waited for, once the operation runs.
async fn runs_for(wait: Duration) {
    tokio::time::pause();
    tokio::time::sleep(wait).await;
    tokio::time::resume();
}

#[tokio::test]
async fn an_operation_has_its_time_and_not_a_moment_more() {
    let app = TestApp::new().await;
    assert_eq!(app.app.config.timeouts.execution(), Duration::from_secs(10));
    let body = json!({ "query": VIEWER });
    let (status, ..) =
        send_to_schema(&app, Misbehave(|| Box::pin(runs_for(Duration::from_millis(9_900)))), &body).await;
    assert_eq!(status, 200);
    let late = Misbehave(|| Box::pin(runs_for(Duration::from_millis(10_005))));
    let (status, _, answer) = send_to_schema(&app, late, &body).await;
    assert_eq!((status, answer["errors"][0]["extensions"]["code"].as_str()), (503, Some("TIMEOUT")));
}

#[tokio::test]
async fn a_statement_waits_for_its_time_and_no_longer() {
    const CREATE: &str = r#"mutation { createTask(input: { title: "Water the plants" }) { task { id } } }"#;
    let app = TestApp::with(|config| config.timeouts.statement_seconds = 1).await;
    let ana = app.user("ana").await;
    let lock = async || {
        let transaction = open_database(&app).await.begin().await.unwrap();
        let tasks = if Database::is_postgres() {
            "LOCK TABLE tasks IN EXCLUSIVE MODE"
        } else {
            "DELETE FROM tasks WHERE 1 = 0"
        };
        transaction.execute_unprepared(tasks).await.unwrap();
        transaction
    };
    let held = lock().await;
    let answer = ana.gql(CREATE).await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "TIMEOUT"), "{}", answer.text);
    assert!(answer.text.len() < 2_048);
    held.rollback().await.unwrap();
    let held = lock().await;
    let release = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        held.rollback().await.unwrap();
    };
    tokio::join!(ana.gql(CREATE), release).0.data();
}

#[tokio::test]
async fn points_run_out_and_come_back_as_the_settings_say() {
    let changed = Cost { user_budget: 100.try_into().unwrap(), user_refill: 2.try_into().unwrap(), ..Cost::default() };
    for cost in [Cost::default(), changed] {
        let app = TestApp::with(|config| config.cost = cost.clone()).await;
        let ana = app.user("ana").await;
        let user = CallerKey::User(ana.user_id().parse().unwrap());
        for (key, client, budget, refill) in [
            (user, &ana, cost.user_budget, cost.user_refill),
            (stranger(), &app.anonymous(), cost.anonymous_budget, cost.anonymous_refill),
        ] {
            app.clock.advance(TimeDelta::minutes(1));
            let left = app.app.budgets.cost.charge(&key, budget.get() - 1).unwrap();
            assert_eq!((left.limit, left.remaining), (budget.get(), 1));
            assert_eq!(client.gql(VIEWER).await.status, 200, "the last point of {budget}");
            // A stranger got nothing for the point, and so got it back.
            app.app.budgets.cost.charge(&key, app.app.budgets.cost.peek(&key).remaining).unwrap();
            let before = app.app.budgets.cost.peek(&key);
            let refused = client.gql(VIEWER).await;
            assert_eq!((refused.status, refused.code().as_str()), (429, "RATE_LIMITED"));
            assert_eq!(refused.json()["errors"][0]["extensions"]["policy"], "cost");
            assert_refusal(&refused);
            assert_eq!(app.app.budgets.cost.peek(&key), before, "a refusal costs no point");
            app.clock.advance(TimeDelta::microseconds(1_000_000 / i64::from(refill.get()) - 1));
            assert_eq!(client.gql(VIEWER).await.status, 429, "{refill} a second");
            app.clock.advance(TimeDelta::microseconds(1));
            assert_eq!(client.gql(VIEWER).await.status, 200, "{refill} a second");
        }
    }
}

/// Whom requests without a token are charged to.
fn stranger() -> CallerKey {
    let address = taskward::edge::client_address::ClientAddress([203, 0, 113, 7].into());
    CallerKey::Address(address.into())
}

/// The deepest JSON of any setting, where reading it recurses and using it does, on the stack of a thread of the runtime.
#[tokio::test]
async fn the_deepest_json_that_any_setting_lets_through_is_answered() {
    let app = TestApp::with(|config| config.limits.json_nesting = 64).await;
    let ana = app.user("ana").await;
    let query = "query($filter: TaskFilter) { tasks(filter: $filter) { totalCount } }";
    // `variables` and the innermost filter are two of the brackets.
    let not = (0..62).fold(json!({}), |inner, _| json!({ "not": inner }));
    let and = (0..31).fold(json!({}), |inner, _| json!({ "and": [inner] }));
    for deepest in [not, and] {
        ana.gql_with(query, json!({ "filter": deepest })).await.data();
        let answer = ana.gql_with(query, json!({ "filter": { "not": deepest } })).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_REQUEST"));
    }
}
