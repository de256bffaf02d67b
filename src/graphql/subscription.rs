//! The two steps of a subscription (GraphQL, September 2025, section 6.2.3): first its source event stream, and then, for
//! each event, an execution of its own.
//!
//! The library would resolve all events in one execution, with the loaders and without the deadline of the first. So it is
//! asked for each step by itself: the root field finds out from the context which one it is.

use std::pin::pin;
use std::sync::{Mutex, PoisonError};

use async_graphql::futures_util::StreamExt;
use async_graphql::{Request, Response};

use super::Schema;
use super::error::ApiError;
use super::execute::until_waiting;
use crate::domain::change::{Change, Feed};
use crate::domain::paging::Edge;

/// What the root field of a subscription is to do.
pub(super) enum Step {
    /// Make the source event stream, and put it here (`CreateSourceEventStream`).
    Subscribe {
        /// The cursor that the client came back with, which is later than the one in its arguments.
        last_event_id: Option<String>,
        /// Where the stream is put.
        feed: Mutex<Option<Box<Feed>>>,
    },
    /// Answer with this event (`MapSourceToResponseEvent`).
    Event(Box<Edge<Change>>),
}

impl Step {
    pub(super) fn put(slot: &Mutex<Option<Box<Feed>>>, feed: Feed) {
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(feed));
    }
}

/// The source event stream of the subscription `request`, which begins behind the event `last_event_id` if there is one;
/// or the answer that says why there is none.
pub async fn subscribe(
    schema: &Schema,
    request: Request,
    last_event_id: Option<String>,
) -> Result<Box<Feed>, Box<Response>> {
    let step = std::sync::Arc::new(Step::Subscribe { last_event_id, feed: Mutex::default() });
    let answer = execute(schema, request.data(std::sync::Arc::clone(&step))).await;
    // The root field that has put a feed answers nothing.
    if let Step::Subscribe { feed, .. } = step.as_ref()
        && let Some(feed) = feed.lock().unwrap_or_else(PoisonError::into_inner).take()
    {
        return Ok(feed);
    }
    Err(Box::new(answer.unwrap_or_else(missing)))
}

/// The answer to `event` of the subscription `request`.
pub async fn respond(schema: &Schema, request: Request, event: Edge<Change>) -> Response {
    execute(schema, request.data(std::sync::Arc::new(Step::Event(Box::new(event))))).await.unwrap_or_else(missing)
}

/// The one answer of a step, if it has any.
async fn execute(schema: &Schema, request: Request) -> Option<Response> {
    let mut answers = pin!(schema.execute_stream(request));
    until_waiting(answers.next()).await
}

/// The answer of a step that should have had one. Making it tells the log.
fn missing() -> Response {
    let missing = ApiError::internal(&std::io::Error::other("a subscription gave no answer"));
    let error = async_graphql::Error::from(missing);
    Response::from_errors(vec![error.into_server_error(async_graphql::Pos::default())])
}
