//! Who may do what: every field of both root types, asked by nobody, by the owner of the ids in it, and by a stranger.

use std::fmt;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use serde_json::{Value, json};

use crate::session::{session_id, without_request_id};
use crate::support::{Answer, Client, PASSWORD, TestApp};

/// What a caller is answered: data, data that is null, or an error of this code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Data,
    Null,
    Code(&'static str),
}

use Outcome::{Code, Data, Null};

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Data => "data",
            Null => "null",
            Code(code) => code,
        })
    }
}

const LOG_IN: Outcome = Code("UNAUTHENTICATED");
const NOT_THERE: Outcome = Code("NOT_FOUND");

/// A root field as it is selected, and what each caller is answered.
struct Row {
    field: &'static str,
    selection: &'static str,
    anonymous: Outcome,
    owner: Outcome,
    stranger: Outcome,
}

const fn row(field: &'static str, selection: &'static str, [anonymous, owner, stranger]: [Outcome; 3]) -> Row {
    Row { field, selection, anonymous, owner, stranger }
}

/// `TASK`, `TRASHED`, `COMMENT`, `LABEL`, `PROJECT`, `SESSION`, `USER`, `TOKEN` and `REFRESH` stand for the ids and the
/// refresh token of the owner.
const QUERIES: &[Row] = &[
    row("viewer", "{ id }", [Null, Data, Data]),
    row("node", r#"(id: "TASK") { id }"#, [LOG_IN, Data, Null]),
    row("node", r#"(id: "SESSION") { id }"#, [LOG_IN, Data, Null]),
    row("node", r#"(id: "USER") { id }"#, [LOG_IN, Data, Null]),
    row("node", r#"(id: "COMMENT") { id }"#, [LOG_IN, Data, Null]),
    row("node", r#"(id: "TOKEN") { id }"#, [LOG_IN, Data, Null]),
    row("nodes", r#"(ids: ["TASK", "SESSION", "USER", "TOKEN"]) { id }"#, [LOG_IN, Data, Null]),
    row("task", r#"(id: "TASK") { id }"#, [LOG_IN, Data, Null]),
    row("task", r#"(id: "TRASHED") { id }"#, [LOG_IN, Data, Null]),
    row("tasks", "{ nodes { id } }", [LOG_IN, Data, Null]),
    row("tasks", "(filter: { deleted: true }) { nodes { id } }", [LOG_IN, Data, Null]),
    row("tasks", "{ totalCount }", [LOG_IN, Data, Null]),
    row("taskChanges", "{ nodes { taskId } }", [LOG_IN, Data, Null]),
    row("node", r#"(id: "PROJECT") { id }"#, [LOG_IN, Data, Null]),
    row("project", r#"(id: "PROJECT") { id }"#, [LOG_IN, Data, Null]),
    row("projects", "{ nodes { id } }", [LOG_IN, Data, Null]),
    row("projects", "{ totalCount }", [LOG_IN, Data, Null]),
    row("node", r#"(id: "LABEL") { id }"#, [LOG_IN, Data, Null]),
    row("labels", "{ nodes { id } }", [LOG_IN, Data, Null]),
    row("labels", "{ totalCount }", [LOG_IN, Data, Null]),
    row("rateLimit", "{ cost { remaining } }", [Data, Data, Data]),
];

const MUTATIONS: &[Row] = &[
    row("register", r#"(input: { username: "CALLER_new", password: "PASSWORD" }) { expiresAt }"#, [Data, Data, Data]),
    row("login", r#"(input: { username: "owner", password: "PASSWORD" }) { expiresAt }"#, [Data, Data, Data]),
    row("login", r#"(input: { username: "owner", password: "wrong" }) { expiresAt }"#, [LOG_IN, LOG_IN, LOG_IN]),
    // Whoever holds it may use it, once: the others get its successor within ten seconds.
    row("refreshSession", r#"(input: { refreshToken: "REFRESH" }) { expiresAt }"#, [Data, Data, Data]),
    row("logout", "{ sessionId }", [LOG_IN, Data, Data]),
    row("revokeSession", r#"(input: { id: "SESSION" }) { sessionId }"#, [LOG_IN, Data, NOT_THERE]),
    row(
        "changePassword",
        r#"(input: { currentPassword: "PASSWORD", newPassword: "a better password" }) { user { id } }"#,
        [LOG_IN, Data, Data],
    ),
    row("createApiToken", r#"(input: { name: "backup", scopes: [READ] }) { secret }"#, [LOG_IN, Data, Data]),
    row("revokeApiToken", r#"(input: { id: "TOKEN" }) { apiTokenId }"#, [LOG_IN, Data, NOT_THERE]),
    row("createProject", r#"(input: { name: "Ours" }) { project { id } }"#, [LOG_IN, Data, Data]),
    row("updateProject", r#"(input: { id: "PROJECT", archived: true }) { project { id } }"#, [LOG_IN, Data, NOT_THERE]),
    row("deleteProject", r#"(input: { id: "PROJECT" }) { projectId }"#, [LOG_IN, Data, NOT_THERE]),
    row(
        "setProjectMember",
        r#"(input: { projectId: "PROJECT", username: "stranger", role: VIEWER }) { project { id } }"#,
        [LOG_IN, Data, NOT_THERE],
    ),
    row(
        "removeProjectMember",
        r#"(input: { projectId: "PROJECT", userId: "USER" }) { project { id } }"#,
        [LOG_IN, Code("CONFLICT"), NOT_THERE],
    ),
    row("createTask", r#"(input: { title: "A task" }) { task { id } }"#, [LOG_IN, Data, Data]),
    row(
        "createTask",
        r#"(input: { id: "TASK", title: "A task" }) { task { id } }"#,
        [LOG_IN, Code("CONFLICT"), Code("CONFLICT")],
    ),
    row("updateTask", r#"(input: { id: "TASK", completed: true }) { task { id } }"#, [LOG_IN, Data, NOT_THERE]),
    row(
        "updateTask",
        r#"(input: { id: "TASK", ifVersion: 9, completed: true }) { task { id } }"#,
        [LOG_IN, Code("CONFLICT"), NOT_THERE],
    ),
    row(
        "updateTask",
        r#"(input: { id: "TRASHED", completed: true }) { task { id } }"#,
        [LOG_IN, Code("CONFLICT"), NOT_THERE],
    ),
    row("deleteTask", r#"(input: { id: "TASK" }) { task { id } }"#, [LOG_IN, Data, NOT_THERE]),
    row(
        "deleteTask",
        r#"(input: { id: "TASK", ifVersion: 9 }) { task { id } }"#,
        [LOG_IN, Code("CONFLICT"), NOT_THERE],
    ),
    row("restoreTask", r#"(input: { id: "TRASHED" }) { task { id } }"#, [LOG_IN, Data, NOT_THERE]),
    row("updateTasks", r#"(input: { ids: ["TASK"], completed: true }) { tasks { id } }"#, [LOG_IN, Data, NOT_THERE]),
    row("addComment", r#"(input: { taskId: "TASK", body: "A word" }) { comment { id } }"#, [LOG_IN, Data, NOT_THERE]),
    row(
        "updateComment",
        r#"(input: { id: "COMMENT", body: "Another" }) { comment { id } }"#,
        [LOG_IN, Data, NOT_THERE],
    ),
    row("deleteComment", r#"(input: { id: "COMMENT" }) { commentId }"#, [LOG_IN, Data, NOT_THERE]),
    row(
        "updateTasks",
        r#"(input: { ids: ["TRASHED"], completed: true }) { tasks { id } }"#,
        [LOG_IN, Code("CONFLICT"), NOT_THERE],
    ),
    row(
        "createTask",
        r#"(input: { title: "A task", labelIds: ["LABEL"] }) { task { id } }"#,
        [LOG_IN, Data, NOT_THERE],
    ),
    row("updateTask", r#"(input: { id: "TASK", labelIds: ["LABEL"] }) { task { id } }"#, [LOG_IN, Data, NOT_THERE]),
    row("createLabel", r##"(input: { name: "Mine", color: "#000000" }) { label { id } }"##, [LOG_IN, Data, Data]),
    row("updateLabel", r#"(input: { id: "LABEL", name: "Other" }) { label { id } }"#, [LOG_IN, Data, NOT_THERE]),
    row("deleteLabel", r#"(input: { id: "LABEL" }) { labelId }"#, [LOG_IN, Data, NOT_THERE]),
];

/// Somebody with a task, a comment, a label, a task in the trash, a project, a second session and an API token; and
/// somebody with nothing.
struct Stage {
    app: TestApp,
    owner: Client,
    stranger: Client,
    ids: [(&'static str, String); 9],
}

impl Stage {
    async fn set() -> Self {
        let app = TestApp::new().await;
        let owner = app.user("owner").await;
        let stranger = app.user("stranger").await;
        let task = create(&owner, "A task of the owner").await;
        let trashed = create(&owner, "A task in the trash").await;
        let query = "mutation($input: DeleteTaskInput!) { deleteTask(input: $input) { task { id } } }";
        owner.gql_with(query, json!({ "input": { "id": trashed } })).await.data();
        let project =
            owner.gql(r#"mutation { createProject(input: { name: "Ours" }) { project { id } } }"#).await.data();
        let project = project["createProject"]["project"]["id"].as_str().unwrap().to_owned();
        let login = crate::session::login(&app.anonymous(), "owner", PASSWORD).await;
        let second = app.anonymous().with_tokens(&login.data()["login"]);
        let query = "mutation($input: AddCommentInput!) { addComment(input: $input) { comment { id } } }";
        let comment = owner.gql_with(query, json!({ "input": { "taskId": task, "body": "A word" } })).await.data();
        let (token, _) = crate::api_token::program(&app, &owner, &["READ"]).await;
        let query = r##"mutation { createLabel(input: { name: "Work", color: "#000000" }) { label { id } } }"##;
        let label = owner.gql(query).await.data()["createLabel"]["label"]["id"].as_str().unwrap().to_owned();
        let ids = [
            ("COMMENT", comment["addComment"]["comment"]["id"].as_str().unwrap().to_owned()),
            ("TASK", task),
            ("TRASHED", trashed),
            ("PROJECT", project),
            ("LABEL", label),
            ("SESSION", session_id(&second).await),
            ("USER", owner.user_id().to_owned()),
            ("TOKEN", token),
            ("REFRESH", second.refresh_token().to_owned()),
        ];
        Self { app, owner, stranger, ids }
    }

    fn document(&self, operation: &str, row: &Row, caller: &str) -> String {
        let document = format!("{operation} {{ {}{} }}", row.field, row.selection);
        let document = document.replace("CALLER", caller).replace("PASSWORD", PASSWORD);
        self.ids
            .iter()
            .fold(document, |document, (name, id)| document.replace(&format!("\"{name}\""), &format!("\"{id}\"")))
    }
}

async fn create(client: &Client, title: &str) -> String {
    let query = "mutation($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }";
    let answer = client.gql_with(query, json!({ "input": { "title": title } })).await;
    answer.data()["createTask"]["task"]["id"].as_str().unwrap().to_owned()
}

#[track_caller]
fn outcome(answer: &Answer, field: &str) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let json = answer.json();
    if json.get("errors").is_some() {
        return answer.code();
    }
    if is_empty(&json["data"][field]) { Null } else { Data }.to_string()
}

/// Null, zero, or a list or object that holds nothing else.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Array(entries) => entries.iter().all(is_empty),
        Value::Object(members) => members.values().all(is_empty),
        _ => false,
    }
}

#[tokio::test]
async fn every_root_field_answers_each_caller_as_the_table_says() {
    for (operation, rows) in [("query", QUERIES), ("mutation", MUTATIONS)] {
        for row in rows {
            // On a stage of its own: a mutation that may happen does.
            let stage = Stage::set().await;
            let anonymous = stage.app.anonymous();
            let callers = [
                ("stranger", &stage.stranger, row.stranger),
                ("anonymous", &anonymous, row.anonymous),
                ("owner", &stage.owner, row.owner),
            ];
            for (name, client, expected) in callers {
                let document = stage.document(operation, row, name);
                let answer = client.gql(&document).await;
                assert_eq!(outcome(&answer, row.field), expected.to_string(), "{name}: {document}: {}", answer.text);
            }
        }
    }
}

#[test]
fn every_root_field_of_the_schema_is_in_the_table() {
    let schema = parse_schema(taskward::graphql::sdl()).unwrap();
    let roots = [("Query", QUERIES), ("Mutation", MUTATIONS), ("Subscription", &[])];
    for (root, rows) in roots {
        let definition = schema.definitions.iter().find_map(|definition| match definition {
            TypeSystemDefinition::Type(it) if it.node.name.node == root => Some(&it.node.kind),
            _ => None,
        });
        let fields: Vec<_> = match definition {
            Some(TypeKind::Object(object)) => {
                object.fields.iter().map(|field| field.node.name.node.to_string()).collect()
            }
            _ => Vec::new(),
        };
        let missing: Vec<_> = fields.iter().filter(|field| !rows.iter().any(|row| row.field == **field)).collect();
        assert!(missing.is_empty(), "{root} has fields without a row in tests/it/authorization.rs: {missing:?}");
        let gone: Vec<_> = rows.iter().map(|row| row.field).filter(|row| !fields.iter().any(|it| it == row)).collect();
        assert!(gone.is_empty(), "the table has rows that {root} has no field for: {gone:?}");
    }
}

/// Operations that name something by its id, each with `ID` in the place of it.
const BY_ID: &[(&str, &str)] = &[
    ("TASK", r#"{ node(id: "ID") { id } }"#),
    ("SESSION", r#"{ node(id: "ID") { id } }"#),
    ("USER", r#"{ node(id: "ID") { id } }"#),
    ("TOKEN", r#"{ node(id: "ID") { id } }"#),
    ("TASK", r#"{ nodes(ids: ["ID", "ID"]) { id ... on Task { title createdBy { username } } } }"#),
    ("USER", r#"{ nodes(ids: ["ID"]) { id ... on User { username sessions { id } apiTokens { id } } } }"#),
    ("TASK", r#"{ task(id: "ID") { title createdBy { username } } }"#),
    ("TRASHED", r#"{ task(id: "ID") { title } }"#),
    ("TASK", r#"mutation { updateTask(input: { id: "ID", title: "Mine now" }) { task { id } } }"#),
    ("TASK", r#"mutation { updateTask(input: { id: "ID", ifVersion: 9, title: "Mine now" }) { task { id } } }"#),
    ("TRASHED", r#"mutation { updateTask(input: { id: "ID", title: "Mine now" }) { task { id } } }"#),
    ("TASK", r#"mutation { deleteTask(input: { id: "ID" }) { task { id } } }"#),
    ("TASK", r#"mutation { deleteTask(input: { id: "ID", ifVersion: 9 }) { task { id } } }"#),
    ("TRASHED", r#"mutation { restoreTask(input: { id: "ID" }) { task { id } } }"#),
    ("TASK", r#"mutation { updateTasks(input: { ids: ["ID"], completed: true }) { tasks { id } } }"#),
    ("TRASHED", r#"mutation { updateTasks(input: { ids: ["ID"], completed: true }) { tasks { id } } }"#),
    ("TOKEN", r#"mutation { revokeApiToken(input: { id: "ID" }) { apiTokenId } }"#),
    ("PROJECT", r#"{ node(id: "ID") { id } }"#),
    ("PROJECT", r#"{ nodes(ids: ["ID"]) { id ... on Project { name members { nodes { user { id } } } } } }"#),
    ("PROJECT", r#"{ project(id: "ID") { name viewerRole members { totalCount nodes { user { username } } } } }"#),
    ("PROJECT", r#"mutation { updateProject(input: { id: "ID", name: "Mine now" }) { project { id } } }"#),
    ("PROJECT", r#"mutation { deleteProject(input: { id: "ID" }) { projectId } }"#),
    (
        "PROJECT",
        r#"mutation { setProjectMember(input: { projectId: "ID", username: "stranger", role: OWNER }) { project { id } } }"#,
    ),
    (
        "PROJECT",
        r#"mutation { removeProjectMember(input: { projectId: "ID", userId: "user_01jd3qvh7eefhazk9a8w2tn4tz" })
            { project { id } } }"#,
    ),
    ("LABEL", r#"{ node(id: "ID") { id } }"#),
    ("LABEL", r#"mutation { updateLabel(input: { id: "ID", name: "Mine now" }) { label { id } } }"#),
    ("LABEL", r#"mutation { deleteLabel(input: { id: "ID" }) { labelId } }"#),
    ("LABEL", r#"mutation { createTask(input: { title: "A task", labelIds: ["ID"] }) { task { id } } }"#),
    ("TASK", r#"mutation { updateTask(input: { id: "ID", labelIds: [] }) { task { id } } }"#),
    ("TASK", r#"mutation { createTask(input: { title: "A part", parentId: "ID" }) { task { id } } }"#),
    ("PROJECT", r#"mutation { createTask(input: { title: "A task", projectId: "ID" }) { task { id } } }"#),
    ("USER", r#"mutation { createTask(input: { title: "A task", assigneeId: "ID" }) { task { id } } }"#),
    ("TASK", r#"{ tasks(filter: { parentId: "ID" }) { totalCount nodes { id } } }"#),
    ("PROJECT", r#"{ tasks(filter: { projectId: "ID" }) { totalCount nodes { id } } }"#),
    ("USER", r#"{ tasks(filter: { or: [{ assigneeId: "ID" }, { createdById: "ID" }] }) { totalCount nodes { id } } }"#),
    ("SESSION", r#"mutation { revokeSession(input: { id: "ID" }) { sessionId } }"#),
];

#[tokio::test]
async fn what_belongs_to_others_reads_like_what_is_not_there() {
    let stage = Stage::set().await;
    let before = everything(&stage.owner).await;
    for (name, query) in BY_ID {
        let (_, foreign) = stage.ids.iter().find(|(it, _)| it == name).unwrap();
        let (prefix, _) = foreign.split_once('_').unwrap();
        let missing = format!("{prefix}_01jd3qvh7eefhazk9a8w2tn4tz");
        let [theirs, nobodys] = [foreign, &missing].map(|id| query.replace("ID", id));
        let (theirs, sent) = stage.app.statements(stage.stranger.gql(&theirs)).await;
        let (nobodys, sent_for_nobodys) = stage.app.statements(stage.stranger.gql(&nobodys)).await;
        assert_eq!(without_id(&theirs), without_id(&nobodys), "{query}");
        assert_eq!(sent, sent_for_nobodys, "{query}");
    }
    assert_eq!(everything(&stage.owner).await, before, "and nothing has changed");
}

fn without_id(answer: &Answer) -> String {
    if answer.json().get("errors").is_some() { without_request_id(answer) } else { answer.data().to_string() }
}

async fn everything(client: &Client) -> Value {
    let query = "{
        viewer { id sessions { id } apiTokens { id lastFour } }
        labels(first: 5) { nodes { id name color } }
        tasks(first: 5) { nodes { id version title completed deletedAt labels { id } } }
        projects(first: 5) { nodes { id name members(first: 5) { nodes { user { id } role } } } }
        trash: tasks(first: 5, filter: { deleted: true }) { nodes { id version } }
    }";
    client.gql(query).await.data()
}

/// One id among others must not tell which of them is foreign: the whole is refused alike.
#[tokio::test]
async fn a_foreign_id_among_own_ones_changes_none_of_them() {
    let stage = Stage::set().await;
    let own = create(&stage.stranger, "A task of the stranger").await;
    let (_, foreign) = &stage.ids[0];
    let query = "mutation($ids: [ID!]!) { updateTasks(input: { ids: $ids, completed: true }) { tasks { id } } }";
    for ids in [json!([own, foreign]), json!([foreign, own]), json!([own, "task_01jd3qvh7eefhazk9a8w2tn4tz"])] {
        assert_eq!(stage.stranger.gql_with(query, json!({ "ids": ids })).await.code(), "NOT_FOUND");
    }
    let answer = stage.stranger.gql("{ tasks { nodes { completed version } } }").await;
    assert_eq!(answer.data()["tasks"]["nodes"], json!([{ "completed": false, "version": 1 }]));
    let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let answer = stage.stranger.gql_with(nodes, json!({ "ids": [foreign, own, foreign] })).await;
    assert_eq!(answer.data()["nodes"], json!([null, { "id": own }, null]));
}
