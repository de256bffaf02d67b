//! What a page of another site can make a browser send is refused; what clients and our own pages send passes.

use axum::http::request::Parts;
use taskward::edge::host::RequestHost;
use taskward::edge::https::Secure;
use taskward::edge::{AllowedOrigins, csrf};

use super::support::{Server, empty, get_request, header_map, post_request};

fn parts(fields: &[(&'static str, &str)]) -> Parts {
    let (mut parts, ()) = axum::http::Request::new(()).into_parts();
    parts.headers = header_map(fields);
    parts.extensions.insert(RequestHost { name: String::from("localhost"), port: Some(8000) });
    parts
}

fn origins() -> AllowedOrigins {
    AllowedOrigins::new(&Server::new().config.cors)
}

#[test]
fn the_origin_is_ours_or_allowed_or_no_browser_speaks() {
    let cases: [(&[(&str, &str)], bool); 18] = [
        (&[], true),
        (&[("origin", "http://localhost:8000")], true),
        (&[("origin", "http://localhost:5173")], true),
        (&[("origin", "https://evil.example")], false),
        (&[("origin", "https://localhost:8000")], false),
        (&[("origin", "http://localhost")], false),
        (&[("origin", "http://localhost:8001")], false),
        (&[("origin", "null")], false),
        (&[("origin", "")], false),
        (&[("origin", "http://localhost:8000"), ("origin", "https://evil.example")], false),
        (&[("sec-fetch-site", "same-origin")], true),
        (&[("sec-fetch-site", "none")], true),
        (&[("sec-fetch-site", "cross-site")], false),
        (&[("sec-fetch-site", "same-site")], false),
        (&[("sec-fetch-site", "something-new")], false),
        (&[("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")], false),
        (&[("sec-fetch-site", "same-site"), ("origin", "http://localhost:5173")], true),
        (&[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")], false),
    ];
    for (fields, passes) in cases {
        let checked = csrf::check_origin(&parts(fields), &origins());
        assert_eq!(checked.is_ok(), passes, "{fields:?}");
    }
}

#[test]
fn our_own_origin_has_our_scheme_and_leaves_its_port_out() {
    let cases = [
        (None, Some(80), "http://localhost", true),
        (None, None, "http://localhost", true),
        (None, Some(443), "http://localhost", false),
        (Some(Secure), None, "https://localhost", true),
        (Some(Secure), Some(443), "https://localhost", true),
        (Some(Secure), Some(8443), "https://localhost:8443", true),
        (Some(Secure), None, "http://localhost", false),
    ];
    for (secure, port, origin, passes) in cases {
        let mut parts = parts(&[("origin", origin)]);
        parts.extensions.insert(RequestHost { name: String::from("localhost"), port });
        if let Some(secure) = secure {
            parts.extensions.insert(secure);
        }
        assert_eq!(csrf::check_origin(&parts, &origins()).is_ok(), passes, "{secure:?} {port:?} {origin}");
    }
    let mut unknown = parts(&[("origin", "http://localhost:8000")]);
    unknown.extensions.remove::<RequestHost>();
    assert!(csrf::check_origin(&unknown, &origins()).is_err());
}

#[test]
fn a_request_that_needs_no_preflight_is_refused() {
    let cases: [(&[(&str, &str)], bool); 13] = [
        (&[], false),
        (&[("content-type", "text/plain")], false),
        (&[("content-type", "application/x-www-form-urlencoded")], false),
        (&[("content-type", "multipart/form-data; boundary=x")], false),
        (&[("content-type", "text/plain; application/json")], false),
        (&[("content-type", "application/json"), ("content-type", "text/plain")], false),
        (&[("content-type", "application/json")], true),
        (&[("authorization", "Bearer x")], true),
        (&[("apollo-require-preflight", "true")], true),
        (&[("x-apollo-operation-name", "Tasks")], true),
        (&[("graphql-require-preflight", "1")], true),
        (&[("accept", "application/json"), ("accept-language", "en")], false),
        (&[("cookie", "session=1")], false),
    ];
    for (fields, passes) in cases {
        assert_eq!(csrf::check_preflight(&header_map(fields)).is_ok(), passes, "{fields:?}");
    }
}

#[tokio::test]
async fn the_endpoint_answers_403() {
    let server = Server::new();
    for (name, value) in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        let answer = server.send(empty(post_request().header(name, value))).await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "CSRF_REJECTED"), "{name}: {value}");
    }
    assert_eq!(server.send(empty(post_request())).await.status, 200);
    let own = post_request().header("origin", "http://localhost:8000").header("sec-fetch-site", "same-origin");
    assert_eq!(server.send(empty(own)).await.status, 200);
}

#[tokio::test]
async fn the_content_type_of_a_post_is_checked_first() {
    let form = get_request("/graphql").method("POST").header("content-type", "text/plain");
    let answer = Server::new().send(empty(form.header("origin", "https://evil.example"))).await;
    assert_eq!(answer.status, 415);
}
