//! Pages of allowed origins can call and can read every answer, refusals too; pages of others can't.

use axum::Router;
use axum::http::StatusCode;
use axum::http::request::Builder;
use axum::routing::get;
use taskward::config::Cors;
use taskward::edge::AllowedOrigins;
use tower::ServiceExt;

use super::support::{Server, answer, empty, get_request};

const OURS: &str = "http://localhost:5173";

fn preflight(origin: &str) -> Builder {
    get_request("/graphql")
        .method("OPTIONS")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
}

#[tokio::test]
async fn a_preflight_of_an_allowed_origin_is_told_the_rules() {
    let answer = Server::new().send(empty(preflight(OURS))).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some(OURS));
    assert_eq!(answer.header("access-control-allow-methods"), Some("GET,POST,OPTIONS"));
    assert_eq!(answer.header("access-control-max-age"), Some("7200"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    let allowed: Vec<_> = answer.header("access-control-allow-headers").unwrap().split(',').collect();
    for name in [
        "authorization",
        "content-type",
        "accept",
        "apollo-require-preflight",
        "x-apollo-operation-name",
        "apollographql-client-name",
        "apollographql-client-version",
        "graphql-require-preflight",
        "x-request-id",
        "traceparent",
        "x-taskward-budget",
        "last-event-id",
    ] {
        assert!(allowed.contains(&name), "{name} in {allowed:?}");
    }
    assert_eq!(allowed.len(), 12);
}

#[tokio::test]
async fn other_origins_are_told_nothing() {
    for origin in ["https://evil.example", "null", "http://localhost:51730", "http://localhost", "*"] {
        for request in [preflight(origin), get_request("/graphql").header("origin", origin)] {
            let answer = Server::new().send(empty(request)).await;
            let told: Vec<_> =
                answer.headers.keys().filter(|name| name.as_str().starts_with("access-control")).collect();
            assert!(told.is_empty(), "{origin}: {told:?}");
            assert_eq!(answer.header("vary"), Some("origin"), "{origin}");
        }
    }
}

#[tokio::test]
async fn every_status_can_be_read_by_an_allowed_page() {
    let statuses = [200_u16, 400, 401, 403, 404, 405, 408, 413, 415, 421, 429, 431, 500, 503];
    let server = Server::new();
    let router = statuses.into_iter().fold(Router::new(), |router, status| {
        router.route(&format!("/{status}"), get(async move || StatusCode::from_u16(status).unwrap()))
    });
    let router = server.protect(router);
    for status in statuses {
        let request = empty(get_request(&format!("/{status}")).header("origin", OURS));
        let answer = answer(router.clone().oneshot(request).await.unwrap()).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), Some(OURS), "{status}");
        let exposed = Some("ratelimit,ratelimit-policy,retry-after,x-request-id");
        assert_eq!(answer.header("access-control-expose-headers"), exposed, "{status}");
    }
}

#[tokio::test]
async fn refusals_of_the_layers_can_be_read_too() {
    let long = format!("/graphql?{}", "a".repeat(3_000));
    let requests = [
        (get_request("/panic"), 500),
        (get_request(&long), 414),
        (get_request("/graphql").header("host", "localhost"), 400),
        (get_request("/graphql").header("x-large", "a".repeat(20_000)), 431),
        (get_request("/graphql").method("POST"), 415),
    ];
    for (request, status) in requests {
        let answer = Server::new().send(empty(request.header("origin", OURS))).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), Some(OURS), "{status}");
    }
}

#[tokio::test]
async fn answers_vary_by_origin_even_without_one() {
    assert_eq!(Server::new().send(empty(get_request("/graphql"))).await.header("vary"), Some("origin"));
}

#[test]
fn wildcards_match_no_origin_and_do_not_break_the_server() {
    let list = ["*", "null", "", "https://*.example", "https://App.example", "http://bad\n.example"];
    let origins = AllowedOrigins::new(&Cors { allowed_origins: list.map(String::from).to_vec() });
    for (origin, allowed) in [
        ("https://app.example", true),
        ("*", false),
        ("null", false),
        ("", false),
        ("https://a.example", false),
        ("https://app.example.evil.example", false),
    ] {
        assert_eq!(origins.contains(&origin.parse().unwrap()), allowed, "{origin}");
    }
}
