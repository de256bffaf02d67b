//! Paths from what a caller sees to what they don't: they end in null, and nothing of it shows.

use serde_json::{Value, json};

use super::stage::Stage;

/// Somebody who made tasks in a project and is no member any more: they see those, and nothing around them.
async fn left_behind() -> Stage {
    let mut stage = Stage::set().await;
    let part = json!({ "title": "A part by the editor", "parentId": "TASK", "assigneeId": "VIEWER_USER" });
    stage.make("PART", "editor", "createTask", part).await;
    stage.make("PART_OF_PART", "owner", "createTask", json!({ "title": "A part of it", "parentId": "PART" })).await;
    stage.make("WORD", "owner", "addComment", json!({ "taskId": "PART", "body": "A word" })).await;
    for project in ["PROJECT", "ARCHIVED"] {
        let editor = json!({ "projectId": project, "userId": "EDITOR_USER" });
        stage.mutate("owner", "removeProjectMember", &editor).await;
    }
    stage
}

async fn read(stage: &Stage, document: &str) -> Value {
    stage.client("editor").gql(&stage.document(document)).await.data()
}

#[tokio::test]
async fn a_task_leads_to_nothing_that_its_viewer_cannot_see() {
    let stage = left_behind().await;
    let task = r#"{ task(id: "PART") {
        title parent { id title } project { id name members(first: 1) { nodes { user { id } } } } labels { id }
        subtasks(first: 5) { totalCount nodes { id } } assignee { username sessions { id } apiTokens { id } }
        comments(first: 2) { nodes { body author { username sessions { id } apiTokens { id } }
                           task { title parent { id } project { id } subtasks { totalCount } } } }
    } }"#;
    assert_eq!(
        read(&stage, task).await["task"],
        json!({
            "title": "A part by the editor", "parent": null, "project": null, "labels": [],
            "subtasks": { "totalCount": 0, "nodes": [] },
            "assignee": { "username": "viewer", "sessions": null, "apiTokens": null },
            "comments": { "nodes": [{
                "body": "A word", "author": { "username": "owner", "sessions": null, "apiTokens": null },
                "task": {
                    "title": "A part by the editor", "parent": null, "project": null, "subtasks": { "totalCount": 0 },
                },
            }] },
        })
    );
    // Those whom the task names are not there to be asked for.
    let named = r#"{ nodes(ids: ["USER", "VIEWER_USER", "TASK", "PART_OF_PART", "PROJECT", "COMMENT"]) { id } }"#;
    assert_eq!(read(&stage, named).await["nodes"], json!([null, null, null, null, null, null]));
}

/// A comment of one's own is as far away as the task that it is about.
#[tokio::test]
async fn a_comment_goes_out_of_sight_with_its_task() {
    let stage = left_behind().await;
    assert_eq!(read(&stage, r#"{ node(id: "EDITORS_COMMENT") { id } }"#).await["node"], Value::Null);
    for document in [
        r#"mutation { updateComment(input: { id: "EDITORS_COMMENT", body: "Mine" }) { comment { id } } }"#,
        r#"mutation { deleteComment(input: { id: "EDITORS_COMMENT" }) { commentId } }"#,
    ] {
        let answer = stage.client("editor").gql(&stage.document(document)).await;
        assert_eq!(answer.code(), "NOT_FOUND", "{document}");
    }
}

/// The task is seen, and what it is in or a part of is not: a filter must not tell that it is there.
#[tokio::test]
async fn a_filter_finds_nothing_by_what_is_out_of_sight() {
    let stage = left_behind().await;
    for member in [r#"projectId: "PROJECT""#, r#"parentId: "TASK""#] {
        let titles = async |filter: String| {
            let page = read(&stage, &format!("{{ tasks(filter: {filter}) {{ totalCount nodes {{ title }} }} }}")).await;
            page["tasks"].clone()
        };
        assert_eq!(titles(format!("{{ {member} }}")).await, json!({ "totalCount": 0, "nodes": [] }), "{member}");
        let all = titles(String::from("{}")).await;
        assert_eq!(all["totalCount"], 2, "{all}");
        assert_eq!(titles(format!("{{ not: {{ {member} }} }}")).await, all, "{member}");
    }
}

/// The log keeps the ids of what was in sight once, and leads to nothing of it.
#[tokio::test]
async fn the_change_log_leads_to_nothing_that_its_viewer_cannot_see() {
    let stage = left_behind().await;
    let log = "{ taskChanges(first: 15) { nodes { kind taskId task { id } actor { username sessions { id } } } } }";
    let log = read(&stage, log).await;
    let entries = log["taskChanges"]["nodes"].as_array().unwrap().clone();
    assert!(entries.len() > 3, "{log}");
    for entry in entries {
        let is_seen = ["PART", "EDITORS"].map(|name| stage.id(name)).iter().any(|id| entry["taskId"] == **id);
        assert_eq!(entry["task"].is_null(), !is_seen, "{entry}");
        assert!(entry["actor"]["sessions"].is_null() || entry["actor"]["username"] == "editor", "{entry}");
    }
}

/// Somebody who sees a task may be asked about it, and still not write: what they may not do changes nothing.
#[tokio::test]
async fn whoever_has_left_only_reads_what_they_made() {
    let stage = left_behind().await;
    for document in [
        r#"mutation { updateTask(input: { id: "PART", completed: true }) { task { id } } }"#,
        r#"mutation { updateTask(input: { id: "PART", projectId: null, parentId: null }) { task { id } } }"#,
        r#"mutation { deleteTask(input: { id: "PART" }) { task { id } } }"#,
        r#"mutation { updateTasks(input: { ids: ["PART"], completed: true }) { tasks { id } } }"#,
    ] {
        let answer = stage.client("editor").gql(&stage.document(document)).await;
        assert_eq!(answer.code(), "FORBIDDEN", "{document}");
    }
    assert_eq!(read(&stage, r#"{ task(id: "PART") { completed version } }"#).await["task"]["completed"], false);
}
