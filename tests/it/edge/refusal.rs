//! Refusals are small JSON errors with a code, the request id and no `data`.

use std::time::Duration;

use axum::http::{HeaderValue, header};
use serde_json::json;
use taskward::code::ErrorCode;
use taskward::edge::{MediaType, Refusal};

use super::support::{any_request_id, respond};
use crate::support::Log;

#[tokio::test]
async fn a_refusal_is_json_with_errors_and_no_data() {
    let refusal = Refusal::new("host", ErrorCode::MisdirectedRequest, "Not here.")
        .with_header(header::CONNECTION, HeaderValue::from_static("close"));
    let answer = respond(refusal, MediaType::Json).await;
    let extensions = json!({ "code": "MISDIRECTED_REQUEST", "requestId": any_request_id().to_string() });
    assert_eq!(answer.json(), json!({ "errors": [{ "message": "Not here.", "extensions": extensions }] }));
    assert_eq!(answer.status, 421);
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(answer.header("retry-after"), None);
}

#[tokio::test]
async fn graphqls_own_request_errors_are_200_as_plain_json() {
    let cases = [
        (ErrorCode::GraphqlParseFailed, MediaType::Json, 200),
        (ErrorCode::GraphqlParseFailed, MediaType::GraphqlResponse, 400),
        (ErrorCode::QueryTooDeep, MediaType::Json, 400),
        (ErrorCode::QueryTooDeep, MediaType::GraphqlResponse, 400),
        (ErrorCode::Unauthenticated, MediaType::Json, 401),
        (ErrorCode::RateLimited, MediaType::GraphqlResponse, 429),
    ];
    for (code, media_type, status) in cases {
        let answer = respond(Refusal::new("test", code, "No."), media_type).await;
        assert_eq!(answer.status, status, "{code:?} as {media_type:?}");
        assert_eq!(answer.headers[header::CONTENT_TYPE], media_type.content_type());
    }
}

#[tokio::test]
async fn retry_after_is_rounded_up_to_whole_seconds() {
    for (millis, seconds) in [(0, "0"), (1, "1"), (1_000, "1"), (1_001, "2"), (60_000, "60")] {
        let mut refusal = Refusal::new("request_rate", ErrorCode::RateLimited, "Too many requests.");
        refusal.retry_after = Some(Duration::from_millis(millis));
        refusal.policy = Some("requests");
        let answer = respond(refusal, MediaType::Json).await;
        assert_eq!(answer.header("retry-after"), Some(seconds), "{millis} ms");
        assert_eq!(answer.json()["errors"][0]["extensions"]["policy"], "requests");
    }
}

#[tokio::test]
async fn no_message_makes_a_refusal_larger_than_2_kib() {
    for character in ["a", "\"", "\u{0}", "\u{10FFFF}", "\u{202E}"] {
        let refusal = Refusal::new("test", ErrorCode::PersistedQueryNotSupported, character.repeat(100_000));
        let answer = respond(refusal, MediaType::Json).await;
        assert!(answer.body.len() < 2_048, "{character:?}: {} bytes", answer.body.len());
        assert_eq!(answer.json()["errors"][0]["message"].as_str().unwrap().chars().count(), 300);
    }
}

#[tokio::test]
async fn a_refusal_is_logged_once_with_its_protection_and_limit() {
    let (log, _guard) = Log::start();
    let refusal = Refusal::new("body", ErrorCode::PayloadTooLarge, "Too large.").of_limit("limits.body_bytes");
    respond(refusal, MediaType::Json).await;
    let lines = log.lines("taskward::refusal");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["protection"], "body");
    assert_eq!(lines[0]["limit"], "limits.body_bytes");
    assert_eq!(lines[0]["code"], "PAYLOAD_TOO_LARGE");
    assert_eq!(lines[0]["request_id"], any_request_id().to_string());
}
