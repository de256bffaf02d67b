//! Somebody who changes tasks without end.

use serde_json::{Value, json};
use taskward::random::Random;

use crate::support::TestApp;

/// A user who writes.
pub(super) struct Writer {
    authorization: String,
    projects: Vec<Value>,
    random: Random,
    tasks: Vec<Value>,
}

impl Writer {
    /// Whoever sends this `Authorization`, and writes into these projects and where nobody else looks.
    pub(super) fn new(authorization: &str, projects: Vec<Value>, seed: u64) -> Self {
        let authorization = authorization.to_owned();
        Self { authorization, projects, random: Random::seeded(seed), tasks: Vec::new() }
    }

    /// Makes so many changes.
    pub(super) async fn write(&mut self, app: &TestApp, changes: usize) {
        for number in 0..changes {
            let [choice, which, place] = self.random.bytes::<3>().map(usize::from);
            let project = self.projects.get(place % (self.projects.len() + 1)).cloned();
            let task = self.tasks.get(which % self.tasks.len().max(1)).cloned();
            match (choice % 4, task) {
                (0, Some(id)) => {
                    let input = json!({ "id": id, "title": format!("Changed {choice} {number}") });
                    self.mutate(app, "updateTask", input).await;
                }
                // Into another project, or out of all: some who saw it do not any more.
                (1, Some(id)) => {
                    self.mutate(app, "updateTask", json!({ "id": id, "projectId": project })).await;
                }
                (2, Some(id)) => {
                    self.mutate(app, "deleteTask", json!({ "id": id })).await;
                    self.tasks.retain(|task| *task != id);
                }
                _ => {
                    let input = json!({ "title": format!("Task {number}"), "projectId": project });
                    let id = self.mutate(app, "createTask", input).await;
                    self.tasks.push(id);
                }
            }
        }
    }

    /// Makes one task that nobody else sees.
    pub(super) async fn create(&self, app: &TestApp, title: &str) {
        self.mutate(app, "createTask", json!({ "title": title })).await;
    }

    async fn mutate(&self, app: &TestApp, name: &str, input: Value) -> Value {
        let client = app.anonymous().with_authorization(&self.authorization);
        client.mutate(name, input, "task { id }").await.data()[name]["task"]["id"].clone()
    }
}
