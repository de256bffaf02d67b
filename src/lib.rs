//! Taskward: a task manager behind a GraphQL API that nothing a client sends can hurt.

pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod code;
pub mod config;
pub mod domain;
pub mod edge;
pub mod graphql;
pub mod guard;
pub mod http;
pub mod ids;
pub mod random;
pub mod storage;
pub mod telemetry;
