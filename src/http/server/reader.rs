//! The stream that hyper reads: one head or body at a time, a head within its deadline.
//!
//! Attack. A head that never ends, one byte at a time (Slowloris).
//! Setting. `timeouts.header_seconds`.
//! Answer. The connection is closed.
//! Test. `tests/`.
//!
//! hyper has one deadline from the end of an answer to the end of the next head, so it can be either the patience with
//! an idle connection or the impatience with a slow head. It is used for the first; the second is here.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, BufReader, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::admission::Slot;
use super::boundary::{Boundary, SharedEnding};

/// Bytes that are read from the connection at once.
const BUFFER_BYTES: usize = 4 * 1024;

/// A connection's bytes on their way into hyper, and its place among all connections.
pub(super) struct RequestReader<S> {
    stream: BufReader<S>,
    boundary: Boundary,
    header: Duration,
    /// Runs from the opening of the connection, later whenever part of a head has come.
    deadline: Option<Pin<Box<Sleep>>>,
    /// Held here because this value lives as long as the connection, an upgraded one included.
    _slot: Slot,
}

impl<S: AsyncRead + AsyncWrite + Unpin> RequestReader<S> {
    pub(super) fn new(stream: S, header: Duration, ending: SharedEnding, slot: Slot) -> Self {
        Self {
            stream: BufReader::with_capacity(BUFFER_BYTES, stream),
            boundary: Boundary::new(ending),
            header,
            deadline: Some(Box::pin(sleep(header))),
            _slot: slot,
        }
    }

    /// Pending, until the deadline of a head has passed.
    fn poll_deadline(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.deadline.is_none() && self.boundary.inside_head() {
            self.deadline = Some(Box::pin(sleep(self.header)));
        }
        match &mut self.deadline {
            None => Poll::Pending,
            Some(deadline) => {
                ready!(deadline.as_mut().poll(context));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for RequestReader<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let Poll::Ready(bytes) = Pin::new(&mut this.stream).poll_fill_buf(context) else {
            return this.poll_deadline(context);
        };
        let bytes = bytes?;
        let bytes = bytes.get(..buffer.remaining()).unwrap_or(bytes);
        let taken = this.boundary.take(bytes);
        buffer.put_slice(bytes.get(..taken).unwrap_or(bytes));
        Pin::new(&mut this.stream).consume(taken);
        if !this.boundary.inside_head() {
            this.deadline = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for RequestReader<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
