//! A user's data, out of one database and into another.

use std::fs;

use serde_json::{Value, json};
use taskward::ids::{LabelId, ProjectId, TaskId, UserId};
use taskward::random::Random;

use super::Site;
use super::socket::Connection;

const HEADER: &str = r#"{"type":"taskward.export","version":1}"#;
const INSTANT: &str = "2026-01-02T03:04:05.000006Z";

/// The contents of a file with these records of `name`, whose id is always the same.
fn file(name: &str, records: &[Value]) -> String {
    let user = json!({ "type": "user", "id": user_id(), "username": name, "createdAt": INSTANT });
    let lines = [&user].into_iter().chain(records).map(Value::to_string);
    [HEADER.to_owned()].into_iter().chain(lines).collect::<Vec<_>>().join("\n") + "\n"
}

fn user_id() -> String {
    UserId::generate(chrono::DateTime::UNIX_EPOCH, &Random::seeded(7)).to_string()
}

fn task_id(number: u64) -> String {
    TaskId::generate(chrono::DateTime::UNIX_EPOCH, &Random::seeded(number)).to_string()
}

fn task(number: u64, more: &Value) -> Value {
    let mut task = json!({
        "type": "task", "id": task_id(number), "title": format!("Task {number}"), "description": "", "priority": "NONE",
        "createdAt": INSTANT, "updatedAt": INSTANT, "version": 1,
    });
    task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    task
}

/// Tasks, each a part of the one before it.
fn chain(length: u64) -> Vec<Value> {
    let parent = |n: u64| if n > 1 { json!({ "parent": task_id(n - 1) }) } else { json!({}) };
    (1..=length).map(|n| task(n, &parent(n))).collect()
}

/// What the server answers to `document`.
fn send(connection: &mut Connection, document: &str, variables: &Value) -> Value {
    connection.gql(document, variables).unwrap().data()
}

/// An account with something of everything.
fn fill(site: &Site) {
    let server = site.start();
    let mut ana = server.register("ana");
    let project = send(
        &mut ana,
        r#"mutation { createProject(input: { name: "Garden", description: "Ours" }) {
        project { id } } }"#,
        &Value::Null,
    )["createProject"]["project"]["id"]
        .clone();
    let label = send(
        &mut ana,
        r##"mutation { createLabel(input: { name: "Soon", color: "#1e90ff" }) { label { id } } }"##,
        &Value::Null,
    )["createLabel"]["label"]["id"]
        .clone();
    let mut make = |input: Value| {
        let document = "mutation($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }";
        send(&mut ana, document, &json!({ "input": input }))["createTask"]["task"]["id"].clone()
    };
    let viewer = json!({ "title": "Größe prüfen", "description": "a \"line\"\nand\tanother", "priority": "HIGH" });
    let first = make(viewer);
    let dig =
        make(json!({ "title": "Dig", "projectId": project, "dueAt": "2030-01-01T00:00:00Z", "labelIds": [label] }));
    let hole = make(json!({ "title": "A hole", "parentId": dig }));
    make(json!({ "title": "A deep hole", "parentId": hole }));
    let gone = make(json!({ "title": "Gone" }));
    make(json!({ "title": "Gone with it", "parentId": gone }));
    // A parent that is younger than its part.
    let young = make(json!({ "title": "Young" }));
    change(&mut ana, [&first, &hole, &gone, &young]);
    server.stop();
}

/// What happens to the tasks of [`fill`] after they are made.
fn change(ana: &mut Connection, [first, hole, gone, young]: [&Value; 4]) {
    for (document, variables) in [
        (
            "mutation($id: ID!, $other: ID!) { updateTask(input: { id: $id, parentId: $other }) { task { id } } }",
            json!({ "id": first, "other": young }),
        ),
        (
            "mutation($id: ID!) { updateTask(input: { id: $id, completed: true }) { task { id } } }",
            json!({ "id": hole }),
        ),
        ("mutation($id: ID!) { deleteTask(input: { id: $id }) { task { id } } }", json!({ "id": gone })),
        (
            r#"mutation($id: ID!) { addComment(input: { taskId: $id, body: "How deep?" }) { comment { id } } }"#,
            json!({ "id": hole }),
        ),
    ] {
        send(ana, document, &variables);
    }
}

#[test]
fn what_is_exported_is_imported_and_exported_again_byte_for_byte() {
    let (here, there) = (Site::new(), Site::new());
    fill(&here);
    let exported = here.run(&["export", "--user", "ana"]).done();
    assert!(exported.starts_with(HEADER), "{exported}");
    let types = exported.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["type"].clone());
    let mut types = types.collect::<Vec<_>>();
    types.dedup();
    assert_eq!(json!(types), json!(["taskward.export", "user", "project", "label", "task", "taskLabel", "comment"]));
    assert!(!exported.contains("argon2"), "no password: {exported}");
    assert_eq!(there.run_with(&["import"], &exported).done(), "ana: 12 added, 0 there already\n");
    assert_eq!(there.run(&["export", "--user", "ana"]).done(), exported);
    assert_eq!(there.run_with(&["import"], &exported).done(), "ana: 0 added, 12 there already\n");

    there.run(&["export", "--user", "ana", "ana.jsonl"]).done();
    assert_eq!(fs::read_to_string(there.path("ana.jsonl")).unwrap(), exported);
    let error = there.run(&["export", "--user", "ana", "ana.jsonl"]).failed(1);
    assert_eq!(error, "error: ana.jsonl: File exists (os error 17)\n", "it is not written over");
    let error = there.run(&["import", "missing.jsonl"]).failed(1);
    assert_eq!(error, "error: missing.jsonl: No such file or directory (os error 2)\n");
    assert_eq!(there.run(&["import", "ana.jsonl"]).done(), "ana: 0 added, 12 there already\n");
    assert_eq!(there.run(&["export", "--user", "nobody", "b"]).failed(1), "error: There is no such user.\n");
    assert!(!there.path("b").exists());
}

#[test]
fn what_is_imported_can_be_used_and_is_in_the_change_log() {
    let (here, there) = (Site::new(), Site::new());
    fill(&here);
    there.run_with(&["import"], &here.run(&["export", "--user", "ana"]).done()).done();
    there.run_with(&["user", "set-password", "ana", "--password-stdin"], crate::support::PASSWORD).done();
    let server = there.start();
    let mut ana = super::commands::log_in(&server, "ana", crate::support::PASSWORD).unwrap();
    let document = r#"{ tasks(filter: { search: "GRÖSSE" }) { nodes { title parent { title } } }
        taskChanges(first: 50) { nodes { kind } } }"#;
    let data = send(&mut ana, document, &Value::Null);
    assert_eq!(data["tasks"]["nodes"], json!([{ "title": "Größe prüfen", "parent": { "title": "Young" } }]));
    assert!(data["taskChanges"]["nodes"].as_array().unwrap().len() >= 7, "{data}");
    let gone = send(
        &mut ana,
        "{ tasks(filter: { deleted: true }, orderBy: { field: TITLE, direction: ASC }) { nodes { id title } } }",
        &Value::Null,
    );
    let id = &gone["tasks"]["nodes"][0]["id"];
    send(&mut ana, "mutation($id: ID!) { restoreTask(input: { id: $id }) { task { id } } }", &json!({ "id": id }));
    let left = send(&mut ana, "{ tasks(filter: { deleted: true }) { totalCount } }", &Value::Null);
    assert_eq!(left["tasks"]["totalCount"], 0, "both came back together");
}

#[test]
fn what_is_there_already_is_kept() {
    let site = Site::new();
    site.run_with(&["import"], &file("ana", &[task(1, &json!({}))])).done();
    let other = file("ana", &[task(1, &json!({ "title": "Another title" })), task(2, &json!({}))]);
    let told = "ana: 1 added, 1 there already, 1 kept as they are here\n";
    assert_eq!(site.run_with(&["import"], &other).done(), told);
    let exported = site.run(&["export", "--user", "ana"]).done();
    assert!(exported.contains("Task 1") && !exported.contains("Another title"), "{exported}");
}

#[test]
fn a_file_does_nothing_that_its_user_could_not_do() {
    let site = Site::new();
    fill(&site);
    let theirs = site.run(&["export", "--user", "ana"]).done();
    let records = theirs.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>();
    let of = |kind: &str| records.iter().find(|record| record["type"] == kind).unwrap().clone();
    let (project, ana, label, comment) = (of("project"), of("user"), of("label"), of("comment"));
    let mut new_comment = comment.clone();
    new_comment["id"] = json!(comment["id"].as_str().unwrap().replace("comment_01", "comment_00"));
    let in_project = json!({ "project": project["id"], "parent": comment["task"], "assignee": ana["id"] });
    let forged = file(
        "eve",
        &[
            project.clone(),
            label.clone(),
            task(1, &in_project),
            json!({ "type": "taskLabel", "task": comment["task"], "label": label["id"] }),
            new_comment,
        ],
    );
    assert_eq!(
        site.run_with(&["import"], &forged).done(),
        "eve: 2 added, 0 there already, 1 kept as they are here, 3 left out, which the user could not have made here, \
         3 projects, parents or assignees left out\n"
    );
    assert_eq!(site.run(&["export", "--user", "ana"]).done(), theirs, "nothing of theirs has changed");
    let eves = site.run(&["export", "--user", "eve"]).done();
    assert_eq!(eves.lines().count(), 3, "the header, the user and a task: {eves}");
}

#[test]
fn a_project_that_is_not_here_is_its_users_own() {
    let site = Site::new();
    let id = ProjectId::generate(chrono::DateTime::UNIX_EPOCH, &Random::seeded(1)).to_string();
    let project = json!({ "type": "project", "id": id, "name": "Ours", "description": "", "createdAt": INSTANT,
        "updatedAt": INSTANT, "role": "VIEWER", "joinedAt": INSTANT });
    let file = file("ana", &[project, task(1, &json!({ "project": id }))]);
    assert_eq!(site.run_with(&["import"], &file).done(), "ana: 3 added, 0 there already\n");
    assert_eq!(site.run_with(&["import"], &file).done(), "ana: 0 added, 3 there already\n");
    assert!(site.run(&["export", "--user", "ana"]).done().contains(r#""role":"OWNER""#));
}

#[test]
fn a_line_that_breaks_a_rule_is_refused_and_nothing_is_written() {
    let site = Site::new();
    let deep = chain(7);
    let good = task(1, &json!({}));
    let label = |n: u64| LabelId::generate(chrono::DateTime::UNIX_EPOCH, &Random::seeded(n)).to_string();
    let colored = json!({ "type": "label", "id": label(1), "name": "a", "color": "red", "createdAt": INSTANT });
    let with = |more: Value| file("ana", &[good.clone(), task(2, &more)]);
    for (text, reason) in [
        (String::new(), "line 1: the file is empty"),
        ("{}\n".to_owned(), "line 1: `type` is missing"),
        ("[]\n".to_owned(), "line 1: is no JSON object"),
        (HEADER.replace('1', "2"), "line 1: `version` must be 1: this server knows no other"),
        (format!("{HEADER}\n"), "line 2: the file ends before it says whose data it is"),
        (file("An", &[]), "line 2: `username` must hold only the letters a to z in lower case, digits and _"),
        (with(json!({ "title": "x" })), "line 4: `title` must have at least 3 characters"),
        (with(json!({ "title": 5 })), "line 4: `title` must be a string"),
        (with(json!({ "title": null })), "line 4: `title` is missing"),
        (with(json!({ "description": "a\0" })), "line 4: `description` must hold no zero characters"),
        (with(json!({ "priority": "high" })), "line 4: `priority` must be one of NONE, LOW, MEDIUM, HIGH, URGENT"),
        (with(json!({ "version": 0 })), "line 4: `version` must be a whole number from 1 to 1000000000"),
        (with(json!({ "createdAt": "today" })), "line 4: `createdAt` must be an instant such as 2026-11-23T09:30:00Z"),
        (with(json!({ "updatedAt": "9999-01-01T00:00:00Z" })), "line 4: `updatedAt` must not be in the future"),
        (with(json!({ "id": user_id() })), "line 4: `id` is no id of its kind"),
        (with(json!({ "owner": "x" })), "line 4: has a member that is not known here: \"owner\""),
        (
            with(json!({ "deletedWith": task_id(1) })),
            "line 4: `deletedWith` must be null for a task that is not in the trash",
        ),
        (file("ana", &[colored]), "line 3: `color` must be # and six hexadecimal digits, such as #1e90ff"),
        (file("ana", &deep), "line 9: `parent` would make more than 5 levels of subtasks"),
        (
            file("ana", &[json!({ "type": "session" })]),
            "line 3: `type` must be one of project, label, task, taskLabel, comment",
        ),
    ] {
        let error = site.run_with(&["import"], &text).failed(1);
        assert_eq!(error, format!("error: {reason}; nothing was imported\n"), "{text}");
    }
    assert_eq!(site.run(&["user", "list"]).done(), "");
}

/// The last version there is would make a task that nobody can change, in a project that nobody can delete.
#[test]
fn what_is_imported_has_versions_left() {
    let site = Site::new();
    let versions = |version: i64| file("ana", &[task(1, &json!({ "version": version }))]);
    for version in [1_000_000_001, i64::from(i32::MAX), i64::from(i32::MAX) + 1, i64::MAX] {
        let error = site.run_with(&["import"], &versions(version)).failed(1);
        assert!(error.contains("`version` must be a whole number from 1 to 1000000000"), "{version}: {error}");
    }
    assert_eq!(site.run_with(&["import"], &versions(1_000_000_000)).done(), "ana: 2 added, 0 there already\n");
    site.run_with(&["user", "set-password", "ana", "--password-stdin"], crate::support::PASSWORD).done();
    let server = site.start();
    let mut ana = super::commands::log_in(&server, "ana", crate::support::PASSWORD).unwrap();
    let document = "mutation($id: ID!) { updateTask(input: { id: $id, completed: true }) { task { version } } }";
    let data = send(&mut ana, document, &json!({ "id": task_id(1) }));
    assert_eq!(data["updateTask"]["task"]["version"], 1_000_000_001);
}

#[test]
fn a_line_has_a_limit_and_an_account_its_id_and_its_name() {
    let site = Site::new();
    let long = "x".repeat(256 * 1_024);
    assert!(site.run_with(&["import"], &long).failed(1).contains("bytes or more"));
    assert_eq!(site.run_with(&["import"], &file("ana", &chain(6))).done(), "ana: 7 added, 0 there already\n");
    let error = site.run_with(&["import"], &file("bob", &[])).failed(1);
    assert_eq!(error, "error: line 2: `id` is that of an account with another name here; nothing was imported\n");
    let other = UserId::generate(chrono::DateTime::UNIX_EPOCH, &Random::seeded(8)).to_string();
    let error = site.run_with(&["import"], &file("ana", &[]).replace(&user_id(), &other)).failed(1);
    assert_eq!(
        error,
        "error: line 2: `username` is that of another account here, with another id; nothing was imported\n"
    );
}

#[test]
fn thousands_of_tasks_come_and_go() {
    let (here, there) = (Site::new(), Site::new());
    let records = (1..=5_000).map(|n| {
        task(n, &if n % 5 == 0 { json!({ "parent": task_id(n - 1), "assignee": user_id() }) } else { json!({}) })
    });
    let made = file("ana", &records.collect::<Vec<_>>());
    assert_eq!(here.run_with(&["import"], &made).done(), "ana: 5001 added, 0 there already\n");
    let exported = here.run(&["export", "--user", "ana"]).done();
    assert_eq!(exported.lines().count(), 5_002);
    assert_eq!(there.run_with(&["import"], &exported).done(), "ana: 5001 added, 0 there already\n");
    assert_eq!(there.run(&["export", "--user", "ana"]).done(), exported);
    assert_eq!(there.run_with(&["import"], &made).done(), "ana: 0 added, 5001 there already\n");
}
