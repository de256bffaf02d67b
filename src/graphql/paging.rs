//! What every connection shares.

use async_graphql::SimpleObject;

use crate::domain::paging::{Page, PageArguments};

/// Where a page stands in its list.
#[derive(SimpleObject)]
pub(super) struct PageInfo {
    /// Whether the list goes on behind this page. When the page was counted by `last`, whether `before` was given.
    has_next_page: bool,
    /// Whether the list has entries before this page. When the page was counted by `first`, whether `after` was given.
    has_previous_page: bool,
    /// The cursor of the first entry, or null when the page is empty.
    start_cursor: Option<String>,
    /// The cursor of the last entry, or null when the page is empty.
    end_cursor: Option<String>,
}

impl PageInfo {
    pub(super) fn of<T>(page: &Page<T>) -> Self {
        Self {
            has_next_page: page.has_next_page,
            has_previous_page: page.has_previous_page,
            start_cursor: page.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: page.edges.last().map(|edge| edge.cursor.clone()),
        }
    }
}

/// The four arguments of a list.
pub(super) const fn arguments(
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
) -> PageArguments {
    PageArguments { first, after, last, before }
}
