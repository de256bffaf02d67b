//! Everything of an import but its tasks: projects, labels, labels on tasks, comments.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::places::Places;
use super::{Import, refused};
use crate::domain::Result;
use crate::domain::label::MAX_LABELS;
use crate::domain::project::MAX_PROJECTS;
use crate::domain::task::MAX_LABELS_ON_TASK;
use crate::ids::{LabelId, ProjectId, TaskId};
use crate::storage;
use crate::storage::project::Role;

impl Import {
    /// Makes a project that is not here, which the user owns whatever they were in it before: a project has an owner. In one
    /// that is here they are what they are: only its owners could take them in.
    pub(super) async fn project(
        &mut self,
        number: u64,
        project: storage::project::Model,
        mut member: storage::project::MemberModel,
    ) -> Result<()> {
        let id = ProjectId::from_uuid(project.id);
        let own = storage::project::all_of(&self.transaction, self.user).await?;
        if let Some((existing, role)) = own.iter().find(|(existing, _)| existing.id == project.id) {
            // Once they own it here, it is no difference that they did not where it comes from.
            let is_same_role = role.role == member.role || role.role == Role::Owner as i16;
            self.summary.count_existing(*existing == project && role.joined_at == member.joined_at && is_same_role);
            return Ok(());
        }
        if storage::project::find_taken(&self.transaction, id).await?.is_some() {
            self.summary.count_left_out();
            return Ok(());
        }
        if u64::try_from(own.len()).unwrap_or(u64::MAX) >= MAX_PROJECTS {
            return Err(refused(number, format!("the user would be in more than {MAX_PROJECTS} projects")));
        }
        member.role = Role::Owner as i16;
        member.joined_after = storage::change::last_sequence(&self.transaction).await?;
        storage::project::insert(&self.transaction, project).await?;
        storage::project::insert_member(&self.transaction, member).await?;
        self.places = Places::default();
        self.summary.count_added(1);
        Ok(())
    }

    /// Makes a label, unless the user has another of its name.
    pub(super) async fn label(&mut self, number: u64, label: storage::label::Model) -> Result<()> {
        storage::label::lock(&self.transaction, self.user).await?;
        let own = storage::label::all_of(&self.transaction, self.user).await?;
        if let Some(existing) = storage::label::find_taken(&self.transaction, LabelId::from_uuid(label.id)).await? {
            self.summary.count_existing(existing == label);
        } else if own.iter().any(|other| other.name_key == label.name_key) {
            self.summary.count_left_out();
        } else if u64::try_from(own.len()).unwrap_or(u64::MAX) >= MAX_LABELS {
            return Err(refused(number, format!("the user would have more than {MAX_LABELS} labels")));
        } else {
            storage::label::insert(&self.transaction, label).await?;
            self.summary.count_added(1);
        }
        Ok(())
    }

    /// Puts labels of the user's on tasks that they see.
    pub(super) async fn labels_on_tasks(&mut self, pairs: Vec<(u64, (TaskId, LabelId))>) -> Result<()> {
        let tasks = pairs.iter().map(|(_, (task, _))| *task).collect::<Vec<_>>();
        let tasks = self.seen(&tasks).await?;
        if pairs.is_empty() {
            return Ok(());
        }
        storage::label::lock(&self.transaction, self.user).await?;
        let labels = storage::label::all_of(&self.transaction, self.user).await?;
        let labels = labels.into_iter().map(|label| LabelId::from_uuid(label.id)).collect::<HashSet<_>>();
        let ids = tasks.iter().copied().collect::<Vec<_>>();
        let mut on = HashMap::<TaskId, HashSet<LabelId>>::new();
        for (task, label) in storage::label::pairs(&self.transaction, self.user, &ids).await? {
            on.entry(task).or_default().insert(label);
        }
        let mut new = Vec::new();
        for (number, (task, label)) in pairs {
            if !tasks.contains(&task) || !labels.contains(&label) {
                self.summary.count_left_out();
                continue;
            }
            let on = on.entry(task).or_default();
            if !on.insert(label) {
                self.summary.count_existing(true);
            } else if on.len() > MAX_LABELS_ON_TASK {
                return Err(refused(number, format!("the task would bear more than {MAX_LABELS_ON_TASK} labels")));
            } else {
                new.push((task, label));
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        storage::label::add_pairs(&self.transaction, &new).await?;
        self.summary.count_added(new.len());
        self.log.labelled.extend(new.into_iter().map(|(task, _)| task));
        Ok(())
    }

    /// Writes comments of the user's on tasks that they see.
    pub(super) async fn comments(&mut self, comments: Vec<storage::comment::Model>) -> Result<()> {
        if comments.is_empty() {
            return Ok(());
        }
        let tasks = comments.iter().map(|comment| TaskId::from_uuid(comment.task_id)).collect::<Vec<_>>();
        let tasks = self.seen(&tasks).await?;
        let ids = comments.iter().map(|comment| comment.id).collect::<Vec<_>>();
        let taken = storage::comment::find_taken(&self.transaction, &ids).await?;
        let mut taken = taken.into_iter().map(|comment| (comment.id, comment)).collect::<HashMap<_, _>>();
        let mut new = Vec::new();
        for comment in comments {
            let task = TaskId::from_uuid(comment.task_id);
            if let Some(existing) = taken.get(&comment.id) {
                self.summary.count_existing(*existing == comment);
            } else if tasks.contains(&task) {
                self.log.commented.insert(task);
                taken.insert(comment.id, comment.clone());
                new.push(comment);
            } else {
                self.summary.count_left_out();
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        storage::comment::insert_many(&self.transaction, &new).await?;
        self.summary.count_added(new.len());
        Ok(())
    }

    /// Those of `ids` that the user may see.
    async fn seen(&self, ids: &[TaskId]) -> Result<BTreeSet<TaskId>> {
        let tasks = storage::task::find_many(&self.transaction, self.user, ids).await?;
        Ok(tasks.into_iter().map(|task| TaskId::from_uuid(task.id)).collect())
    }
}
