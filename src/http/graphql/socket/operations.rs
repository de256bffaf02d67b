//! The operations that run on a socket, each by the id that its client gave it.

use std::collections::HashMap;

use tokio::task::{AbortHandle, Id, JoinSet};

use super::close::Close;

/// What runs. All of it ends when this is dropped.
pub(super) struct Operations {
    most: usize,
    running: JoinSet<End>,
    ids: HashMap<String, AbortHandle>,
}

/// How an operation has ended.
#[derive(Debug)]
pub(super) enum End {
    /// It has said everything.
    Complete,
    /// It was refused: the JSON of the answer.
    Refused(String),
    /// The caller may not go on.
    Close(Close),
}

/// Whether an operation of some id may begin.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It may.
    Free,
    /// There is one of this id.
    Taken,
    /// There are as many as there may be.
    None,
}

impl Operations {
    /// Room for at most `most` at once.
    pub(super) fn new(most: usize) -> Self {
        Self { most, running: JoinSet::new(), ids: HashMap::new() }
    }

    /// Whether there is a place for an operation of the id.
    pub(super) fn place(&self, id: &str) -> Place {
        match self.ids.len() {
            _ if self.ids.contains_key(id) => Place::Taken,
            running if running >= self.most => Place::None,
            _ => Place::Free,
        }
    }

    /// Runs `operation` under the id, which must be free.
    pub(super) fn begin(&mut self, id: String, operation: impl Future<Output = End> + Send + 'static) {
        self.ids.insert(id, self.running.spawn(operation));
    }

    /// Ends the operation of the id, if there is one: whatever it does is given up.
    pub(super) fn end(&mut self, id: &str) {
        if let Some(operation) = self.ids.remove(id) {
            operation.abort();
        }
    }

    /// The next operation that ends by itself, whose id is free then. Waits for ever while nothing runs.
    pub(super) async fn ended(&mut self) -> (String, End) {
        loop {
            match self.running.join_next_with_id().await {
                None => std::future::pending().await,
                // One that the client has ended has no id any more, even if another one has the same now.
                Some(Ok((task, end))) => {
                    if let Some(id) = self.release(task) {
                        return (id, end);
                    }
                }
                // The client has ended it.
                Some(Err(_aborted)) => {}
            }
        }
    }

    fn release(&mut self, task: Id) -> Option<String> {
        let id = self.ids.iter().find(|(_, operation)| operation.id() == task).map(|(id, _)| id.clone())?;
        self.ids.remove(&id);
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn the_end_of_one_that_was_ended_does_not_free_its_successor() {
        let mut operations = Operations::new(1);
        operations.begin("1".to_owned(), async { End::Complete });
        // It is over, but nobody has noticed.
        tokio::task::yield_now().await;
        operations.end("1");
        operations.begin("1".to_owned(), pending());
        assert!(futures_util::FutureExt::now_or_never(operations.ended()).is_none());
        assert_eq!(operations.place("1"), Place::Taken);
        assert_eq!(operations.place("2"), Place::None);
    }

    #[tokio::test]
    async fn one_that_ends_frees_its_place() {
        let mut operations = Operations::new(2);
        operations.begin("1".to_owned(), async { End::Complete });
        operations.begin("2".to_owned(), pending());
        assert_eq!(operations.place("3"), Place::None);
        assert!(matches!(operations.ended().await, (id, End::Complete) if id == "1"));
        assert_eq!(operations.place("3"), Place::Free);
    }
}
