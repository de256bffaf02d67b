//! A client of graphql-transport-ws, one line a step of the protocol.
//!
//! ```text
//! let mut socket = app.socket().await.init(Some(ana.access_token())).await;
//! socket.subscribe("1", "subscription { taskChanged { kind } }").await;
//! ana.gql(CREATE).await;
//! assert_eq!(socket.expect_data("1").await["taskChanged"]["kind"], "CREATED");
//! socket.subscribe("1", "{ viewer { id } }").await;
//! socket.expect_close(4409).await;
//! ```

use std::fmt::Write;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::connection::{Connection, PATIENCE};
use super::{Answer, TestApp};

/// The fields that make a request an upgrade to a WebSocket: the key is the one of RFC 6455, section 1.3.
pub(crate) const UPGRADE: [(&str, &str); 5] = [
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("Sec-WebSocket-Protocol", "graphql-transport-ws"),
];

impl TestApp {
    /// A socket that is open, and on which nothing was said yet.
    pub(crate) async fn socket(&self) -> Socket {
        self.socket_from("127.0.0.1").await
    }

    /// A socket of a server that may be about to stop: nothing when it does not answer any more.
    pub(crate) async fn socket_if_any(&self) -> Option<Socket> {
        let server = self.address().await;
        let mut stream = TcpStream::connect(server).await.ok()?;
        let fields = UPGRADE.map(|(name, value)| format!("{name}: {value}\r\n")).concat();
        let request = format!("GET /graphql HTTP/1.1\r\nHost: {server}\r\n{fields}\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
        let stream = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
        Some(Socket { stream, held: Vec::new() })
    }

    /// The same from another address of this machine.
    pub(crate) async fn socket_from(&self, address: &str) -> Socket {
        self.handshake(address, "GET", &UPGRADE)
            .await
            .unwrap_or_else(|answer| panic!("{} {}", answer.status, answer.text))
    }

    /// A socket of whoever sends these fields, or why there is none.
    pub(crate) async fn upgrade(&self, method: &str, fields: &[(&str, &str)]) -> Result<Socket, Answer> {
        self.handshake("127.0.0.1", method, fields).await
    }

    async fn handshake(&self, from: &str, method: &str, fields: &[(&str, &str)]) -> Result<Socket, Answer> {
        let server = self.address().await;
        let mut connection = Connection::open(from, server).await;
        let mut request = format!("{method} /graphql HTTP/1.1\r\nHost: {server}\r\n");
        for (name, value) in fields {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        connection.write((request + "\r\n").as_bytes()).await;
        let head = connection.head().await;
        if head.status != 101 {
            return Err(connection.answer(head).await);
        }
        assert_eq!(head.headers["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(head.headers["sec-websocket-protocol"], "graphql-transport-ws");
        let (stream, read) = connection.into_parts();
        let stream = WebSocketStream::from_partially_read(stream, read, Role::Client, None).await;
        Ok(Socket { stream, held: Vec::new() })
    }
}

/// A socket that is open.
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
    /// Messages that nobody has asked for yet.
    held: Vec<Value>,
}

/// What clients send. Whether the server still listens shows in what it answers, so that no step here fails.
impl Socket {
    /// The connection of whoever has this token, acknowledged.
    pub(crate) async fn init(mut self, token: Option<&str>) -> Self {
        let payload = token.map(|token| json!({ "Authorization": format!("Bearer {token}") }));
        self.send(&json!({ "type": "connection_init", "payload": payload })).await;
        self.expect_ack().await;
        self
    }

    /// Begins an operation.
    pub(crate) async fn subscribe(&mut self, id: &str, query: &str) {
        self.subscribe_with(id, &json!({ "query": query })).await;
    }

    /// Begins an operation with all that a request can hold.
    pub(crate) async fn subscribe_with(&mut self, id: &str, payload: &Value) {
        self.send(&json!({ "id": id, "type": "subscribe", "payload": payload })).await;
    }

    /// Ends an operation.
    pub(crate) async fn complete(&mut self, id: &str) {
        self.send(&json!({ "id": id, "type": "complete" })).await;
    }

    /// Sends a message.
    pub(crate) async fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string()).await;
    }

    /// Sends a text.
    pub(crate) async fn send_text(&mut self, text: &str) {
        let _ = timeout(PATIENCE, self.stream.send(Message::text(text))).await.expect("the server reads or closes");
    }

    /// Sends bytes as they are.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        let _ = timeout(PATIENCE, self.stream.get_mut().write_all(bytes)).await.expect("the server reads or closes");
    }

    /// Closes as clients do.
    pub(crate) async fn close(mut self) {
        let _ = self.stream.close(None).await;
        while let Ok(Some(Ok(_))) = timeout(PATIENCE, self.stream.next()).await {}
    }
}

/// What servers send.
impl Socket {
    /// The connection is acknowledged.
    pub(crate) async fn expect_ack(&mut self) {
        let message = self.message(|message| message.get("id").is_none()).await;
        assert_eq!(message["type"], "connection_ack", "{message}");
    }

    /// The next message, or the code that the server closes with, if it says one.
    pub(crate) async fn next(&mut self) -> Result<Value, Option<u16>> {
        loop {
            match timeout(PATIENCE, self.stream.next()).await.expect("the server says something") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|frame| frame.code.into())),
                Some(Err(_)) | None => return Err(None),
                Some(Ok(_)) => {}
            }
        }
    }

    /// The payload of the next message of an operation, which is a `next`.
    pub(crate) async fn expect_next(&mut self, id: &str) -> Value {
        self.expect("next", id).await["payload"].take()
    }

    /// The data of a `next` without errors.
    pub(crate) async fn expect_data(&mut self, id: &str) -> Value {
        let mut payload = self.expect_next(id).await;
        assert!(payload.get("errors").is_none(), "{payload}");
        payload["data"].take()
    }

    /// The errors that end an operation.
    pub(crate) async fn expect_errors(&mut self, id: &str) -> Vec<Value> {
        let mut message = self.expect("error", id).await;
        let Value::Array(errors) = message["payload"].take() else { panic!("no errors in {message}") };
        assert!(!errors.is_empty());
        let is_named = |error: &Value| error["extensions"]["requestId"].as_str().unwrap().starts_with("req_");
        assert!(errors.iter().all(is_named), "{errors:?}");
        errors
    }

    /// The one error that ends an operation.
    pub(crate) async fn expect_error(&mut self, id: &str) -> Value {
        let mut errors = self.expect_errors(id).await;
        assert_eq!(errors.len(), 1, "{errors:?}");
        errors.remove(0)
    }

    /// The code of the one error that ends an operation.
    pub(crate) async fn expect_error_code(&mut self, id: &str) -> String {
        self.expect_error(id).await["extensions"]["code"].as_str().unwrap().to_owned()
    }

    /// An operation ends.
    pub(crate) async fn expect_complete(&mut self, id: &str) {
        self.expect("complete", id).await;
    }

    /// An answer to a `ping`.
    pub(crate) async fn expect_pong(&mut self) {
        let message = self.message(|message| message.get("id").is_none()).await;
        assert_eq!(message["type"], "pong", "{message}");
    }

    /// A ping of WebSocket itself, which is answered with what is read next.
    pub(crate) async fn expect_ping_frame(&mut self) {
        loop {
            match timeout(PATIENCE, self.stream.next()).await.expect("a ping comes") {
                Some(Ok(Message::Ping(_))) => return,
                Some(Ok(Message::Text(text))) => self.held.push(serde_json::from_str(&text).unwrap()),
                other => panic!("{other:?} after {:?}", self.held),
            }
        }
    }

    /// How many messages of this operation have come and were not asked for.
    pub(crate) fn held_of(&self, id: &str) -> usize {
        self.held.iter().filter(|message| message["id"] == id).count()
    }

    /// Nothing of this operation has come, not even when the server has answered what is sent now.
    pub(crate) async fn expect_nothing_of(&mut self, id: &str) {
        self.send(&json!({ "type": "ping" })).await;
        self.expect_pong().await;
        assert!(self.held.iter().all(|message| message["id"] != id), "{:?}", self.held);
    }

    /// The server closes with this code: the reason that it gives.
    pub(crate) async fn expect_close(&mut self, code: u16) -> String {
        match self.end().await {
            Some((actual, reason)) if actual == code => reason,
            other => panic!("{code} expected, closed with {other:?} after {:?}", self.held),
        }
    }

    /// The server ends the connection: the code and the reason, when it gives them.
    pub(crate) async fn end(&mut self) -> Option<(u16, String)> {
        loop {
            match timeout(PATIENCE, self.stream.next()).await.expect("the server closes") {
                Some(Ok(Message::Close(Some(frame)))) => return Some((frame.code.into(), frame.reason.to_string())),
                Some(Ok(Message::Text(text))) => self.held.push(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(None)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    async fn expect(&mut self, kind: &str, id: &str) -> Value {
        let message = self.message(|message| message["id"] == id).await;
        assert_eq!(message["type"], kind, "{message}");
        message
    }

    /// The next message of those that `is_it` is true of. Others wait until somebody asks for them.
    async fn message(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        if let Some(index) = self.held.iter().position(&is_it) {
            return self.held.remove(index);
        }
        loop {
            let next = timeout(PATIENCE, self.stream.next()).await;
            let next = next.unwrap_or_else(|_| panic!("nothing comes after {:?}", self.held));
            match next {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    if is_it(&message) {
                        return message;
                    }
                    self.held.push(message);
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(frame))) => panic!("closed with {frame:?} after {:?}", self.held),
                Some(Err(Error::ConnectionClosed)) | None => panic!("closed after {:?}", self.held),
                other => panic!("{other:?} after {:?}", self.held),
            }
        }
    }
}

/// A frame of RFC 6455, section 5.2: its first byte (FIN, three reserved bits, opcode) and its payload, masked with zeros.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        short @ 0..126 => frame.push(0x80 | u8::try_from(short).unwrap()),
        medium @ 126..65_536 => {
            frame.push(0x80 | 0x7E);
            frame.extend(u16::try_from(medium).unwrap().to_be_bytes());
        }
        long => {
            frame.push(0x80 | 0x7F);
            frame.extend(u64::try_from(long).unwrap().to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}
