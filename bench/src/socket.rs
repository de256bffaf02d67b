//! A client of graphql-transport-ws that looks at no more of a message than it must.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::Result;

/// An open socket.
pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    pub(crate) async fn open(address: &str) -> Result<Self> {
        let mut request = format!("ws://{address}/graphql").into_client_request()?;
        request.headers_mut().insert("Sec-WebSocket-Protocol", "graphql-transport-ws".parse()?);
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self(client_async(request, stream).await?.0))
    }

    /// Says who it is, and waits until it is acknowledged.
    pub(crate) async fn init(mut self, token: &str) -> Result<Self> {
        let payload = json!({ "Authorization": format!("Bearer {token}") });
        self.send(&json!({ "type": "connection_init", "payload": payload })).await?;
        let answer = self.next().await?;
        if answer.contains("connection_ack") { Ok(self) } else { Err(answer.into()) }
    }

    /// Begins an operation.
    pub(crate) async fn subscribe(&mut self, query: &str) -> Result<()> {
        self.send(&json!({ "id": "1", "type": "subscribe", "payload": { "query": query } })).await
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> Result<String> {
        loop {
            match self.0.next().await.ok_or("the socket ended")?? {
                Message::Text(text) => return Ok(text.as_str().to_owned()),
                Message::Close(frame) => return Err(format!("closed: {frame:?}").into()),
                _ => {}
            }
        }
    }

    /// What the member `name`, a text, of the next message holds. An error, if there is none, ends the measurement.
    pub(crate) async fn next_member(&mut self, name: &str) -> Result<String> {
        let message = self.next().await?;
        let start = format!("\"{name}\":\"");
        let member = message.split_once(&start).and_then(|(_, rest)| rest.split_once('"'));
        member.map(|(member, _)| member.to_owned()).ok_or_else(|| message.into())
    }

    async fn send(&mut self, message: &Value) -> Result<()> {
        Ok(self.0.send(Message::text(message.to_string())).await?)
    }
}
