//! graphql-transport-ws over real connections: its protocol, its limits, and attacks on it.
//!
//! What [the protocol](https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md) says of how a
//! socket ends, and of what must not end it, with the tests that show it:
//!
//! - `ConnectionInit`: "If the client does not request a connection within the allowed timeout, the server will close the
//!   socket with the event: `4408: Connection initialisation timeout`": `init::whoever_says_nothing_is_closed`,
//!   `settings::a_socket_has_as_long_to_say_who_it_is_as_the_setting_says`.
//! - `ConnectionInit`: "more than one `ConnectionInit` message at any given time": `4429: Too many initialisation requests`:
//!   `init::a_second_init_is_one_too_many`.
//! - `ConnectionInit`: "If the server wishes to reject the connection, for example during authentication":
//!   `4403: Forbidden`: `init::a_bad_token_is_refused`, and `authority` for a connection that was good once.
//! - `ConnectionInit`, `Ping`, `Pong`: `payload` is an object, null or absent: `protocol::a_payload_may_be_null_or_absent`,
//!   `messages::an_init_with_another_payload_closes`.
//! - `Ping`: "can be sent at any time within the established socket", `Pong` "may even be sent unsolicited":
//!   `init::a_ping_is_answered_at_any_time_and_a_pong_is_ignored`.
//! - `Subscribe`: "If there is already an active subscriber for an operation matching the provided ID, regardless of the
//!   operation type": `4409: Subscriber for <unique-operation-id> already exists`:
//!   `operations::an_id_that_is_taken_closes_whatever_the_operation`.
//! - `Subscribe`: "Once a client completes an operation, it is free to reuse that ID":
//!   `operations::an_id_is_free_when_its_subscription_was_ended`, `protocol::an_id_is_free_after_an_error_and_a_complete`.
//! - `Subscribe`: "if the connection is not acknowledged, the socket will be closed immediately with the event
//!   `4401: Unauthorized`": `init::nothing_runs_before_the_acknowledgement`,
//!   `protocol::a_subscribe_between_init_and_its_acknowledgement_waits_or_closes`.
//! - `Next`, `Complete`: "After all results have been emitted, the `Complete` message will follow":
//!   `operations::a_query_has_one_result_with_its_cost`, `protocol::a_subscription_whose_source_ends_is_completed`.
//! - `Error`: "This message terminates the operation and no further messages will be sent":
//!   `protocol::an_id_is_free_after_an_error_and_a_complete`.
//! - `Complete`: "Even if the client sent a `Complete` message for a single-result-operation before it resolved, the result
//!   should not be sent through": `protocol::a_query_that_is_completed_before_it_resolves_says_nothing`.
//! - `Complete`: "Both client and server must therefore be prepared to receive (and ignore) messages for operations that they
//!   consider already completed": `messages::ids_that_nobody_knows_are_ignored`.
//! - Invalid message: "a message of a type or format which is not specified in this document will result in an immediate
//!   socket closure with the event `4400: <error-message>`": `messages::what_is_no_message_closes`,
//!   `messages::a_binary_message_closes`, `protocol::what_is_no_message_closes_before_the_acknowledgement_too`.
//! - Communication: "The client closes the socket and the connection by dispatching a `1000: Normal Closure`":
//!   `protocol::a_farewell_is_answered_and_frees_the_place`. "The server can close the socket at any time":
//!   `feed::the_shutdown_closes_with_1001`.
//! - The sub-protocol is `graphql-transport-ws`: `handshake::only_the_one_subprotocol_is_spoken`.

mod authority;
mod budgets;
mod feed;
mod frames;
mod handshake;
mod init;
mod limits;
mod messages;
mod operations;
mod protocol;
mod settings;

use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use crate::support::{Client, Socket, TestApp};

/// A subscription to everything that the viewer sees.
const CHANGES: &str = "subscription { taskChanged { cursor kind taskId task { title } } }";

/// The id of a new task.
async fn create(client: &Client, title: &str) -> Value {
    let document = format!("mutation {{ createTask(input: {{ title: \"{title}\" }}) {{ task {{ id }} }} }}");
    client.gql(&document).await.data()["createTask"]["task"]["id"].clone()
}

/// Begins a subscription and waits until it has begun: what happens from then on is told.
async fn begin(app: &TestApp, socket: &mut Socket, id: &str, query: &str) {
    let before = app.app.services.bus.listeners();
    socket.subscribe(id, query).await;
    until("the subscription begins", || app.app.services.bus.listeners() > before).await;
}

/// Looks again and again until `condition` holds.
async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let holds = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(20), holds).await.unwrap_or_else(|_| panic!("{what}: not within 20 seconds"));
}
