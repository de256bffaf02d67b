//! The change log of tasks: which logs a change belongs in.
//!
//! A task of a project is in the project's log, which its members read. Everything that a task's creator is told beyond that
//! is in the creator's own log, and so are the tasks of no project. So an entry was meant for exactly those who could see
//! the task when it happened, and reading the log asks nothing of the tasks.

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use crate::domain::Result;
use crate::ids::{ProjectId, TaskId, UserId};
use crate::storage::change::{Kind, NewChange, Scope};
use crate::storage::task::Model;
use crate::storage::{Transaction, change, project};

/// What happened to a task.
#[derive(Debug, Clone)]
pub(in crate::domain) struct Change {
    /// The task before, when there was one.
    pub(in crate::domain) before: Option<Model>,
    /// The task after.
    pub(in crate::domain) after: Model,
    /// What happened.
    pub(in crate::domain) kind: Kind,
}

impl Change {
    /// The project that the task was in and is not in any more.
    fn left_project(&self) -> Option<ProjectId> {
        let before = self.before.as_ref().and_then(|task| task.project_id);
        before.filter(|_| before != self.after.project_id).map(ProjectId::from_uuid)
    }
}

/// Logs `changes`, which `actor_id` made at `now`, as the last thing in their transaction. Those who can't see a task any more
/// are told that it is deleted.
pub(in crate::domain) async fn write(
    transaction: &Transaction,
    actor_id: UserId,
    now: i64,
    changes: &[Change],
) -> Result<()> {
    let audience = Audience::of(transaction, changes).await?;
    let mut entries = Vec::new();
    for change in changes {
        let task = &change.after;
        let entry = |kind, scope| NewChange {
            task_id: TaskId::from_uuid(task.id),
            kind,
            version: task.version,
            actor_id,
            occurred_at: now.max(task.updated_at),
            scope,
            left: change.left_project(),
        };
        entries.extend(audience.lost_sight(change).map(|user| entry(Kind::Deleted, Scope::User(user))));
        entries.extend(audience.scopes(task).map(|scope| entry(change.kind, scope)));
    }
    if !entries.is_empty() {
        change::insert(transaction, &entries).await?;
    }
    Ok(())
}

/// The members of the projects that the changed tasks are or were in.
struct Audience(HashMap<Uuid, HashSet<UserId>>);

impl Audience {
    async fn of(transaction: &Transaction, changes: &[Change]) -> Result<Self> {
        let places =
            |change: &Change| [change.after.project_id, change.before.as_ref().and_then(|task| task.project_id)];
        let projects = changes.iter().flat_map(places).flatten().collect::<BTreeSet<_>>();
        let mut members = HashMap::with_capacity(projects.len());
        for project in projects {
            let ids = project::member_ids(transaction, ProjectId::from_uuid(project)).await?;
            members.insert(project, ids.into_iter().collect());
        }
        Ok(Self(members))
    }

    fn members(&self, project: Option<Uuid>) -> impl Iterator<Item = UserId> {
        project.and_then(|project| self.0.get(&project)).into_iter().flatten().copied()
    }

    fn is_member(&self, project: Option<Uuid>, user: UserId) -> bool {
        project.and_then(|project| self.0.get(&project)).is_some_and(|members| members.contains(&user))
    }

    /// The logs of everybody who can see `task`.
    fn scopes(&self, task: &Model) -> impl Iterator<Item = Scope> + use<> {
        let creator = UserId::from_uuid(task.created_by);
        let own = (!self.is_member(task.project_id, creator)).then_some(Scope::User(creator));
        task.project_id.map(|project| Scope::Project(ProjectId::from_uuid(project))).into_iter().chain(own)
    }

    /// Those who could see the task before the change and can't after it.
    fn lost_sight(&self, change: &Change) -> impl Iterator<Item = UserId> {
        let creator = UserId::from_uuid(change.after.created_by);
        let before = change.before.as_ref().and_then(|task| task.project_id);
        let after = change.after.project_id;
        self.members(before).filter(move |user| *user != creator && !self.is_member(after, *user))
    }
}
