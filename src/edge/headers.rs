//! Puts on every answer the header fields that keep browsers from misusing it.
//!
//! - *Attack.* Script in a stored text that a browser takes for a page; framing; addresses leaked by `Referer`; answers
//!   kept in shared caches.
//! - *Setting.* None. A handler may set its own `Content-Security-Policy` and `Cache-Control`; the rest is fixed.
//! - *Answer.* Unchanged but for the fields.
//! - *Test.* `tests/it/edge/headers.rs`

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

/// Fields that every answer has, with their value.
const ALWAYS: [(HeaderName, &str); 5] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    // For browsers that do not know `frame-ancestors`.
    (X_FRAME_OPTIONS, "DENY"),
    // Stops `<img>`, `<script>` and the like of other sites. Calls under CORS are not touched by it.
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    // The playground shares no window with a page that opened it.
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Fields that an answer has unless its handler knows better.
const UNLESS_SET: [(HeaderName, &str); 2] = [
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    // Answers depend on the token, and errors on the moment. What is the same for everybody says so itself.
    (CACHE_CONTROL, "no-store"),
];

/// The answer with the fields added.
pub async fn add(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in UNLESS_SET {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
