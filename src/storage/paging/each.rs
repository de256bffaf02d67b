//! Many lists at once, one for each of some parents: their pages in one statement, and how long they are.

use std::collections::HashMap;
use std::hash::Hash;

use sea_orm::sea_query::{Expr, ExprTrait, Func, Order, WindowStatement};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::{Slice, SortKey, Window, with_id};
use crate::storage::{Result, Source};

/// The column of [`Window::apply_to_each`] that numbers the rows of a parent.
const PLACE: &str = "place";

impl Window {
    /// `select` cut down to this page, and one row more, of every list in it: rows of the same `parent` are a list, and
    /// there are so many parents. One statement reads the pages of all. The rows of a parent come in the order that
    /// [`Window::cut`] takes.
    ///
    /// A list that is alone, and may be long, is read from its index no further than the page goes. Several are read whole.
    #[expect(clippy::disallowed_methods, reason = "cut out of what the caller has scoped")]
    pub(in crate::storage) fn apply_to_each<E: EntityTrait>(
        &self,
        select: Select<E>,
        (parent, parents): (E::Column, usize),
        order: &[SortKey<E::Column>],
        id: E::Column,
    ) -> Select<E> {
        if parents == 1 {
            return self.apply(select, order, id);
        }
        let keys = with_id(order, id);
        let mut ranked = self.between(select, &keys);
        let mut window = WindowStatement::partition_by((E::default(), parent));
        for (term, direction) in self.terms(&keys) {
            window.order_by_expr(term, direction);
        }
        QuerySelect::query(&mut ranked).expr_window_as(Func::cust("ROW_NUMBER"), window, PLACE);
        let place = Expr::col(PLACE);
        let mut pages = E::find().filter(place.clone().lte(self.rows())).order_by(place, Order::Asc);
        QuerySelect::query(&mut pages).from_clear().from_subquery(ranked.into_query(), E::default().table_name());
        pages
    }

    /// The pages in `rows`, which a query of [`Window::apply_to_each`] gave, by what `parent` says of them. A parent without
    /// any row is left out.
    pub(in crate::storage) fn cut_each<R, P: Eq + Hash>(
        &self,
        rows: Vec<R>,
        parent: impl Fn(&R) -> P,
    ) -> HashMap<P, Slice<R>> {
        let mut lists = HashMap::<P, Vec<R>>::new();
        for row in rows {
            lists.entry(parent(&row)).or_default().push(row);
        }
        lists.into_iter().map(|(parent, rows)| (parent, self.cut(rows))).collect()
    }
}

/// How many rows of `select` each `parent` has, in one statement, by the id that `id` makes of it. A parent without any row is
/// left out.
pub(in crate::storage) async fn count_each<E: EntityTrait, P: Eq + Hash>(
    source: &impl Source,
    select: Select<E>,
    parent: E::Column,
    id: impl Fn(Uuid) -> P,
) -> Result<HashMap<P, i64>> {
    let counts = select.select_only().column(parent).column_as(Expr::cust("COUNT(*)"), "count").group_by(parent);
    let counts = counts.into_tuple::<(Uuid, i64)>().all(&source.executor()).await?;
    Ok(counts.into_iter().map(|(parent, count)| (id(parent), count)).collect())
}
