//! Every setting of the server: its name, unit, default, bounds, and what leaving it out means.
//!
//! One file a section. [`load()`] merges defaults, file, environment and flags; unknown keys are refused, and every problem is
//! told at once. This room is the only reader of the environment.

mod auth;
mod bounds;
mod check;
mod concurrency;
mod cors;
mod cost;
mod database;
mod graphql;
mod https;
mod limits;
mod load;
mod log;
mod merge;
mod persisted;
mod print;
mod problem;
mod rate_limit;
mod safety;
mod secret;
mod server;
mod signing_key;
mod sources;
mod subscriptions;
mod tasks;
mod timeouts;

use serde::{Deserialize, Serialize};

pub use auth::{Auth, Registration};
pub use concurrency::Concurrency;
pub use cors::Cors;
pub use cost::Cost;
pub use database::Database;
pub use graphql::{GetQueries, Graphql, IntrospectionScope};
pub use https::Https;
pub use limits::{Limit, Limits};
pub use load::{Loaded, all_settings, load};
pub use log::{Log, LogFormat};
pub use persisted::{Persisted, PersistedMode};
pub use print::print;
pub use problem::{ConfigError, Problem};
pub use rate_limit::{Period, Rate, RateLimit};
pub use secret::mask_url;
pub use server::{Profile, Server};
pub use signing_key::{SigningKeyError, signing_key, signing_key_file};
pub use sources::{ConfigFile, Flag, environment};
pub use subscriptions::Subscriptions;
pub use tasks::{Tasks, TitleRule};
pub use timeouts::Timeouts;

/// The whole configuration, merged and checked. Written out, its secrets are masked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the server listens, as whom, and behind what.
    pub server: Server,
    /// Redirects, HSTS, and TLS without a proxy.
    pub https: Https,
    /// Which pages of other origins may call.
    pub cors: Cors,
    /// Where the data is.
    pub database: Database,
    /// Tokens, sessions and registration.
    pub auth: Auth,
    /// Request budgets.
    pub rate_limit: RateLimit,
    /// What operations may cost.
    pub cost: Cost,
    /// How many operations run at once.
    pub concurrency: Concurrency,
    /// How large a request and an answer may be.
    pub limits: Limits,
    /// What the endpoint offers besides operations.
    pub graphql: Graphql,
    /// Documents that are sent by their hash or id.
    pub persisted: Persisted,
    /// Sockets and event streams.
    pub subscriptions: Subscriptions,
    /// How long each step of a request may take.
    pub timeouts: Timeouts,
    /// Rules of the task manager.
    pub tasks: Tasks,
    /// Where the logs go.
    pub log: Log,
}

impl Config {
    /// The settings that hold when nothing is set.
    #[must_use]
    pub fn defaults(profile: Profile) -> Self {
        Self {
            server: Server::defaults(profile),
            https: Https::default(),
            cors: Cors::defaults(profile),
            database: Database::default(),
            auth: Auth::default(),
            rate_limit: RateLimit::default(),
            cost: Cost::default(),
            concurrency: Concurrency::default(),
            limits: Limits::default(),
            graphql: Graphql::defaults(profile),
            persisted: Persisted::default(),
            subscriptions: Subscriptions::default(),
            timeouts: Timeouts::default(),
            tasks: Tasks::default(),
            log: Log::default(),
        }
    }
}
