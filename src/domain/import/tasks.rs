//! The tasks of an import, a chunk at a time.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{Import, refused};
use crate::domain::Result;
use crate::domain::task::Trees;
use crate::ids::TaskId;
use crate::storage;
use crate::storage::task::Model;

impl Import {
    /// Writes those of `tasks` whose ids are free, each in the places that the user could give it.
    pub(super) async fn tasks(&mut self, tasks: Vec<(u64, Model)>) -> Result<()> {
        if tasks.is_empty() {
            return Ok(());
        }
        let ids = tasks.iter().map(|(_, task)| task.id).collect::<Vec<_>>();
        let mut taken = by_id(storage::task::find_taken(&self.transaction, &ids).await?);
        let mut trees = self.trees(&tasks, &taken).await?;
        let parents = tasks.iter().filter_map(|(_, task)| task.parent_id).map(TaskId::from_uuid).collect::<Vec<_>>();
        let mut seen = by_id(storage::task::find_many(&self.transaction, self.user, &parents).await?);
        let mut new = Vec::new();
        for (number, mut task) in tasks {
            let emptied = self.places.settle(&self.transaction, self.user, &mut task).await?;
            let parent = task.parent_id.filter(|parent| seen.get(parent).is_some_and(|parent| may_hold(parent, &task)));
            let emptied = emptied.saturating_add(u64::from(parent != task.parent_id));
            task.parent_id = parent;
            if let Some(existing) = taken.get(&task.id) {
                task.creation_hash.clone_from(&existing.creation_hash);
                self.summary.count_existing(*existing == task);
                continue;
            }
            if let Some(parent) = parent {
                let refusal = trees.refusal(None, parent);
                refusal.map_or(Ok(()), |invalid| Err(refused(number, format!("`parent` {}", invalid.message))))?;
                trees.add(task.id, parent);
            }
            self.summary.emptied = self.summary.emptied.saturating_add(emptied);
            seen.insert(task.id, task.clone());
            taken.insert(task.id, task.clone());
            new.push(task);
        }
        self.insert(new).await
    }

    /// The trees that the parents of `tasks` are in. Those that others know are locked when one of the tasks is new in them;
    /// those that were only made here nobody else can change.
    async fn trees(&self, tasks: &[(u64, Model)], taken: &HashMap<Uuid, Model>) -> Result<Trees> {
        let new = tasks.iter().map(|(_, task)| task).filter(|task| !taken.contains_key(&task.id)).collect::<Vec<_>>();
        let made = new.iter().map(|task| task.id).collect::<HashSet<_>>();
        let is_known = |parent: &Uuid| !made.contains(parent) && !self.log.made.contains(&TaskId::from_uuid(*parent));
        if new.iter().filter_map(|task| task.parent_id).any(|parent| is_known(&parent)) {
            storage::task::lock_trees(&self.transaction).await?;
        }
        let parents = tasks.iter().filter_map(|(_, task)| task.parent_id).collect::<Vec<_>>();
        Trees::read(&self.transaction, &parents).await
    }

    async fn insert(&mut self, new: Vec<Model>) -> Result<()> {
        storage::task::insert_many(&self.transaction, &new).await?;
        self.summary.count_added(new.len());
        self.log.made.extend(new.into_iter().map(|task| TaskId::from_uuid(task.id)));
        Ok(())
    }
}

/// Whether the user, who made `task` and sees `parent`, could make the one a part of the other. In a project they may change
/// every task when they may put this one there.
fn may_hold(parent: &Model, task: &Model) -> bool {
    let is_writable = parent.project_id.is_some() || parent.created_by == task.created_by;
    let is_trash_in_trash = parent.deleted_at.is_none() || task.deleted_at.is_some();
    parent.project_id == task.project_id && is_writable && is_trash_in_trash
}

fn by_id(tasks: Vec<Model>) -> HashMap<Uuid, Model> {
    tasks.into_iter().map(|task| (task.id, task)).collect()
}
