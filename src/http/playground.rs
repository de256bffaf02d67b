//! The playground: GraphiQL, built by `build.rs`, embedded in the binary and served from the
//! server's own origin.
//!
//! Nothing is loaded from anywhere else, and the content security policy holds the page to that.
//! Assets are compressed when the server is built, so that a request for megabytes costs no more
//! than copying them.

use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::{Embed, EmbeddedFile};

/// What the page and its workers may load: scripts, workers and connections of this origin only.
///
/// Inline styles stay allowed because Monaco, the editor in GraphiQL, writes style attributes and
/// elements (<https://github.com/microsoft/monaco-editor/issues/271>); its fonts and small images
/// are `data:` URLs.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; \
     style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The names of assets hold a hash of their content, so that a name never means anything else.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The page names the assets of one build and must be asked for again after the next.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// The headers of every answer: they concern the page, and its workers too, which take the policy
/// of their own script.
const PROTECTIONS: [(HeaderName, HeaderValue); 4] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
];

/// Routes of the playground: the page at `/`, `/playground` and `/playground/`, its assets under
/// `/playground/assets/`.
///
/// They answer GET and HEAD with the embedded file, 304 when the caller holds it already, 404 for
/// an asset that does not exist, and 405 for other methods.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/", get(page))
        .route("/playground", get(page))
        .route("/playground/", get(page))
        .route("/playground/assets/{name}", get(asset))
}

/// Whether GraphiQL was built in: false when the binary holds only the page that says what to
/// install.
#[must_use]
pub fn is_built() -> bool {
    Files::iter().any(|path| path.starts_with("assets/"))
}

/// What `build.rs` left behind: `index.html` and, when Node was there, `assets/` with a `.gz` twin
/// of each.
#[derive(Embed)]
#[folder = "$OUT_DIR/playground"]
struct Files;

async fn page(request: HeaderMap) -> Response {
    answer("index.html", REVALIDATE, &request)
}

async fn asset(Path(name): Path<String>, request: HeaderMap) -> Response {
    answer(&format!("assets/{name}"), IMMUTABLE, &request)
}

fn answer(path: &str, cache_control: HeaderValue, request: &HeaderMap) -> Response {
    let Some(plain) = Files::get(path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let content_type = content_type(&plain);
    let twin = accepts_gzip(request).then(|| Files::get(&format!("{path}.gz"))).flatten();
    let encoding = twin.as_ref().map(|_| [(header::CONTENT_ENCODING, "gzip")]);
    let file = twin.unwrap_or(plain);
    let entity_tag = entity_tag(&file);

    let caching = [(header::CACHE_CONTROL, cache_control), (header::VARY, HeaderValue::from_static("accept-encoding"))];
    let common = (PROTECTIONS, caching, [(header::ETAG, entity_tag.clone())]);
    if holds(request, &entity_tag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, [(header::CONTENT_TYPE, content_type)], encoding, Body::from(file.data)).into_response()
}

/// The media type by the file's name; text says that it is UTF-8.
fn content_type(file: &EmbeddedFile) -> String {
    match file.metadata.mimetype() {
        text if text.starts_with("text/") => format!("{text}; charset=utf-8"),
        other => other.to_owned(),
    }
}

/// A strong entity tag: the first half of the SHA-256 of the bytes that are sent.
fn entity_tag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    let half = hash.iter().take(16);
    let number = half.fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
    format!("\"{number:032x}\"")
}

/// Whether `If-None-Match` names the tag, by the weak comparison of RFC 9110, section 13.1.2.
fn holds(request: &HeaderMap, entity_tag: &str) -> bool {
    list(request, header::IF_NONE_MATCH).any(|tag| tag == "*" || tag.trim_start_matches("W/") == entity_tag)
}

/// Whether `Accept-Encoding` names gzip, and not with a weight of zero (RFC 9110, section 12.5.3).
fn accepts_gzip(request: &HeaderMap) -> bool {
    list(request, header::ACCEPT_ENCODING).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().trim_start_matches("q=").parse::<f32>();
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_ok_and(|weight| weight > 0.0)
    })
}

/// The members of a comma-separated header, over all its lines; a line that is not ASCII is passed
/// over.
fn list(request: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = request.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use axum::http::{Method, Request};
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    async fn call(method: Method, path: &str, headers: &[(HeaderName, &str)]) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        routes::<()>().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn get(path: &str, headers: &[(HeaderName, &str)]) -> Response {
        call(Method::GET, path, headers).await
    }

    async fn body(response: Response) -> Vec<u8> {
        response.into_body().collect().await.unwrap().to_bytes().to_vec()
    }

    fn value(response: &Response, name: HeaderName) -> &str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The path of an embedded asset, or none in a build that left the playground out.
    fn asset_ending(end: &str) -> Option<String> {
        Files::iter()
            .find(|path| path.starts_with("assets/") && path.ends_with(end))
            .map(|path| format!("/playground/{path}"))
    }

    #[tokio::test]
    async fn page_is_served_at_every_address_and_asked_for_again() {
        for path in ["/", "/playground", "/playground/"] {
            let response = get(path, &[]).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(value(&response, header::CONTENT_TYPE), "text/html; charset=utf-8");
            assert_eq!(value(&response, header::CACHE_CONTROL), "no-cache");
            let text = String::from_utf8(body(response).await).unwrap();
            assert!(text.contains("<title>Taskward playground</title>"), "{path}");
            assert_eq!(text.contains("/playground/assets/"), is_built(), "{path}");
            assert_eq!(text.contains("install Node"), !is_built(), "{path}");
        }
    }

    #[tokio::test]
    async fn page_and_assets_carry_the_protections() {
        for path in [Some("/playground".to_owned()), asset_ending(".js")].into_iter().flatten() {
            let response = get(&path, &[]).await;
            let policy = value(&response, header::CONTENT_SECURITY_POLICY);
            assert!(policy.starts_with("default-src 'none'; script-src 'self'; worker-src 'self';"), "{path}");
            assert!(policy.ends_with("frame-ancestors 'none'"), "{path}");
            for forbidden in ["blob:", "http", "*", "unsafe-eval", "script-src 'self' 'unsafe-inline'"] {
                assert!(!policy.contains(forbidden), "{path}: {forbidden}");
            }
            assert_eq!(value(&response, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
            assert_eq!(value(&response, header::REFERRER_POLICY), "no-referrer");
            assert_eq!(value(&response, HeaderName::from_static("x-robots-tag")), "noindex");
        }
    }

    #[tokio::test]
    async fn page_holds_no_inline_script_and_no_foreign_address() {
        let text = String::from_utf8(body(get("/", &[]).await).await).unwrap();
        assert!(!text.contains("http:") && !text.contains("https:"), "{text}");
        for script in text.split("<script").skip(1) {
            assert!(script.contains("src=\"/playground/assets/") && script.contains("></script>"), "{script}");
        }
    }

    #[tokio::test]
    async fn assets_are_typed_and_kept_for_good() {
        for (end, media_type) in [
            (".js", "text/javascript; charset=utf-8"),
            (".css", "text/css; charset=utf-8"),
            (".ttf", "font/ttf"),
            (".svg", "image/svg+xml"),
        ] {
            let Some(path) = asset_ending(end) else {
                continue;
            };
            let response = get(&path, &[]).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(value(&response, header::CONTENT_TYPE), media_type);
            assert_eq!(value(&response, header::CACHE_CONTROL), "public, max-age=31536000, immutable");
        }
    }

    #[tokio::test]
    async fn gzip_is_sent_to_those_who_take_it() {
        let Some(path) = asset_ending(".js") else {
            return;
        };
        for (accepted, encoding) in [
            ("gzip", "gzip"),
            ("br, GZip;q=0.5", "gzip"),
            ("deflate, gzip ; q=1.0, *;q=0", "gzip"),
            ("", ""),
            ("br", ""),
            ("gzip;q=0", ""),
            ("gzip; q=0.000", ""),
            ("xgzip", ""),
        ] {
            let response = get(&path, &[(header::ACCEPT_ENCODING, accepted)]).await;
            assert_eq!(value(&response, header::CONTENT_ENCODING), encoding, "{accepted}");
            assert_eq!(value(&response, header::CONTENT_TYPE), "text/javascript; charset=utf-8", "{accepted}");
            assert_eq!(value(&response, header::VARY), "accept-encoding", "{accepted}");
            assert_eq!(body(response).await.starts_with(&[0x1f, 0x8b]), encoding == "gzip", "{accepted}");
        }
    }

    #[tokio::test]
    async fn entity_tag_spares_a_second_copy_and_differs_by_encoding() {
        let first = get("/playground", &[]).await;
        let tag = value(&first, header::ETAG).to_owned();
        for (sent, status) in [
            (tag.clone(), StatusCode::NOT_MODIFIED),
            (format!("\"other\", W/{tag}"), StatusCode::NOT_MODIFIED),
            ("*".to_owned(), StatusCode::NOT_MODIFIED),
            ("\"other\"".to_owned(), StatusCode::OK),
        ] {
            let response = get("/playground", &[(header::IF_NONE_MATCH, &sent)]).await;
            assert_eq!(response.status(), status, "{sent}");
            assert_eq!(value(&response, header::ETAG), tag, "{sent}");
            assert_eq!(body(response).await.is_empty(), status == StatusCode::NOT_MODIFIED, "{sent}");
        }
        let Some(path) = asset_ending(".js") else {
            return;
        };
        let (plain, gzip) = (get(&path, &[]).await, get(&path, &[(header::ACCEPT_ENCODING, "gzip")]).await);
        assert_ne!(value(&plain, header::ETAG), value(&gzip, header::ETAG));
    }

    #[tokio::test]
    async fn unknown_assets_and_other_methods_are_refused() {
        for path in
            ["/playground/assets/none.js", "/playground/assets/..%2findex.html", "/playground/assets/", "/playground/x"]
        {
            assert_eq!(get(path, &[]).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
            let response = call(method.clone(), "/playground", &[]).await;
            assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
        }
        let head = call(Method::HEAD, "/playground", &[]).await;
        assert_eq!(head.status(), StatusCode::OK);
        assert!(body(head).await.is_empty());
    }
}
