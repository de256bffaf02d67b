//! `/graphql` and its neighbours as HTTP: statuses, media types, methods and headers of every answer.

use axum::body::Body;
use axum::http::header::{ALLOW, HOST};
use axum::http::{Method, Request};
use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use taskward::config::{GetQueries, IntrospectionScope};

use crate::leaks::{Misbehave, send_to_schema};
use crate::support::{Answer, Client, TestApp};

const JSON: &str = "application/json; charset=utf-8";
const GRAPHQL: &str = "application/graphql-response+json; charset=utf-8";

/// The answer to a request of one's own making; `Host` and `Accept` are there only if `fields` has them.
async fn send(client: &Client, method: &str, path: &str, fields: &[(&str, &str)], body: &str) -> Answer {
    let request =
        fields.iter().fold(Request::builder().method(method).uri(path), |it, (name, value)| it.header(*name, *value));
    let has_host = fields.iter().any(|(name, _)| *name == "host");
    let request = if has_host { request } else { request.header(HOST, "localhost") };
    client.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

async fn post(client: &Client, body: &str) -> Answer {
    send(client, "POST", "/graphql", &[("content-type", "application/json")], body).await
}

async fn get(client: &Client, path: &str) -> Answer {
    send(client, "GET", path, &[], "").await
}

/// What each request error is answered with: 400 for a client of the GraphQL media type, 200 for one of JSON.
#[tokio::test]
async fn request_errors_have_the_status_of_their_media_type_and_no_data() {
    let app = TestApp::new().await;
    let page = "query($first: Int) { tasks(first: $first) { totalCount } }";
    for (body, code) in [
        (json!({ "query": "{" }), "GRAPHQL_PARSE_FAILED"),
        (json!({ "query": "" }), "GRAPHQL_PARSE_FAILED"),
        (json!({ "query": "{ nothing }" }), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "query": "{ viewer }" }), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "query": "query A { viewer { id } } query A { viewer { id } }" }), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "query": "fragment A on Query { viewer { id } }" }), "OPERATION_RESOLUTION_FAILURE"),
        (json!({ "query": "query A { viewer { id } }", "operationName": "B" }), "OPERATION_RESOLUTION_FAILURE"),
        (json!({ "query": "{ viewer { id } }", "operationName": "B" }), "OPERATION_RESOLUTION_FAILURE"),
        (json!({ "query": "query A { viewer { id } } query B { viewer { id } }" }), "OPERATION_RESOLUTION_FAILURE"),
        (json!({ "documentId": format!("sha256:{}", "0".repeat(64)) }), "PERSISTED_QUERY_NOT_FOUND"),
        (json!({ "query": page, "variables": { "first": "x" } }), "BAD_USER_INPUT"),
        (json!({ "query": page, "variables": { "first": {} } }), "BAD_USER_INPUT"),
        (json!({ "query": page.replace("Int", "Int!") }), "BAD_USER_INPUT"),
        (json!({ "query": page.replace("Int", "Int!"), "variables": { "first": null } }), "BAD_USER_INPUT"),
    ] {
        for (accept, status, content_type) in
            [("application/json", 200, JSON), ("application/graphql-response+json", 400, GRAPHQL), ("*/*", 200, JSON)]
        {
            let answer = app.anonymous().accepting(accept).post(&body).await;
            assert_eq!((answer.status, answer.header("content-type")), (status, content_type), "{body}");
            assert!(answer.json().get("data").is_none(), "{body}: {}", answer.text);
            assert_eq!(answer.code(), code, "{body}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn field_errors_come_with_data_and_200_in_either_media_type() {
    let app = TestApp::new().await;
    for (accept, content_type) in [("application/json", JSON), ("application/graphql-response+json", GRAPHQL)] {
        let client = app.anonymous().accepting(accept);
        let answer = client.gql(r#"{ viewer { id } node(id: "x") { id } }"#).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, content_type));
        let json = answer.json();
        assert!(json["data"]["viewer"].is_null() && json["data"]["node"].is_null(), "{}", answer.text);
        assert!(json["data"].as_object().unwrap().contains_key("viewer"));
        assert_eq!(json["errors"][0]["path"], json!(["node"]));
        assert_eq!(answer.code(), "UNAUTHENTICATED");
        let answer = client.gql("{ viewer { id } }").await;
        assert!(answer.text.starts_with(r#"{"data":{"viewer":null},"extensions":"#), "{}", answer.text);
        assert_eq!(answer.header("content-type"), content_type);
    }
}

#[tokio::test]
async fn a_client_gets_json_unless_it_asks_for_more() {
    let app = TestApp::new().await;
    let body = r#"{"query":"{ viewer { id } }"}"#;
    for (accept, content_type) in [
        (None, JSON),
        (Some("*/*"), JSON),
        (Some("application/*"), JSON),
        (Some("application/json"), JSON),
        (Some("application/graphql-response+json"), GRAPHQL),
        (Some("application/graphql-response+json, application/json;q=0.9"), GRAPHQL),
    ] {
        let mut fields = vec![("content-type", "application/json")];
        fields.extend(accept.map(|accept| ("accept", accept)));
        let answer = send(&app.anonymous(), "POST", "/graphql", &fields, body).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, content_type), "{accept:?}");
    }
    for accept in ["text/html", "application/xml", "application/json;q=0", "text/plain", "image/*"] {
        let fields = [("content-type", "application/json"), ("accept", accept)];
        let answer = send(&app.anonymous(), "POST", "/graphql", &fields, body).await;
        assert_eq!((answer.status, answer.code().as_str()), (406, "NOT_ACCEPTABLE"), "{accept}");
        assert_eq!(answer.header("content-type"), JSON);
    }
}

#[tokio::test]
async fn a_method_that_runs_nothing_is_told_those_that_do() {
    let app = TestApp::new().await;
    for method in ["PUT", "PATCH", "DELETE", "HEAD", "TRACE", "BREW"] {
        for accept in ["*/*", "application/json", "application/graphql-response+json"] {
            let answer = send(&app.anonymous(), method, "/graphql?query={viewer{id}}", &[("accept", accept)], "").await;
            assert_eq!((answer.status, answer.header(ALLOW.as_str())), (405, "GET, POST"), "{method}");
            if method == "HEAD" {
                assert_eq!(answer.text, "");
            } else {
                assert_eq!(answer.code(), "METHOD_NOT_ALLOWED", "{method}");
            }
        }
    }
}

#[tokio::test]
async fn a_path_that_is_only_read_says_so() {
    let app = TestApp::new().await;
    for path in ["/", "/playground", "/limits", "/schema.graphql", "/healthz", "/readyz"] {
        for method in ["POST", "PUT", "DELETE", "BREW"] {
            let answer = send(&app.anonymous(), method, path, &[], "").await;
            assert_eq!((answer.status, answer.header(ALLOW.as_str())), (405, "GET,HEAD"), "{method} {path}");
            assert_eq!(answer.header("content-type"), JSON);
            assert_eq!(answer.code(), "METHOD_NOT_ALLOWED", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_get_is_taken_as_the_setting_says() {
    const QUERY: &str = "/graphql?query=query($id:ID!){task(id:$id){id}viewer{id}}&variables={%22id%22:%22x%22}";
    const MUTATION: &str = "/graphql?query=mutation{logout{sessionId}}";
    let bare: &[(&str, &str)] = &[];
    let asks_first: &[(&str, &str)] = &[("apollo-require-preflight", "true")];
    for (get, headers, status) in [
        (GetQueries::Off, bare, 405),
        (GetQueries::Off, asks_first, 405),
        (GetQueries::Preflight, bare, 405),
        (GetQueries::Preflight, asks_first, 200),
        (GetQueries::Preflight, &[("content-type", "application/json")], 200),
        (GetQueries::Open, bare, 200),
        (GetQueries::Open, &[("origin", "https://evil.example")], 403),
    ] {
        let app = TestApp::with(|config| config.graphql.get = get).await;
        let answer = send(&app.anonymous(), "GET", QUERY, headers, "").await;
        assert_eq!(answer.status, status, "{get:?} {headers:?}: {}", answer.text);
        let answer = send(&app.anonymous(), "GET", MUTATION, headers, "").await;
        let refused = if status == 403 { 403 } else { 405 };
        assert_eq!(answer.status, refused, "{get:?} {headers:?}: {}", answer.text);
    }
}

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

#[tokio::test]
async fn a_browser_is_sent_to_the_playground_while_it_is_on() {
    let app = TestApp::new().await;
    let answer = send(&app.anonymous(), "GET", "/graphql", &[("accept", BROWSER)], "").await;
    assert_eq!((answer.status, answer.header("location")), (307, "/playground"));
    let post = [("accept", "text/html, application/json;q=0.5"), ("content-type", "application/json")];
    let answer = send(&app.anonymous(), "POST", "/graphql", &post, r#"{"query":"{ viewer { id } }"}"#).await;
    assert_eq!(answer.status, 200, "a POST never");
    let app = TestApp::with(|config| config.graphql.playground = false).await;
    let answer = send(&app.anonymous(), "GET", "/graphql", &[("accept", BROWSER)], "").await;
    assert_eq!((answer.status, answer.code().as_str()), (405, "METHOD_NOT_ALLOWED"));
    for path in ["/", "/playground"] {
        assert_eq!(get(&app.anonymous(), path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn what_is_no_graphql_request_is_refused_in_either_media_type() {
    let app = TestApp::new().await;
    let deep =
        format!(r#"{{"query":"{{ viewer {{ id }} }}","variables":{}1{}}}"#, r#"{"a":"#.repeat(17), "}".repeat(17));
    for body in [
        "",
        "{",
        "null",
        "1",
        "\"{ viewer { id } }\"",
        "{ viewer { id } }",
        "{}",
        r#"{"query":null}"#,
        r#"{"query":1}"#,
        r#"{"query":["{ viewer { id } }"]}"#,
        "[]",
        r#"[{"query":"{ viewer { id } }"}]"#,
        r#"{"query":"{ viewer { id } }","query":"{ viewer { id } }"}"#,
        r#"{"query":"{ viewer { id } }","variables":{"a":1,"a":2}}"#,
        r#"{"query":"{ viewer { id } }","variables":[]}"#,
        r#"{"query":"{ viewer { id } }","variables":"{}"}"#,
        r#"{"query":"{ viewer { id } }","operationName":1}"#,
        r#"{"query":"{ viewer { id } }","extensions":[]}"#,
        r#"{"query":"{ viewer { id } }"}{}"#,
        "{\"query\":\"\u{feff}\"}\u{0}",
        "query=%7Bviewer%7Bid%7D%7D",
        &deep,
    ] {
        for (accept, content_type) in [("application/json", JSON), ("application/graphql-response+json", GRAPHQL)] {
            let fields = [("accept", accept), ("content-type", "application/json")];
            let (answer, statements) = app.statements(send(&app.anonymous(), "POST", "/graphql", &fields, body)).await;
            assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_REQUEST"), "{body:.80}: {}", answer.text);
            assert_eq!(answer.header("content-type"), content_type);
            assert!(answer.json().get("data").is_none());
            assert_eq!(statements, 0);
        }
    }
    for body in [r#"{"query":"{ viewer { id } }","variables":null,"operationName":"","extensions":null,"id":7}"#] {
        assert_eq!(post(&app.anonymous(), body).await.status, 200, "{body}");
    }
}

#[tokio::test]
async fn a_body_of_128_kib_is_read_and_one_byte_more_is_refused() {
    let app = TestApp::new().await;
    let body = |bytes: usize| {
        let body = r#"{"query":"{ viewer { id } }"}"#;
        format!("{body}{}", " ".repeat(bytes - body.len()))
    };
    assert_eq!(post(&app.anonymous(), &body(128 * 1024)).await.status, 200);
    let answer = post(&app.anonymous(), &body(128 * 1024 + 1)).await;
    assert_eq!((answer.status, answer.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
    let app = TestApp::with(|config| config.limits.body_bytes = 1_024).await;
    assert_eq!(post(&app.anonymous(), &body(1_024)).await.status, 200);
    assert_eq!(post(&app.anonymous(), &body(1_025)).await.status, 413);
}

#[tokio::test]
async fn only_json_is_taken() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let token = format!("Bearer {}", ana.access_token());
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=utf-16",
        "application/jsonp",
        "",
    ] {
        for more in [("x-nothing", ""), ("authorization", token.as_str()), ("apollo-require-preflight", "1")] {
            let fields = [("content-type", content_type), more];
            let answer = send(&app.anonymous(), "POST", "/graphql", &fields, r#"{"query":"{ viewer { id } }"}"#).await;
            assert_eq!((answer.status, answer.code().as_str()), (415, "UNSUPPORTED_MEDIA_TYPE"), "{content_type}");
        }
    }
    let none = send(&app.anonymous(), "POST", "/graphql", &[], r#"{"query":"{ viewer { id } }"}"#).await;
    assert_eq!(none.status, 415);
    let zipped = [("content-type", "application/json"), ("content-encoding", "gzip")];
    assert_eq!(send(&app.anonymous(), "POST", "/graphql", &zipped, "").await.status, 415);
}

#[tokio::test]
async fn every_answer_of_the_endpoint_has_its_id_and_the_budget() {
    let app = TestApp::with(|config| config.rate_limit.anonymous = "50/minute".parse().unwrap()).await;
    let viewer = r#"{"query":"{ viewer { id } }"}"#;
    let large = " ".repeat(128 * 1024 + 1);
    for (status, method, field, body) in [
        (200, "POST", ("x-nothing", ""), viewer),
        (200, "POST", ("x-nothing", ""), r#"{"query":"{"}"#),
        (400, "POST", ("x-nothing", ""), "[]"),
        (401, "POST", ("authorization", "Bearer junk"), viewer),
        (403, "POST", ("origin", "https://evil.example"), viewer),
        (405, "PUT", ("x-nothing", ""), viewer),
        (405, "HEAD", ("x-nothing", ""), ""),
        (406, "POST", ("accept", "text/html"), viewer),
        (413, "POST", ("x-nothing", ""), &large),
        (415, "POST", ("content-encoding", "gzip"), viewer),
    ] {
        let answer =
            send(&app.anonymous(), method, "/graphql", &[("content-type", "application/json"), field], body).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert!(answer.header("x-request-id").starts_with("req_"), "{status}");
        assert_eq!(answer.first_of("ratelimit-policy"), "\"requests\";q=50;w=60", "{status}");
        assert!(answer.header("ratelimit").starts_with("\"requests\";r="), "{status}");
        assert!(answer.text.len() < 2_048, "{status}");
        if status != 200 && method != "HEAD" {
            assert_eq!(answer.json()["errors"][0]["extensions"]["requestId"], answer.header("x-request-id"));
        }
        app.clock.advance(TimeDelta::minutes(1));
    }
}

/// A preflight, or any other OPTIONS, is answered in front of the endpoint.
#[tokio::test]
async fn options_are_answered_with_an_id_and_run_nothing() {
    let app = TestApp::new().await;
    let preflight = [("origin", "http://localhost:3000"), ("access-control-request-method", "POST")];
    for fields in [&preflight[..], &[]] {
        let answer = send(&app.anonymous(), "OPTIONS", "/graphql", fields, r#"{"query":"{ viewer { id } }"}"#).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, ""));
        assert!(answer.header("x-request-id").starts_with("req_"));
    }
}

#[tokio::test]
async fn an_operation_that_runs_too_long_is_stopped() {
    let app = TestApp::with(|config| config.timeouts.execution_seconds = 1).await;
    let never = Misbehave(|| Box::pin(std::future::pending()));
    let (status, id, answer) = send_to_schema(&app, never, &json!({ "query": "{ viewer { id } }" })).await;
    assert_eq!(status, 503);
    assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "TIMEOUT", "requestId": id }));
    assert!(answer.get("data").is_none());
}

/// What stands in front of the endpoint answers with an id and the budget too.
#[tokio::test]
async fn refusals_in_front_of_the_endpoint_have_an_id_and_the_budget() {
    let app = TestApp::new().await;
    let long = format!("/graphql?{}", "a".repeat(3_000));
    let large = "a".repeat(20_000);
    for (status, path, field) in [
        (400, "/graphql", ("host", "")),
        (414, long.as_str(), ("x-nothing", "")),
        (421, "/graphql", ("host", "evil.example")),
        (431, "/graphql", ("x-large", large.as_str())),
    ] {
        let answer = send(&app.anonymous(), "POST", path, &[("content-type", "application/json"), field], "").await;
        assert_eq!(answer.status, status, "{path:.20}");
        assert_eq!(answer.json()["errors"][0]["extensions"]["requestId"], answer.header("x-request-id"));
        assert!(answer.header("ratelimit").starts_with("\"requests\";r="), "{status}");
        assert!(answer.header("ratelimit-policy").starts_with("\"requests\";q="), "{status}");
    }
}

#[tokio::test]
async fn the_server_is_alive_and_ready() {
    let app = TestApp::new().await;
    for path in ["/healthz", "/readyz"] {
        for host in ["localhost", "10.0.0.7:8000", "evil.example"] {
            let answer = send(&app.anonymous(), "GET", path, &[("host", host)], "").await;
            assert_eq!((answer.status, answer.json()), (200, json!({ "status": "ok" })), "{path} {host}");
        }
        assert_eq!(send(&app.anonymous(), "POST", path, &[], "").await.status, 405);
    }
}

#[tokio::test]
async fn a_server_without_its_migrations_or_database_is_alive_and_not_ready() {
    let app = TestApp::new().await;
    app.app.services.store.migrate_down(1).await.unwrap();
    assert_readiness(&app, 503).await;
    app.app.services.store.migrate_up().await.unwrap();
    assert_readiness(&app, 200).await;
    let database = crate::session::open_database(&app).await;
    database.execute_unprepared("DROP TABLE seaql_migrations").await.unwrap();
    assert_readiness(&app, 503).await;
    app.app.services.store.clone().close().await.unwrap();
    assert_readiness(&app, 503).await;
}

/// Asserts that the server is alive, and whether it is ready.
async fn assert_readiness(app: &TestApp, status: u16) {
    assert_eq!(get(&app.anonymous(), "/healthz").await.status, 200);
    let answer = get(&app.anonymous(), "/readyz").await;
    assert_eq!(answer.status, status);
    if status == 503 {
        assert_eq!(answer.json(), json!({ "status": "unavailable" }), "strangers are told no cause");
    }
}

const INTROSPECTION: &str = "{ __schema { queryType { name } } __type(name: \"User\") { name } viewer { id } }";

#[tokio::test]
async fn the_schema_is_told_to_those_whom_the_setting_names() {
    for (scope, anonymous, user) in [
        (IntrospectionScope::Public, true, true),
        (IntrospectionScope::Authenticated, false, true),
        (IntrospectionScope::Off, false, false),
    ] {
        let app = TestApp::with(|config| config.graphql.introspection = scope).await;
        let ana = app.user("ana").await;
        for (client, told) in [(app.anonymous(), anonymous), (ana, user)] {
            let data = client.gql(INTROSPECTION).await.data();
            let expected = if told { (json!("Query"), json!("User")) } else { (Value::Null, Value::Null) };
            let names = (data["__schema"]["queryType"]["name"].clone(), data["__type"]["name"].clone());
            assert_eq!(names, expected, "{scope:?}");
        }
    }
}

#[tokio::test]
async fn the_schema_as_text_follows_introspection() {
    for (scope, anonymous, user) in [
        (IntrospectionScope::Public, 200, 200),
        (IntrospectionScope::Authenticated, 404, 200),
        (IntrospectionScope::Off, 404, 404),
    ] {
        let app = TestApp::with(|config| config.graphql.introspection = scope).await;
        let ana = app.user("ana").await;
        for (client, status) in [(app.anonymous(), anonymous), (ana, user)] {
            let request = client.request(Method::GET, "/schema.graphql").body(Body::empty()).unwrap();
            let answer = client.send(request).await;
            assert_eq!(answer.status, status, "{scope:?}");
            assert_eq!(answer.text == taskward::graphql::sdl(), status == 200, "{scope:?}");
        }
    }
}
