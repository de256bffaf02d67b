//! The harness: a whole server in the process, people who call it, and what it answers.
//!
//! ```text
//! let app = TestApp::new().await;
//! let ana = app.user("ana").await;
//! let answer = ana.gql("{ viewer { username } }").await;
//! assert_eq!(answer.data()["viewer"]["username"], "ana");
//! ```

mod answer;
mod client;
mod connection;
mod database;
mod log;
pub(crate) mod project;
mod socket;
mod stream;

use std::sync::Arc;

use async_graphql::Schema;
use async_graphql::extensions::ExtensionFactory;
use axum::Router;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use taskward::app::{App, Environment, StartError};
use taskward::auth::Cost;
use taskward::clock::Clock;
use taskward::config::{Config, Profile};
use taskward::domain::Op;
use taskward::graphql::{Mutation, Query, Subscription};
use taskward::http;
use taskward::random::Random;
use tokio::sync::OnceCell;

pub(crate) use answer::Answer;
pub(crate) use client::Client;
pub(crate) use database::Database;
pub(crate) use log::{Log, keep_events};
pub(crate) use socket::{Socket, UPGRADE, frame};
pub(crate) use stream::Stream;

/// The password of everybody in the tests.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A server with a database of its own. Its clock stands still until it is advanced, and its ids come from a fixed seed.
pub(crate) struct TestApp {
    /// The server's parts.
    pub(crate) app: Arc<App>,
    /// Its clock.
    pub(crate) clock: Clock,
    router: Router,
    database: Database,
    /// The same server on a port, for whoever needs a connection.
    listening: OnceCell<connection::Listening>,
}

impl TestApp {
    /// A server with the default settings of the development profile, and room for many requests.
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A server with other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let database = Database::create().await;
        let app = Self::unmigrated(database, change).await;
        app.app.services.store.migrate_up().await.unwrap();
        app
    }

    /// A server whose database is as `database` has it.
    pub(crate) async fn unmigrated(database: Database, change: impl FnOnce(&mut Config)) -> Self {
        let clock = Clock::fixed(start());
        let app = Arc::new(Self::build(&database, clock.clone(), change).await.unwrap());
        Self { router: http::router(&app), app, clock, database, listening: OnceCell::new() }
    }

    /// A server whose clock goes on by itself, for what must not read it twice.
    pub(crate) async fn on_the_clock_of_the_system() -> Self {
        let (database, clock) = (Database::create().await, Clock::system());
        let app = Arc::new(Self::build(&database, clock.clone(), |_| {}).await.unwrap());
        app.services.store.migrate_up().await.unwrap();
        Self { router: http::router(&app), app, clock, database, listening: OnceCell::new() }
    }

    /// A server that resolves its events with an extension of async-graphql.
    pub(crate) async fn resolving_events_with(extension: impl ExtensionFactory) -> Self {
        let (database, clock) = (Database::create().await, Clock::fixed(start()));
        let mut app = Self::build(&database, clock.clone(), |_| {}).await.unwrap();
        app.services.store.migrate_up().await.unwrap();
        let (query, mutation, subscription) = (Query::default(), Mutation::default(), Subscription::default());
        app.schema_of_validated = Schema::build(query, mutation, subscription).extension(extension).finish();
        let app = Arc::new(app);
        Self { router: http::router(&app), app, clock, database, listening: OnceCell::new() }
    }

    /// Why no server starts with these settings.
    pub(crate) async fn start_error(change: impl FnOnce(&mut Config)) -> String {
        let database = Database::create().await;
        Self::build(&database, Clock::fixed(start()), change).await.err().unwrap().to_string()
    }

    async fn build(database: &Database, clock: Clock, change: impl FnOnce(&mut Config)) -> Result<App, StartError> {
        let mut config = Config::defaults(Profile::Development);
        config.database.url = database.url();
        config.database.max_connections = Some(4.try_into().unwrap());
        config.rate_limit.user = "100000/second".parse().unwrap();
        config.rate_limit.anonymous = "100000/second".parse().unwrap();
        config.rate_limit.login = "100000/second".parse().unwrap();
        config.rate_limit.refresh = "100000/second".parse().unwrap();
        config.cost.user_budget = 1_000_000.try_into().unwrap();
        config.cost.anonymous_budget = 1_000_000.try_into().unwrap();
        config.concurrency.caller = 1_000;
        // Many tests at once keep a thread waiting for longer than any document would take.
        config.timeouts.parse_milliseconds = 10_000;
        change(&mut config);
        let environment = Environment {
            clock,
            random: Random::seeded(1),
            password_cost: Cost::Cheap,
            signing_key: SecretString::from("a key for tests, of 32 bytes and more"),
        };
        App::new(config, environment).await
    }

    /// Somebody without a token.
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// A new user of this name, logged in.
    pub(crate) async fn user(&self, name: &str) -> Client {
        let query =
            "mutation($input: RegisterInput!) { register(input: $input) { accessToken refreshToken user { id } } }";
        let input = serde_json::json!({ "input": { "username": name, "password": PASSWORD } });
        let answer = self.anonymous().gql_with(query, input).await;
        self.anonymous().with_tokens(&answer.data()["register"])
    }

    /// The user of this name, logged in again: their tokens have expired when the clock was advanced far.
    pub(crate) async fn log_in(&self, name: &str) -> Client {
        let query = "mutation($input: LoginInput!) { login(input: $input) { accessToken refreshToken user { id } } }";
        let input = serde_json::json!({ "input": { "username": name, "password": PASSWORD } });
        let answer = self.anonymous().gql_with(query, input).await;
        self.anonymous().with_tokens(&answer.data()["login"])
    }

    /// How many statements `work` sent to the database.
    pub(crate) async fn statements<T>(&self, work: impl Future<Output = T>) -> (T, u64) {
        let before = self.app.services.store.statements();
        let result = work.await;
        (result, self.app.services.store.statements() - before)
    }

    /// The server on the same database after it was told to stop and has: a second later, with the same settings.
    pub(crate) async fn restarted(mut self, change: impl FnOnce(&mut Config)) -> Self {
        if let Some(listening) = self.listening.take() {
            listening.stopped().await;
        }
        self.app.sockets.close();
        self.app.sockets.wait().await;
        self.clock.advance(chrono::TimeDelta::seconds(1));
        let app = Arc::new(Self::build(&self.database, self.clock.clone(), change).await.unwrap());
        Self { router: http::router(&app), app, listening: OnceCell::new(), ..self }
    }

    /// Has another process work on the same database, as the commands of the operator do.
    pub(crate) async fn in_another_process<T>(&self, work: impl AsyncFnOnce(Op) -> T) -> T {
        let other = Self::build(&self.database, self.clock.clone(), |_| {}).await.unwrap();
        work(other.operator()).await
    }

    /// The database, to open it a second time.
    pub(crate) fn database(&self) -> &Database {
        &self.database
    }
}

/// When every test begins.
pub(crate) fn start() -> DateTime<Utc> {
    "2026-11-23T09:30:00Z".parse().unwrap()
}
