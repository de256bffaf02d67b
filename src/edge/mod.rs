//! Every protection that needs nothing but HTTP, one file each, and the order in which they stand.
//!
//! A request passes the list in [`protect`] from top to bottom and its answer passes it from bottom to top. What only
//! the `/graphql` endpoint can check, it checks itself in this order, before the first byte of GraphQL is looked at:
//!
//! 1. what the client takes (406), and the method (405);
//! 2. [`check_post`]: content type, origin, and whether a page of another site could have sent the request;
//! 3. [`body::read_body`]: the size and the deadline of the body, and then its JSON;
//! 4. the caller, by its token, where a bad one is charged to the address before it is told to be bad;
//! 5. [`request_rate::RequestBudgets`]: the budget of the user, or of the address without a valid token;
//! 6. [`concurrency::Concurrency`]: how many operations of the caller, and of all, run at once;
//! 7. [`request_rate::CostBudgets`]: the points that the operation may cost, once its document is known.
//!
//! Operations on a socket pass 4 to 7 likewise; [`subscriptions::Subscriptions`] bounds the sockets themselves.
//!
//! `tests/it/order_of_checks.rs` breaks them all at once, and mends one after the other.

pub mod access_log;
pub mod body;
pub mod client_address;
pub mod concurrency;
pub mod content_type;
pub mod cors;
pub mod csrf;
mod field_syntax;
pub mod forwarded;
pub mod headers;
pub mod host;
pub mod https;
pub mod panic;
pub mod refusal;
pub mod request_id;
pub mod request_rate;
pub mod size;
pub mod subscriptions;
pub mod tally;

use std::sync::Arc;

use axum::Router;
use axum::http::request::Parts;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use tower::ServiceBuilder;

use crate::clock::Clock;
use crate::config::Config;
use crate::random::Random;

pub use cors::AllowedOrigins;
pub use refusal::{DocumentDetails, InvalidField, Location, MediaType, Refusal};

/// The paths that machines ask whether the server lives. They are asked by address and without TLS, so the checks of
/// host and HTTPS let them pass.
pub const HEALTH_PATHS: [&str; 2] = ["/healthz", "/readyz"];

/// `router` behind every protection of HTTP, outermost first.
///
/// The listener must put `ConnectInfo<SocketAddr>` into the extensions of each request, and [`https::Secure`] into
/// those of a TLS connection.
pub fn protect(
    router: Router,
    config: &Config,
    budgets: &Arc<request_rate::RequestBudgets>,
    clock: &Clock,
    random: &Random,
) -> Router {
    let proxies = forwarded::TrustedProxies::new(&config.server);
    let origins = AllowedOrigins::new(&config.cors);
    let https = https::HttpsRules::new(&config.https, proxies.clone());
    router.layer(
        ServiceBuilder::new()
            // Whatever happens further in, the answer and the log can name the request.
            .layer(from_fn_with_state((clock.clone(), random.clone()), request_id::assign))
            // Refuses nothing; the log and the budgets need it.
            .layer(from_fn_with_state(proxies, client_address::resolve))
            // Outside of everything that refuses: every answer of the endpoint shows what is left.
            .layer(from_fn_with_state(Arc::clone(budgets), request_rate::show))
            // Sees the final status of every answer, refusals and preflights included.
            .layer(from_fn_with_state(clock.clone(), access_log::write))
            // Outside of everything that answers, so that no answer goes without.
            .layer(map_response(headers::add))
            // Likewise, or a page could not read why it was refused. Answers preflights, which do no work, at once.
            .layer(map_response(cors::hide_from_strangers))
            .layer(cors::layer(&origins))
            // Outside of everything that could panic over what a client sent.
            .layer(from_fn(panic::catch))
            // From here on the cheapest check is first.
            .layer(from_fn_with_state(config.limits.clone(), size::check))
            // Before HTTPS: the redirect repeats the host.
            .layer(from_fn_with_state(host::AllowedHosts::new(&config.server), host::check))
            // Last, so that nothing but a redirect is ever done for a request in the clear.
            .layer(from_fn_with_state(https, https::enforce)),
    )
}

/// What the endpoint asks of a POST before it reads the body: JSON (415), from a page that may (403).
pub fn check_post(request: &Parts, origins: &AllowedOrigins) -> Result<(), Refusal> {
    content_type::check(&request.headers)?;
    csrf::check_origin(request, origins)?;
    csrf::check_preflight(&request.headers)
}

/// The path of the GraphQL endpoint, whose answers show the budgets.
pub const ENDPOINT: &str = "/graphql";

/// Whether `path` is one of [`HEALTH_PATHS`].
#[must_use]
pub fn is_health(path: &str) -> bool {
    HEALTH_PATHS.contains(&path)
}
