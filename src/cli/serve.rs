//! `taskward serve`: the server itself.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::failure::Failure;
use super::options::Options;
use super::{runtime, terminal};
use crate::app::App;
use crate::config::{Config, Profile, mask_url};
use crate::domain::change;
use crate::http::server::ServerSettings;
use crate::http::{playground, server, tls};
use crate::telemetry;

/// How often the app tidies up.
const TIDY_PERIOD: Duration = Duration::from_mins(1);

/// How often the app looks for what other processes have written.
const ANNOUNCE_PERIOD: Duration = Duration::from_secs(1);

/// Runs the server until it is told to stop.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let config = options.load()?.config;
    let _logs = telemetry::init(&config.log)?;
    runtime::with_app(config, serve)
}

async fn serve(app: Arc<App>) -> Result<(), Failure> {
    let failed = |error: String| Failure::Failed(error);
    let config = &app.config;
    let acceptor = tls::acceptor(&config.https).map_err(|error| failed(error.to_string()))?;
    app.services
        .store
        .migrate_up()
        .await
        .map_err(|error| failed(format!("the database can't be migrated: {error}")))?;
    let listener = TcpListener::bind(config.server.listen)
        .await
        .map_err(|error| failed(format!("server.listen: {}: {error}", config.server.listen)))?;
    let shutdown = app.shutdown.clone();
    stop_on_signals(&shutdown)?;
    tokio::spawn(shutdown.clone().run_until_cancelled_owned(tidy(Arc::clone(&app))));
    tokio::spawn(shutdown.clone().run_until_cancelled_owned(announce(Arc::clone(&app))));
    let settings = ServerSettings::new(&config.server, &config.timeouts, acceptor);
    let address = listener.local_addr()?;
    terminal::print(&welcome(config, address.port()))?;
    tracing::info!(target: "taskward::server", %address, "listening");
    server::serve(listener, crate::http::router(&app), settings, shutdown).await;
    app.sockets.close();
    app.sockets.wait().await;
    tracing::info!(target: "taskward::server", "stopped");
    if let Err(error) = app.tidy().await {
        tracing::warn!(target: "taskward::server", ?error, "the last uses of sessions are not written");
    }
    app.services.store.clone().close().await.map_err(|error| failed(error.to_string()))
}

/// The first SIGTERM or SIGINT begins the shutdown; the second ends the process at once, as it would have without us.
fn stop_on_signals(shutdown: &CancellationToken) -> Result<(), Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let shutdown = shutdown.clone();
    tokio::spawn(async move {
        let wait = async |terminate: &mut tokio::signal::unix::Signal, interrupt: &mut tokio::signal::unix::Signal| {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        wait(&mut terminate, &mut interrupt).await;
        tracing::info!(target: "taskward::server", "stopping: requests that run may finish");
        shutdown.cancel();
        wait(&mut terminate, &mut interrupt).await;
        tracing::warn!(target: "taskward::server", "stopped at once");
        std::process::exit(1);
    });
    Ok(())
}

async fn tidy(app: Arc<App>) {
    let mut ticks = tokio::time::interval(TIDY_PERIOD);
    loop {
        ticks.tick().await;
        if let Err(error) = app.tidy().await {
            tracing::warn!(target: "taskward::server", ?error, "tidying failed; the next minute tries again");
        }
    }
}

/// Wakes those who follow the change log when another process has written to it.
async fn announce(app: Arc<App>) {
    let mut ticks = tokio::time::interval(ANNOUNCE_PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = None;
    loop {
        ticks.tick().await;
        match change::announce(&app.operator(), last).await {
            Ok(announced) => last = Some(announced),
            Err(error) => tracing::warn!(target: "taskward::server", ?error, "the change log can't be looked at"),
        }
    }
}

/// What to open and what is stored where.
fn welcome(config: &Config, port: u16) -> String {
    let scheme = if config.https.certificate_file.is_some() { "https" } else { "http" };
    let host = match config.server.listen.ip() {
        ip if ip.is_unspecified() => "localhost".to_owned(),
        ip => std::net::SocketAddr::new(ip, port)
            .to_string()
            .rsplit_once(':')
            .map_or_else(String::new, |(ip, _)| ip.to_owned()),
    };
    let address = format!("{scheme}://{host}:{port}");
    let profile = match config.server.profile {
        Profile::Development => "development",
        Profile::Production => "production",
    };
    let mut text = format!("Taskward {} ({profile})\n\n", env!("CARGO_PKG_VERSION"));
    let mut line = |name: &str, value: &str| _ = writeln!(text, "  {name:<12} {value}");
    if config.graphql.playground {
        let hint = if playground::is_built() { "" } else { "  (built without Node: it says what to install)" };
        line("Playground", &format!("{address}/{hint}"));
    }
    line("Endpoint", &format!("{address}/graphql"));
    line("Limits", &format!("{address}/limits"));
    line("Database", &mask_url(config.database.url.expose_secret()));
    if let Some(path) = crate::config::signing_key_file(config) {
        line("Signing key", &path.display().to_string());
    }
    if !config.log.file.as_os_str().is_empty() {
        line("Log", &config.log.file.display().to_string());
    }
    text.push_str("\nStop with Ctrl-C. `taskward --help` lists the other commands.\n");
    text
}
