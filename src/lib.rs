//! Taskward: a task manager behind a GraphQL API that nothing a client sends can hurt.
//!
//! This page is the map: where things are, how a request travels, who may import whom, and what must always hold.
//! `tests/architecture/` reads the sources and fails where they leave it. A rule that makes the code worse is to be
//! changed, here and in that test together, with the reason in the commit.
//!
//! # The rooms
//!
//! From the top down. A library that is named here is used in that room alone; the whole table is
//! `tests/architecture/imports.rs`.
//!
//! | Room | Owns | Home of |
//! |---|---|---|
//! | [`cli`] | the command line, one file a subcommand | clap |
//! | [`http`] | sockets, TLS, the router, the `/graphql` endpoint, the playground, health | hyper, rustls, axum (with `edge`) |
//! | [`app`] | [`app::App`]: everything a request needs, built the same way by the server and by the tests | |
//! | [`edge`] | the protections that need nothing but HTTP, one file each, and their order | tower-http, governor |
//! | [`guard`] | the protections of GraphQL, one file each; knows no task and no user | |
//! | [`graphql`] | the schema, one file a noun: object type, inputs, queries, mutations | async-graphql (with `guard` and the endpoint) |
//! | [`domain`] | the rules, one file a noun: values that are valid once they exist, permissions, use-cases | |
//! | [`auth`] | passwords, tokens and keys; no database, no HTTP | argon2, jsonwebtoken |
//! | [`storage`] | rows, one file a noun: entities, finders scoped to a caller, writes, transactions | sea-orm |
//! | [`telemetry`] | where the logs go | tracing-subscriber |
//! | [`config`] | every setting: name, unit, default, bounds; the only reader of the environment | the crate `config` |
//! | [`bus`] | doorbells: who waits for a change is woken | |
//! | [`code`], [`ids`], [`clock`], [`random`] | error codes, typed ids, the time, randomness | type-safe-id, rand |
//!
//! Outside of `src/`: `migrations/` is a crate of its own, one file a change of the database, and never names this one;
//! `playground/` is GraphiQL, which `build.rs` bundles; `schema.graphql` is generated; `tests/it/` sees the server from
//! outside, and `tests/architecture/` sees the sources.
//!
//! # The path of a request
//!
//! ```text
//! http::server             one connection: deadlines, caps, lengths told twice
//!   ↓
//! edge::protect            request id, address, log, headers, CORS, panics; then size, host, HTTPS
//!   ↓
//! http::graphql            media type, method, content type, origin, body, JSON, caller, request budget, concurrency
//!   ↓
//! guard                    the document, sent or known by its hash: scanned before it is parsed, then its shape; then
//!                          its variables, and what it may cost
//!   ↓
//! http::graphql            a mutation of credentials alone; the points of one operation; the budgets of both; then
//!                          execution under a deadline
//!   ↓
//! graphql::<noun>          GraphQL input → domain values
//!   ↓
//! domain::<noun>           may the caller? → one transaction
//!   ↓
//! storage::<noun>          SQL, scoped to the caller
//! ```
//!
//! The answer goes back the same way: `storage::Model` → domain struct → object type; `storage::Error` →
//! [`domain::Error`] → `graphql::error::ApiError`, each converted by the upper layer. [`guard::Order`] gives failed fields
//! their nulls and puts the others in order, the endpoint gives back the points that were not used and keeps the document
//! for the next request ([`guard::persisted`]), [`guard::mask`] decides what a client sees of an error, the endpoint caps
//! the bytes, and `edge` adds the headers. A refusal on the way down is an
//! [`edge::Refusal`], answered at once: nothing below it runs. The lists that say the exact order are [`edge::protect`],
//! `Exchange::answer` and `Operation::begin` in `src/http/graphql/`, and the head of [`guard`].
//!
//! An operation on a socket (`src/http/graphql/socket/`) begins at the caller, in `Operation::begin`, and goes on like any
//! other. A subscription comes back from there with its events: `domain::change` follows the change log for it, woken by the
//! [`bus`], and each event is executed as an operation of its own, when its reader has room for it. A socket and an event
//! stream differ in how they write that down.
//!
//! # Who may import whom
//!
//! 1. Only downwards: `http` → `edge`, `guard`, `graphql` → `domain` → `auth`, `storage`. `config`, `code`, `ids`, `clock`,
//!    `random` and `bus` lie at the bottom. `edge` names nothing else of ours, and `guard` only `config` and `code`.
//! 2. Nobody names `http` but `cli` and `main`.
//! 3. A library has one home, so that it can be replaced there. `domain` never names axum, async-graphql or sea-orm.
//! 4. No entity of `storage` is a type of GraphQL: what goes up is converted by the upper layer.
//!
//! # What always holds
//!
//! | Invariant | Held by |
//! |---|---|
//! | Imports go downwards; a library stays at home | `tests/architecture/imports.rs` |
//! | Only `config` reads the environment; only `graphql::context` calls `ctx.data` | `tests/architecture/imports.rs` |
//! | Migrations never name the server | `tests/architecture/imports.rs` |
//! | The same noun has the same file name in every layer, tests included | `tests/architecture/nouns.rs` |
//! | One protection is one file, with the lines *Attack. Setting. Answer. Test.* and tests of the same name | `tests/architecture/protections.rs` |
//! | A file has at most 300 lines and a function at most 40, outside of tests; a file says first what it owns; no lint is switched off by `allow` | `tests/architecture/shape.rs` |
//! | Time comes from [`clock::Clock`] and randomness from [`random::Random`] | `clippy.toml` |
//! | A read starts from a finder that is scoped to its caller: the unscoped ones of sea-orm are banned | `clippy.toml` |
//! | An error without a public text can't reach a client: `ApiError` has no `Display`, so `?` on it does not compile | the compiler |
//! | An API token that may only read runs no mutation, not even one that is new | `src/graphql/mutation.rs`, `tests/it/api_token/scope.rs` |
//! | No operation without a caller: [`domain::Op`] can't be made without one | the compiler |
//! | `unsafe` is forbidden; nothing outside of tests unwraps or panics on purpose | `[lints]` in `Cargo.toml` |
//! | `schema.graphql` is the schema, and every part of it is described | `tests/it/schema.rs` |
//! | `README.md` names every setting with its default and bounds, every error code, and no other | `tests/it/readme.rs` |
//!
//! Three more are for whoever reviews a change:
//!
//! - Resolvers hold no permission check, no query and no limit: they translate, call a use-case, and translate back.
//! - A use-case that writes is one transaction. A task's change, its new version and its row in the change log commit
//!   together.
//! - "Not yours" and "not there" are the same answer: `NOT_FOUND`, or null where the field allows it.

pub mod app;
pub mod auth;
pub mod bus;
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
