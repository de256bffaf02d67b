//! What must hold of whatever a client sends: one function for each fuzz target, which panics where it does not.
//!
//! `fuzz_targets/` hands them to libFuzzer, and `tests/it/fuzz.rs` calls the same ones in every `cargo test`. They go
//! through what the server itself calls, so nothing of it is open for their sake but [`taskward::domain::cursor`].

pub mod cursor;
pub mod document;
pub mod filter;
pub mod json;
pub mod parser;
mod refusal;
pub mod scan;
pub mod seeds;
mod tokens;
