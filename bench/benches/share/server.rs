//! Taskward in this process, with one user who has tasks.

use std::net::SocketAddr;
use std::sync::Arc;

use async_graphql::Response;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http_body_util::BodyExt;
use secrecy::SecretString;
use serde_json::json;
use taskward::app::{App, Environment};
use taskward::auth::Cost;
use taskward::clock::Clock;
use taskward::config::{Config, Profile};
use taskward::http;
use taskward::random::Random;
use tempfile::TempDir;
use tower::ServiceExt;

pub(crate) struct Server {
    pub(crate) app: Arc<App>,
    token: String,
    _folder: TempDir,
}

impl Server {
    /// A server as it is delivered, but with budgets that no load uses up.
    pub(crate) async fn start(tasks: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::defaults(Profile::Development);
        config.database.url = SecretString::from(format!("sqlite://{}", folder.path().join("taskward.db").display()));
        config.rate_limit.user = "1000000/second".parse().unwrap();
        config.cost.user_budget = 1_000_000.try_into().unwrap();
        config.cost.user_refill = 1_000_000.try_into().unwrap();
        let environment = Environment {
            clock: Clock::system(),
            random: Random::system().unwrap(),
            password_cost: Cost::Cheap,
            signing_key: SecretString::from("a key for the bench, of 32 bytes and more"),
        };
        let app = Arc::new(App::new(config, environment).await.unwrap());
        app.services.store.migrate_up().await.unwrap();
        let mut server = Self { app, token: String::new(), _folder: folder };
        server.fill(tasks).await;
        server
    }

    async fn fill(&mut self, tasks: usize) {
        let router = self.router();
        let register =
            r#"mutation { register(input: { username: "bench", password: "a long password" }) { accessToken } }"#;
        let answer = self.page(&router, register).await;
        let data = answer.data.into_json().unwrap();
        self.token = data["register"]["accessToken"].as_str().unwrap().to_owned();
        for number in 0..tasks {
            let create = format!(
                r#"mutation {{ createTask(input: {{ title: "Go through the quarterly report number {number}",
                    priority: {}, dueAt: "2027-01-{:02}T09:00:00Z" }}) {{ task {{ id }} }} }}"#,
                ["NONE", "LOW", "MEDIUM", "HIGH"][number % 4],
                1 + number % 28
            );
            let answer = self.page(&router, &create).await;
            assert!(answer.errors.is_empty(), "{:?}", answer.errors);
        }
    }

    /// The whole server.
    pub(crate) fn router(&self) -> Router {
        http::router(&self.app)
    }

    /// What `router` answers to `document`.
    pub(crate) async fn page(&self, router: &Router, document: &str) -> Response {
        serde_json::from_slice(&self.page_bytes(router, document).await).unwrap()
    }

    /// The same as it would be sent.
    pub(crate) async fn page_bytes(&self, router: &Router, document: &str) -> Bytes {
        let mut request = Request::post("/graphql").header(HOST, "localhost").header(CONTENT_TYPE, "application/json");
        if !self.token.is_empty() {
            request = request.header(AUTHORIZATION, format!("Bearer {}", self.token));
        }
        let address = SocketAddr::from(([127, 0, 0, 1], 50_000));
        let request = request.extension(ConnectInfo(address));
        let request = request.body(Body::from(json!({ "query": document }).to_string())).unwrap();
        router.clone().oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes()
    }
}
