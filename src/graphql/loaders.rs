//! Loaders: what many fields of one operation ask for is fetched in one statement.
//!
//! They live for one operation of one caller, so nothing that one caller may see is ever handed to another. Each question
//! has a key type of its own.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_graphql::dataloader::{DataLoader, Loader};
use futures_util::future::BoxFuture;
use tokio::task::JoinSet;
use tracing::Instrument;

use super::error::{ApiError, Result};
use super::project::{MemberCountOf, MembersOf, ProjectById, ProjectLoader};
use super::task::TaskLoaders;
use crate::domain::paging::{Page, Window};
use crate::domain::{Error, Op, api_token, comment, label, project, session, user};
use crate::ids::{ProjectId, TaskId, UserId};

/// The loaders of one operation. They keep nothing: what one field of a mutation reads, the next may have changed.
pub(super) struct Loaders {
    comments: DataLoader<CommentLoader>,
    credentials: DataLoader<CredentialLoader>,
    labels: DataLoader<LabelLoader>,
    projects: DataLoader<ProjectLoader>,
    pub(super) tasks: TaskLoaders,
    users: DataLoader<UserLoader>,
}

impl Loaders {
    pub(super) fn new(op: &Op) -> Self {
        Self {
            comments: batched(CommentLoader(op.clone())),
            credentials: batched(CredentialLoader(op.clone())),
            labels: batched(LabelLoader(op.clone())),
            projects: batched(ProjectLoader(op.clone())),
            tasks: TaskLoaders::new(op),
            users: batched(UserLoader(op.clone())),
        }
    }

    /// A page of the comments on a task.
    pub(super) async fn comments(&self, task: TaskId, window: Window) -> Result<Page<comment::Comment>> {
        loaded(self.comments.load_one(CommentsOf(task, window)).await?)
    }

    /// How many comments there are on a task.
    pub(super) async fn comment_count(&self, task: TaskId) -> Result<i64> {
        loaded(self.comments.load_one(CommentCountOf(task)).await?)
    }

    /// The caller's labels on a task that they see, by name.
    pub(super) async fn labels_of_task(&self, id: TaskId) -> Result<Vec<label::Label>> {
        Ok(self.labels.load_one(LabelsOfTask(id)).await?.unwrap_or_default())
    }

    /// The project of this id; `None` when there is none that the caller is a member of.
    pub(super) async fn project(&self, id: ProjectId) -> Result<Option<project::Project>> {
        self.projects.load_one(ProjectById(id)).await
    }

    /// A page of the members of a project, empty when the caller is none of them.
    pub(super) async fn members(&self, id: ProjectId, window: Window) -> Result<Page<project::Member>> {
        loaded(self.projects.load_one(MembersOf(id, window)).await?)
    }

    /// How many members a project has: none for a caller who is none of them.
    pub(super) async fn member_count(&self, id: ProjectId) -> Result<i64> {
        Ok(self.projects.load_one(MemberCountOf(id)).await?.unwrap_or_default())
    }

    /// The user of this id, whom something names that the caller may see.
    pub(super) async fn named_user(&self, id: UserId) -> Result<Option<user::User>> {
        self.users.load_one(UserById(id)).await
    }

    /// The caller's sessions, newest first.
    pub(super) async fn own_sessions(&self) -> Result<Vec<session::Session>> {
        Ok(self.credentials.load_one(OwnSessions).await?.unwrap_or_default())
    }

    /// The caller's API tokens, newest first.
    pub(super) async fn own_api_tokens(&self) -> Result<Vec<api_token::ApiToken>> {
        Ok(self.credentials.load_one(OwnApiTokens).await?.unwrap_or_default())
    }
}

/// A loader that asks for everything in one statement that is asked for at once.
pub(super) fn batched<L>(loader: L) -> DataLoader<L> {
    // Gone with the operation, as when its client leaves: dropping the set stops what is still loading.
    let tasks = Mutex::new(JoinSet::new());
    let spawn = move |load: BoxFuture<'static, ()>| {
        // What a loader logs belongs to the request, too.
        let load = load.in_current_span();
        tasks.lock().unwrap_or_else(PoisonError::into_inner).spawn(load);
    };
    DataLoader::new(loader, spawn)
}

/// Whose page is asked for, by which page: one statement each. There are few, because the parents on one page are asked by
/// one field, and only a field with other arguments asks for another page.
pub(super) fn by_window<'a, K, P>(
    keys: &'a [K],
    asked: impl Fn(&'a K) -> (P, &'a Window),
) -> HashMap<&'a Window, Vec<P>> {
    let mut parents = HashMap::<_, Vec<_>>::new();
    for (parent, window) in keys.iter().map(asked) {
        parents.entry(window).or_default().push(parent);
    }
    parents
}

/// What a loader answers for every key.
fn loaded<T>(value: Option<T>) -> Result<T> {
    value.ok_or_else(|| ApiError::from(Error::Internal("a loader left a key out".into())))
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct CommentsOf(TaskId, Window);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct CommentCountOf(TaskId);

struct CommentLoader(Op);

impl Loader<CommentsOf> for CommentLoader {
    type Value = Page<comment::Comment>;
    type Error = ApiError;

    async fn load(&self, keys: &[CommentsOf]) -> std::result::Result<HashMap<CommentsOf, Self::Value>, ApiError> {
        let mut pages = HashMap::with_capacity(keys.len());
        for (window, tasks) in by_window(keys, |CommentsOf(task, window)| (*task, window)) {
            let some = comment::pages(&self.0, &tasks, window).await?;
            pages.extend(some.into_iter().map(|(task, page)| (CommentsOf(task, window.clone()), page)));
        }
        Ok(pages)
    }
}

impl Loader<CommentCountOf> for CommentLoader {
    type Value = i64;
    type Error = ApiError;

    async fn load(&self, keys: &[CommentCountOf]) -> std::result::Result<HashMap<CommentCountOf, i64>, ApiError> {
        let tasks = keys.iter().map(|CommentCountOf(task)| *task).collect::<Vec<_>>();
        let counts = comment::counts(&self.0, &tasks).await?;
        Ok(counts.into_iter().map(|(task, count)| (CommentCountOf(task), count)).collect())
    }
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct OwnSessions;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct OwnApiTokens;

/// What the caller may call with. A page of tasks may name the caller a hundred times.
struct CredentialLoader(Op);

impl Loader<OwnSessions> for CredentialLoader {
    type Value = Vec<session::Session>;
    type Error = ApiError;

    async fn load(&self, _: &[OwnSessions]) -> Result<HashMap<OwnSessions, Self::Value>> {
        Ok(HashMap::from([(OwnSessions, session::list(&self.0).await?)]))
    }
}

impl Loader<OwnApiTokens> for CredentialLoader {
    type Value = Vec<api_token::ApiToken>;
    type Error = ApiError;

    async fn load(&self, _: &[OwnApiTokens]) -> Result<HashMap<OwnApiTokens, Self::Value>> {
        Ok(HashMap::from([(OwnApiTokens, api_token::list(&self.0).await?)]))
    }
}
