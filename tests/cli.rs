//! The command and its settings, from outside.

#[cfg(test)]
#[path = "it/cli/mod.rs"]
mod cli;
