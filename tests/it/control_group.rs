//! The control group: what people and their tools send in good faith uses at most 60 % of every limit.
//!
//! A limit that is tightened, or a query that grows, shows up here before it does at somebody's desk.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Map, Value, json};
use taskward::config::{Config, Cost, Profile};

use crate::examples::{Reader, queries_and_mutations, subscriptions};
use crate::support::{Client, TestApp};

/// In percent of each limit.
const MOST: u64 = 60;

/// What goes beyond, each with the reason why it may.
const EXCEPTIONS: [(&str, &str); 3] = [
    // A subscription has one field of the root, as GraphQL has it.
    ("Watch for changes", "root_subscription_fields"),
    ("README.md: subscription", "root_subscription_fields"),
    // Three tasks in one request, to have some: the most that a mutation may do.
    ("README.md: mutation { a: createTask", "root_mutation_fields"),
];

/// A server with every default that is a limit.
async fn server() -> TestApp {
    TestApp::with(|config| {
        config.cost = Cost::default();
        config.rate_limit = Config::defaults(Profile::Development).rate_limit;
    })
    .await
}

/// The answer of `client`, who has rested, to a request that asks for a receipt; and what in it uses too much of a limit.
async fn send(app: &TestApp, client: &Client, name: &str, receipt: &str, body: &Value) -> (Value, Vec<String>) {
    app.clock.advance(chrono::TimeDelta::seconds(20));
    let request = client.request(Method::POST, "/graphql").header("content-type", "application/json");
    let request = request.header("x-taskward-budget", receipt).body(Body::from(body.to_string())).unwrap();
    let answer = client.send(request).await;
    let data = answer.data();
    let budget = &answer.json()["extensions"]["budget"];
    let mut limits = budget.as_object().unwrap().clone();
    let bytes = json!({ "used": answer.text.len(), "max": app.app.config.limits.response_bytes });
    limits.insert(String::from("response_bytes"), bytes);
    (data, too_much(name, &limits))
}

/// What in a subscription uses too much of a limit.
async fn subscribe(app: &TestApp, client: &Client, name: &str, query: &str) -> Vec<String> {
    let authorization = format!("Bearer {}", client.access_token());
    let fields = [("Authorization", authorization.as_str()), ("X-Taskward-Budget", "validate")];
    let mut stream = app.try_stream(&json!({ "query": query }), &fields).await.unwrap();
    let (answer, _) = stream.expect_next().await;
    too_much(name, answer["extensions"]["budget"].as_object().unwrap())
}

/// What in a receipt is too much of a limit, and which exceptions are none.
fn too_much(name: &str, limits: &Map<String, Value>) -> Vec<String> {
    assert!(limits.len() >= 17, "a receipt names every limit: {limits:?}");
    let too_much = limits.iter().filter_map(|(limit, use_of)| {
        let [used, max] = ["used", "max"].map(|member| use_of[member].as_u64().unwrap());
        let excepted = EXCEPTIONS.iter().any(|(start, at)| name.starts_with(start) && limit == at);
        let fits = used * 100 <= max * MOST;
        (fits == excepted).then(|| format!("{name}: {limit} {used} of {max}"))
    });
    too_much.collect()
}

#[tokio::test]
async fn the_examples_of_the_playground_stay_far_from_every_limit() {
    let app = server().await;
    let [bob, _] = [app.user("bob").await, app.user("ben").await];
    let (mut reader, mut found) = (Reader::default(), Vec::new());
    reader.copy(&bob.gql("{ viewer { id } }").await.json());
    for example in queries_and_mutations() {
        let is_stranger = example.variables.pointer("/input/password").is_some();
        let client = if is_stranger { app.anonymous() } else { bob.clone() };
        let body = json!({ "query": example.query, "variables": reader.fill(&example.variables) });
        let (data, too_much) = send(&app, &client, &example.name, "report", &body).await;
        if !is_stranger {
            reader.copy(&data);
        }
        found.extend(too_much);
    }
    for example in subscriptions() {
        found.extend(subscribe(&app, &bob, &example.name, &example.query).await);
    }
    assert_eq!(found, Vec::<String>::new());
}

/// The introspection query as graphql-js makes it: for GraphiQL 5 and graphql-codegen with its defaults, for Apollo's Rover
/// and others with options, which come in the order schema, directives, types, arguments and fields of input types.
fn introspection([schema, directive, ty, deprecated, input]: [&str; 5], levels: usize) -> String {
    let of_type = "ofType { name kind ".repeat(levels) + &"}".repeat(levels);
    format!(
        "query IntrospectionQuery {{
            __schema {{
                {schema} queryType {{ name kind }} mutationType {{ name kind }} subscriptionType {{ name kind }}
                types {{ ...FullType }}
                directives {{ name description {directive} locations args{deprecated} {{ ...InputValue }} }}
            }}
        }}
        fragment FullType on __Type {{
            kind name description {ty}
            fields(includeDeprecated: true) {{
                name description args{deprecated} {{ ...InputValue }} type {{ ...TypeRef }} isDeprecated deprecationReason
            }}
            inputFields{deprecated} {{ ...InputValue }}
            interfaces {{ ...TypeRef }}
            enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }}
            possibleTypes {{ ...TypeRef }}
        }}
        fragment InputValue on __InputValue {{ name description type {{ ...TypeRef }} defaultValue {input} }}
        fragment TypeRef on __Type {{ kind name {of_type} }}"
    )
}

#[tokio::test]
async fn so_do_the_introspection_queries_of_tools() {
    let app = server().await;
    let ana = app.user("ana").await;
    let deprecated = ("(includeDeprecated: true)", "isDeprecated deprecationReason");
    let rover = introspection(["", "", "", deprecated.0, deprecated.1], 7);
    let full = introspection(["description", "isRepeatable", "specifiedByURL isOneOf", deprecated.0, deprecated.1], 9);
    let mut found = Vec::new();
    for (name, query) in [
        ("GraphiQL and graphql-codegen", introspection([""; 5], 9)),
        ("Rover", rover),
        ("graphql-js with every option", full),
        ("the kind of a root", String::from("{ __typename }")),
    ] {
        for client in [app.anonymous(), ana.clone()] {
            let (data, too_much) = send(&app, &client, name, "report", &json!({ "query": query })).await;
            assert!(query.len() < 20 || data["__schema"]["types"].as_array().unwrap().len() > 30, "{name}: {data}");
            found.extend(too_much);
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

/// A board of tasks with what Apollo Client adds: columns of twenty, each counted, and what stands at the edge of the page.
const BOARD: &str = "query Board($size: Int!, $now: DateTime!) {
    viewer { __typename id username }
    overdue: tasks(first: $size, filter: { completed: false, dueAt: { before: $now } },
                   orderBy: [{ field: DUE_AT, direction: ASC }]) { ...Column }
    next: tasks(first: $size, filter: { completed: false, priority: [HIGH, URGENT] }) { ...Column }
    later: tasks(first: $size, filter: { completed: false, priority: [NONE, LOW, MEDIUM] }) { ...Column }
    done: tasks(first: $size, filter: { completed: true }, orderBy: [{ field: UPDATED_AT, direction: DESC }]) { ...Column }
    rateLimit { __typename cost { __typename remaining resetAt } }
}
fragment Column on TaskConnection {
    __typename totalCount nodes { __typename ...Card } pageInfo { __typename hasNextPage endCursor }
}
fragment Card on Task {
    __typename id title description completed completedAt priority dueAt createdAt updatedAt version
    createdBy { __typename id username }
}";

/// The largest page that there is, with everything that a task tells.
const LARGEST_PAGE: &str = "query Page($after: String, $filter: TaskFilter, $orderBy: [TaskOrder!]) {
    tasks(first: 100, after: $after, filter: $filter, orderBy: $orderBy) {
        totalCount
        edges { cursor node { id title description completed completedAt priority dueAt createdAt updatedAt deletedAt
                              version createdBy { id username createdAt } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}";

/// A board of the tasks of a project: fifty of them with labels, authors, the project, and the first comments.
const TASK_BOARD: &str = "query TaskBoard($project: ID!) {
    tasks(first: 50, filter: { projectId: $project, completed: false }) {
        __typename pageInfo { __typename hasNextPage endCursor }
        nodes {
            __typename id title completed priority dueAt updatedAt version
            labels { __typename id name color }
            createdBy { __typename id username }
            project { __typename id name viewerRole }
            comments(first: 2) { __typename nodes { __typename id body createdAt author { __typename id username } } }
        }
    }
}";

#[tokio::test]
async fn so_does_a_task_board_with_labels_authors_project_and_comments() {
    let app = server().await;
    let ana = app.user("ana").await;
    let board = crate::statements::board(&app, &ana, 50).await;
    let body = json!({ "query": TASK_BOARD, "variables": { "project": board } });
    let (data, too_much) = send(&app, &ana, "task board", "report", &body).await;
    assert_eq!(data["tasks"]["nodes"].as_array().unwrap().len(), 50);
    assert_eq!(too_much, Vec::<String>::new());
}

#[tokio::test]
async fn so_do_the_pages_of_an_application() {
    let app = server().await;
    let ana = app.user("ana").await;
    let create = "mutation($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }";
    let mut ids = Vec::new();
    for number in 0..30 {
        app.clock.advance(chrono::TimeDelta::seconds(1));
        let input = json!({ "title": format!("Task {number}"), "priority": "HIGH", "dueAt": "2026-01-01T00:00:00Z" });
        ids.push(ana.gql_with(create, json!({ "input": input })).await.data()["createTask"]["task"]["id"].clone());
    }
    let filter = json!({ "completed": false, "or": [{ "search": "task" }, { "priority": ["HIGH"] }] });
    let order = json!([{ "field": "PRIORITY", "direction": "DESC" }, { "field": "TITLE", "direction": "ASC" }]);
    let change =
        "mutation($input: UpdateTasksInput!) { updateTasks(input: $input) { tasks { id completed version } } }";
    let mut found = Vec::new();
    for (name, query, variables) in [
        ("board", BOARD, json!({ "size": 20, "now": "2026-11-23T09:30:00Z" })),
        ("largest page", LARGEST_PAGE, json!({ "after": null, "filter": filter, "orderBy": order })),
        ("thirty changes", change, json!({ "input": { "ids": ids, "completed": true } })),
        ("sessions", "{ viewer { sessions { id createdAt lastUsedAt expiresAt userAgent current } } }", json!({})),
    ] {
        let body = json!({ "query": query, "variables": variables });
        let (data, too_much) = send(&app, &ana, name, "report", &body).await;
        assert!(data.as_object().unwrap().values().all(|field| !field.is_null()), "{name}: {data}");
        found.extend(too_much);
    }
    assert_eq!(found, Vec::<String>::new());
}

/// The documents of the README that stand there in full: a body in single quotes, or a variable of the shell.
fn readme() -> Vec<String> {
    let text = include_str!("../../README.md");
    let bodies = text.split("'{").skip(1).filter_map(|rest| {
        let body = format!("{{{}", rest.split('\'').next()?);
        Some(serde_json::from_str::<Value>(&body).ok()?["query"].as_str()?.to_owned())
    });
    let variables = text.lines().filter_map(|line| {
        let (name, document) = line.split_once("='")?;
        let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_uppercase());
        is_name.then(|| document.trim_end_matches('\'').to_owned())
    });
    bodies.chain(variables).collect()
}

/// Some of them fail on purpose and some need what others answered, so they are only validated.
#[tokio::test]
async fn so_do_the_documents_of_the_readme() {
    let app = server().await;
    let ana = app.user("ana").await;
    let mut found = Vec::new();
    let inputs = [
        ("UpdateTaskInput", json!({ "id": "task_01m83akc5fes5rkrjkpf7m0qz8", "completed": true })),
        ("CreateTaskInput", json!({ "title": "Water the plants" })),
        ("RegisterInput", json!({ "username": "ana", "password": "correct horse battery" })),
        ("LoginInput", json!({ "username": "ana", "password": "correct horse battery" })),
    ];
    let documents = readme();
    assert!(documents.len() >= 25, "{documents:#?}");
    for query in documents {
        if query.starts_with("subscription") {
            found.extend(subscribe(&app, &ana, &format!("README.md: {query}"), &query).await);
            continue;
        }
        let (_, input) = inputs.iter().find(|(name, _)| query.contains(name)).unwrap_or(&inputs[0]);
        let body = json!({ "query": query, "variables": { "input": input } });
        let (_, too_much) = send(&app, &ana, &format!("README.md: {query}"), "validate", &body).await;
        found.extend(too_much);
    }
    assert_eq!(found, Vec::<String>::new());
}
