//! One operation on a socket, from its `subscribe` to its end.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use tracing::Instrument;

use super::close::Close;
use super::message;
use super::operations::End;
use super::outgoing::Outgoing;
use crate::app::App;
use crate::code::{ErrorCode, INTERNAL_MESSAGE};
use crate::edge::access_log::{Passage, RequestRecord};
use crate::edge::{Refusal, panic};
use crate::http::graphql::operation::{Answer, Events, Operation, Origin, Outcome};
use crate::http::request::GraphqlRequest;
use crate::ids::RequestId;

/// Who said `connection_init`.
pub(super) struct Client {
    pub(super) app: Arc<App>,
    pub(super) origin: Origin,
    /// The value of `Authorization`, which is looked at again for each operation.
    pub(super) authorization: Option<String>,
}

impl Client {
    /// Runs the operation that the client knows as `id`, and sends what it comes to.
    pub(super) async fn run(self: Arc<Self>, id: String, request: GraphqlRequest, outgoing: Outgoing) -> End {
        let record = RequestRecord::default();
        let operation = Operation::on_socket(&self.app, &self.origin, record.clone());
        let request_id = operation.request_id;
        let mut passage = Passage::on_socket(&self.app.services.clock, record, request_id, self.origin.address);
        let span = tracing::error_span!("graphql", %request_id);
        // Nothing of the operation is used after a panic, so nothing half-changed can be seen.
        let run = AssertUnwindSafe(self.answer(operation, request, &id, &outgoing)).catch_unwind();
        let end = match run.instrument(span).await {
            Ok(Ok(end)) => end,
            Ok(Err(refusal)) if refusal.code == ErrorCode::Unauthenticated => {
                End::Close(Close::refused(refusal, request_id))
            }
            Ok(Err(refusal)) => End::Refused(refusal.into_errors(request_id)),
            Err(payload) => End::Refused(panic::refusal(payload.as_ref(), request_id).into_errors(request_id)),
        };
        passage.complete();
        end
    }

    async fn answer(
        &self,
        mut operation: Operation,
        request: GraphqlRequest,
        id: &str,
        outgoing: &Outgoing,
    ) -> Result<End, Refusal> {
        let authorization = self.authorization.iter().map(String::as_bytes);
        let known = operation.caller(authorization).await?;
        match operation.begin(request, known.caller, |_| Ok(())).await? {
            Outcome::Events(events) => send_events(*events, operation.request_id, id, outgoing).await,
            Outcome::Answer(answer) if answer.ran => {
                // Only a socket that is closed takes no messages.
                let _ = outgoing.send(message::next(id, &text(answer)?)).await;
                Ok(End::Complete)
            }
            Outcome::Answer(answer) => text(answer).map(End::Refused),
        }
    }
}

/// Sends the events of a subscription, each when there is a place for it in the queue: only then is it resolved.
async fn send_events(mut events: Events, request_id: RequestId, id: &str, outgoing: &Outgoing) -> Result<End, Refusal> {
    loop {
        let event = match events.next().await {
            Ok(Some(event)) => event,
            Ok(None) => return Ok(End::Complete),
            // An `error` would end the subscription for good; whoever comes back has missed nothing.
            Err(refusal) => return Ok(End::Close(Close::refused(refusal, request_id))),
        };
        let Ok(place) = outgoing.place().await else { return Ok(End::Complete) };
        let answer = match events.resolve(event).await {
            Ok(answer) => text(answer)?,
            // The next event may be a smaller one.
            Err(refusal) => refusal.into_errors(request_id),
        };
        place.send(message::next(id, &answer)).await;
    }
}

fn text(answer: Answer) -> Result<String, Refusal> {
    String::from_utf8(answer.body).map_err(|error| {
        tracing::error!(target: "taskward::internal", %error, "an answer is not UTF-8");
        Refusal::new("answer", ErrorCode::InternalServerError, INTERNAL_MESSAGE)
    })
}
