//! Which tasks a list holds.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, DbBackend, Value};
use uuid::Uuid;

use super::entity::{Column, Entity};
use crate::ids::{LabelId, ProjectId, TaskId, UserId};
use crate::storage::{label, project};

/// A condition on a task. Every leaf is true or false, never unknown: a task without a due date fails `Due`, so that
/// [`Filter::Not`] is the exact complement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Filter {
    /// Passes what passes all of these, and so everything when there are none.
    All(Vec<Filter>),
    /// Passes what passes one of these, and so nothing when there are none.
    Any(Vec<Filter>),
    /// Passes what does not pass this.
    Not(Box<Filter>),
    /// Passes tasks that are completed.
    Completed,
    /// Passes tasks in the trash.
    Deleted,
    /// Passes tasks of one of these priorities.
    Priority(Vec<i16>),
    /// Passes tasks that hold all of these folded words.
    Words(Vec<String>),
    /// Passes tasks that are due in this range.
    Due(InstantRange),
    /// Passes tasks that were made in this range.
    Created(InstantRange),
    /// Passes tasks that last changed in this range.
    Updated(InstantRange),
    /// Passes tasks without a due date.
    NeverDue,
    /// Passes tasks that this user made.
    CreatedBy(UserId),
    /// Passes tasks that bear all of these labels, each named once, and nothing when one of them is not the viewer's.
    Labels(Vec<LabelId>),
    /// Passes tasks that this user is to do.
    Assignee(UserId),
    /// Passes tasks of this project, and nothing when the viewer may not see it.
    Project(ProjectId),
    /// Passes the direct subtasks of this task, and nothing when the viewer may not see it.
    Parent(TaskId),
}

/// A stretch of time, in microseconds since 1970, open at both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct InstantRange {
    /// Later than this.
    pub after: Option<i64>,
    /// Earlier than this.
    pub before: Option<i64>,
}

impl Filter {
    /// Passes everything.
    #[must_use]
    pub const fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// Passes nothing.
    #[must_use]
    pub const fn nothing() -> Self {
        Self::Any(Vec::new())
    }

    /// The project that whatever passes is in, where the filter says so at its top.
    pub(super) fn project(&self) -> Option<ProjectId> {
        match self {
            Self::Project(id) => Some(*id),
            Self::All(filters) => filters.iter().find_map(Self::project),
            _ => None,
        }
    }

    pub(super) fn condition(&self, viewer: UserId, engine: DbBackend) -> Condition {
        let leaf = |expression: Expr| Condition::all().add(expression);
        let is = |column: Column, id: Uuid| Condition::all().add(column.is_not_null()).add(column.eq(id));
        match self {
            Self::All(filters) => all(filters.iter().map(|filter| filter.condition(viewer, engine))),
            Self::Any(filters) => any(filters.iter().map(|filter| filter.condition(viewer, engine))),
            // SQLite takes a partial index only for its very condition, and the lists' indexes are for `deleted_at IS NULL`.
            Self::Not(filter) if **filter == Self::Deleted => leaf(Column::DeletedAt.is_null()),
            Self::Not(filter) => filter.condition(viewer, engine).not(),
            Self::Completed => leaf(Column::CompletedAt.is_not_null()),
            Self::Deleted => leaf(Column::DeletedAt.is_not_null()),
            Self::Priority(priorities) => any(priorities.iter().map(|it| leaf(Column::Priority.eq(*it)))),
            Self::Words(words) => leaf(holds_words(words, engine)),
            Self::Due(range) => range.condition(Column::DueAt),
            Self::Created(range) => range.condition(Column::CreatedAt),
            Self::Updated(range) => range.condition(Column::UpdatedAt),
            Self::NeverDue => leaf(Column::DueAt.is_null()),
            Self::CreatedBy(user) => leaf(Column::CreatedBy.eq(user.uuid())),
            Self::Labels(labels) => leaf(is_among(Column::Id.into_expr(), label::bearing_all(viewer, labels))),
            Self::Assignee(user) => is(Column::AssigneeId, user.uuid()),
            Self::Project(id) => is(Column::ProjectId, id.uuid()).add(Expr::exists(project::membership(viewer, *id))),
            Self::Parent(id) => is(Column::ParentId, id.uuid()).add(Expr::exists(seen(viewer, *id))),
        }
    }
}

impl InstantRange {
    fn condition(self, column: Column) -> Condition {
        // "Not null" first makes the whole false, not unknown, for a row without the instant.
        Condition::all()
            .add(column.is_not_null())
            .add_option(self.after.map(|after| column.gt(after)))
            .add_option(self.before.map(|before| column.lt(before)))
    }
}

/// A row when `viewer` may see the task `id`, and none otherwise.
fn seen(viewer: UserId, id: TaskId) -> SelectStatement {
    let task = |column: Column| Expr::col(("seen", column));
    let shared = task(Column::ProjectId).in_subquery(project::shared_with(viewer));
    Query::select()
        .expr(Expr::value(1))
        .from_as(Entity, "seen")
        .and_where(task(Column::Id).eq(id.uuid()))
        .and_where(task(Column::CreatedBy).eq(viewer.uuid()).or(shared))
        .to_owned()
}

fn all(conditions: impl Iterator<Item = Condition>) -> Condition {
    conditions.fold(Condition::all().add(Expr::value(true)), Condition::add)
}

fn any(conditions: impl Iterator<Item = Condition>) -> Condition {
    conditions.fold(Condition::any().add(Expr::value(false)), Condition::add)
}

/// Words are letters, marks and digits only, so nothing in them can be query syntax; quoting them makes that plain.
fn holds_words(words: &[String], engine: DbBackend) -> Expr {
    if engine == DbBackend::Postgres {
        let query = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" & ");
        return Expr::cust_with_values("words_vector @@ $1::tsquery", [query]);
    }
    let query = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" ");
    let rows = Query::select()
        .column("rowid")
        .from("task_words")
        .and_where(Expr::cust_with_values("task_words MATCH ?", [query]))
        .to_owned();
    is_among(Expr::col((Entity, "row_number")), rows)
}

/// Whether `value` is one of `rows`, which are put together once and then looked into, for each task that the list comes to.
/// `IS TRUE` keeps both engines from the other way round, of which they think too well: to look up each of the rows, in every
/// project anew, and in SQLite every task of a label with every task of a word.
fn is_among(value: Expr, rows: SelectStatement) -> Expr {
    value.in_subquery(rows).is(Expr::Constant(Value::from(true)))
}
