//! The one integration binary: what the server does, seen from outside.
//!
//! Every test has a server and a database of its own. Without more, that is an SQLite file; where the environment variable
//! `TASKWARD_TEST_POSTGRES` holds the URL of a server, it is a PostgreSQL database, and the same tests run on it.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod api_token;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod authorization;
#[cfg(test)]
mod binary;
#[cfg(test)]
mod change;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod comment;
#[cfg(test)]
mod control_group;
#[cfg(test)]
mod cost;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod import;
#[cfg(test)]
mod instants;
#[cfg(test)]
mod label;
#[cfg(test)]
mod leaks;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod live;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod model;
#[cfg(test)]
mod order_of_checks;
#[cfg(test)]
mod persisted;
#[cfg(test)]
mod project;
#[cfg(test)]
mod rate_limit_script;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod rust_client;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod session;
#[cfg(test)]
mod socket;
#[cfg(test)]
mod statement_limits;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod stream;
#[cfg(test)]
mod support;
#[cfg(test)]
mod task;
#[cfg(test)]
mod transport;
#[cfg(test)]
mod user;

#[cfg(test)]
use fuzz::targets;
