//! A client as small as HTTP/1.1 allows: one connection, one request after another.

use std::io::{self, BufRead, BufReader, Error, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};

use super::PATIENCE;

/// A connection to the server.
pub(super) struct Connection {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
    authorization: String,
}

/// What the server answered.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Connection {
    pub(super) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(stream), address, authorization: String::new() })
    }

    /// The same connection, which shows a token from now on.
    pub(super) fn with_token(self, token: &str) -> Self {
        Self { authorization: format!("Authorization: Bearer {token}\r\n"), ..self }
    }

    /// The token that it shows.
    pub(super) fn token(&self) -> &str {
        self.authorization.trim_start_matches("Authorization: Bearer ").trim_end()
    }

    pub(super) fn get(&mut self, path: &str) -> io::Result<Reply> {
        self.write(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address))?;
        self.reply()
    }

    pub(super) fn gql(&mut self, document: &str, variables: &Value) -> io::Result<Reply> {
        self.send_gql(document, variables)?;
        self.reply()
    }

    /// Sends a document without waiting for its answer.
    pub(super) fn send_gql(&mut self, document: &str, variables: &Value) -> io::Result<()> {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let head = self.post_head(&body);
        self.write(&(head + "\r\n" + &body))
    }

    /// Sends the head of a request, and waits until the server asks for the body: it waits for nothing else then.
    pub(super) fn begin(&mut self, body: &str) -> io::Result<()> {
        let head = self.post_head(body);
        self.write(&(head + "Expect: 100-continue\r\n\r\n"))?;
        let head = self.head()?;
        assert!(head.starts_with("HTTP/1.1 100 "), "{head}");
        Ok(())
    }

    pub(super) fn write(&mut self, text: &str) -> io::Result<()> {
        self.stream.get_mut().write_all(text.as_bytes())
    }

    pub(super) fn write_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    pub(super) fn reply(&mut self) -> io::Result<Reply> {
        self.reply_to(false)
    }

    /// The reply, which has no body when it answers a HEAD.
    pub(super) fn reply_to(&mut self, is_head: bool) -> io::Result<Reply> {
        let head = self.head()?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(ErrorKind::InvalidData)?;
        let field = |line: &str| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok();
        let length: usize = head.lines().find_map(field).ok_or_else(|| Error::other(head.clone()))?;
        let mut body = vec![0; if is_head { 0 } else { length }];
        self.stream.read_exact(&mut body)?;
        Ok(Reply { status, head, body: String::from_utf8(body).map_err(Error::other)? })
    }

    /// Everything that comes until the server closes the connection.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // What came before a reset is there.
        let _ = self.stream.read_to_end(&mut bytes);
        bytes
    }

    /// Whether the server has closed the connection, once it has or sends something.
    pub(super) fn is_closed(&mut self) -> bool {
        match self.stream.fill_buf() {
            Ok(bytes) => bytes.is_empty(),
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
        }
    }

    fn post_head(&self, body: &str) -> String {
        format!(
            "POST /graphql HTTP/1.1\r\nHost: {}\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n",
            self.address,
            self.authorization,
            body.len()
        )
    }

    fn head(&mut self) -> io::Result<String> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(head)
    }
}

impl Reply {
    /// The data of an answer without errors.
    #[track_caller]
    pub(super) fn data(&self) -> Value {
        let json: Value = serde_json::from_str(&self.body).unwrap();
        assert!(json.get("errors").is_none() && self.status == 200, "{} {}", self.status, self.body);
        json["data"].clone()
    }
}
