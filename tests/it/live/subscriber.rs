//! Somebody who follows the changes over sockets that do not last.

use serde_json::{Value, json};
use taskward::random::Random;

use super::{END, entry};
use crate::support::{Client, Socket, TestApp};

const CHANGES: &str =
    "subscription($after: String) { taskChanged(after: $after) { cursor kind taskId task { title } } }";

/// A user who follows.
pub(super) struct Subscriber {
    token: String,
    /// What tells it from the others.
    pub(super) seed: u64,
    random: Random,
    /// The cursor that it began behind.
    pub(super) start: String,
    /// Everything that it was told.
    pub(super) told: Vec<[String; 3]>,
    /// How many of its sockets the server ended.
    pub(super) ended_by_server: usize,
    /// How many it ended itself.
    pub(super) returns: usize,
}

/// Why nothing more comes over a socket.
enum End {
    /// The last task was told.
    Last,
    /// The server stops.
    Server,
    /// The subscriber had enough.
    Subscriber,
}

impl Subscriber {
    pub(super) fn new(client: &Client, start: String, seed: u64) -> Self {
        let (token, random) = (client.access_token().to_owned(), Random::seeded(seed));
        Self { token, seed, random, start, told: Vec::new(), ended_by_server: 0, returns: 0 }
    }

    pub(super) fn authorization(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// Follows on one socket after another until the last task is told, or the server stops.
    pub(super) async fn follow(&mut self, app: &TestApp) {
        while let Some(mut socket) = app.socket_if_any().await {
            match self.read(&mut socket).await {
                End::Last => return,
                End::Server => {
                    self.ended_by_server += 1;
                    return;
                }
                End::Subscriber => self.returns += 1,
            }
            // With a farewell, with an end of the operation alone, or with none.
            match self.random.bytes::<1>()[0] % 3 {
                0 => socket.close().await,
                1 => socket.complete("1").await,
                _ => {}
            }
        }
    }

    /// Reads a random number of changes behind the last one that is known.
    async fn read(&mut self, socket: &mut Socket) -> End {
        let payload = json!({ "Authorization": self.authorization() });
        socket.send(&json!({ "type": "connection_init", "payload": payload })).await;
        let after = self.told.last().map_or(&self.start, |[cursor, ..]| cursor);
        let subscribe = json!({ "query": CHANGES, "variables": { "after": after } });
        let mut left = self.random.bytes::<1>()[0] % 16;
        loop {
            let message = match socket.next().await {
                Ok(message) => message,
                Err(Some(1001) | None) => return End::Server,
                Err(code) => panic!("closed with {code:?}"),
            };
            match message["type"].as_str().unwrap() {
                "connection_ack" => socket.subscribe_with("1", &subscribe).await,
                "next" => {
                    let change = &message["payload"]["data"]["taskChanged"];
                    assert!(message["payload"].get("errors").is_none(), "{message}");
                    self.told.push(entry(change));
                    if change["task"]["title"] == Value::from(END) {
                        return End::Last;
                    }
                }
                _ => panic!("{message}"),
            }
            if left == 0 {
                return End::Subscriber;
            }
            left -= 1;
        }
    }
}
