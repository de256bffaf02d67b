//! A panic is an answer like any other, and its cause stays here.

use taskward::code::INTERNAL_MESSAGE;

use super::support::{Server, empty, get_request};
use crate::support::Log;

#[tokio::test]
async fn a_panic_becomes_a_500_without_its_cause() {
    let (log, _guard) = Log::start();
    let answer = Server::new().send(empty(get_request("/panic"))).await;
    assert_eq!(answer.status, 500);
    assert_eq!(answer.code(), "INTERNAL_SERVER_ERROR");
    assert!(!answer.body.contains("secret cause"), "{}", answer.body);
    assert!(answer.body.contains(INTERNAL_MESSAGE), "{}", answer.body);

    let lines = log.lines("taskward::panic");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["text"], "the secret cause");
    assert_eq!(lines[0]["request_id"], answer.header("x-request-id").unwrap());
    assert_eq!(log.lines("taskward::request")[0]["status"], 500);
}
