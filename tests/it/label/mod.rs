//! Labels: what a user sorts tasks by, which nobody else sees.

mod filter;
mod limits;
mod list;
mod log;
mod on_task;
mod shared;

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use taskward::ids::{LabelId, ProjectId, TaskId, UserId};
use taskward::storage;
use uuid::Uuid;

use crate::session::open_database;
use crate::support::{Answer, Client, TestApp};

/// An id of the right form that stands for no label.
const MISSING: &str = "label_01jd3qvh7eefhazk9a8w2tn4tz";

/// A server and a user of it.
async fn with_user() -> (TestApp, Client) {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    (app, ana)
}

/// The answer to a mutation of labels or of tasks, with its input as one variable.
async fn mutate(client: &Client, name: &str, input: Value) -> Answer {
    let selection = match name {
        "deleteLabel" => "labelId",
        "createLabel" | "updateLabel" => "label { id name color }",
        _ => "task { id version labels { id name color } }",
    };
    client.mutate(name, input, selection).await
}

/// The label that a mutation answers with.
async fn label(client: &Client, name: &str, input: Value) -> Value {
    mutate(client, name, input).await.data()[name]["label"].clone()
}

/// The id of a new label.
async fn create_label(client: &Client, name: &str) -> Value {
    label(client, "createLabel", json!({ "name": name, "color": "#1e90ff" })).await["id"].clone()
}

/// The task that a mutation answers with.
async fn task(client: &Client, name: &str, input: Value) -> Value {
    mutate(client, name, input).await.data()[name]["task"].clone()
}

/// The id of a new task.
async fn create_task(client: &Client, title: &str, label_ids: &[&Value]) -> Value {
    task(client, "createTask", json!({ "title": title, "labelIds": label_ids })).await["id"].clone()
}

/// The names of the labels on a task as the client reads it.
async fn names_on(client: &Client, task: &Value) -> Vec<String> {
    let query = "query($id: ID!) { task(id: $id) { labels { name } } }";
    let data = client.gql_with(query, json!({ "id": task })).await.data();
    names(&data["task"]["labels"])
}

fn names(labels: &Value) -> Vec<String> {
    labels.as_array().unwrap().iter().map(|label| label["name"].as_str().unwrap().to_owned()).collect()
}

fn uuid_of(user: &Client) -> Uuid {
    user.user_id().parse::<UserId>().unwrap().uuid()
}

/// Writes labels of a user past the API.
async fn insert_labels(app: &TestApp, user: &Client, count: u128) {
    let transaction = app.app.services.store.begin().await.unwrap();
    for number in 0..count {
        let name = format!("inserted {number:04}");
        let row = storage::label::Model {
            id: LabelId::from_uuid(Uuid::from_u128(number + 1)).uuid(),
            user_id: uuid_of(user),
            name: name.clone(),
            name_key: name,
            color: String::from("#000000"),
            created_at: 0,
        };
        storage::label::insert(&transaction, row).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

/// A project of these members with their roles (1 reads, 2 writes, 3 owns), written past the API, with the tasks in it.
async fn share(app: &TestApp, members: &[(&Client, i16)], tasks: &[&Value]) -> ProjectId {
    let database = open_database(app).await;
    let run = async |sql: &str, values: Vec<sea_orm::Value>| {
        let statement = sea_orm::Statement::from_sql_and_values(database.get_database_backend(), sql, values);
        database.execute_raw(statement).await.unwrap();
    };
    let project = Uuid::from_u128(77);
    let sql = "INSERT INTO projects (id, name, name_key, description, created_at, updated_at)
        VALUES ($1, 'Home', 'home', '', 0, 0)";
    run(sql, vec![project.into()]).await;
    for (member, role) in members {
        let sql = "INSERT INTO project_members (project_id, user_id, role, joined_at, joined_after)
            VALUES ($1, $2, $3, 0, 0)";
        run(sql, vec![project.into(), uuid_of(member).into(), (*role).into()]).await;
    }
    for task in tasks {
        let task = task.as_str().unwrap().parse::<TaskId>().unwrap();
        run("UPDATE tasks SET project_id = $1 WHERE id = $2", vec![project.into(), task.uuid().into()]).await;
    }
    ProjectId::from_uuid(project)
}

/// Runs a statement without parameters past the API.
async fn execute(app: &TestApp, sql: &str) {
    open_database(app).await.execute_unprepared(sql).await.unwrap();
}
