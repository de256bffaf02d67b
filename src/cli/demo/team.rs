//! With whom the demonstration user works, and how they keep things in order: projects that are shared, labels, what people
//! say.

use std::collections::HashMap;
use std::sync::Arc;

use super::chance::Chance;
use super::{as_user, broken_rule};
use crate::app::App;
use crate::cli::failure::Failure;
use crate::domain::comment::{self, Body};
use crate::domain::label::{self, Color};
use crate::domain::project::{self, NewProject, Role};
use crate::domain::task::{Description, LabelIds, NewTask, Task};
use crate::domain::user::{self, User, Username};
use crate::domain::{Fields, Op};
use crate::ids::{LabelId, ProjectId, TaskId};

/// A project: its name, what it is about, the first of the areas of life that it takes in, and those behind it.
const PROJECTS: [(&str, &str, &[usize]); 2] = [
    ("Quarterly planning", "What the team has promised, and to whom.\nNumbers by the end of the month.", &[0, 1]),
    ("Search and backups", "Everything that keeps people from finding their things.", &[2]),
];

/// Who shares the projects. They have no password: `taskward user set-password` gives them one.
const COLLEAGUES: [(&str, Role); 2] = [("demo_ana", Role::Editor), ("demo_ben", Role::Viewer)];

const LABELS: [(&str, &str); 6] = [
    ("waiting", "#d4a017"),
    ("quick win", "#2e8b57"),
    ("writing", "#4169e1"),
    ("phone", "#b03060"),
    ("errand", "#8a6d3b"),
    ("später", "#708090"),
];

const WORDS: [&str; 6] = [
    "I can take this on Thursday.",
    "Numbers are in the shared folder now.",
    "Is this still needed after the release?",
    "Done on my side. Please have a look.",
    "Talked to them: they want it by Friday.\n\nI would rather wait for the review.",
    "Good enough for now.",
];

/// The people, projects and labels of the demonstration.
pub(super) struct Team {
    colleagues: Vec<(User, Op)>,
    projects: HashMap<usize, ProjectId>,
    labels: Vec<LabelId>,
    /// The task of each project that others are parts of.
    parents: HashMap<ProjectId, TaskId>,
}

impl Team {
    /// Makes the colleagues, and what `op`'s user shares with them.
    pub(super) async fn form(app: &Arc<App>, op: &Op) -> Result<Self, Failure> {
        let mut colleagues = Vec::new();
        for (name, _) in COLLEAGUES {
            let username = Username::parse(name).map_err(|invalid| broken_rule(&invalid))?;
            let user = user::create_without_password(&app.operator(), &username).await?;
            colleagues.push((user.clone(), as_user(app, user)));
        }
        let mut projects = HashMap::new();
        for (name, description, areas) in PROJECTS {
            let name = project::Name::parse(name).map_err(|invalid| broken_rule(&invalid))?;
            let description = Description::parse(description).map_err(|invalid| broken_rule(&invalid))?;
            let made = project::create(op, &NewProject { name, description }).await?;
            for (colleague, role) in COLLEAGUES {
                project::set_member(op, made.id, colleague, role).await?;
            }
            projects.extend(areas.iter().map(|area| (*area, made.id)));
        }
        let mut labels = Vec::new();
        for (name, color) in LABELS {
            let name = label::Name::parse(name).map_err(|invalid| broken_rule(&invalid))?;
            let color = Color::parse(color).map_err(|invalid| broken_rule(&invalid))?;
            labels.push(label::create(op, &name, &color).await?.id);
        }
        Ok(Self { colleagues, projects, labels, parents: HashMap::new() })
    }

    /// Where a task of `area` belongs, who is to do it, and which labels it bears.
    pub(super) fn place(&self, chance: &Chance, area: usize, task: NewTask) -> NewTask {
        let project_id = self.projects.get(&area).copied();
        let parent_id = project_id.and_then(|id| self.parents.get(&id)).filter(|_| chance.in_a_hundred(20)).copied();
        let colleague = self.colleagues.get(chance.below(self.colleagues.len())).map(|(user, _)| user.id);
        let assignee_id = colleague.filter(|_| project_id.is_some() && chance.in_a_hundred(40));
        let label = self.labels.get(chance.below(self.labels.len())).filter(|_| chance.in_a_hundred(35));
        let ids = label.map(ToString::to_string).into_iter().collect::<Vec<_>>();
        let labels = LabelIds::parse(&mut Fields::of_input(), &ids).unwrap_or_default();
        NewTask { project_id, parent_id, assignee_id, labels, ..task }
    }

    /// Takes note of a task that is never thrown away: others may be parts of it.
    pub(super) fn note_lasting(&mut self, task: &Task) {
        if let (Some(project), None) = (task.project_id, task.parent_id) {
            self.parents.insert(project, task.id);
        }
    }

    /// Lets a colleague say something about every fourth task of a project.
    pub(super) async fn talk(&self, chance: &Chance, task: &Task) -> Result<(), Failure> {
        if task.project_id.is_none() || !chance.in_a_hundred(25) {
            return Ok(());
        }
        let Some((_, op)) = self.colleagues.get(chance.below(self.colleagues.len())) else { return Ok(()) };
        let body = Body::parse(chance.pick(&WORDS)).map_err(|invalid| broken_rule(&invalid))?;
        comment::add(op, task.id, &body).await?;
        Ok(())
    }
}
