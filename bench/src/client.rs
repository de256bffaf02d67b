//! The client: kept-alive connections that send the same request again as soon as its answer has come.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Result;

/// A request as it goes over the wire, and where to.
#[derive(Clone)]
pub(crate) struct Request {
    address: String,
    bytes: Vec<u8>,
    expected: Expected,
}

/// How a request must be answered: any other answer ends the measurement, for it would be a fast one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// By 200 and without errors.
    Success,
    /// By 400.
    Refusal,
}

impl Request {
    pub(crate) fn get(address: &str, path: &str) -> Self {
        let text = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        Self { address: address.to_owned(), bytes: text.into_bytes(), expected: Expected::Success }
    }

    pub(crate) fn post(address: &str, token: &str, body: &Value) -> Self {
        let authorization = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
        let body = body.to_string();
        let text = format!(
            "POST /graphql HTTP/1.1\r\nHost: {address}\r\n{authorization}Content-Type: application/json\r\n\
             Accept: application/graphql-response+json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Self { address: address.to_owned(), bytes: text.into_bytes(), expected: Expected::Success }
    }

    /// The same, which must be refused.
    pub(crate) fn refused(self) -> Self {
        Self { expected: Expected::Refusal, ..self }
    }

    /// Sends it once, and gives the body of the answer.
    pub(crate) async fn send(&self) -> Result<Vec<u8>> {
        let mut stream = self.connect().await?;
        let mut body = Vec::new();
        self.exchange(&mut stream, &mut body).await?;
        Ok(body)
    }

    async fn connect(&self) -> Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        Ok(BufReader::with_capacity(16 * 1024, stream))
    }

    async fn exchange(&self, stream: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> Result<()> {
        stream.get_mut().write_all(&self.bytes).await?;
        let (mut line, mut length, mut status) = (String::new(), 0, String::new());
        loop {
            line.clear();
            stream.read_line(&mut line).await?;
            match line.trim_end() {
                "" => break,
                first if status.is_empty() => status = first.to_owned(),
                field => {
                    if let Some((name, value)) = field.split_once(": ")
                        && name.eq_ignore_ascii_case("content-length")
                    {
                        length = value.parse()?;
                    }
                }
            }
        }
        body.resize(length, 0);
        stream.read_exact(body).await?;
        let as_expected = match self.expected {
            Expected::Success => status.starts_with("HTTP/1.1 200") && !body.starts_with(b"{\"errors\""),
            Expected::Refusal => status.starts_with("HTTP/1.1 400"),
        };
        if as_expected {
            return Ok(());
        }
        Err(format!("{status}: {}", String::from_utf8_lossy(body)).into())
    }
}

/// How much is asked.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) time: Duration,
    pub(crate) connections: usize,
}

impl Load {
    /// Asks for a second to warm up and then for the whole time, and prints how it went. The processor's share of a request
    /// tells more than the rate where the machine has other things to do.
    pub(crate) async fn run(
        self,
        name: &str,
        request: &Request,
        processor: impl Fn() -> Result<Duration>,
    ) -> Result<()> {
        Self { time: Duration::from_secs(1), ..self }.latencies(request).await?;
        let before = processor()?;
        let mut latencies = self.latencies(request).await?;
        let each = (processor()? - before).as_secs_f64() * 1e6 / latencies.len() as f64;
        latencies.sort_unstable();
        let at =
            |percent: usize| latencies.get(latencies.len() * percent / 100).map_or(0.0, |it| it.as_secs_f64() * 1e3);
        let rate = latencies.len() as f64 / self.time.as_secs_f64();
        let bytes = request.send().await?.len();
        println!("{name:<24} {rate:>10.0} {:>10.2} {:>10.2} {each:>10.0} {bytes:>7}", at(50), at(99));
        Ok(())
    }

    async fn latencies(self, request: &Request) -> Result<Vec<Duration>> {
        let end = Instant::now() + self.time;
        let mut connections = JoinSet::new();
        for _ in 0..self.connections {
            let request = request.clone();
            connections.spawn(async move {
                let mut stream = request.connect().await?;
                let (mut latencies, mut body) = (Vec::new(), Vec::new());
                loop {
                    let start = Instant::now();
                    if start >= end {
                        return Result::Ok(latencies);
                    }
                    request.exchange(&mut stream, &mut body).await?;
                    latencies.push(start.elapsed());
                }
            });
        }
        let mut all = Vec::new();
        while let Some(latencies) = connections.join_next().await {
            all.extend(latencies??);
        }
        Ok(all)
    }
}
