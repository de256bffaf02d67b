//! Running an operation so that what its fields ask of the loaders is asked together.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use async_graphql::{Request, Response};

use super::Schema;

/// How often an operation is polled before others get their turn. A page of the largest size takes half as many as it has
/// entries, and what nobody awaits from outside, such as a used-up budget of the runtime, must not spin for long.
const POLLS_AT_ONCE: usize = 1_000;

/// The response to `request`.
///
/// The library resolves the fields of objects, and lists of more than thirty, by a collection of futures that makes way for
/// other tasks after every second one that waits. A loader, which fetches after a millisecond what was asked of it by then,
/// would come between the entries of a list and fetch some of them at a time. So the operation is polled until it really
/// waits.
pub async fn execute(schema: &Schema, request: Request) -> Response {
    until_waiting(schema.execute(request)).await
}

/// Whether the operation of `response` ran: an error that belongs to no field means that nothing did (GraphQL, September 2025,
/// section 7.1).
#[must_use]
pub fn ran(response: &Response) -> bool {
    response.errors.iter().all(|error| !error.path.is_empty())
}

/// What `execution` comes to, which is polled until it really waits.
pub(super) async fn until_waiting<F: Future>(execution: F) -> F::Output {
    let mut execution = pin!(execution);
    std::future::poll_fn(|context| poll_until_waiting(execution.as_mut(), context)).await
}

fn poll_until_waiting<F: Future>(mut future: Pin<&mut F>, context: &Context<'_>) -> Poll<F::Output> {
    let progress = Arc::new(Progress { made: AtomicBool::new(false), task: context.waker().clone() });
    let waker = Waker::from(Arc::clone(&progress));
    for _ in 0..POLLS_AT_ONCE {
        progress.made.store(false, Ordering::Release);
        let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
        if polled.is_ready() || !progress.made.load(Ordering::Acquire) {
            return polled;
        }
    }
    // It has woken the task already, and goes on in its next turn.
    Poll::Pending
}

/// Whether a future could go on while it was polled. The task is woken in any case: whoever wakes it may do so later.
struct Progress {
    made: AtomicBool,
    task: Waker,
}

impl Wake for Progress {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.made.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often a future that wakes itself `times` times is polled in its first turn.
    fn polls(times: usize) -> (usize, Poll<()>) {
        let mut polls = 0;
        let future = std::future::poll_fn(|context| {
            polls += 1;
            if polls <= times {
                context.waker().wake_by_ref();
            }
            Poll::<()>::Pending
        });
        let polled = poll_until_waiting(pin!(future), &Context::from_waker(Waker::noop()));
        (polls, polled)
    }

    #[test]
    fn a_future_is_polled_until_it_waits_and_not_forever() {
        assert_eq!(polls(0), (1, Poll::Pending));
        assert_eq!(polls(50), (51, Poll::Pending));
        assert_eq!(polls(usize::MAX), (POLLS_AT_ONCE, Poll::Pending));
    }
}
