//! Everything that a request needs, built the same way by `taskward serve`, by every other command, and by the tests.

mod trusted;

use std::sync::Arc;

use chrono::TimeDelta;
use secrecy::SecretString;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::{AccessTokenError, AccessTokens, Cost, Keys, PasswordError, PasswordHasher, SigningKeyTooShort};
use crate::bus::{Bus, LocalBus};
use crate::clock::Clock;
use crate::config::{Config, Limits, Profile};
use crate::domain::change::SharedTail;
use crate::domain::{self, Caller, Op, RecentUses, Services, api_token, change, session, task};
use crate::edge::AllowedOrigins;
use crate::edge::concurrency::Concurrency;
use crate::edge::request_rate::RequestBudgets;
use crate::edge::subscriptions::Subscriptions;
use crate::graphql::{self, Schema, Suggestions, Validator};
use crate::guard::persisted::PersistedDocuments;
use crate::guard::{self, Guard};
use crate::random::Random;
use crate::storage::{self, Store};

/// The parts of a running server.
pub struct App {
    /// The settings.
    pub config: Config,
    /// What operations need.
    pub services: Arc<Services>,
    /// The schema.
    pub schema: Schema,
    /// The same, for requests that `validator` has passed.
    pub schema_of_validated: Schema,
    /// Validates requests before they run.
    pub validator: Validator,
    /// What documents are checked by.
    pub guard: Guard,
    /// The documents that need no text, and those that need no check.
    pub persisted: PersistedDocuments,
    /// Who has sent how much.
    pub budgets: Arc<RequestBudgets>,
    /// What runs.
    pub concurrency: Concurrency,
    /// The sockets and streams that are open.
    pub subscriptions: Subscriptions,
    /// Which pages may call.
    pub origins: AllowedOrigins,
    /// Cancelled when the server is to stop.
    pub shutdown: CancellationToken,
    /// The sockets that are still served: to be waited for at the end.
    pub sockets: TaskTracker,
}

/// What differs between the server and its tests.
#[derive(Debug)]
pub struct Environment {
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// How much work a password hash is.
    pub password_cost: Cost,
    /// The key that everything is signed with.
    pub signing_key: SecretString,
}

/// The server can't be built.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database can't be opened.
    #[error("database.url: the database can't be opened: {0}")]
    Database(#[from] storage::Error),
    /// The signing key is too short.
    #[error("auth.signing_key: {0}")]
    SigningKey(#[from] SigningKeyTooShort),
    /// Access tokens can't be signed.
    #[error("access tokens can't be signed: {0}")]
    AccessTokens(#[from] AccessTokenError),
    /// The guard can't read the schema.
    #[error("the guard can't read the schema: {0}")]
    Guard(#[from] guard::SchemaError),
    /// A manifest, or a document in it, can't be used.
    #[error("persisted.manifests: {0}")]
    Manifest(String),
    /// Passwords can't be hashed.
    #[error("passwords can't be hashed: {0}")]
    Passwords(#[from] PasswordError),
}

impl App {
    /// Opens the database, without changing its schema, and builds everything on top of it.
    ///
    /// # Errors
    /// When the database can't be reached, or the cryptography fails its self test, or a trusted document can't be
    /// run.
    pub async fn new(config: Config, environment: Environment) -> Result<Self, StartError> {
        let Environment { clock, random, password_cost, signing_key } = environment;
        let keys = Keys::new(&signing_key)?;
        let lifetime = TimeDelta::seconds(config.auth.access_token_seconds.into());
        let bus: Arc<dyn Bus> = Arc::new(LocalBus::default());
        let store = Store::connect(&config.database, config.timeouts.statement()).await?;
        let services = Services {
            store: store.with_bus(Arc::clone(&bus)),
            bus,
            log_tail: SharedTail::default(),
            log_turns: Arc::new(Semaphore::new(config.subscriptions.events)),
            passwords: PasswordHasher::new(password_cost, random.clone())?,
            access_tokens: AccessTokens::new(&keys, lifetime, clock.clone())?,
            recent_uses: RecentUses::default(),
            auth: config.auth.clone(),
            tasks: config.tasks.clone(),
            page_size: config.limits.page_size,
            keys,
            random,
            clock,
        };
        let guard = guard(&config.limits)?;
        Ok(Self {
            schema: graphql::schema(suggestions(config.server.profile)),
            schema_of_validated: graphql::schema_of_validated(),
            validator: Validator::new(suggestions(config.server.profile)),
            persisted: trusted::load(&config, &guard).await?,
            guard,
            budgets: Arc::new(RequestBudgets::new(&config.rate_limit, &config.cost, &services.clock)),
            concurrency: Concurrency::new(&config.concurrency, config.timeouts.execution()),
            subscriptions: Subscriptions::new(&config.subscriptions, &services.clock),
            origins: AllowedOrigins::new(&config.cors),
            shutdown: CancellationToken::new(),
            sockets: TaskTracker::new(),
            services: Arc::new(services),
            config,
        })
    }

    /// An operation of the operator.
    #[must_use]
    pub fn operator(&self) -> Op {
        Op::new(Arc::clone(&self.services), Caller::Operator)
    }

    /// What has to be done now and then: writes down which sessions and API tokens were used, removes those that have
    /// expired, old entries of the change log and old tasks in the trash, and forgets budgets that are full again. To be
    /// called about once a minute, by any number of servers: each does what is left to do.
    ///
    /// # Errors
    /// When the database refuses; nothing is lost that the next call would not do.
    pub async fn tidy(&self) -> Result<(), domain::Error> {
        self.budgets.sweep();
        self.subscriptions.sweep();
        RecentUses::write(&self.operator()).await?;
        session::remove_expired(&self.operator()).await?;
        api_token::remove_expired(&self.operator()).await?;
        // The log first: it must not tell of tasks that nobody finds any more.
        change::prune(&self.operator()).await?;
        task::purge(&self.operator()).await?;
        Ok(())
    }
}

fn guard(limits: &Limits) -> Result<Guard, guard::SchemaError> {
    let (date_time, is_instant) = graphql::DATE_TIME;
    Ok(Guard::new(limits, &graphql::sdl())?.with_scalar(date_time, is_instant))
}

const fn suggestions(profile: Profile) -> Suggestions {
    match profile {
        Profile::Development => Suggestions::Shown,
        Profile::Production => Suggestions::Hidden,
    }
}
