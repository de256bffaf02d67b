//! A client of graphql-sse in its distinct connections mode, over a real connection.
//!
//! ```text
//! let mut stream = app.stream("subscription { taskChanged { kind } }", Some(ana.access_token()), None).await;
//! ana.gql(CREATE).await;
//! assert_eq!(stream.expect_data().await["taskChanged"]["kind"], "CREATED");
//! ```

use std::fmt::Write;
use std::mem::take;

use serde_json::{Value, json};

use super::connection::Connection;
use super::{Answer, TestApp};

impl TestApp {
    /// The events of an operation that the server takes.
    pub(crate) async fn stream(&self, query: &str, token: Option<&str>, last_event_id: Option<&str>) -> Stream {
        let token = token.map(|token| format!("Bearer {token}"));
        let fields = [("Authorization", token.as_deref()), ("Last-Event-ID", last_event_id)];
        let fields: Vec<_> = fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let stream = self.try_stream(&json!({ "query": query }), &fields).await;
        stream.unwrap_or_else(|answer| panic!("{} {}", answer.status, answer.text))
    }

    /// The events of a request with these fields, or why there are none.
    pub(crate) async fn try_stream(&self, body: &Value, fields: &[(&str, &str)]) -> Result<Stream, Answer> {
        self.try_stream_from("127.0.0.1", body, fields).await
    }

    /// The same from another address of this machine.
    pub(crate) async fn try_stream_from(
        &self,
        address: &str,
        body: &Value,
        fields: &[(&str, &str)],
    ) -> Result<Stream, Answer> {
        let server = self.address().await;
        let mut connection = Connection::open(address, server).await;
        let body = body.to_string();
        let mut request = format!("POST /graphql HTTP/1.1\r\nHost: {server}\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in [("Accept", "text/event-stream"), ("Content-Type", "application/json")] {
            let given = fields.iter().find(|(it, _)| *it == name).map_or(value, |(_, value)| value);
            write!(request, "{name}: {given}\r\n").unwrap();
        }
        let others = fields.iter().filter(|(name, _)| !["Accept", "Content-Type"].contains(name));
        others.for_each(|(name, value)| write!(request, "{name}: {value}\r\n").unwrap());
        connection.write((request + "\r\n" + &body).as_bytes()).await;
        let head = connection.head().await;
        if head.headers.get("content-type").is_none_or(|value| !value.as_bytes().starts_with(b"text/event-stream")) {
            return Err(connection.answer(head).await);
        }
        assert_eq!(head.status, 200);
        Ok(Stream { headers: head.headers, connection, text: String::new() })
    }
}

/// An event stream that is open.
pub(crate) struct Stream {
    /// The header fields of the answer.
    pub(crate) headers: axum::http::HeaderMap,
    connection: Connection,
    text: String,
}

/// What comes in an event stream.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    /// What it is called; empty for a comment.
    pub(crate) name: String,
    /// Its data.
    pub(crate) data: Option<String>,
    /// Where it stands.
    pub(crate) id: Option<String>,
    /// What it says to nobody.
    pub(crate) comment: Option<String>,
}

impl Stream {
    /// The next event or comment; nothing at the end of the stream, whether the server has finished or left.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let event = Event::parse(block);
                self.text = rest.to_owned();
                return Some(event);
            }
            let Ok(Some(chunk)) = self.connection.chunk().await else {
                assert_eq!(take(&mut self.text), "", "half an event");
                return None;
            };
            self.text += &chunk;
        }
    }

    /// The next event that is no comment; nothing at the end of the stream.
    pub(crate) async fn event(&mut self) -> Option<Event> {
        loop {
            match self.next().await {
                Some(event) if event.comment.is_some() => {}
                other => return other,
            }
        }
    }

    /// The `next` that comes: what it holds, and where it stands.
    pub(crate) async fn expect_next(&mut self) -> (Value, Option<String>) {
        let event = self.event().await.expect("the stream goes on");
        assert_eq!(event.name, "next", "{event:?}");
        (serde_json::from_str(event.data.as_ref().unwrap()).unwrap(), event.id)
    }

    /// The data of a `next` without errors.
    pub(crate) async fn expect_data(&mut self) -> Value {
        let (mut payload, _) = self.expect_next().await;
        assert!(payload.get("errors").is_none(), "{payload}");
        payload["data"].take()
    }

    /// The code of the one error of a `next`.
    pub(crate) async fn expect_error_code(&mut self) -> String {
        let (payload, _) = self.expect_next().await;
        let errors = payload["errors"].as_array().unwrap_or_else(|| panic!("no errors in {payload}"));
        assert_eq!(errors.len(), 1, "{payload}");
        errors[0]["extensions"]["code"].as_str().unwrap().to_owned()
    }

    /// The operation ends, and the stream with it.
    pub(crate) async fn expect_complete(&mut self) {
        let event = self.event().await.expect("the operation ends");
        assert_eq!((event.name.as_str(), event.data.as_deref()), ("complete", Some("")), "{event:?}");
        assert_eq!(self.event().await, None);
    }
}

impl Event {
    /// One block of lines of an event stream (HTML standard, section 9.2.6).
    fn parse(block: &str) -> Self {
        let mut event = Self::default();
        for line in block.lines() {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
            match name {
                "" => event.comment = Some(value),
                "event" => event.name = value,
                "id" => event.id = Some(value),
                "data" => event.data = Some(event.data.map_or(value.clone(), |data| data + "\n" + &value)),
                other => panic!("{other} in {block:?}"),
            }
        }
        event
    }
}
