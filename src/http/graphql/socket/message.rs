//! The messages of graphql-transport-ws.
//!
//! Attack. Messages that are none, or that hold more than they seem to.
//! Setting. The `limits` of JSON, and `subscriptions.message_bytes`.
//! Answer. The socket is closed with 4400.
//! Test. `tests/it/socket/messages.rs`
//!
//! See [the protocol](https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md).

use axum::extract::ws::Message;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::close::Close;
use crate::http::json::{JsonLimits, parse_object};
use crate::http::request::GraphqlRequest;

/// Bytes of the id of an operation, which every message about it repeats.
const ID_BYTES: usize = 256;

/// Levels of a message around `variables`: the message itself, and its payload.
const ENVELOPE_LEVELS: usize = 2;

/// Values of a message besides those of a request: `id`, `type` and `payload`.
const ENVELOPE_VALUES: usize = 3;

/// What a client says.
#[derive(Debug, PartialEq)]
pub(super) enum ClientMessage {
    /// `connection_init`: who it is.
    Init {
        /// The value of `Authorization`, wherever clients put it; absent when there is none.
        authorization: Option<String>,
    },
    /// `ping`: whether the server is there.
    Ping,
    /// `pong`: that the client is there.
    Pong,
    /// `subscribe`: an operation is to run, a query or mutation just as well.
    Subscribe {
        /// What the client knows it by.
        id: String,
        /// The operation.
        request: Box<GraphqlRequest>,
    },
    /// `complete`: an operation is to end.
    Complete {
        /// What the client knows it by.
        id: String,
    },
}

/// The errors of an answer, letter by letter: their members have an order.
#[derive(Deserialize)]
struct Errors<'answer> {
    #[serde(borrow)]
    errors: &'answer RawValue,
}

impl ClientMessage {
    /// The message that `text` holds.
    ///
    /// # Errors
    /// With how the socket is to be closed.
    pub(super) fn parse(text: &str, limits: JsonLimits) -> Result<Self, Close> {
        let limits = limits.inside(ENVELOPE_LEVELS);
        let limits = JsonLimits { nodes: limits.nodes.saturating_add(ENVELOPE_VALUES), ..limits };
        let mut message = parse_object(text.as_bytes(), limits)
            .map_err(|_| Close::invalid("The message is not a JSON object within the limits"))?;
        let kind = message.remove("type");
        match kind.as_ref().and_then(Value::as_str) {
            Some("connection_init") => Ok(Self::Init { authorization: authorization(payload(message)?)? }),
            Some("ping") => payload(message).map(|_| Self::Ping),
            Some("pong") => payload(message).map(|_| Self::Pong),
            Some("subscribe") => {
                let id = id(&mut message)?;
                let payload = payload(message)?.ok_or(Close::invalid("`payload` is missing"))?;
                let request = GraphqlRequest::from_object(payload);
                let mut request = request.map_err(|_| Close::invalid("`payload` is not a GraphQL request"))?;
                // The protocol wants a `query`, so clients that send a hash or an id alone leave it empty.
                if matches!(request.persisted_id(), Ok(Some(_))) {
                    request.query = request.query.filter(|query| !query.is_empty());
                }
                Ok(Self::Subscribe { id, request: Box::new(request) })
            }
            Some("complete") => Ok(Self::Complete { id: id(&mut message)? }),
            _ => Err(Close::invalid("`type` is not one of a client's message")),
        }
    }
}

/// The value of `Authorization`: at the top of the payload, or among its `headers`, in either case of its first letter.
fn authorization(payload: Option<Map<String, Value>>) -> Result<Option<String>, Close> {
    let Some(payload) = payload else { return Ok(None) };
    let headers = payload.get("headers").and_then(Value::as_object);
    let places = [Some(&payload), headers].into_iter().flatten();
    let values = places.flat_map(|place| ["Authorization", "authorization"].map(|name| place.get(name)));
    match values.flatten().find(|value| !value.is_null()) {
        None => Ok(None),
        Some(Value::String(value)) => Ok(Some(value.clone())),
        Some(_) => Err(Close::FORBIDDEN),
    }
}

fn payload(mut message: Map<String, Value>) -> Result<Option<Map<String, Value>>, Close> {
    match message.remove("payload") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(payload)) => Ok(Some(payload)),
        Some(_) => Err(Close::invalid("`payload` is not an object")),
    }
}

fn id(message: &mut Map<String, Value>) -> Result<String, Close> {
    match message.remove("id") {
        Some(Value::String(id)) if (1..=ID_BYTES).contains(&id.len()) => Ok(id),
        _ => Err(Close::invalid("`id` is not a text of 1 to 256 bytes")),
    }
}

/// `connection_ack`: the client may begin.
pub(super) fn ack() -> Message {
    Message::text(r#"{"type":"connection_ack"}"#)
}

/// `pong`: the server is there.
pub(super) fn pong() -> Message {
    Message::text(r#"{"type":"pong"}"#)
}

/// `next`: a result of the operation `id`, whose JSON is `answer`.
pub(super) fn next(id: &str, answer: &str) -> Message {
    about(id, "next", Some(answer))
}

/// `error`: the operation `id` has ended before it began. `answer` is the JSON of an answer, of which the errors are sent.
pub(super) fn error(id: &str, answer: &str) -> Message {
    let errors = serde_json::from_str::<Errors<'_>>(answer).map_or("[]", |answer| answer.errors.get());
    about(id, "error", Some(errors))
}

/// `complete`: the operation `id` has ended.
pub(super) fn complete(id: &str) -> Message {
    about(id, "complete", None)
}

/// A message whose `payload` is JSON already.
fn about(id: &str, kind: &str, payload: Option<&str>) -> Message {
    let id = Value::from(id);
    Message::text(match payload {
        Some(payload) => format!(r#"{{"id":{id},"type":"{kind}","payload":{payload}}}"#),
        None => format!(r#"{{"id":{id},"type":"{kind}"}}"#),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(message: &Value) -> Result<ClientMessage, Close> {
        ClientMessage::parse(&message.to_string(), JsonLimits::default())
    }

    #[test]
    fn an_id_has_1_to_256_bytes() {
        let complete = |bytes| parse(&json!({ "type": "complete", "id": "x".repeat(bytes) }));
        for bytes in [1, 256] {
            assert_eq!(complete(bytes), Ok(ClientMessage::Complete { id: "x".repeat(bytes) }));
        }
        for bytes in [0, 257] {
            assert_eq!(complete(bytes).unwrap_err().code, 4400);
        }
    }

    #[test]
    fn variables_may_be_nested_as_deeply_as_over_http() {
        let nested = |levels| (1..levels).fold(json!({}), |inner, _| json!({ "x": inner }));
        let subscribe =
            |variables| parse(&json!({ "type": "subscribe", "id": "1", "payload": { "variables": variables } }));
        assert!(subscribe(nested(16)).is_ok());
        assert_eq!(subscribe(nested(17)).unwrap_err().code, 4400);
    }

    #[test]
    fn an_empty_query_beside_an_id_is_none() {
        for (payload, text) in [
            (json!({ "query": "", "documentId": "x" }), None),
            (json!({ "query": " ", "documentId": "x" }), Some(" ")),
            (json!({ "query": "" }), Some("")),
        ] {
            let message = json!({ "type": "subscribe", "id": "1", "payload": payload });
            let Ok(ClientMessage::Subscribe { request, .. }) = parse(&message) else { panic!("a subscribe") };
            assert_eq!(request.query.as_deref(), text);
        }
    }

    #[test]
    fn errors_are_sent_as_they_are_answered() {
        let Message::Text(text) = error("1", r#"{"errors":[{"message":"m","extensions":{"code":"C"}}]}"#) else {
            panic!("a text")
        };
        assert!(text.ends_with(r#""payload":[{"message":"m","extensions":{"code":"C"}}]}"#), "{text}");
    }

    #[test]
    fn ids_are_escaped() {
        let Message::Text(text) = next("\"\n", "{}") else { panic!("a text") };
        let message: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(message, json!({ "id": "\"\n", "type": "next", "payload": {} }));
    }
}
