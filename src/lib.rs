//! Taskward: a task manager behind a GraphQL API that nothing a client sends can hurt.

pub mod auth;
pub mod clock;
pub mod code;
pub mod config;
pub mod ids;
pub mod random;
