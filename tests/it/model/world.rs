//! What the server should do, in as few words as possible: everything is in memory, and every rule stands once.

use std::collections::{BTreeMap, BTreeSet};

use super::command::{Change, Command};

/// How many people there are.
pub(super) const USERS: usize = 4;

/// The most levels of subtasks below a root.
const LEVELS: usize = 5;

/// Why a command is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    NotFound,
    Forbidden,
    Conflict,
    BadUserInput,
}

use Refusal::{BadUserInput, Conflict, Forbidden, NotFound};

type Outcome = Result<(), Refusal>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Viewer,
    Editor,
    Owner,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) creator: usize,
    pub(super) title: usize,
    pub(super) completed: bool,
    pub(super) project: Option<usize>,
    pub(super) parent: Option<usize>,
    pub(super) assignee: Option<usize>,
    pub(super) trashed: bool,
    /// The task that took this one to the trash, when it did not go by itself.
    pub(super) trashed_with: Option<usize>,
    pub(super) version: i32,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Project {
    pub(super) members: BTreeMap<usize, Role>,
    pub(super) archived: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Comment {
    pub(super) task: usize,
    author: usize,
    pub(super) deleted: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Label {
    pub(super) owner: usize,
    name: usize,
    pub(super) deleted: bool,
}

/// Everything there is. Things are named by their places, and never leave them; a deleted project has no members.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    pub(super) tasks: Vec<Task>,
    pub(super) projects: Vec<Project>,
    pub(super) comments: Vec<Comment>,
    pub(super) labels: Vec<Label>,
    /// Which task bears which label.
    pub(super) bears: BTreeSet<(usize, usize)>,
}

impl World {
    /// What becomes of the world when `viewer` sends `command`. One that is refused changes nothing.
    pub(super) fn apply(&mut self, viewer: usize, command: &Command) -> Outcome {
        let mut next = self.clone();
        next.run(viewer, command)?;
        for (before, after) in self.tasks.iter().zip(&mut next.tasks) {
            if before != after {
                after.version += 1;
            }
        }
        *self = next;
        Ok(())
    }

    pub(super) fn role(&self, user: usize, project: Option<usize>) -> Option<Role> {
        self.projects[project?].members.get(&user).copied()
    }

    pub(super) fn sees(&self, user: usize, task: usize) -> bool {
        let task = &self.tasks[task];
        task.creator == user || self.role(user, task.project).is_some()
    }

    #[expect(clippy::too_many_lines, reason = "a table of all commands")]
    fn run(&mut self, viewer: usize, command: &Command) -> Outcome {
        match command {
            Command::CreateTask { .. } => self.create_task(viewer, command),
            Command::UpdateTask { task, change, version } => self.update_task(viewer, *task, change, *version),
            Command::UpdateTasks { tasks, change } => self.change(viewer, tasks, None, change),
            Command::DeleteTask { task, version } => self.delete_task(viewer, *task, *version),
            Command::RestoreTask { task } => self.restore_task(viewer, *task),
            Command::CreateProject => {
                self.projects.push(Project { members: [(viewer, Role::Owner)].into(), archived: false });
                Ok(())
            }
            Command::ArchiveProject { project, archived } => {
                self.require_owner(viewer, *project)?;
                self.projects[*project].archived = *archived;
                Ok(())
            }
            Command::DeleteProject { project } => self.delete_project(viewer, *project),
            Command::SetMember { project, user, role } => self.set_member(viewer, *project, *user, *role),
            Command::RemoveMember { project, user } => self.remove_member(viewer, *project, *user),
            Command::AddComment { task } => {
                self.require_sight(viewer, *task)?;
                self.require_open(*task)?;
                self.comments.push(Comment { task: *task, author: viewer, deleted: false });
                Ok(())
            }
            Command::UpdateComment { comment, .. } => {
                let task = self.require_comment(viewer, *comment)?;
                ok_or(self.comments[*comment].author == viewer, Forbidden)?;
                self.require_open(task)
            }
            Command::DeleteComment { comment } => {
                let task = self.require_comment(viewer, *comment)?;
                let is_owner = self.role(viewer, self.tasks[task].project) == Some(Role::Owner);
                ok_or(self.comments[*comment].author == viewer || is_owner, Forbidden)?;
                self.require_open(task)?;
                self.comments[*comment].deleted = true;
                Ok(())
            }
            Command::CreateLabel { name } => {
                let is_taken = |label: &Label| !label.deleted && label.owner == viewer && label.name == name / 2;
                ok_or(!self.labels.iter().any(is_taken), Conflict)?;
                self.labels.push(Label { owner: viewer, name: name / 2, deleted: false });
                Ok(())
            }
            Command::DeleteLabel { label } => {
                self.require_labels(viewer, &[*label])?;
                self.labels[*label].deleted = true;
                self.bears.retain(|(_, borne)| borne != label);
                Ok(())
            }
        }
    }

    fn create_task(&mut self, viewer: usize, command: &Command) -> Outcome {
        let Command::CreateTask { title, project, parent, assignee, labels } = command else { return Ok(()) };
        if let Some(parent) = *parent {
            self.require_sight(viewer, parent)?;
        }
        if let Some(project) = *project {
            self.require_editor_of(viewer, project)?;
        }
        let mut project = *project;
        if let Some(parent) = *parent {
            self.require_parent(viewer, parent)?;
            ok_or(self.level(parent) < LEVELS, BadUserInput)?;
            ok_or(project.is_none() || project == self.tasks[parent].project, BadUserInput)?;
            project = self.tasks[parent].project;
        }
        let task = self.tasks.len();
        self.tasks.push(Task {
            creator: viewer,
            title: *title,
            completed: false,
            project,
            parent: *parent,
            assignee: *assignee,
            trashed: false,
            trashed_with: None,
            version: 1,
        });
        ok_or(assignee.is_none_or(|user| self.sees(user, task)), NotFound)?;
        self.set_labels(viewer, task, labels)
    }

    fn update_task(&mut self, viewer: usize, task: usize, change: &Change, version: Option<i32>) -> Outcome {
        let Change::Labels(labels) = change else { return self.change(viewer, &[task], version, change) };
        self.require_sight(viewer, task)?;
        ok_or(!self.is_archived(task), Conflict)?;
        ok_or(version.is_none_or(|version| version == self.tasks[task].version), Conflict)?;
        ok_or(!self.tasks[task].trashed, Conflict)?;
        self.set_labels(viewer, task, labels)
    }

    #[expect(clippy::too_many_lines, reason = "a table of all changes")]
    fn change(&mut self, viewer: usize, tasks: &[usize], version: Option<i32>, change: &Change) -> Outcome {
        for task in tasks {
            self.require_sight(viewer, *task)?;
        }
        self.require_editor(viewer, tasks)?;
        for task in tasks {
            ok_or(version.is_none_or(|version| version == self.tasks[*task].version), Conflict)?;
            ok_or(!self.tasks[*task].trashed, Conflict)?;
        }
        match change {
            Change::Title(title) => tasks.iter().for_each(|task| self.tasks[*task].title = *title),
            Change::Completed(completed) => tasks.iter().for_each(|task| self.tasks[*task].completed = *completed),
            Change::Labels(_) => {}
            Change::Project(project) => {
                self.require_project(viewer, *project)?;
                for task in tasks {
                    let parent = self.tasks[*task].parent.filter(|parent| !tasks.contains(parent));
                    ok_or(self.tasks[*task].project == *project || parent.is_none(), BadUserInput)?;
                }
                self.move_trees(viewer, tasks, *project)?;
            }
            Change::ProjectAlone(project) => {
                self.require_project(viewer, *project)?;
                for task in tasks {
                    self.tasks[*task].parent = None;
                }
                self.move_trees(viewer, tasks, *project)?;
            }
            Change::Parent(None) => tasks.iter().for_each(|task| self.tasks[*task].parent = None),
            Change::Parent(Some(parent)) => {
                self.require_sight(viewer, *parent)?;
                self.require_parent(viewer, *parent)?;
                for task in tasks {
                    let below = self.below(*task);
                    ok_or(parent != task && !below.contains(parent), BadUserInput)?;
                    let deepest = below.iter().map(|below| self.level(*below)).max();
                    let levels = deepest.map_or(0, |deepest| deepest - self.level(*task));
                    ok_or(self.level(*parent) + 1 + levels <= LEVELS, BadUserInput)?;
                }
                self.move_trees(viewer, tasks, self.tasks[*parent].project)?;
                for task in tasks {
                    self.tasks[*task].parent = Some(*parent);
                }
            }
            Change::Assignee(assignee) => {
                for task in tasks {
                    ok_or(assignee.is_none_or(|user| self.sees(user, *task)), NotFound)?;
                    self.tasks[*task].assignee = *assignee;
                }
            }
        }
        Ok(())
    }

    /// Moves tasks and all below them to another project. Who can't see one there is not to do it any more.
    fn move_trees(&mut self, viewer: usize, tasks: &[usize], project: Option<usize>) -> Outcome {
        let all = tasks.iter().flat_map(|task| [vec![*task], self.below(*task)].concat()).collect::<BTreeSet<_>>();
        for task in all {
            let before = self.tasks[task].project;
            if before != project {
                ok_or(project.is_some() || self.tasks[task].creator == viewer, Forbidden)?;
                self.tasks[task].project = project;
                self.tasks[task].assignee = self.tasks[task].assignee.filter(|user| self.sees(*user, task));
            }
        }
        Ok(())
    }

    fn delete_task(&mut self, viewer: usize, task: usize, version: Option<i32>) -> Outcome {
        self.require_sight(viewer, task)?;
        self.require_editor(viewer, &[task])?;
        ok_or(version.is_none_or(|version| version == self.tasks[task].version), Conflict)?;
        if self.tasks[task].trashed {
            return Ok(());
        }
        for below in self.below(task) {
            if !self.tasks[below].trashed {
                self.tasks[below].trashed = true;
                self.tasks[below].trashed_with = Some(task);
            }
        }
        self.tasks[task].trashed = true;
        Ok(())
    }

    fn restore_task(&mut self, viewer: usize, task: usize) -> Outcome {
        self.require_sight(viewer, task)?;
        self.require_editor(viewer, &[task])?;
        if !self.tasks[task].trashed {
            return Ok(());
        }
        ok_or(self.tasks[task].parent.is_none_or(|parent| !self.tasks[parent].trashed), Conflict)?;
        for back in [vec![task], self.below(task)].concat() {
            if back == task || self.tasks[back].trashed_with == Some(task) {
                self.tasks[back].trashed = false;
                self.tasks[back].trashed_with = None;
            }
        }
        Ok(())
    }

    /// Its tasks go to the trash and are their creators' own from now on; trees are cut where the creator changes.
    fn delete_project(&mut self, viewer: usize, project: usize) -> Outcome {
        self.require_owner(viewer, project)?;
        let before = self.tasks.clone();
        let is_piece = |task: usize, parent: usize| before[task].creator == before[parent].creator;
        for (number, task) in self.tasks.iter_mut().enumerate().filter(|(_, task)| task.project == Some(project)) {
            task.parent = task.parent.filter(|parent| is_piece(number, *parent));
            let mut root = number;
            while let Some(parent) = before[root].parent.filter(|parent| is_piece(root, *parent)) {
                root = parent;
            }
            let taken_by_others = task.trashed_with.is_some_and(|taker| before[taker].creator != task.creator);
            if !task.trashed || taken_by_others {
                task.trashed_with = Some(root).filter(|root| *root != number);
            }
            task.trashed = true;
            task.project = None;
            task.assignee = task.assignee.filter(|user| *user == task.creator);
        }
        self.projects[project].members.clear();
        Ok(())
    }

    fn set_member(&mut self, viewer: usize, project: usize, user: usize, role: Role) -> Outcome {
        self.require_owner(viewer, project)?;
        ok_or(role == Role::Owner || self.has_owner_besides(project, user), Conflict)?;
        self.projects[project].members.insert(user, role);
        Ok(())
    }

    fn remove_member(&mut self, viewer: usize, project: usize, user: usize) -> Outcome {
        let members = &self.projects[project].members;
        ok_or(members.contains_key(&viewer) && members.contains_key(&user), NotFound)?;
        ok_or(user == viewer || members[&viewer] == Role::Owner, Forbidden)?;
        ok_or(self.has_owner_besides(project, user), Conflict)?;
        self.projects[project].members.remove(&user);
        for task in 0..self.tasks.len() {
            self.tasks[task].assignee = self.tasks[task].assignee.filter(|user| self.sees(*user, task));
        }
        Ok(())
    }

    fn set_labels(&mut self, viewer: usize, task: usize, labels: &[usize]) -> Outcome {
        self.require_labels(viewer, labels)?;
        let owners = self.labels.iter().map(|label| label.owner).collect::<Vec<_>>();
        self.bears.retain(|(bearer, label)| *bearer != task || owners[*label] != viewer);
        self.bears.extend(labels.iter().map(|label| (task, *label)));
        Ok(())
    }

    fn require_sight(&self, viewer: usize, task: usize) -> Outcome {
        ok_or(self.sees(viewer, task), NotFound)
    }

    /// Whoever sees a task outside of a project made it.
    fn require_editor(&self, viewer: usize, tasks: &[usize]) -> Outcome {
        for project in tasks.iter().filter_map(|task| self.tasks[*task].project).collect::<BTreeSet<_>>() {
            ok_or(self.role(viewer, Some(project)) >= Some(Role::Editor), Forbidden)?;
            ok_or(!self.projects[project].archived, Conflict)?;
        }
        Ok(())
    }

    fn require_editor_of(&self, viewer: usize, project: usize) -> Outcome {
        let role = self.role(viewer, Some(project)).ok_or(NotFound)?;
        ok_or(role >= Role::Editor, Forbidden)?;
        ok_or(!self.projects[project].archived, Conflict)
    }

    fn require_project(&self, viewer: usize, project: Option<usize>) -> Outcome {
        project.map_or(Ok(()), |project| self.require_editor_of(viewer, project))
    }

    fn require_parent(&self, viewer: usize, parent: usize) -> Outcome {
        self.require_editor(viewer, &[parent])?;
        ok_or(!self.tasks[parent].trashed, Conflict)
    }

    fn require_owner(&self, viewer: usize, project: usize) -> Outcome {
        let role = self.role(viewer, Some(project)).ok_or(NotFound)?;
        ok_or(role == Role::Owner, Forbidden)
    }

    fn require_open(&self, task: usize) -> Outcome {
        ok_or(!self.tasks[task].trashed && !self.is_archived(task), Conflict)
    }

    fn require_comment(&self, viewer: usize, comment: usize) -> Result<usize, Refusal> {
        let Comment { task, deleted, .. } = self.comments[comment];
        ok_or(!deleted && self.sees(viewer, task), NotFound).map(|()| task)
    }

    fn require_labels(&self, viewer: usize, labels: &[usize]) -> Outcome {
        let is_own = |label: &usize| self.labels[*label].owner == viewer && !self.labels[*label].deleted;
        ok_or(labels.iter().all(is_own), NotFound)
    }

    fn is_archived(&self, task: usize) -> bool {
        self.tasks[task].project.is_some_and(|project| self.projects[project].archived)
    }

    fn has_owner_besides(&self, project: usize, user: usize) -> bool {
        self.projects[project].members.iter().any(|(member, role)| *member != user && *role == Role::Owner)
    }

    /// How far a task is from its root.
    fn level(&self, task: usize) -> usize {
        std::iter::successors(self.tasks[task].parent, |task| self.tasks[*task].parent).count()
    }

    fn below(&self, task: usize) -> Vec<usize> {
        let is_below = |other: &usize| {
            std::iter::successors(self.tasks[*other].parent, |task| self.tasks[*task].parent).any(|it| it == task)
        };
        (0..self.tasks.len()).filter(is_below).collect()
    }
}

fn ok_or(holds: bool, refusal: Refusal) -> Outcome {
    if holds { Ok(()) } else { Err(refusal) }
}
