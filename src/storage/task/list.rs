//! Lists of tasks: everything that a viewer may see, and what is in projects or under other tasks.
//!
//! Each place that a list is made of gives the first tasks of the page from an index of its own, and the page is cut from those.
//! So a page costs as much as the rows on it and the viewer's projects, however many tasks there are in them.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{Expr, ExprTrait, Func, JoinType, Query, SelectStatement, SubQueryStatement, UnionType};
use sea_orm::{Condition, DbBackend, QuerySelect, QueryTrait, Select};

use super::entity::{Column, Entity, Model};
use super::filter::Filter;
use super::order::{self, Order};
use super::{visible, visible_to};
use crate::ids::{ProjectId, TaskId, UserId};
use crate::storage::paging::{Slice, Window};
use crate::storage::{Result, Source, project};

/// A page of a list: which tasks, in which order, and which of them.
#[derive(Debug, Clone, Copy)]
pub struct Listing<'a> {
    /// Only tasks that pass this.
    pub filter: &'a Filter,
    /// The order.
    pub order: &'a [Order],
    /// The page.
    pub window: &'a Window,
}

/// Places that tasks are in. Each has a list of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Places {
    /// Projects. Those that the viewer is no member of are empty.
    Projects(Vec<ProjectId>),
    /// Tasks, with their direct subtasks.
    Parents(Vec<TaskId>),
}

impl Places {
    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        match self {
            Self::Projects(ids) => ids.is_empty(),
            Self::Parents(ids) => ids.is_empty(),
        }
    }

    fn ids(&self) -> Vec<Uuid> {
        match self {
            Self::Projects(ids) => ids.iter().map(|id| id.uuid()).collect(),
            Self::Parents(ids) => ids.iter().map(|id| id.uuid()).collect(),
        }
    }

    /// The column of a task that says in which of the places it is.
    const fn column(&self) -> Column {
        match self {
            Self::Projects(_) => Column::ProjectId,
            Self::Parents(_) => Column::ParentId,
        }
    }
}

/// The page of everything that the viewer may see.
pub async fn page(source: &impl Source, viewer: UserId, listing: Listing<'_>) -> Result<Slice<Model>> {
    let source = source.executor();
    let page = select_page(viewer, source.get_database_backend(), listing);
    Ok(listing.window.cut(page.all(&source).await?))
}

/// The same page of each place, by its id. A place without any is left out.
pub async fn pages(
    source: &impl Source,
    viewer: UserId,
    places: &Places,
    listing: Listing<'_>,
) -> Result<HashMap<Uuid, Slice<Model>>> {
    let source = source.executor();
    let tasks = select_pages(viewer, source.get_database_backend(), places, listing).all(&source).await?;
    let place = |task: &Model| match places {
        Places::Projects(_) => task.project_id,
        Places::Parents(_) => task.parent_id,
    };
    Ok(listing.window.cut_each(tasks, |task| place(task).unwrap_or_default()))
}

/// How many of the tasks that the viewer may see pass `filter`.
pub async fn count(source: &impl Source, viewer: UserId, filter: &Filter) -> Result<u64> {
    let source = source.executor();
    let count = select_count(viewer, source.get_database_backend(), filter);
    let mut total = 0_u64;
    for row in source.query_all(&count).await? {
        total = total.saturating_add(row.try_get::<i64>("", "count")?.try_into().unwrap_or_default());
    }
    Ok(total)
}

/// How many tasks of each place pass `filter`, by its id. A place without any is left out.
pub async fn counts(
    source: &impl Source,
    viewer: UserId,
    places: &Places,
    filter: &Filter,
) -> Result<HashMap<Uuid, u64>> {
    let source = source.executor();
    let counts = select_counts(viewer, source.get_database_backend(), places, filter);
    let rows = source.query_all(&counts).await?;
    let count = |row: &sea_orm::QueryResult| {
        let count = row.try_get::<i64>("", "count")?;
        Ok((row.try_get("", "place")?, count.try_into().unwrap_or_default()))
    };
    rows.iter().map(count).collect()
}

/// The tasks that the viewer made, and those of each of their projects, are cut to the page before they are put together. One
/// that is in both is found once.
pub(super) fn select_page(viewer: UserId, engine: DbBackend, listing: Listing<'_>) -> Select<Entity> {
    let own = head(viewer, engine, listing, Condition::all().add(Column::CreatedBy.eq(viewer.uuid())));
    let shared = head(viewer, engine, listing, Condition::all().add(in_project()));
    let projects = projects(viewer, listing.filter);
    let mut both = Query::select();
    both.column(Column::Id).from_subquery(own, "own").union(UnionType::All, heads(engine, projects, shared));
    let tasks = visible_to(viewer).filter(is_among(engine, both));
    listing.window.apply(tasks, &order::sort_keys(listing.order), Column::Id)
}

/// The pages of the places, one after another or mixed, each in its order.
pub(super) fn select_pages(viewer: UserId, engine: DbBackend, places: &Places, listing: Listing<'_>) -> Select<Entity> {
    let (mut rows, id, scope) = match places {
        Places::Projects(_) => (project::shared_with_as(viewer, "place"), "project_id", Condition::all()),
        Places::Parents(_) => (Query::select().from_as(Entity, "place").to_owned(), "id", visible(viewer)),
    };
    rows.and_where(Expr::col(("place", id)).is_in(places.ids()));
    let in_place = Expr::col((Entity, places.column())).equals(("place", id));
    let tasks = head(viewer, engine, listing, Condition::all().add(in_place).add(scope));
    let tasks = visible_to(viewer).filter(is_among(engine, heads(engine, rows, tasks)));
    listing.window.sort(tasks, &order::sort_keys(listing.order), Column::Id)
}

/// A row for the tasks that the viewer made, and one for those of others in each of their projects. Each is counted by
/// itself, so that PostgreSQL is not led to read all tasks for the sake of a few projects.
pub(super) fn select_count(viewer: UserId, engine: DbBackend, filter: &Filter) -> SelectStatement {
    let passes = filter.condition(viewer, engine);
    let count = |scope: Expr| {
        let mut count = Query::select();
        count.expr_as(Expr::cust("COUNT(*)"), "count").from(Entity).and_where(scope).cond_where(passes.clone());
        count
    };
    let shared = count(in_project().and(Column::CreatedBy.ne(viewer.uuid())));
    let shared = Expr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(shared)));
    let mut projects = projects(viewer, filter);
    projects.expr_as(shared, "count");
    count(Column::CreatedBy.eq(viewer.uuid())).union(UnionType::All, projects).to_owned()
}

pub(super) fn select_counts(viewer: UserId, engine: DbBackend, places: &Places, filter: &Filter) -> SelectStatement {
    Query::select()
        .expr_as(places.column().into_expr(), "place")
        .expr_as(Expr::cust("COUNT(*)"), "count")
        .from(Entity)
        .and_where(places.column().is_in(places.ids()))
        .cond_where(visible(viewer))
        .cond_where(filter.condition(viewer, engine))
        .group_by_col(places.column())
        .to_owned()
}

/// The memberships of the viewer, as `place`, in those projects whose tasks can pass `filter`.
fn projects(viewer: UserId, filter: &Filter) -> SelectStatement {
    let mut projects = project::shared_with_as(viewer, "place");
    if let Some(id) = filter.project() {
        projects.and_where(Expr::col(("place", "project_id")).eq(id.uuid()));
    }
    projects
}

fn in_project() -> Expr {
    Expr::col((Entity, Column::ProjectId)).equals(("place", "project_id"))
}

/// The ids of as many tasks of `scope` as the page needs: its first ones in this order, or its last.
#[expect(clippy::disallowed_methods, reason = "the scope of the caller, a part of what the viewer may see")]
fn head(viewer: UserId, engine: DbBackend, listing: Listing<'_>, scope: Condition) -> SelectStatement {
    let tasks = Entity::find().filter(scope).filter(listing.filter.condition(viewer, engine));
    let tasks = listing.window.apply(tasks, &order::sort_keys(listing.order), Column::Id);
    QuerySelect::column(tasks.select_only(), Column::Id).into_query()
}

/// Whether the task is one of the few of `ids`. PostgreSQL takes a subquery for a table to join, and would rather read all
/// tasks than look up some hundred of them; what it is to make a list of first, it looks up.
fn is_among(engine: DbBackend, ids: SelectStatement) -> Expr {
    if engine == DbBackend::Postgres {
        let ids = Expr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(ids)));
        return Column::Id.into_expr().eq(PgFunc::any(Func::cust("ARRAY").arg(ids)));
    }
    Column::Id.in_subquery(ids)
}

/// The ids that `head` gives for each row of `rows`, to which it refers.
fn heads(engine: DbBackend, mut rows: SelectStatement, head: SelectStatement) -> SelectStatement {
    rows.column(("head", Column::Id));
    if engine == DbBackend::Postgres {
        rows.join_lateral(JoinType::InnerJoin, head, "head", Condition::all().add(Expr::cust("TRUE")));
    } else {
        // SQLite has no lateral joins, but its cross join keeps to the order in which the tables are named.
        rows.join_as(JoinType::CrossJoin, Entity, "head", Condition::all());
        rows.and_where(Expr::col(("head", Column::Id)).in_subquery(head));
    }
    rows
}
