//! Loaders: what many fields of one operation ask for is fetched in one statement.
//!
//! They live for one operation of one caller, so nothing that one caller may see is ever handed to another. Each question
//! has a key type of its own.

use std::collections::HashMap;

use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use futures_util::future::BoxFuture;
use tracing::Instrument;

use super::error::{ApiError, Result};
use crate::domain::{Op, label, task, user};
use crate::ids::{TaskId, UserId};

/// The loaders of one operation.
pub(super) struct Loaders {
    labels: DataLoader<LabelLoader, HashMapCache>,
    tasks: DataLoader<TaskLoader, HashMapCache>,
    users: DataLoader<UserLoader, HashMapCache>,
}

impl Loaders {
    pub(super) fn new(op: &Op) -> Self {
        Self {
            labels: cached(LabelLoader(op.clone())),
            tasks: cached(TaskLoader(op.clone())),
            users: cached(UserLoader(op.clone())),
        }
    }

    /// The caller's labels on a task that they see, by name.
    pub(super) async fn labels_of_task(&self, id: TaskId) -> Result<Vec<label::Label>> {
        Ok(self.labels.load_one(LabelsOfTask(id)).await?.unwrap_or_default())
    }

    /// The task of this id, when the caller may see it.
    pub(super) async fn task(&self, id: TaskId) -> Result<Option<task::Task>> {
        self.tasks.load_one(TaskById(id)).await
    }

    /// The user of this id, whom something names that the caller may see.
    pub(super) async fn named_user(&self, id: UserId) -> Result<Option<user::User>> {
        self.users.load_one(UserById(id)).await
    }
}

/// A loader that asks for nothing twice. What it logs belongs to the request, too.
fn cached<L>(loader: L) -> DataLoader<L, HashMapCache> {
    let spawn = |load: BoxFuture<'static, ()>| tokio::spawn(load.in_current_span());
    DataLoader::with_cache(loader, spawn, HashMapCache::default())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct LabelsOfTask(TaskId);

struct LabelLoader(Op);

impl Loader<LabelsOfTask> for LabelLoader {
    type Value = Vec<label::Label>;
    type Error = ApiError;

    async fn load(&self, keys: &[LabelsOfTask]) -> std::result::Result<HashMap<LabelsOfTask, Self::Value>, ApiError> {
        let ids = keys.iter().map(|LabelsOfTask(id)| *id).collect::<Vec<_>>();
        let labels = label::of_tasks(&self.0, &ids).await?;
        Ok(labels.into_iter().map(|(task, labels)| (LabelsOfTask(task), labels)).collect())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct TaskById(TaskId);

struct TaskLoader(Op);

impl Loader<TaskById> for TaskLoader {
    type Value = task::Task;
    type Error = ApiError;

    async fn load(&self, keys: &[TaskById]) -> std::result::Result<HashMap<TaskById, task::Task>, ApiError> {
        let ids = keys.iter().map(|TaskById(id)| *id).collect::<Vec<_>>();
        let tasks = task::get_many(&self.0, &ids).await?;
        Ok(tasks.into_iter().map(|task| (TaskById(task.id), task)).collect())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct UserById(UserId);

struct UserLoader(Op);

impl Loader<UserById> for UserLoader {
    type Value = user::User;
    type Error = ApiError;

    async fn load(&self, keys: &[UserById]) -> std::result::Result<HashMap<UserById, user::User>, ApiError> {
        let ids = keys.iter().map(|UserById(id)| *id).collect::<Vec<_>>();
        let users = user::get_named(&self.0, &ids).await?;
        Ok(users.into_iter().map(|user| (UserById(user.id), user)).collect())
    }
}
