//! Taskward: a task manager behind a GraphQL API that nothing a client sends can hurt.

pub mod clock;
pub mod code;
pub mod config;
pub mod guard;
pub mod ids;
pub mod random;
