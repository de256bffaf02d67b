//! A body at the limit is read, one byte above it is refused, and no body is waited for longer than the deadline.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt};
use hyper::body::{Frame, SizeHint};
use taskward::code::ErrorCode;
use taskward::config::Timeouts;
use taskward::edge::body::read_body;

const LIMIT: usize = 1_000;
const LONG: Duration = Duration::from_mins(1);
const SHORT: Duration = Duration::from_millis(50);

/// A body of unknown length.
fn chunks(chunks: impl Stream<Item = &'static [u8]> + Send + 'static) -> Body {
    Body::from_stream(chunks.map(Ok::<_, io::Error>))
}

async fn refused(body: Body, deadline: Duration) -> ErrorCode {
    let refusal = read_body(body, LIMIT, deadline).await.unwrap_err();
    assert_eq!(refusal.header.as_ref().unwrap().0, "connection");
    refusal.code
}

#[tokio::test]
async fn a_body_at_the_limit_is_read_and_one_above_is_not() {
    let whole = |length: usize| Body::from(vec![b'a'; length]);
    assert_eq!(read_body(whole(LIMIT), LIMIT, LONG).await.unwrap(), vec![b'a'; LIMIT]);
    assert_eq!(refused(whole(LIMIT + 1), LONG).await, ErrorCode::PayloadTooLarge);
    assert_eq!(read_body(Body::empty(), 0, LONG).await.unwrap(), Bytes::new());
}

#[tokio::test]
async fn chunks_are_counted_as_they_come() {
    let of = |count: usize| chunks(stream::repeat(&b"0123456789"[..]).take(count));
    assert_eq!(read_body(of(100), LIMIT, LONG).await.unwrap().len(), LIMIT);
    assert_eq!(refused(of(101), LONG).await, ErrorCode::PayloadTooLarge);
}

#[tokio::test]
async fn an_endless_body_is_left_at_the_limit() {
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let endless = stream::repeat(&b"0123456789"[..]).inspect(move |chunk| {
        counter.fetch_add(chunk.len(), Ordering::SeqCst);
    });
    assert_eq!(refused(chunks(endless), LONG).await, ErrorCode::PayloadTooLarge);
    assert_eq!(sent.load(Ordering::SeqCst), LIMIT + 10);
}

/// A body that tells its length and must not be asked for more.
struct Announced(u64);

impl HttpBody for Announced {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        panic!("the body was read");
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0)
    }
}

#[tokio::test]
async fn a_length_that_is_told_is_refused_unread() {
    for length in [LIMIT as u64 + 1, 50_000_000, u64::MAX] {
        assert_eq!(refused(Body::new(Announced(length)), LONG).await, ErrorCode::PayloadTooLarge);
    }
}

#[tokio::test]
async fn a_body_that_stalls_or_trickles_is_timed_out() {
    assert_eq!(refused(chunks(stream::pending()), SHORT).await, ErrorCode::RequestTimeout);
    // Each byte comes long before the deadline; all of them do not.
    let trickle = stream::repeat(&b"a"[..]).then(async |byte| {
        tokio::time::sleep(SHORT / 10).await;
        byte
    });
    assert_eq!(refused(chunks(trickle), SHORT).await, ErrorCode::RequestTimeout);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_bad_request() {
    let broken = stream::iter([Ok(&b"{"[..]), Err(io::Error::from(io::ErrorKind::UnexpectedEof))]);
    assert_eq!(refused(Body::from_stream(broken), LONG).await, ErrorCode::BadRequest);
}

#[tokio::test(start_paused = true)]
async fn a_body_has_its_time_and_not_a_moment_more() {
    let deadline = Timeouts::default().body();
    let moment = Duration::from_millis(2);
    let arriving_after = |wait: Duration| {
        chunks(stream::once(async move {
            tokio::time::sleep(wait).await;
            &b"{}"[..]
        }))
    };
    assert_eq!(read_body(arriving_after(deadline.saturating_sub(moment)), LIMIT, deadline).await.unwrap(), "{}");
    assert_eq!(refused(arriving_after(deadline + moment), deadline).await, ErrorCode::RequestTimeout);
}
