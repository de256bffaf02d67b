//! Which projects the user may put tasks into, and who is in them.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::domain::Result;
use crate::ids::{ProjectId, UserId};
use crate::storage::Transaction;
use crate::storage::project::{Role, lock_standing, member_ids};
use crate::storage::task::Model;

/// The members of projects, for those that the user may put tasks into.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<Uuid, Option<HashSet<Uuid>>>);

impl Places {
    /// Takes project and assignee from `task` when the user could not give it those, and says how many that were.
    pub(super) async fn settle(&mut self, transaction: &Transaction, user: UserId, task: &mut Model) -> Result<u64> {
        let asked = (task.project_id, task.assignee_id);
        if let Some(project) = task.project_id {
            self.learn(transaction, user, project).await?;
        }
        let members = task.project_id.and_then(|project| self.0.get(&project)).and_then(Option::as_ref);
        task.project_id = task.project_id.filter(|_| members.is_some());
        let sees =
            |assignee: &Uuid| *assignee == user.uuid() || members.is_some_and(|members| members.contains(assignee));
        task.assignee_id = task.assignee_id.filter(sees);
        Ok(u64::from(asked.0 != task.project_id).saturating_add(u64::from(asked.1 != task.assignee_id)))
    }

    async fn learn(&mut self, transaction: &Transaction, user: UserId, project: Uuid) -> Result<()> {
        if self.0.contains_key(&project) {
            return Ok(());
        }
        let id = ProjectId::from_uuid(project);
        let standing = lock_standing(transaction, user, id).await?;
        let members = match standing {
            Some(standing) if standing.role >= Role::Editor => {
                Some(member_ids(transaction, id).await?.into_iter().map(UserId::uuid).collect())
            }
            _ => None,
        };
        // Everything else is the same to the user: they have no business there.
        if self.0.len() >= super::CHUNK {
            self.0.clear();
        }
        self.0.insert(project, members);
        Ok(())
    }
}
