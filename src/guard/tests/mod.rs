//! Tests of the guard as a whole, against a toy schema.

mod collect;
mod mask;
mod toy;
mod variables;
mod worst_case;
