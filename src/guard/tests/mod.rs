//! Tests of the guard as a whole, against a toy schema.

mod arrange;
mod attacks;
mod collect;
mod complete;
#[path = "../../../tests/attacks/corpus.rs"]
mod corpus;
mod cost;
mod mask;
mod panics;
mod parse;
mod persisted;
mod toy;
mod variables;
mod worst_case;

/// `piece` for each number below `count`, one after the other.
pub(super) fn times(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect()
}
