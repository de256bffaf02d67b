//! What happens to the tasks of a project when people join and leave it, and when it is deleted: a few statements, however many
//! tasks there are.
//!
//! The caller holds the project and the tasks, so the tasks may be written after the log, which is to come last: nobody has
//! to be waited for. Each engine takes the same SQL.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect, Select, Statement, Value};

use crate::bus::Topic;
use crate::ids::{ProjectId, UserId};
use crate::storage::change::Kind;
use crate::storage::project::shared_with;
use crate::storage::task::entity::{Column, Entity};
use crate::storage::{Result, Source, Transaction};

/// Who does it, and when.
#[derive(Debug, Clone, Copy)]
pub struct Deed {
    /// Who does it.
    pub actor_id: UserId,
    /// When, in microseconds since 1970.
    pub occurred_at: i64,
}

/// Keeps the tasks of a project from changing until the transaction ends.
pub async fn lock_tasks(transaction: &Transaction, viewer: UserId, id: ProjectId) -> Result<()> {
    lock(transaction, tasks_of(viewer, id)).await
}

/// Keeps the tasks of a project that are assigned to `assignee` from changing until the transaction ends.
pub async fn lock_tasks_of(transaction: &Transaction, viewer: UserId, id: ProjectId, assignee: UserId) -> Result<()> {
    lock(transaction, tasks_of(viewer, id).filter(Column::AssigneeId.eq(assignee.uuid()))).await
}

#[expect(clippy::disallowed_methods, reason = "scoped to a project of the viewer's")]
fn tasks_of(viewer: UserId, id: ProjectId) -> Select<Entity> {
    let shared = Column::ProjectId.in_subquery(shared_with(viewer));
    Entity::find().filter(Column::ProjectId.eq(id.uuid())).filter(shared)
}

/// Locks in the order of the ids, as [`lock_many`](crate::storage::task::lock_many) does.
async fn lock(transaction: &Transaction, tasks: Select<Entity>) -> Result<()> {
    let ids = tasks.select_only().column(Column::Id).order_by_asc(Column::Id).lock_exclusive();
    ids.into_tuple::<Uuid>().all(&transaction.executor()).await?;
    Ok(())
}

/// Tells a new member of every task of the project that they could not see: it is new to them. Those that they made they saw,
/// and from now on they see its project and its parent, too: to be read anew.
pub async fn tell_joined(transaction: &Transaction, id: ProjectId, user: UserId, deed: Deed) -> Result<()> {
    tell(transaction, id, user, Kind::Created, deed).await
}

/// Tells a former member of every task of the project that they can't see any more: it is gone for them. Those that they made
/// they still see, and what happened to them may stand in the project's log alone, which is closed to them now: to be read
/// anew.
pub async fn tell_left(transaction: &Transaction, id: ProjectId, user: UserId, deed: Deed) -> Result<()> {
    tell(transaction, id, user, Kind::Deleted, deed).await
}

/// Logs in the user's own log that this has happened, for them, to every task of the project that others made, and that their
/// own were updated.
async fn tell(transaction: &Transaction, id: ProjectId, user: UserId, kind_for_others: Kind, deed: Deed) -> Result<()> {
    let values =
        [kind(kind_for_others), actor(deed), at(deed), id.uuid().into(), user.uuid().into(), kind(Kind::Updated)];
    transaction.note(Topic::Log(user.uuid()));
    run(transaction, TELL, values).await
}

const TELL: &str = "
    INSERT INTO task_changes (task_id, kind, version, actor_id, occurred_at, scope_id)
    SELECT id, CASE WHEN created_by = $5 THEN $6 ELSE $1 END, version, $2, $3, $5
    FROM tasks WHERE project_id = $4 ORDER BY id";

/// Takes the tasks of the project away from a former member, but for those that they made and so still see.
pub async fn unassign(transaction: &Transaction, id: ProjectId, user: UserId, deed: Deed) -> Result<()> {
    let values = [kind(Kind::Updated), actor(deed), at(deed), id.uuid().into(), user.uuid().into()];
    transaction.note(Topic::Log(id.uuid()));
    let creators = select_users(transaction, CREATORS_OF_ASSIGNED, [id.uuid().into(), user.uuid().into()]).await?;
    for creator in creators {
        transaction.note(Topic::Log(creator.uuid()));
    }
    run(transaction, TELL_UNASSIGNED, values).await?;
    run(transaction, UNASSIGN, [at(deed), id.uuid().into(), user.uuid().into()]).await
}

/// Those whom [`TELL_UNASSIGNED`] may tell.
const CREATORS_OF_ASSIGNED: &str = "
    SELECT DISTINCT created_by FROM tasks WHERE project_id = $1 AND assignee_id = $2 AND created_by <> $2";

/// A creator who is no member of the project reads their own log alone.
const TELL_UNASSIGNED: &str = "
    INSERT INTO task_changes (task_id, kind, version, actor_id, occurred_at, scope_id)
    SELECT id, $1, version + 1, $2, $3, project_id
    FROM tasks WHERE project_id = $4 AND assignee_id = $5 AND created_by <> $5
    UNION ALL
    SELECT id, $1, version + 1, $2, $3, created_by
    FROM tasks WHERE project_id = $4 AND assignee_id = $5 AND created_by <> $5
        AND created_by NOT IN (SELECT user_id FROM project_members WHERE project_id = $4)
    ORDER BY 1";

const UNASSIGN: &str = "
    UPDATE tasks SET
        assignee_id = NULL,
        version = version + 1,
        updated_at = CASE WHEN updated_at > $1 THEN updated_at ELSE $1 END
    WHERE project_id = $2 AND assignee_id = $3 AND created_by <> $3";

/// Moves the tasks of a project to the trash and out of the project, and tells its members, and creators who are none. What was
/// in the trash stays there, and is gone for everybody but its creator, too.
pub async fn move_tasks_to_trash(transaction: &Transaction, id: ProjectId, deed: Deed) -> Result<()> {
    let values = [kind(Kind::Deleted), actor(deed), at(deed), id.uuid().into()];
    transaction.note(Topic::Log(id.uuid()));
    for user in select_users(transaction, CONCERNED, [id.uuid().into()]).await? {
        transaction.note(Topic::Log(user.uuid()));
        transaction.note(Topic::Account(user));
    }
    run(transaction, TELL_DELETED, values).await?;
    run(transaction, MOVE_TO_TRASH, [at(deed), id.uuid().into()]).await
}

/// Everybody who can see a task of the project.
const CONCERNED: &str = "
    SELECT user_id FROM project_members WHERE project_id = $1
    UNION
    SELECT created_by FROM tasks WHERE project_id = $1";

const TELL_DELETED: &str = "
    INSERT INTO task_changes (task_id, kind, version, actor_id, occurred_at, scope_id)
    SELECT id, $1, version + 1, $2, $3, project_id FROM tasks WHERE project_id = $4
    UNION ALL
    SELECT id, $1, version + 1, $2, $3, created_by FROM tasks WHERE project_id = $4
        AND created_by NOT IN (SELECT user_id FROM project_members WHERE project_id = $4)
    ORDER BY 1";

/// From now on nobody but its creator sees a task, so trees are cut where the creator changes: whoever restores a task must not
/// wait for a parent that they can't see, nor bring back what is somebody else's. `tree` has each task with the root of its
/// piece, and a task goes with that root; one that went to the trash earlier still goes with what took it there. The tasks of
/// the project are put together first: SQLite would look through all of them for each of them.
const MOVE_TO_TRASH: &str = "
    WITH RECURSIVE task (id, parent_id, created_by) AS MATERIALIZED (
        SELECT id, parent_id, created_by FROM tasks WHERE project_id = $2
    ), tree (id, maker, root_id) AS (
        SELECT task.id, task.created_by, task.id
        FROM task LEFT JOIN tasks parent ON parent.id = task.parent_id
        WHERE parent.id IS NULL OR parent.created_by <> task.created_by
        UNION ALL
        SELECT task.id, tree.maker, tree.root_id
        FROM task JOIN tree ON task.parent_id = tree.id AND task.created_by = tree.maker
    )
    UPDATE tasks SET
        deleted_at = COALESCE(deleted_at, $1),
        deleted_with = CASE
            WHEN deleted_at IS NULL
                OR created_by <> (SELECT taker.created_by FROM tasks taker WHERE taker.id = tasks.deleted_with)
            THEN NULLIF(tree.root_id, tasks.id)
            ELSE deleted_with
        END,
        parent_id = CASE WHEN tree.root_id = tasks.id THEN NULL ELSE parent_id END,
        project_id = NULL,
        assignee_id = CASE WHEN assignee_id = created_by THEN assignee_id END,
        version = version + 1,
        updated_at = CASE WHEN updated_at > $1 THEN updated_at ELSE $1 END
    FROM tree WHERE tree.id = tasks.id AND tasks.project_id = $2";

async fn run<const N: usize>(transaction: &Transaction, sql: &str, values: [Value; N]) -> Result<()> {
    let connection = transaction.executor();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    connection.execute_raw(statement).await?;
    Ok(())
}

async fn select_users<const N: usize>(transaction: &Transaction, sql: &str, values: [Value; N]) -> Result<Vec<UserId>> {
    let connection = transaction.executor();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let rows = connection.query_all_raw(statement).await?;
    let users = rows.iter().map(|row| row.try_get_by_index::<Uuid>(0).map(UserId::from_uuid));
    Ok(users.collect::<std::result::Result<_, DbErr>>()?)
}

fn kind(kind: Kind) -> Value {
    Value::from(kind as i16)
}

fn actor(deed: Deed) -> Value {
    Value::from(deed.actor_id.uuid())
}

fn at(deed: Deed) -> Value {
    Value::from(deed.occurred_at)
}
