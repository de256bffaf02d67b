//! graphql-transport-ws over real connections: its protocol, its limits, and attacks on it.

mod authority;
mod budgets;
mod feed;
mod frames;
mod handshake;
mod init;
mod limits;
mod messages;
mod operations;
mod settings;

use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use crate::support::{Client, Socket, TestApp};

/// A subscription to everything that the viewer sees.
const CHANGES: &str = "subscription { taskChanged { cursor kind taskId task { title } } }";

/// The id of a new task.
async fn create(client: &Client, title: &str) -> Value {
    let document = format!("mutation {{ createTask(input: {{ title: \"{title}\" }}) {{ task {{ id }} }} }}");
    client.gql(&document).await.data()["createTask"]["task"]["id"].clone()
}

/// Begins a subscription and waits until it has begun: what happens from then on is told.
async fn begin(app: &TestApp, socket: &mut Socket, id: &str, query: &str) {
    let before = app.app.services.bus.listeners();
    socket.subscribe(id, query).await;
    until("the subscription begins", || app.app.services.bus.listeners() > before).await;
}

/// Looks again and again until `condition` holds.
async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let holds = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(20), holds).await.unwrap_or_else(|_| panic!("{what}: not within 20 seconds"));
}
