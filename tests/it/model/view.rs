//! What each user sees: by the model, by the server, and by a client that only reads the change log.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::command::{name, title_of};
use super::world::World;

/// Everything that a user sees, and what happened since the cursor.
pub(super) const VIEW: &str = "query($after: String) {
    tasks(first: 60) { nodes { ...Task } }
    trash: tasks(first: 60, filter: { deleted: true }) { nodes { ...Task } }
    projects(first: 50) { nodes { id archived viewerRole members(first: 5) { nodes { user { id } role } } } }
    labels(first: 50) { nodes { id } }
    taskChanges(first: 100, after: $after) {
        nodes { cursor kind taskId task { ...Task } } pageInfo { hasNextPage endCursor } }
}
fragment Task on Task {
    id version title completed deletedAt project { id } parent { id } assignee { id } labels { id }
    comments(first: 1) { totalCount }
}";

/// Tasks, projects and labels by name.
pub(super) type View = BTreeMap<String, Value>;

/// What `viewer` should see.
pub(super) fn expected(world: &World, viewer: usize) -> View {
    let mut view = View::new();
    for (number, task) in world.tasks.iter().enumerate().filter(|(number, _)| world.sees(viewer, *number)) {
        let borne =
            world.bears.iter().filter(|(bearer, label)| *bearer == number && world.labels[*label].owner == viewer);
        let comments = world.comments.iter().filter(|comment| comment.task == number && !comment.deleted);
        let project = task.project.filter(|project| world.role(viewer, Some(*project)).is_some());
        let seen = json!({
            "version": task.version,
            "title": title_of(task.title),
            "completed": task.completed,
            "trashed": task.trashed,
            "project": name("project", project),
            "parent": name("task", task.parent.filter(|parent| world.sees(viewer, *parent))),
            "assignee": name("user", task.assignee),
            "labels": borne.map(|(_, label)| format!("label {label}")).collect::<BTreeSet<_>>(),
            "comments": comments.count(),
        });
        view.insert(format!("task {number}"), seen);
    }
    for (number, project) in world.projects.iter().enumerate() {
        if let Some(role) = project.members.get(&viewer) {
            let members = project.members.iter();
            let members = members.map(|(user, role)| (format!("user {user}"), format!("{role:?}").to_uppercase()));
            let members = members.collect::<BTreeMap<_, _>>();
            let role = format!("{role:?}").to_uppercase();
            let seen = json!({ "archived": project.archived, "role": role, "members": members });
            view.insert(format!("project {number}"), seen);
        }
    }
    let own = world.labels.iter().enumerate().filter(|(_, label)| label.owner == viewer && !label.deleted);
    view.extend(own.map(|(number, _)| (format!("label {number}"), Value::Null)));
    view
}

/// What the answer to [`VIEW`] shows, whose ids are names already.
pub(super) fn shown(data: &Value) -> View {
    let mut view = View::new();
    for (list, trashed) in [("tasks", false), ("trash", true)] {
        for node in nodes(&data[list]) {
            let task = task(node);
            assert_eq!(task["trashed"], trashed, "{list}: {node}");
            assert_eq!(view.insert(text(&node["id"]), task), None, "twice: {node}");
        }
    }
    for node in nodes(&data["projects"]) {
        let member = |member: &Value| (text(&member["user"]["id"]), member["role"].clone());
        let members = nodes(&node["members"]).iter().map(member).collect::<BTreeMap<_, _>>();
        let seen = json!({ "archived": node["archived"], "role": node["viewerRole"], "members": members });
        view.insert(text(&node["id"]), seen);
    }
    view.extend(nodes(&data["labels"]).iter().map(|node| (text(&node["id"]), Value::Null)));
    view
}

/// A client that knows only what the change log tells.
#[derive(Debug, Default)]
pub(super) struct Replica {
    /// How far it has read.
    pub(super) cursor: Value,
    tasks: View,
    cursors: BTreeSet<String>,
}

impl Replica {
    /// Reads on, after one command.
    pub(super) fn read(&mut self, log: &Value) -> Result<(), String> {
        let mut told = BTreeSet::new();
        for node in nodes(log) {
            let (id, found) = (text(&node["taskId"]), &node["task"]);
            if !told.insert(id.clone()) || !self.cursors.insert(text(&node["cursor"])) {
                return Err(format!("the change log tells of {id} twice: {log}"));
            }
            if found.is_null() {
                self.tasks.remove(&id);
            } else {
                if node["kind"] == "DELETED" && found["deletedAt"].is_null() {
                    return Err(format!("deleted and not in the trash: {node}"));
                }
                self.tasks.insert(id, task(found));
            }
        }
        assert_eq!(log["pageInfo"]["hasNextPage"], false, "{log}");
        if !log["pageInfo"]["endCursor"].is_null() {
            self.cursor = log["pageInfo"]["endCursor"].clone();
        }
        Ok(())
    }

    /// The tasks that it knows. Not what they are parts of: whether a creator sees the parent changes without the task when
    /// that moves.
    pub(super) fn tasks(&self) -> View {
        self.tasks.iter().map(|(id, task)| (id.clone(), without_place(task))).collect()
    }
}

/// The tasks of a view, as [`Replica::tasks`] has them.
pub(super) fn tasks(view: &View) -> View {
    let tasks = view.iter().filter(|(id, _)| id.starts_with("task "));
    tasks.map(|(id, task)| (id.clone(), without_place(task))).collect()
}

fn without_place(task: &Value) -> Value {
    let mut task = task.clone();
    task["parent"].take();
    task
}

fn task(node: &Value) -> Value {
    let labels = node["labels"].as_array().unwrap().iter().map(|label| text(&label["id"])).collect::<BTreeSet<_>>();
    json!({
        "version": node["version"],
        "title": node["title"],
        "completed": node["completed"],
        "trashed": !node["deletedAt"].is_null(),
        "project": node["project"]["id"],
        "parent": node["parent"]["id"],
        "assignee": node["assignee"]["id"],
        "labels": labels,
        "comments": node["comments"]["totalCount"],
    })
}

fn nodes(connection: &Value) -> &[Value] {
    connection["nodes"].as_array().unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
