//! Tests of the guard as a whole.

mod worst_case;
