//! Pages of lists, by the Relay connection arguments: `first` and `after` from the front, `last` and `before` from the end.
//!
//! See <https://relay.dev/graphql/connections.htm>.

use super::cursor;
use super::{Fields, InvalidValue, Op, PathSegment, Result, Rule};
use crate::storage::paging::{End, Position, Slice};

pub use crate::storage::paging::{Direction, Window};

/// The entries of a page when the client does not say how many.
pub const DEFAULT_PAGE_SIZE: u32 = 20;

/// The arguments of a list, as the client gave them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct PageArguments {
    /// How many entries from the front.
    pub first: Option<i32>,
    /// Only entries behind this cursor.
    pub after: Option<String>,
    /// How many entries from the end.
    pub last: Option<i32>,
    /// Only entries before this cursor.
    pub before: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The entries in the order of the list, each with its cursor.
    pub edges: Vec<Edge<T>>,
    /// Whether the list goes on behind the page.
    pub has_next_page: bool,
    /// Whether the list has entries before the page.
    pub has_previous_page: bool,
}

/// An entry of a page.
#[derive(Debug, Clone)]
pub struct Edge<T> {
    /// Where the entry stands in the list.
    pub cursor: String,
    /// The entry.
    pub node: T,
}

impl PageArguments {
    /// The window that the arguments ask for, in the list and order that `scope` names.
    ///
    /// # Errors
    /// [`Error::Invalid`](super::Error::Invalid) for a size of 0 or less or over `limits.page_size`, `first` together with `last`, and a cursor
    /// that is not one of this list in this order.
    pub(super) fn window(&self, op: &Op, scope: &str) -> Result<Window> {
        let mut fields = Fields::at(Vec::new());
        let most = op.services().page_size;
        let first = fields.take_optional("first", self.first.map(|first| size(first, most)));
        let last = fields.take_optional("last", self.last.map(|last| size(last, most)));
        if self.first.is_some() && self.last.is_some() {
            let message = "can't be combined with `first`: a page is counted from one end";
            fields.refuse(&[PathSegment::Name("last")], InvalidValue::new(Rule::Conflicting, message));
        }
        let position = |cursor: &str| cursor::decode(&op.services().keys.cursor, scope, cursor);
        let after = fields.take_optional("after", self.after.as_deref().map(position));
        let before = fields.take_optional("before", self.before.as_deref().map(position));
        let (end, limit) = match (first, last) {
            (_, Some(last)) => (End::Last, last),
            (first, None) => (End::First, first.unwrap_or_else(|| DEFAULT_PAGE_SIZE.min(most))),
        };
        fields.finish(|| Some(Window { end, limit, after, before }))
    }
}

impl<T> Page<T> {
    /// The page that `slice` holds, which was read through `window`.
    ///
    /// At the end that the page was not counted from, whether there is more is known from the rows. At the other, entries
    /// are there when a cursor was given, because the cursor was taken from one.
    pub(super) fn new<R>(
        (op, scope): (&Op, &str),
        window: &Window,
        slice: Slice<R>,
        position: impl Fn(&R) -> Position,
        node: impl Fn(R) -> T,
    ) -> Self {
        let edge = |row: R| {
            let cursor = cursor::encode(&op.services().keys.cursor, scope, &position(&row));
            Edge { cursor, node: node(row) }
        };
        let (has_next_page, has_previous_page) = match window.end {
            End::First => (slice.more, window.after.is_some()),
            End::Last => (window.before.is_some(), slice.more),
        };
        Self { edges: slice.rows.into_iter().map(edge).collect(), has_next_page, has_previous_page }
    }
}

fn size(size: i32, most: u32) -> std::result::Result<u32, InvalidValue> {
    match u32::try_from(size) {
        Ok(0) | Err(_) => Err(InvalidValue::new(Rule::TooSmall, "must be at least 1")),
        Ok(size) if size > most => Err(InvalidValue::new(Rule::TooLarge, format!("must be at most {most}"))),
        Ok(size) => Ok(size),
    }
}
