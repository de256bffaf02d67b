//! Ids of what a caller can't see, in every argument that takes an id: answered like ids of nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, InputValueDefinition, Type, TypeKind, TypeSystemDefinition};
use async_graphql::{Name, Positioned};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::stage::Stage;
use crate::session::without_request_id;
use crate::support::{Answer, Client};

/// A place that takes an id, as `Query.field.argument` or `Input.member`; what the id is of; and a document with `ID` in
/// that place. `OWN` and `OWN_PROJECT` stand for what the caller has alone.
const PLACES: &[(&str, &str, &str)] = &[
    ("Query.node.id", "SESSION", r#"{ node(id: "ID") { id } }"#),
    ("Query.node.id", "TOKEN", r#"{ node(id: "ID") { id } }"#),
    ("Query.node.id", "USER", r#"{ node(id: "ID") { id } }"#),
    ("Query.node.id", "TASK", r#"{ node(id: "ID") { id } }"#),
    ("Query.node.id", "LABEL", r#"{ node(id: "ID") { id } }"#),
    ("Query.node.id", "COMMENT", r#"{ node(id: "ID") { id ... on Comment { task { project { id } } } } }"#),
    (
        "Query.node.id",
        "PROJECT",
        r#"{ node(id: "ID") { ... on Project { members { totalCount nodes { user { id } } } tasks { nodes { id } } } } }"#,
    ),
    (
        "Query.nodes.ids",
        "USER",
        r#"{ nodes(ids: ["ID"]) { ... on User { username sessions { id } apiTokens { id } } } }"#,
    ),
    ("Query.nodes.ids", "TASK", r#"{ nodes(ids: ["ID", "OWN", "ID"]) { id ... on Task { createdBy { username } } } }"#),
    ("Query.nodes.ids", "LABEL", r#"{ nodes(ids: ["OWN", "ID"]) { id } }"#),
    ("Query.nodes.ids", "COMMENT", r#"{ nodes(ids: ["OWN", "ID"]) { id ... on Comment { author { username } } } }"#),
    ("Query.nodes.ids", "PROJECT", r#"{ nodes(ids: ["ID", "OWN_PROJECT"]) { id ... on Project { viewerRole } } }"#),
    ("Query.project.id", "PROJECT", r#"{ project(id: "ID") { name members { totalCount nodes { user { id } } } } }"#),
    ("Query.project.id", "PROJECT", r#"{ project(id: "ID") { tasks { totalCount nodes { title } } } }"#),
    (
        "Query.task.id",
        "TASK",
        r#"{ task(id: "ID") { title createdBy { id } assignee { id } parent { id } project { id } labels { id }
            subtasks { totalCount nodes { id } } comments { totalCount nodes { author { id } } } } }"#,
    ),
    ("TaskFilter.projectId", "PROJECT", r#"{ tasks(filter: { projectId: "ID" }) { totalCount nodes { id } } }"#),
    (
        "TaskFilter.projectId",
        "PROJECT",
        r#"{ tasks(filter: { not: { projectId: "ID" } }) { totalCount nodes { id } } }"#,
    ),
    ("TaskFilter.parentId", "TASK", r#"{ tasks(filter: { parentId: "ID" }) { totalCount nodes { id } } }"#),
    ("TaskFilter.parentId", "TASK", r#"{ tasks(filter: { not: { parentId: "ID" } }) { totalCount nodes { id } } }"#),
    (
        "TaskFilter.parentId",
        "TASK",
        r#"{ project(id: "OWN_PROJECT") { tasks(filter: { parentId: "ID" }) { totalCount nodes { id } } } }"#,
    ),
    ("TaskFilter.assigneeId", "USER", r#"{ tasks(filter: { assigneeId: "ID" }) { totalCount nodes { id } } }"#),
    (
        "TaskFilter.assigneeId",
        "USER",
        r#"{ tasks(filter: { not: { assigneeId: "ID" } }) { totalCount nodes { id } } }"#,
    ),
    (
        "TaskFilter.createdById",
        "USER",
        r#"{ tasks(filter: { or: [{ createdById: "ID" }] }) { totalCount nodes { id } } }"#,
    ),
    ("TaskFilter.createdById", "USER", r#"{ tasks(filter: { not: { createdById: "ID" } }) { nodes { id } } }"#),
    ("TaskFilter.labelIds", "LABEL", r#"{ tasks(filter: { labelIds: ["ID"] }) { totalCount nodes { id } } }"#),
    ("TaskFilter.labelIds", "LABEL", r#"{ tasks(filter: { not: { labelIds: ["ID"] } }) { totalCount nodes { id } } }"#),
    ("RevokeSessionInput.id", "SESSION", r#"mutation { revokeSession(input: { id: "ID" }) { sessionId } }"#),
    ("RevokeApiTokenInput.id", "TOKEN", r#"mutation { revokeApiToken(input: { id: "ID" }) { apiTokenId } }"#),
    (
        "UpdateProjectInput.id",
        "PROJECT",
        r#"mutation { updateProject(input: { id: "ID", name: "Mine" }) { project { id } } }"#,
    ),
    ("DeleteProjectInput.id", "PROJECT", r#"mutation { deleteProject(input: { id: "ID" }) { projectId } }"#),
    (
        "SetProjectMemberInput.projectId",
        "PROJECT",
        r#"mutation { setProjectMember(input: { projectId: "ID", username: "stranger", role: OWNER }) { project { id } } }"#,
    ),
    (
        "RemoveProjectMemberInput.projectId",
        "PROJECT",
        r#"mutation { removeProjectMember(input: { projectId: "ID", userId: "USER" }) { project { id } } }"#,
    ),
    (
        "RemoveProjectMemberInput.userId",
        "USER",
        r#"mutation { removeProjectMember(input: { projectId: "OWN_PROJECT", userId: "ID" }) { project { id } } }"#,
    ),
    (
        "CreateTaskInput.projectId",
        "PROJECT",
        r#"mutation { createTask(input: { title: "A task", projectId: "ID" }) { task { id } } }"#,
    ),
    (
        "CreateTaskInput.projectId",
        "PROJECT",
        r#"mutation { createTask(input: { title: "A task", parentId: "OWN", projectId: "ID" }) { task { id } } }"#,
    ),
    (
        "CreateTaskInput.parentId",
        "TASK",
        r#"mutation { createTask(input: { title: "A part", parentId: "ID" }) { task { id } } }"#,
    ),
    (
        "CreateTaskInput.parentId",
        "TASK",
        r#"mutation { createTask(input: { title: "A part", projectId: "OWN_PROJECT", parentId: "ID" }) { task { id } } }"#,
    ),
    (
        "CreateTaskInput.assigneeId",
        "USER",
        r#"mutation { createTask(input: { title: "A task", assigneeId: "ID" }) { task { id } } }"#,
    ),
    (
        "CreateTaskInput.assigneeId",
        "USER",
        r#"mutation { createTask(input: { title: "A task", projectId: "OWN_PROJECT", assigneeId: "ID" }) { task { id } } }"#,
    ),
    (
        "CreateTaskInput.labelIds",
        "LABEL",
        r#"mutation { createTask(input: { title: "A task", labelIds: ["ID"] }) { task { id } } }"#,
    ),
    (
        "UpdateTaskInput.id",
        "TASK",
        r#"mutation { updateTask(input: { id: "ID", title: "Mine now" }) { task { id } } }"#,
    ),
    (
        "UpdateTaskInput.id",
        "TASK",
        r#"mutation { updateTask(input: { id: "ID", ifVersion: 9, title: "Mine" }) { task { id } } }"#,
    ),
    ("UpdateTaskInput.id", "TASK", r#"mutation { updateTask(input: { id: "ID", labelIds: [] }) { task { id } } }"#),
    ("UpdateTaskInput.id", "TASK", r#"mutation { updateTask(input: { id: "ID", parentId: "OWN" }) { task { id } } }"#),
    (
        "UpdateTaskInput.id",
        "TASK",
        r#"mutation { updateTask(input: { id: "ID", projectId: "OWN_PROJECT" }) { task { id } } }"#,
    ),
    (
        "UpdateTaskInput.projectId",
        "PROJECT",
        r#"mutation { updateTask(input: { id: "OWN", projectId: "ID" }) { task { id } } }"#,
    ),
    (
        "UpdateTaskInput.parentId",
        "TASK",
        r#"mutation { updateTask(input: { id: "OWN", parentId: "ID" }) { task { id } } }"#,
    ),
    (
        "UpdateTaskInput.assigneeId",
        "USER",
        r#"mutation { updateTask(input: { id: "OWN", assigneeId: "ID" }) { task { id } } }"#,
    ),
    (
        "UpdateTaskInput.labelIds",
        "LABEL",
        r#"mutation { updateTask(input: { id: "OWN", labelIds: ["ID"] }) { task { id } } }"#,
    ),
    (
        "UpdateTaskInput.labelIds",
        "LABEL",
        r#"mutation { updateTask(input: { id: "OWN", completed: true, labelIds: ["ID"] }) { task { id } } }"#,
    ),
    ("DeleteTaskInput.id", "TASK", r#"mutation { deleteTask(input: { id: "ID" }) { task { id } } }"#),
    ("DeleteTaskInput.id", "TASK", r#"mutation { deleteTask(input: { id: "ID", ifVersion: 9 }) { task { id } } }"#),
    ("RestoreTaskInput.id", "TASK", r#"mutation { restoreTask(input: { id: "ID" }) { task { id } } }"#),
    (
        "UpdateTasksInput.ids",
        "TASK",
        r#"mutation { updateTasks(input: { ids: ["ID"], completed: true }) { tasks { id } } }"#,
    ),
    (
        "UpdateTasksInput.ids",
        "TASK",
        r#"mutation { updateTasks(input: { ids: ["ID", "OWN"], completed: true }) { tasks { id } } }"#,
    ),
    (
        "UpdateTasksInput.ids",
        "TASK",
        r#"mutation { updateTasks(input: { ids: ["OWN", "ID"], completed: true }) { tasks { id } } }"#,
    ),
    (
        "UpdateTasksInput.projectId",
        "PROJECT",
        r#"mutation { updateTasks(input: { ids: ["OWN"], projectId: "ID" }) { tasks { id } } }"#,
    ),
    (
        "UpdateTasksInput.assigneeId",
        "USER",
        r#"mutation { updateTasks(input: { ids: ["OWN"], assigneeId: "ID" }) { tasks { id } } }"#,
    ),
    (
        "UpdateLabelInput.id",
        "LABEL",
        r#"mutation { updateLabel(input: { id: "ID", name: "Mine now" }) { label { id } } }"#,
    ),
    ("DeleteLabelInput.id", "LABEL", r#"mutation { deleteLabel(input: { id: "ID" }) { labelId } }"#),
    (
        "AddCommentInput.taskId",
        "TASK",
        r#"mutation { addComment(input: { taskId: "ID", body: "A word" }) { comment { id } } }"#,
    ),
    (
        "UpdateCommentInput.id",
        "COMMENT",
        r#"mutation { updateComment(input: { id: "ID", body: "A word" }) { comment { id } } }"#,
    ),
    ("DeleteCommentInput.id", "COMMENT", r#"mutation { deleteComment(input: { id: "ID" }) { commentId } }"#),
    ("Subscription.taskChanged.projectId", "PROJECT", r#"subscription { taskChanged(projectId: "ID") { taskId } }"#),
];

/// A fresh id that the client chooses. One that is taken is a `CONFLICT`, whoever has it: 74 bits of it are random, and the
/// table of root fields has a row for it.
const CHOSEN: [&str; 1] = ["CreateTaskInput.id"];

/// The names of what a caller can't see.
fn out_of_sight(caller: &str, of: &str) -> &'static [&'static str] {
    match (caller, of) {
        (_, "SESSION") => &["SESSION"],
        (_, "TOKEN") => &["TOKEN"],
        (_, "LABEL") => &["LABEL"],
        ("editor", "USER") => &["STRANGER"],
        ("editor", "PROJECT") => &["PRIVATE_PROJECT"],
        ("editor", "TASK") => &["PRIVATE", "PRIVATE_TRASHED"],
        ("editor", "COMMENT") => &["PRIVATE_COMMENT"],
        (_, "USER") => &["USER"],
        (_, "PROJECT") => &["PROJECT", "PRIVATE_PROJECT", "ARCHIVED"],
        (_, "TASK") => &["TASK", "SUBTASK", "TRASHED", "PRIVATE", "ARCHIVED_TASK"],
        (_, "COMMENT") => &["COMMENT", "PRIVATE_COMMENT"],
        _ => panic!("nothing is called {of}"),
    }
}

/// What an answer says that could tell one id from another.
fn said(answer: &Answer) -> String {
    let json = answer.json();
    let said = if json.get("errors").is_some() { without_request_id(answer) } else { json["data"].to_string() };
    format!("{said} {}", json["extensions"]["cost"]["requested"])
}

#[tokio::test]
async fn what_belongs_to_others_reads_like_what_is_not_there() {
    let mut stage = Stage::set().await;
    let before = everything(stage.client("owner")).await;
    for caller in ["stranger", "editor"] {
        stage.make("OWN", caller, "createTask", json!({ "title": "Of the caller" })).await;
        stage.make("OWN_PROJECT", caller, "createProject", json!({ "name": "Of the caller" })).await;
        let own = everything(stage.client(caller)).await;
        for (place, of, document) in PLACES {
            for name in out_of_sight(caller, of) {
                same_as_nothing(&stage, caller, (place, document), stage.id(name)).await;
            }
        }
        assert_eq!(everything(stage.client(caller)).await, own, "{caller} has changed nothing of their own");
    }
    assert_eq!(everything(stage.client("owner")).await, before, "and nothing of others");
}

/// The id of something reads like the id of nothing, and takes as many statements; text that is no id at all reads like it
/// too, and need not be looked up.
async fn same_as_nothing(stage: &Stage, caller: &str, (place, document): (&str, &str), foreign: &str) {
    let client = stage.client(caller);
    let ask = async |id: &str| {
        let document = stage.document(&document.replace("\"ID\"", &format!("\"{id}\"")));
        let (answer, sent) = stage.app.statements(answer(client, &document)).await;
        (said(&answer), answer, sent)
    };
    let (prefix, _) = foreign.split_once('_').unwrap();
    let (theirs, answer, sent) = ask(foreign).await;
    let is_refused = !document.starts_with('{');
    assert_eq!(answer.json().get("errors").is_some(), is_refused, "{place} of {caller}: {}", answer.text);
    assert!(!is_refused || answer.code() == "NOT_FOUND", "{place} of {caller}: {}", answer.text);
    let (nobodys, _, sent_for_nobodys) = ask(&format!("{prefix}_01jd3qvh7eefhazk9a8w2tn4tz")).await;
    assert_eq!((&theirs, sent), (&nobodys, sent_for_nobodys), "{place} of {caller}: {document}");
    for malformed in ["no id", "", &format!("{prefix}_1"), "elephant_01jd3qvh7eefhazk9a8w2tn4tz"] {
        let (said, _, sent_for_malformed) = ask(malformed).await;
        assert_eq!(theirs, said, "{place} of {caller}: {malformed} in {document}");
        assert!(sent_for_malformed <= sent, "{place}: {malformed}");
    }
}

/// The one answer to a document, of a subscription that does not begin, too.
async fn answer(client: &Client, document: &str) -> Answer {
    if !document.starts_with("subscription") {
        return client.gql(document).await;
    }
    let client = client.accepting("text/event-stream");
    let stream = timeout(Duration::from_secs(20), client.gql(document)).await.expect("it does not begin");
    let (next, complete) = stream.text.split_once("\n\n").unwrap();
    assert_eq!(complete, "event: complete\ndata:\n\n");
    Answer { text: next.strip_prefix("event: next\ndata: ").unwrap().to_owned(), ..stream }
}

async fn everything(client: &Client) -> Value {
    let query = "{
        viewer { id sessions { id } apiTokens { id lastFour } }
        labels(first: 5) { nodes { id name color } }
        tasks(first: 10) { nodes {
            id version title completed labels { id } parent { id } project { id } assignee { id }
            comments(first: 5) { nodes { id body } }
        } }
        projects(first: 5) { nodes { id name archived members(first: 5) { nodes { user { id } role } } } }
        trash: tasks(first: 5, filter: { deleted: true }) { nodes { id version } }
    }";
    client.gql(query).await.data()
}

#[test]
fn every_argument_that_takes_an_id_is_in_the_table() {
    let schema = parse_schema(taskward::graphql::sdl()).unwrap();
    let mut there = BTreeSet::new();
    for definition in schema.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        match definition.node.kind {
            TypeKind::Object(object) => {
                for field in object.fields {
                    there.extend(ids_of(&format!("{name}.{}", field.node.name.node), &field.node.arguments));
                }
            }
            TypeKind::InputObject(input) => there.extend(ids_of(&name, &input.fields)),
            _ => {}
        }
    }
    let places = PLACES.iter().map(|(place, ..)| *place).chain(CHOSEN);
    assert_eq!(
        there,
        places.map(str::to_owned).collect(),
        "left: the schema; right: tests/it/authorization/foreign.rs"
    );
}

/// Those of `values` that are ids or lists of them.
fn ids_of(owner: &str, values: &[Positioned<InputValueDefinition>]) -> Vec<String> {
    let ids = values.iter().filter(|value| innermost(&value.node.ty.node) == "ID");
    ids.map(|value| format!("{owner}.{}", value.node.name.node)).collect()
}

fn innermost(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => innermost(inner),
    }
}
