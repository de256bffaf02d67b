//! The command and its settings, from outside.

#[path = "it/cli/mod.rs"]
mod cli;
