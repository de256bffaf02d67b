//! Takes JSON in UTF-8, not compressed, and nothing else.
//!
//! - *Attack.* Mutations hidden in form posts and `text/plain`, which browsers send for any site; two readers that see
//!   two charsets; a body of 1 KiB that unpacks to 1 GiB.
//! - *Setting.* None.
//! - *Answer.* 415 `UNSUPPORTED_MEDIA_TYPE`, with `Accept` or `Accept-Encoding` naming what is taken.
//! - *Test.* `tests/it/edge/content_type.rs`

use axum::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::{Refusal, field_syntax};
use crate::code::ErrorCode;

/// Refuses a request unless its content is [JSON](is_json) and was sent as it is.
pub fn check(headers: &HeaderMap) -> Result<(), Refusal> {
    if !is_json(headers) {
        return Err(refusal("Send the request as application/json in UTF-8.", ACCEPT, "application/json"));
    }
    if !is_identity(headers) {
        return Err(refusal("Send the request without Content-Encoding.", ACCEPT_ENCODING, "identity"));
    }
    Ok(())
}

/// Whether there is exactly one `Content-Type`, it is `application/json`, and it names no charset but UTF-8, once.
///
/// Other parameters mean nothing for JSON (RFC 8259, section 11) and are ignored, as long as they fit the grammar of
/// RFC 9110, section 8.3.1.
#[must_use]
pub fn is_json(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(CONTENT_TYPE).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return false };
    line.to_str().is_ok_and(is_json_in_utf8)
}

fn is_json_in_utf8(text: &str) -> bool {
    let mut parts = field_syntax::split(text, ';').into_iter();
    if !parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json")) {
        return false;
    }
    let mut charsets = 0;
    for part in parts.filter(|part| !part.is_empty()) {
        let Some((name, value)) = field_syntax::parameter(part) else { return false };
        if name.eq_ignore_ascii_case("charset") {
            charsets += 1;
            if charsets > 1 || !value.eq_ignore_ascii_case("utf-8") {
                return false;
            }
        }
    }
    true
}

fn is_identity(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn refusal(message: &'static str, name: HeaderName, taken: &'static str) -> Refusal {
    Refusal::new("content_type", ErrorCode::UnsupportedMediaType, message)
        .with_header(name, HeaderValue::from_static(taken))
}
