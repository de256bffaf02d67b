//! Tasks: everything that clients can do with them, and what they are told when they can't.

mod assignee;
mod bulk;
mod changes;
mod create;
mod cursor;
mod delete;
mod filter;
mod list;
mod order;
mod paging;
mod place;
mod search;
mod subtasks;
mod trash;
mod update;

use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

/// The fields of a task that are its own.
const FIELDS: &str = "id title description completed completedAt priority dueAt createdAt updatedAt deletedAt version";

/// A list with whatever arguments the variables name.
const LIST: &str = "query($first: Int, $after: String, $last: Int, $before: String, $filter: TaskFilter,
        $orderBy: [TaskOrder!]) {
    tasks(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
        edges { cursor node { id title } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}";

/// A server and a user of it.
async fn with_user() -> (TestApp, Client) {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    (app, ana)
}

/// The answer to the mutation of this name, with its input as one variable.
async fn mutate(client: &Client, name: &str, input: Value) -> Answer {
    let payload = if name == "updateTasks" { "tasks" } else { "task" };
    client.mutate(name, input, &format!("{payload} {{ {FIELDS} }}")).await
}

/// The task, or the tasks, that the mutation answers with.
async fn changed(client: &Client, name: &str, input: Value) -> Value {
    let data = mutate(client, name, input).await.data();
    let payload = if name == "updateTasks" { "tasks" } else { "task" };
    data[name][payload].clone()
}

/// A new task.
async fn create(client: &Client, input: Value) -> Value {
    changed(client, "createTask", input).await
}

/// New tasks with these titles, in their order.
async fn create_titled(client: &Client, titles: &[&str]) -> Vec<Value> {
    let mut tasks = Vec::new();
    for title in titles {
        tasks.push(create(client, json!({ "title": title })).await);
    }
    tasks
}

/// The task as a client reads it, in the trash or not.
async fn read(client: &Client, id: &Value) -> Value {
    let query = format!("query($id: ID!) {{ task(id: $id) {{ {FIELDS} }} }}");
    client.gql_with(&query, json!({ "id": id })).await.data()["task"].clone()
}

/// Where a task is, as a client reads it: what it is a part of, what is a part of it, and who is to do it. Null when they
/// can't see it.
async fn place(client: &Client, id: &Value) -> Value {
    let query = "query($id: ID!) { task(id: $id) {
        title version parent { title } subtasks { nodes { title } totalCount } assignee { username }
    } }";
    let task = client.gql_with(query, json!({ "id": id })).await.data()["task"].clone();
    let titles = |nodes: &Value| nodes.as_array().unwrap().iter().map(|node| node["title"].clone()).collect::<Value>();
    if task.is_null() {
        return task;
    }
    assert_eq!(task["subtasks"]["totalCount"], task["subtasks"]["nodes"].as_array().unwrap().len());
    json!({
        "parent": task["parent"]["title"], "subtasks": titles(&task["subtasks"]["nodes"]),
        "assignee": task["assignee"]["username"], "version": task["version"],
    })
}

/// A new task that is a part of another.
async fn create_below(client: &Client, parent: &Value, title: &str) -> Value {
    create(client, json!({ "title": title, "parentId": parent["id"] })).await
}

/// The titles of the tasks that the client sees in a project, by title.
async fn titles_in(client: &Client, project: &Value) -> Vec<String> {
    let by_title = json!([{ "field": "TITLE", "direction": "ASC" }]);
    titles(client, json!({ "filter": { "projectId": project }, "orderBy": by_title })).await
}

/// A page of tasks.
async fn list(client: &Client, arguments: Value) -> Value {
    client.gql_with(LIST, arguments).await.data()["tasks"].clone()
}

/// The titles on a page, in its order.
async fn titles(client: &Client, arguments: Value) -> Vec<String> {
    texts(&list(client, arguments).await, "title")
}

/// One field of every task on a page.
fn texts(page: &Value, field: &str) -> Vec<String> {
    let edges = page["edges"].as_array().unwrap().iter();
    edges.map(|edge| edge["node"][field].as_str().unwrap().to_owned()).collect()
}

/// The error as a client tells it from others: all of it but the place in the document.
fn error(answer: &Answer) -> Value {
    let error = &answer.json()["errors"][0];
    json!({ "message": error["message"], "code": error["extensions"]["code"], "fields": error["extensions"]["fields"] })
}

/// The ids that stand for no task of the caller's: of a task of somebody else, of no task, and of nothing at all.
async fn ids_of_no_task(app: &TestApp) -> [Value; 4] {
    let ben = app.user("somebody_else").await;
    let foreign = create(&ben, json!({ "title": "Not yours" })).await["id"].clone();
    [foreign, json!("task_01jd3qvh7eefhazk9a8w2tn4tz"), json!("no id"), json!(ben.user_id())]
}
