//! The server on a port of its own, and connections to it that are written by hand.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use taskward::http::server::{ServerSettings, serve};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Answer, TestApp};

/// Long enough for anything that is going to happen, on the slowest machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// A server that listens.
pub(super) struct Listening {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl TestApp {
    /// Where the server listens: it begins with the first call.
    pub(crate) async fn address(&self) -> SocketAddr {
        let start = async || {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let settings = ServerSettings::new(&self.app.config.server, &self.app.config.timeouts, None);
            let task = tokio::spawn(serve(listener, self.router.clone(), settings, self.app.shutdown.clone()));
            Listening { address, task }
        };
        self.listening.get_or_init(start).await.address
    }

    /// Tells the server to stop, as SIGTERM does.
    pub(crate) fn begin_shutdown(&self) {
        self.app.shutdown.cancel();
    }

    /// Waits until the server has stopped.
    pub(crate) async fn stopped(mut self) {
        self.listening.take().unwrap().stopped().await;
    }
}

impl Listening {
    pub(super) async fn stopped(self) {
        timeout(PATIENCE, self.task).await.expect("the server stops").unwrap();
    }
}

/// A connection on which nothing was sent yet.
pub(crate) struct Connection(BufReader<TcpStream>);

/// The beginning of an answer.
pub(crate) struct Head {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
}

impl Connection {
    /// A connection from an address of this machine, of which it has all that begin with 127. It keeps little of what is
    /// sent to it: a client that does not read is soon one that the server waits for.
    pub(crate) async fn open(from: &str, server: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(8_192).unwrap();
        socket.bind(SocketAddr::new(from.parse().unwrap(), 0)).unwrap();
        let stream = socket.connect(server).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    /// Sends bytes as they are.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        timeout(PATIENCE, self.0.get_mut().write_all(bytes)).await.expect("the server reads").unwrap();
    }

    /// Reads an answer up to its body.
    pub(crate) async fn head(&mut self) -> Head {
        let mut text = String::new();
        while !text.ends_with("\r\n\r\n") {
            let read = timeout(PATIENCE, self.0.read_line(&mut text)).await.expect("an answer").unwrap();
            assert_ne!(read, 0, "the server closes after {text:?}");
        }
        let status = text.split(' ').nth(1).unwrap().parse().unwrap();
        let fields = text.lines().skip(1).filter_map(|line| line.split_once(": "));
        let field = |(name, value): (&str, &str)| (HeaderName::try_from(name).unwrap(), value.parse().unwrap());
        let mut headers = HeaderMap::new();
        fields.map(field).for_each(|(name, value): (_, HeaderValue)| _ = headers.append(name, value));
        Head { status, headers }
    }

    /// Reads the body of an answer that says how long it is.
    pub(crate) async fn answer(&mut self, head: Head) -> Answer {
        let Head { status, headers } = head;
        let length = headers.get("content-length").map_or(0, |length| length.to_str().unwrap().parse().unwrap());
        let mut body = vec![0; length];
        timeout(PATIENCE, self.0.read_exact(&mut body)).await.expect("the whole answer").unwrap();
        Answer { status, headers, text: String::from_utf8(body).unwrap() }
    }

    /// Reads the next chunk of a body that comes in chunks; nothing at its end, and an error when the server closes
    /// before its end.
    pub(super) async fn chunk(&mut self) -> std::io::Result<Option<String>> {
        let mut size = String::new();
        if timeout(PATIENCE, self.0.read_line(&mut size)).await.expect("a chunk")? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let size = usize::from_str_radix(size.trim_end(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        timeout(PATIENCE, self.0.read_exact(&mut chunk)).await.expect("a chunk")?;
        chunk.truncate(size);
        Ok((size > 0).then(|| String::from_utf8(chunk).unwrap()))
    }

    /// The stream, and what was read of it already.
    pub(super) fn into_parts(self) -> (TcpStream, Vec<u8>) {
        let read = self.0.buffer().to_vec();
        (self.0.into_inner(), read)
    }
}
