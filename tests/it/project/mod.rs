//! Projects: who may do what in them, who sees what of them, and what becomes of their tasks.

mod concurrency;
mod delete;
mod limits;
mod list;
mod log;
mod manage;
mod members;
mod statements;

use serde_json::{Value, json};
use taskward::ids::{TaskId, UserId};
use taskward::storage::task;

use crate::support::{Answer, Client, TestApp};

/// The fields of a project that are its own.
const FIELDS: &str = "id name description archived createdAt updatedAt viewerRole";

/// The answer to the mutation of this name, with its input as one variable.
async fn mutate(client: &Client, name: &str, input: Value) -> Answer {
    let payload = if name == "deleteProject" { "projectId".to_owned() } else { format!("project {{ {FIELDS} }}") };
    client.mutate(name, input, &payload).await
}

/// The project that the mutation answers with.
async fn changed(client: &Client, name: &str, input: Value) -> Value {
    mutate(client, name, input).await.data()[name]["project"].clone()
}

/// A new project of the client's.
async fn create(client: &Client, name: &str) -> Value {
    changed(client, "createProject", json!({ "name": name })).await["id"].clone()
}

/// Makes somebody a member.
async fn set_member(owner: &Client, project: &Value, username: &str, role: &str) -> Answer {
    mutate(owner, "setProjectMember", json!({ "projectId": project, "username": username, "role": role })).await
}

/// Takes somebody out.
async fn remove_member(client: &Client, project: &Value, member: &Client) -> Answer {
    mutate(client, "removeProjectMember", json!({ "projectId": project, "userId": member.user_id() })).await
}

/// The project as a client reads it.
async fn read(client: &Client, id: &Value) -> Value {
    let query = format!("query($id: ID!) {{ project(id: $id) {{ {FIELDS} }} }}");
    client.gql_with(&query, json!({ "id": id })).await.data()["project"].clone()
}

/// The names and roles of the members, in their order.
async fn members(client: &Client, id: &Value) -> Vec<(String, String)> {
    let query = "query($id: ID!) { project(id: $id) { members(first: 100) { nodes { user { username } role } } } }";
    let data = client.gql_with(query, json!({ "id": id })).await.data();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let nodes = data["project"]["members"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| (text(&node["user"]["username"]), text(&node["role"]))).collect()
}

/// A project that Ana owns, Ben edits and Cem only views; and Dan, who is no member.
struct Team {
    app: TestApp,
    project: Value,
    ana: Client,
    ben: Client,
    cem: Client,
    dan: Client,
}

impl Team {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let (ana, ben) = (app.user("ana").await, app.user("ben").await);
        let (cem, dan) = (app.user("cem").await, app.user("dan").await);
        let project = create(&ana, "Garden").await;
        set_member(&ana, &project, "ben", "EDITOR").await.data();
        set_member(&ana, &project, "cem", "VIEWER").await.data();
        Self { app, project, ana, ben, cem, dan }
    }

    /// A task in the project.
    async fn task(&self, creator: &Client, title: &str) -> Value {
        let id = task(creator, title).await;
        let project = self.project.as_str().unwrap().parse::<taskward::ids::ProjectId>().unwrap();
        place(&self.app, creator, &id, |row| row.project_id = Some(project.uuid())).await;
        id
    }
}

/// A task outside of any project.
async fn task(creator: &Client, title: &str) -> Value {
    let query = "mutation($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }";
    let answer = creator.gql_with(query, json!({ "input": { "title": title } })).await;
    answer.data()["createTask"]["task"]["id"].clone()
}

/// Writes a task as `change` makes it, without the rules of the domain.
async fn place(app: &TestApp, creator: &Client, id: &Value, change: impl FnOnce(&mut task::Model)) {
    let store = &app.app.services.store;
    let transaction = store.begin().await.unwrap();
    let mut row = task::lock_many(&transaction, user_id(creator), &[task_id(id)]).await.unwrap().pop().unwrap();
    change(&mut row);
    task::update_many(&transaction, &[row]).await.unwrap();
    transaction.commit().await.unwrap();
}

/// The row of a task that the viewer sees.
async fn row(app: &TestApp, viewer: &Client, id: &Value) -> Option<task::Model> {
    task::find(&app.app.services.store, user_id(viewer), task_id(id)).await.unwrap()
}

fn task_id(id: &Value) -> TaskId {
    id.as_str().unwrap().parse().unwrap()
}

fn user_id(client: &Client) -> UserId {
    client.user_id().parse().unwrap()
}

/// Whether the client sees the task.
async fn sees(client: &Client, id: &Value) -> bool {
    let answer = client.gql_with("query($id: ID!) { task(id: $id) { id } }", json!({ "id": id })).await;
    !answer.data()["task"].is_null()
}

/// The answer to an update of a task.
async fn update_task(client: &Client, id: &Value, title: &str) -> Answer {
    let query = "mutation($input: UpdateTaskInput!) { updateTask(input: $input) { task { title } } }";
    client.gql_with(query, json!({ "input": { "id": id, "title": title } })).await
}
