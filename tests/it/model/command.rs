//! The commands: how they are drawn from random bytes, and how they are sent.

use serde_json::{Value, json};

use super::world::{Role, USERS, World};

/// What somebody sends. Things are named by their places in the world.
#[derive(Debug, Clone)]
pub(super) enum Command {
    CreateTask {
        title: usize,
        project: Option<usize>,
        parent: Option<usize>,
        assignee: Option<usize>,
        labels: Vec<usize>,
    },
    UpdateTask {
        task: usize,
        change: Change,
        version: Option<i32>,
    },
    UpdateTasks {
        tasks: Vec<usize>,
        change: Change,
    },
    DeleteTask {
        task: usize,
        version: Option<i32>,
    },
    RestoreTask {
        task: usize,
    },
    CreateProject,
    ArchiveProject {
        project: usize,
        archived: bool,
    },
    DeleteProject {
        project: usize,
    },
    SetMember {
        project: usize,
        user: usize,
        role: Role,
    },
    RemoveMember {
        project: usize,
        user: usize,
    },
    AddComment {
        task: usize,
    },
    UpdateComment {
        comment: usize,
        body: usize,
    },
    DeleteComment {
        comment: usize,
    },
    /// Two numbers that differ in the last bit are the same name in another case.
    CreateLabel {
        name: usize,
    },
    DeleteLabel {
        label: usize,
    },
}

/// What is to change of a task.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Title(usize),
    Completed(bool),
    Project(Option<usize>),
    /// The project, and no parent any more.
    ProjectAlone(Option<usize>),
    Parent(Option<usize>),
    Assignee(Option<usize>),
    Labels(Vec<usize>),
}

/// The bytes that a command is drawn from.
pub(super) type Bytes = [u8; 7];

/// Who sends which command. Most are about things that they see, for others are all refused alike.
pub(super) fn draw(world: &World, bytes: Bytes) -> (usize, Command) {
    let [who, kind, first, rest @ ..] = bytes.map(usize::from);
    let viewer = who % USERS;
    let draw = Draw { world, viewer };
    let (task, project) = (draw.task(first), draw.project(first));
    let command = match (kind % 40, task, project) {
        (0..8, Some(task), _) => {
            let change = draw.change(rest);
            Command::UpdateTask { task, change, version: draw.version(task, rest[2]) }
        }
        (8..10, Some(task), _) => draw.update_tasks(task, rest),
        (10..13, Some(task), _) => Command::DeleteTask { task, version: draw.version(task, rest[0]) },
        (13..16 | 33, Some(task), _) => Command::RestoreTask { task },
        (16, ..) => Command::CreateProject,
        (17, _, Some(project)) => Command::ArchiveProject { project, archived: rest[0].is_multiple_of(3) },
        (30, _, Some(project)) => Command::DeleteProject { project },
        (18..22, _, Some(project)) => {
            let role = [Role::Viewer, Role::Editor, Role::Owner][rest[1] % 3];
            Command::SetMember { project, user: rest[0] % USERS, role }
        }
        (22..24 | 31..33, _, Some(project)) => Command::RemoveMember { project, user: rest[0] % USERS },
        (24..26, Some(task), _) => Command::AddComment { task },
        (26, ..) if !world.comments.is_empty() => {
            Command::UpdateComment { comment: first % world.comments.len(), body: rest[0] % 2 }
        }
        (27, ..) if !world.comments.is_empty() => Command::DeleteComment { comment: first % world.comments.len() },
        (28, ..) => Command::CreateLabel { name: rest[0] % 6 },
        (29, ..) if !world.labels.is_empty() => Command::DeleteLabel { label: first % world.labels.len() },
        _ => draw.create_task(first, rest),
    };
    (viewer, command)
}

struct Draw<'a> {
    world: &'a World,
    viewer: usize,
}

impl Draw<'_> {
    fn task(&self, number: usize) -> Option<usize> {
        pick(number, self.world.tasks.len(), |task| self.world.sees(self.viewer, *task))
    }

    fn project(&self, number: usize) -> Option<usize> {
        pick(number, self.world.projects.len(), |project| self.world.role(self.viewer, Some(*project)).is_some())
    }

    fn labels(&self, number: usize) -> Vec<usize> {
        let is_own = |label: &usize| self.world.labels[*label].owner == self.viewer;
        pick(number, self.world.labels.len(), is_own).filter(|_| number.is_multiple_of(2)).into_iter().collect()
    }

    fn maybe<T>(&self, number: usize, draw: impl FnOnce(usize) -> Option<T>) -> Option<T> {
        if number % 2 == self.viewer % 2 { draw(number / 2) } else { None }
    }

    fn version(&self, task: usize, number: usize) -> Option<i32> {
        let version = self.world.tasks[task].version;
        [None, None, Some(version), Some(version), Some(version - 1)][number % 5]
    }

    fn create_task(&self, title: usize, rest: [usize; 4]) -> Command {
        Command::CreateTask {
            title: title % 4,
            project: self.maybe(rest[0], |number| self.project(number)),
            parent: self.maybe(rest[1], |number| self.task(number)),
            assignee: self.maybe(rest[2], |number| Some(number % USERS)).filter(|_| rest[3] % 4 == 1),
            labels: self.labels(rest[3]),
        }
    }

    fn update_tasks(&self, task: usize, [kind, value, other, _]: [usize; 4]) -> Command {
        let other = self.task(other).filter(|other| *other != task);
        let change = match kind % 3 {
            0 => Change::Completed(value.is_multiple_of(2)),
            1 => Change::Project(self.maybe(value, |number| self.project(number))),
            _ => Change::Assignee(self.maybe(value, |number| Some(number % USERS))),
        };
        Command::UpdateTasks { tasks: [task].into_iter().chain(other).collect(), change }
    }

    fn change(&self, [kind, value, ..]: [usize; 4]) -> Change {
        match kind % 16 {
            0..2 => Change::Title(value % 4),
            2..4 => Change::Completed(value.is_multiple_of(2)),
            4..6 => Change::Project(self.maybe(value, |number| self.project(number))),
            6..8 => Change::ProjectAlone(self.maybe(value, |number| self.project(number))),
            8..11 => Change::Parent(self.task(value)),
            11 => Change::Parent(None),
            12..14 => Change::Assignee(self.maybe(value, |number| Some(number % USERS))),
            _ => Change::Labels(self.labels(value)),
        }
    }
}

/// One of `count` things: mostly a visible one, and now and then any.
fn pick(number: usize, count: usize, is_visible: impl FnMut(&usize) -> bool) -> Option<usize> {
    let visible = (0..count).filter(is_visible).collect::<Vec<_>>();
    if visible.is_empty() || number % 8 == 7 {
        return (0..count).nth((number / 8).checked_rem(count)?);
    }
    visible.get((number / 8) % visible.len()).copied()
}

impl Command {
    /// The mutation, its input with names in place of ids, and what is asked of the answer.
    #[expect(clippy::too_many_lines, reason = "a table of all commands")]
    pub(super) fn mutation(&self) -> (&'static str, Value, &'static str) {
        match self {
            Self::CreateTask { title, project, parent, assignee, labels } => {
                let input = json!({
                    "title": title_of(*title),
                    "projectId": name("project", *project),
                    "parentId": name("task", *parent),
                    "assigneeId": name("user", *assignee),
                    "labelIds": names("label", labels),
                });
                ("createTask", input, "task { id }")
            }
            Self::UpdateTask { task, change, version } => {
                let mut input = change.input();
                input["id"] = name("task", Some(*task));
                input["ifVersion"] = json!(version);
                ("updateTask", input, "task { id }")
            }
            Self::UpdateTasks { tasks, change } => {
                let mut input = change.input();
                input["ids"] = names("task", tasks);
                ("updateTasks", input, "tasks { id }")
            }
            Self::DeleteTask { task, version } => {
                ("deleteTask", json!({ "id": name("task", Some(*task)), "ifVersion": version }), "task { id }")
            }
            Self::RestoreTask { task } => ("restoreTask", json!({ "id": name("task", Some(*task)) }), "task { id }"),
            Self::CreateProject => ("createProject", json!({ "name": "House" }), "project { id }"),
            Self::ArchiveProject { project, archived } => {
                let input = json!({ "id": name("project", Some(*project)), "archived": archived });
                ("updateProject", input, "project { id }")
            }
            Self::DeleteProject { project } => {
                ("deleteProject", json!({ "id": name("project", Some(*project)) }), "projectId")
            }
            Self::SetMember { project, user, role } => {
                let role = format!("{role:?}").to_uppercase();
                let username = format!("user{user}");
                let input = json!({ "projectId": name("project", Some(*project)), "username": username, "role": role });
                ("setProjectMember", input, "project { id }")
            }
            Self::RemoveMember { project, user } => {
                let input =
                    json!({ "projectId": name("project", Some(*project)), "userId": name("user", Some(*user)) });
                ("removeProjectMember", input, "project { id }")
            }
            Self::AddComment { task } => {
                ("addComment", json!({ "taskId": name("task", Some(*task)), "body": "Hm" }), "comment { id }")
            }
            Self::UpdateComment { comment, body } => {
                let input = json!({ "id": name("comment", Some(*comment)), "body": format!("Body {body}") });
                ("updateComment", input, "comment { id }")
            }
            Self::DeleteComment { comment } => {
                ("deleteComment", json!({ "id": name("comment", Some(*comment)) }), "commentId")
            }
            Self::CreateLabel { name } => {
                let text = ["red", "RED", "grün", "GRÜN", "blue", "Blue"][*name];
                ("createLabel", json!({ "name": text, "color": "#ff0000" }), "label { id }")
            }
            Self::DeleteLabel { label } => ("deleteLabel", json!({ "id": name("label", Some(*label)) }), "labelId"),
        }
    }
}

impl Change {
    fn input(&self) -> Value {
        match self {
            Self::Title(title) => json!({ "title": title_of(*title) }),
            Self::Completed(completed) => json!({ "completed": completed }),
            Self::Project(project) => json!({ "projectId": name("project", *project) }),
            Self::ProjectAlone(project) => json!({ "projectId": name("project", *project), "parentId": null }),
            Self::Parent(parent) => json!({ "parentId": name("task", *parent) }),
            Self::Assignee(assignee) => json!({ "assigneeId": name("user", *assignee) }),
            Self::Labels(labels) => json!({ "labelIds": names("label", labels) }),
        }
    }
}

/// The title of this number.
pub(super) fn title_of(number: usize) -> String {
    format!("Title {number}")
}

/// What something is called in place of its id.
pub(super) fn name(noun: &str, number: Option<usize>) -> Value {
    number.map_or(Value::Null, |number| json!(format!("{noun} {number}")))
}

fn names(noun: &str, numbers: &[usize]) -> Value {
    numbers.iter().map(|number| name(noun, Some(*number))).collect()
}
