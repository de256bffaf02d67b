//! An event stream: what an operation comes to, message by message, until its end.
//!
//! This is graphql-sse in its [distinct connections mode]: a `next` for each result, then `complete`. Subscriptions go on
//! until there is nothing more to tell, or until the credential of the caller ends; a `complete` says that it is of no use to
//! come back. Without one the client does, with the id of the last event it saw: so it is at a shutdown, and when the log of
//! changes can't be read.
//!
//! Nothing is read for a client that does not take what it has got: there is never more than one event in memory.
//!
//! [distinct connections mode]: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode

use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use chrono::{DateTime, Utc};
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use tokio::time::Interval;
use tracing::{Instrument, Span};

use super::operation::{Answer, Events};
use super::response;
use crate::app::App;
use crate::code::ErrorCode;
use crate::edge::concurrency::CallerKey;
use crate::edge::subscriptions::Room;
use crate::edge::tally::Share;
use crate::edge::{MediaType, Refusal};
use crate::ids::RequestId;

/// How often it is looked whether the credential is still good, while nothing happens.
const CHECK: Duration = Duration::from_secs(1);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// nginx gathers an answer before it passes it on, unless this says `no`.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A comment, which clients skip and proxies take for a sign of life.
const KEEP_ALIVE: &[u8] = b":\n\n";
/// Nothing stands behind `data:`, not even a space: urql would read a result there.
const COMPLETE: &[u8] = b"event: complete\ndata:\n\n";

/// A subscription that a client follows.
pub(super) struct Subscription {
    /// Where it is served.
    pub(super) app: Arc<App>,
    /// What the log and the client know it by.
    pub(super) request_id: RequestId,
    /// From when on the caller's credential is not good any more.
    pub(super) expires_at: Option<DateTime<Utc>>,
    /// Its place among those of everybody, and among those of its caller, for as long as it goes on.
    #[expect(dead_code, reason = "held, not read")]
    pub(super) place: (Room, Share<CallerKey>),
}

/// What a client is still to be sent.
struct Pending {
    subscription: Subscription,
    messages: BoxStream<'static, Vec<u8>>,
    keep_alive: Interval,
    check: Interval,
}

/// The event that the client saw last, if it says so.
pub(super) fn last_event_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(LAST_EVENT_ID).filter(|id| !id.is_empty())?;
    Some(String::from_utf8_lossy(id.as_bytes()).into_owned())
}

/// The stream of an operation with one answer. When the server could not do its work in time, that is a 503 without a
/// stream: clients try again then, and do not after a `complete`.
pub(super) fn of_answer(answer: Answer) -> Response {
    if answer.unavailable { response::of(answer, MediaType::Json) } else { only(&answer.body) }
}

/// The stream of a document that is refused. What else is refused has no stream, but its status.
pub(super) fn of_refusal(refusal: Refusal, request_id: RequestId) -> Response {
    if refusal.code.status() != StatusCode::BAD_REQUEST.as_u16() || refusal.code == ErrorCode::BadRequest {
        return refusal.respond(request_id, MediaType::Json);
    }
    only(refusal.into_errors(request_id).as_bytes())
}

/// The stream of a subscription.
pub(super) fn of_events(subscription: Subscription, events: Box<Events>) -> Response {
    let ping = subscription.app.config.subscriptions.ping();
    let messages = messages(events, subscription.request_id).boxed();
    // The first tick of either comes at once: with the comment, clients get the head that they may be waiting for.
    let [keep_alive, check] = [ping, CHECK].map(tokio::time::interval);
    let pending = Pending { subscription, messages, keep_alive, check };
    let span = Span::current();
    stream_of(stream::unfold(pending, move |pending| pending.next().instrument(span.clone())))
}

/// The messages that tell of `events`, each made when the one before is taken.
fn messages(events: Box<Events>, request_id: RequestId) -> impl Stream<Item = Vec<u8>> {
    stream::unfold(Some(events), move |events| async move {
        let mut events = events?;
        Some(match events.next().await {
            Ok(Some(event)) => {
                let id = event.cursor.clone();
                let result = match events.resolve(event).await {
                    Ok(answer) => answer.body,
                    Err(refusal) => refusal.into_errors(request_id).into_bytes(),
                };
                (next(Some(&id), &result), Some(events))
            }
            Ok(None) => (COMPLETE.to_vec(), None),
            Err(refusal) => (failure(refusal, request_id), None),
        })
    })
}

impl Pending {
    /// What is sent next, and what comes behind it. The credential is looked at last: it may have ended while there was
    /// nothing to send, and who had it is told nothing more.
    async fn next(mut self) -> Option<(Vec<u8>, Self)> {
        let Subscription { app, request_id, expires_at, .. } = &mut self.subscription;
        let message = loop {
            let message = tokio::select! {
                biased;
                () = app.shutdown.cancelled() => return None,
                message = self.messages.next() => Some(message?),
                _ = self.keep_alive.tick() => Some(KEEP_ALIVE.to_vec()),
                _ = self.check.tick() => None,
            };
            let now = app.services.clock.now();
            if expires_at.take_if(|expires_at| *expires_at <= now).is_some() {
                self.messages = stream::empty().boxed();
                break failure(expired(), *request_id);
            }
            if let Some(message) = message {
                break message;
            }
        };
        self.keep_alive.reset();
        Some((message, self))
    }
}

/// A result, and where it stands if it is an event.
fn next(id: Option<&str>, result: &[u8]) -> Vec<u8> {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    [b"event: next\n", id.as_bytes(), b"data: ", result, b"\n\n"].concat()
}

/// The last message of a subscription that can't go on. It is over when that is the caller's affair; when it is the
/// server's, the client comes back.
fn failure(refusal: Refusal, request_id: RequestId) -> Vec<u8> {
    let end = if refusal.code == ErrorCode::Unauthenticated { COMPLETE } else { &[] };
    [&next(None, refusal.into_errors(request_id).as_bytes()), end].concat()
}

fn expired() -> Refusal {
    Refusal::new("caller", ErrorCode::Unauthenticated, "The token has expired. Log in, or refresh the session.")
}

/// A stream with one result.
fn only(result: &[u8]) -> Response {
    stream_of(stream::once(ready([&next(None, result), COMPLETE].concat())))
}

fn stream_of(messages: impl Stream<Item = Vec<u8>> + Send + 'static) -> Response {
    let mut response = Response::new(Body::from_stream(messages.map(Ok::<_, Infallible>)));
    response.headers_mut().insert(CONTENT_TYPE, MediaType::EventStream.content_type());
    response.headers_mut().insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::random::Random;

    fn request_id() -> RequestId {
        RequestId::generate(Clock::system().now(), &Random::seeded(1))
    }

    fn head(response: &Response) -> (u16, &str) {
        (response.status().as_u16(), response.headers()[CONTENT_TYPE].to_str().unwrap())
    }

    #[test]
    fn a_document_is_refused_in_a_stream_and_a_request_with_its_status() {
        let (json, events) = ("application/json; charset=utf-8", "text/event-stream; charset=utf-8");
        for (code, told) in [
            (ErrorCode::GraphqlParseFailed, (200, events)),
            (ErrorCode::BadUserInput, (200, events)),
            (ErrorCode::QueryTooDeep, (200, events)),
            (ErrorCode::ResponseTooLarge, (200, events)),
            (ErrorCode::BadRequest, (400, json)),
            (ErrorCode::Unauthenticated, (401, json)),
            (ErrorCode::RateLimited, (429, json)),
            (ErrorCode::InternalServerError, (500, json)),
            (ErrorCode::Timeout, (503, json)),
        ] {
            let response = of_refusal(Refusal::new("guard", code, "No."), request_id());
            assert_eq!(head(&response), told, "{code:?}");
        }
        for (unavailable, told) in [(false, (200, events)), (true, (503, json))] {
            assert_eq!(head(&of_answer(Answer { body: Vec::new(), ran: true, unavailable })), told);
        }
    }

    #[test]
    fn a_client_comes_back_after_what_the_server_failed_in_and_not_without_a_credential() {
        for (code, is_over) in [(ErrorCode::Unauthenticated, true), (ErrorCode::Timeout, false)] {
            let last = failure(Refusal::new("caller", code, "No."), request_id());
            assert!(last.starts_with(b"event: next\ndata: {\"errors\":["));
            assert_eq!(last.ends_with(COMPLETE), is_over, "{code:?}");
        }
    }
}
