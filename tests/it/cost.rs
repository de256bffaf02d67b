//! The cost of operations: refused above the limit, charged before they run, refunded after, and told to the client.

use std::time::Duration;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, ConstDirective, Type, TypeKind, TypeSystemDefinition};
use async_graphql::{Positioned, Value as Constant};
use axum::body::Body;
use axum::http::Method;
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};
use serde_json::{Value, json};
use taskward::config::Cost;
use taskward::graphql::sdl;
use taskward::ids::UserId;

use crate::examples::queries_and_mutations;
use crate::session::open_database;
use crate::support::{Answer, Client, Database, TestApp};

/// A server with the default settings of cost.
async fn scarce() -> TestApp {
    TestApp::with(|config| config.cost = Cost::default()).await
}

const CREATE: &str = r#"mutation { createTask(input: { title: "Water the plants" }) { task { id } } }"#;

/// A hundred tasks and who made them: 201 points.
const PAGE: &str = "{ tasks(first: 100) { nodes { id createdBy { id } } } }";

/// The answer to a document, with `X-Taskward-Budget`.
async fn with_budget(client: &Client, budget: &str, body: &Value) -> Answer {
    let request = client.request(Method::POST, "/graphql").header("content-type", "application/json");
    let request = request.header("x-taskward-budget", budget);
    client.send(request.body(Body::from(body.to_string())).unwrap()).await
}

fn user_id(client: &Client) -> UserId {
    client.user_id().parse().unwrap()
}

fn remaining(app: &TestApp, client: &Client) -> u32 {
    app.app.budgets.cost.user.peek(&user_id(client)).remaining
}

#[tokio::test]
async fn an_answer_tells_what_it_cost_and_the_rest_is_refunded() {
    let app = scarce().await;
    let ana = app.user("ana").await;
    let created = ana.gql(CREATE).await;
    assert_eq!(
        created.json()["extensions"]["cost"],
        json!({ "requested": 12, "actual": 12, "remaining": 1_988, "limit": 2_000 })
    );
    let answer = ana.gql(PAGE).await;
    let cost = json!({ "requested": 201, "actual": 3, "remaining": 1_985, "limit": 2_000 });
    assert_eq!(answer.json()["extensions"], json!({ "cost": cost }));
    let end = r#","extensions":{"cost":{"requested":201,"actual":3,"remaining":1985,"limit":2000}}}"#;
    assert!(answer.text.ends_with(end), "{}", answer.text);
    assert!(answer.header("ratelimit-policy").ends_with(", \"cost\";q=2000;w=40"));
    assert!(answer.header("ratelimit").ends_with(", \"cost\";r=1985;t=1"));

    app.clock.advance(TimeDelta::seconds(40));
    for (document, requested, actual) in [
        ("{ __typename }", 0, 0),
        ("{ viewer { id username } }", 1, 1),
        ("{ viewer { sessions { id } } }", 51, 2),
        ("{ tasks { totalCount } }", 6, 6),
        ("{ tasks { edges { node { title } } pageInfo { hasNextPage } } }", 42, 4),
        ("{ task(id: \"nothing\") { id } }", 1, 0),
        ("{ nodes(ids: [\"a\", \"b\", \"c\"]) { id } }", 3, 0),
        ("{ viewer @skip(if: true) { id } rateLimit { cost { limit } } }", 1, 0),
        ("{ __schema { queryType { name } } }", 10, 10),
        ("{ nobody: task(id: \"a\") { createdBy { id } } broken: tasks(first: 0) { nodes { id } } }", 4, 4),
    ] {
        let answer = ana.gql(document).await;
        let cost = answer.json()["extensions"]["cost"].clone();
        let points = (cost["requested"].as_u64(), cost["actual"].as_u64());
        assert_eq!(points, (Some(requested), Some(actual)), "{document} {}", answer.text);
    }
}

#[tokio::test]
async fn an_operation_at_the_limit_runs_and_one_above_is_refused() {
    let app = TestApp::with(|config| {
        config.cost.user_limit = 201.try_into().unwrap();
        config.cost.anonymous_limit = 100.try_into().unwrap();
    })
    .await;
    let ana = app.user("ana").await;
    assert_eq!(ana.gql(PAGE).await.status, 200);
    let (_, authentication) = app.statements(ana.gql("{ __typename }")).await;
    let above = format!("query($run: Boolean! = false) {{ viewer @include(if: $run) {{ id }} {}", &PAGE[1..]);
    let (answer, statements) = app.statements(ana.gql(&above)).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "QUERY_TOO_COMPLEX"));
    assert_eq!(statements, authentication);
    let limit = &answer.json()["errors"][0]["extensions"]["limit"];
    assert_eq!(*limit, json!({ "name": "cost.user_limit", "used": 202, "max": 201 }));
    assert!(answer.json().get("data").is_none() && answer.text.len() < 2_048);

    let stranger = app.anonymous();
    assert_eq!(stranger.gql("{ tasks(first: 99) { nodes { id } } }").await.code(), "UNAUTHENTICATED");
    let (answer, statements) = app.statements(stranger.gql("{ tasks(first: 100) { nodes { id } } }")).await;
    assert_eq!((answer.status, answer.code().as_str(), statements), (400, "QUERY_TOO_COMPLEX", 0));
    assert_eq!(answer.json()["errors"][0]["extensions"]["limit"]["name"], "cost.anonymous_limit");
}

#[tokio::test]
async fn whoever_has_too_few_points_left_is_told_when_to_come_back() {
    let app = scarce().await;
    let ana = app.user("ana").await;
    app.app.budgets.cost.user.charge_many(&user_id(&ana), 1_900).unwrap();
    let (_, authentication) = app.statements(ana.gql("{ __typename }")).await;
    let (answer, statements) = app.statements(ana.gql(PAGE)).await;
    assert_eq!((answer.status, answer.code().as_str()), (429, "RATE_LIMITED"));
    assert_eq!(statements, authentication);
    let extensions = &answer.json()["errors"][0]["extensions"];
    assert_eq!(extensions["policy"], "cost");
    assert_eq!(extensions["cost"], json!({ "requested": 201, "remaining": 100, "limit": 2_000 }));
    // The 101 points that are missing come back in 2.02 seconds.
    assert_eq!(answer.header("retry-after"), "3");
    assert!(answer.header("ratelimit").ends_with(", \"cost\";r=100;t=1"));
    assert_eq!(ana.gql("{ viewer { id } }").await.status, 200, "a cheap one still passes");

    app.clock.advance(TimeDelta::milliseconds(2_039));
    assert_eq!(ana.gql(PAGE).await.status, 429);
    app.clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(ana.gql(PAGE).await.status, 200);
    assert_eq!(app.user("bob").await.gql(PAGE).await.status, 200, "others have budgets of their own");
}

/// Attack 81: at nothing left, the header fields of the answer agree with each other and with what comes of following them.
#[tokio::test]
async fn waiting_as_long_as_told_at_nothing_left_is_enough() {
    let app = scarce().await;
    let ana = app.user("ana").await;
    app.app.budgets.cost.user.charge_many(&user_id(&ana), 2_000).unwrap();
    let answer = ana.gql(PAGE).await;
    assert_eq!((answer.status, answer.code().as_str()), (429, "RATE_LIMITED"));
    let (_, left) = answer.header("ratelimit").split_once("\"cost\";r=0;t=").unwrap();
    let (left, retry_after) = (left.parse::<i64>().unwrap(), answer.header("retry-after").parse::<i64>().unwrap());
    assert!((1..=retry_after).contains(&left), "{left} {retry_after}");
    app.clock.advance(TimeDelta::seconds(retry_after));
    assert_eq!(ana.gql(PAGE).await.status, 200);
}

#[tokio::test]
async fn what_fails_keeps_its_charge_and_what_is_not_valid_costs_one_point() {
    let app = scarce().await;
    let ana = app.user("ana").await;
    for (document, points) in [
        ("{ tasks { nodes { nothing } } }", 1),
        ("{ tasks(first: \"many\") { nodes { id } } }", 1),
        ("{ tasks(first: 0) { nodes { id } } }", 2),
        ("{ tasks(first: 101) { nodes { id } } }", 101),
        ("mutation { createTask(input: { title: \"\" }) { task { id } } }", 12),
    ] {
        let before = remaining(&app, &ana);
        assert!(ana.gql(document).await.json()["errors"].is_array(), "{document}");
        assert_eq!(before - remaining(&app, &ana), points, "{document}");
    }
}

/// Keeps everybody from writing tasks while it lives.
pub(crate) async fn lock_tasks(app: &TestApp) -> DatabaseTransaction {
    let transaction = open_database(app).await.begin().await.unwrap();
    let lock =
        if Database::is_postgres() { "LOCK TABLE tasks IN EXCLUSIVE MODE" } else { "DELETE FROM tasks WHERE 1 = 0" };
    transaction.execute_unprepared(lock).await.unwrap();
    transaction
}

#[tokio::test]
async fn an_operation_that_is_stopped_is_charged_in_full() {
    let app = TestApp::with(|config| {
        config.cost = Cost::default();
        config.timeouts.execution_seconds = 1;
    })
    .await;
    let ana = app.user("ana").await;
    let lock = lock_tasks(&app).await;
    let answer = ana.gql(CREATE).await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "TIMEOUT"));
    assert_eq!(remaining(&app, &ana), 1_988);

    let leaving = tokio::spawn({
        let ana = ana.clone();
        async move { ana.gql(CREATE).await }
    });
    let charged = async {
        while remaining(&app, &ana) == 1_988 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), charged).await.unwrap();
    leaving.abort();
    assert!(leaving.await.unwrap_err().is_cancelled());
    assert_eq!(remaining(&app, &ana), 1_976, "who leaves gets nothing back");
    lock.rollback().await.unwrap();
}

#[tokio::test]
async fn the_receipt_holds_every_limit_with_its_use() {
    let app = scarce().await;
    let ana = app.user("ana").await;
    let answer = with_budget(&ana, "report", &json!({ "query": PAGE })).await;
    assert_eq!(answer.data()["tasks"]["nodes"], json!([]));
    let budget = &answer.json()["extensions"]["budget"];
    assert_eq!(budget["depth"], json!({ "used": 4, "max": 15 }));
    assert_eq!(budget["cost.user_limit"], json!({ "used": 201, "max": 1_000 }));
    assert_eq!(budget["cost.user_budget"], json!({ "used": 201, "max": 2_000 }));
    assert_eq!(budget["rate_limit.user"]["used"], 1);
    assert_eq!(budget["document_bytes"]["used"], PAGE.len());
    assert_eq!(budget["body_bytes"]["used"], json!({ "query": PAGE }).to_string().len());
    let request = ana.request(Method::GET, "/limits").body(Body::empty()).unwrap();
    let limits = ana.send(request).await.json();
    for (name, used) in budget.as_object().unwrap() {
        assert_eq!(used["max"].as_u64(), limits[name]["max"].as_u64(), "{name}");
    }
    let counted = ["tokens", "nesting", "operations", "fragments", "variables", "directives", "selections", "aliases"];
    for name in counted.iter().chain(&["directives_per_location", "root_query_fields", "copies", "operation_name"]) {
        assert!(budget[name]["used"].is_u64(), "{name} is missing in {budget}");
    }
    let answer = with_budget(&app.anonymous(), "report", &json!({ "query": "{ viewer { id } }" })).await;
    assert_eq!(answer.json()["extensions"]["budget"]["cost.anonymous_limit"], json!({ "used": 1, "max": 300 }));
    for other in ["", "all", "Report"] {
        let answer = with_budget(&ana, other, &json!({ "query": PAGE })).await;
        assert!(answer.json()["extensions"].get("budget").is_none(), "{other}");
    }
}

#[tokio::test]
async fn validate_answers_with_the_receipt_and_runs_nothing() {
    let app = scarce().await;
    let ana = app.user("ana").await;
    let (_, authentication) = app.statements(ana.gql("{ __typename }")).await;
    for body in [
        json!({ "query": CREATE }),
        json!({ "query": CREATE.replace("mutation", "mutation Named") }),
        json!({ "query": CREATE.replace("mutation", "mutation Named"), "operationName": "Named" }),
        json!({ "query": format!("{CREATE} query Other {{ viewer {{ id }} }}").replacen("mutation", "mutation A", 1), "operationName": "A" }),
        json!({ "query": CREATE.replace("{ id }", "{ id ... @include(if: true) { title } }") }),
        json!({ "query": format!("query($first: Int) {}", PAGE.replace("100", "$first")), "variables": { "first": 3 } }),
        json!({ "query": "mutation { login(input: { username: \"ana\", password: \"wrong\" }) { accessToken } }" }),
    ] {
        let (answer, statements) = app.statements(with_budget(&ana, "validate", &body)).await;
        assert_eq!(answer.status, 200, "{body} {}", answer.text);
        assert_eq!(answer.json()["data"], json!({}), "{body}");
        assert!(answer.json()["extensions"]["budget"]["depth"]["used"].as_u64() > Some(0), "{}", answer.text);
        assert!(answer.json()["extensions"].get("cost").is_none());
        assert_eq!(statements, authentication, "{body}");
    }
    assert_eq!(remaining(&app, &ana), 2_000, "it costs no points");
    assert_eq!(ana.gql("{ tasks { totalCount } }").await.data()["tasks"]["totalCount"], 0);
    let login = "login(input: { username: \"ana\", password: \"wrong\" }) { accessToken }";
    let company = format!("mutation {{ a: {login} b: {login} }}");
    assert_eq!(with_budget(&ana, "validate", &json!({ "query": company })).await.code(), "TOO_MANY_ROOT_FIELDS");
    for document in [
        "{ viewer { nothing } }",
        "query Q { viewer { id ... @include(if: true) { nothing } } }",
        "{ tasks(first: \"many\") { totalCount } }",
    ] {
        let answer = with_budget(&ana, "validate", &json!({ "query": document })).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "GRAPHQL_VALIDATION_FAILED"), "{document}");
        assert!(answer.json()["extensions"]["budget"].is_object() && answer.json().get("data").is_none());
    }
}

#[tokio::test]
async fn anybody_may_ask_for_their_budgets_for_nothing() {
    let app = TestApp::with(|config| {
        config.cost = Cost::default();
        config.rate_limit.user = "100/minute".parse().unwrap();
        config.rate_limit.anonymous = "50/minute".parse().unwrap();
    })
    .await;
    let ana = app.user("ana").await;
    app.app.budgets.cost.user.charge_many(&user_id(&ana), 1_000).unwrap();
    let query = "{ rateLimit { requests { ...B } cost { ...B } } } \
                 fragment B on Budget { limit remaining resetAt windowSeconds }";
    let answer = ana.gql(query).await;
    let requests = json!({
        "limit": 100, "remaining": 99, "resetAt": "2026-11-23T09:30:00.600000Z", "windowSeconds": 60
    });
    let cost = json!({
        "limit": 2_000, "remaining": 1_000, "resetAt": "2026-11-23T09:30:20.000000Z", "windowSeconds": 40
    });
    assert_eq!(answer.data()["rateLimit"], json!({ "requests": requests, "cost": cost }));
    assert_eq!(answer.json()["extensions"]["cost"]["requested"], 0);
    let stranger = app.anonymous().at("198.51.100.9").gql(query).await;
    assert_eq!(stranger.data()["rateLimit"]["cost"]["remaining"], 300);
    assert_eq!(stranger.data()["rateLimit"]["requests"]["remaining"], 49);
}

/// Attack 82 is none: what people really send stays far away from every limit.
#[tokio::test]
async fn every_example_of_the_playground_uses_at_most_three_fifths_of_each_limit() {
    let app = scarce().await;
    let ana = app.user("ana").await;
    for example in queries_and_mutations() {
        let body = json!({ "query": example.query, "variables": example.variables });
        for client in [&app.anonymous(), &ana] {
            let answer = with_budget(client, "validate", &body).await;
            let budget = answer.json()["extensions"]["budget"].clone();
            for (name, limit) in budget.as_object().unwrap() {
                let (used, max) = (limit["used"].as_u64().unwrap(), limit["max"].as_u64().unwrap());
                assert!(used * 5 <= max * 3, "{}: {name}: {limit}", example.name);
            }
        }
    }
}

fn named<'a>(directives: &'a [Positioned<ConstDirective>], name: &str) -> Option<&'a ConstDirective> {
    directives.iter().map(|directive| &directive.node).find(|directive| directive.name.node == name)
}

#[test]
fn every_list_of_objects_says_its_size_and_every_mutation_its_weight() {
    let definitions = parse_schema(sdl()).unwrap().definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(it) => Some(it.node),
        _ => None,
    });
    let objects: Vec<_> = definitions
        .filter_map(|it| match it.kind {
            TypeKind::Object(object) => Some((it.name.node.to_string(), object.fields)),
            TypeKind::Interface(interface) => Some((it.name.node.to_string(), interface.fields)),
            _ => None,
        })
        .collect();
    let fields = || objects.iter().flat_map(|(on, fields)| fields.iter().map(move |field| (on, &field.node)));
    let sized: Vec<String> = fields()
        .filter_map(|(_, field)| named(&field.directives, "listSize")?.get_argument("sizedFields"))
        .filter_map(|sized| if let Constant::List(names) = &sized.node { Some(names.clone()) } else { None })
        .flatten()
        .map(|name| name.to_string().replace('"', ""))
        .collect();
    for (on, field) in fields() {
        let Type { base, .. } = &field.ty.node;
        let says_size = named(&field.directives, "listSize").is_some() || sized.contains(&field.name.node.to_string());
        if let BaseType::List(item) = base {
            let item = item.to_string().replace('!', "");
            assert!(says_size || !objects.iter().any(|(name, _)| *name == item), "{on}.{}", field.name.node);
        }
        assert!(on != "Mutation" || named(&field.directives, "cost").is_some(), "{on}.{}", field.name.node);
    }
}
