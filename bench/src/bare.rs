//! What a page costs when there is nothing but a router, a pool and JSON, and what a socket costs when there is nothing but a
//! router: no caller, no limits, no GraphQL.

use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use sqlx::FromRow;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteRow};

use crate::Result;

/// The statement of a page of one's own newest tasks.
const PAGE: &str = "SELECT title, completed_at, priority, due_at FROM tasks
    WHERE created_by = (SELECT id FROM users LIMIT 1) AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 20";

#[derive(Serialize)]
struct Task {
    title: String,
    completed: bool,
    priority: i64,
    due_at: Option<i64>,
}

impl FromRow<'_, SqliteRow> for Task {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let (title, completed_at, priority, due_at): (String, Option<i64>, i64, Option<i64>) = FromRow::from_row(row)?;
        Ok(Self { title, completed: completed_at.is_some(), priority, due_at })
    }
}

/// Serves the page on a free port of loopback, and prints its address.
pub(crate) async fn serve(database: &str) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(database).read_only(true);
    let connections = u32::try_from(std::thread::available_parallelism()?.get())? * 4;
    let pool = SqlitePoolOptions::new().max_connections(connections).connect_with(options).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("Endpoint http://{}/", listener.local_addr()?);
    Ok(axum::serve(listener, Router::new().route("/", get(page)).with_state(pool)).await?)
}

async fn page(State(pool): State<SqlitePool>) -> std::result::Result<Json<Vec<Task>>, StatusCode> {
    let tasks = sqlx::query_as(PAGE).fetch_all(&pool).await;
    tasks.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// Serves sockets that send back what they get, on a free port of loopback, and prints its address.
pub(crate) async fn echo(buffer_bytes: &str) -> Result<()> {
    let bytes = buffer_bytes.parse::<usize>()?;
    let upgrade = async move |upgrade: WebSocketUpgrade| {
        let upgrade = upgrade.protocols(["graphql-transport-ws"]);
        upgrade.read_buffer_size(bytes).write_buffer_size(bytes).on_upgrade(send_back)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("Endpoint http://{}/", listener.local_addr()?);
    Ok(axum::serve(listener, Router::new().route("/graphql", get(upgrade))).await?)
}

async fn send_back(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if socket.send(message).await.is_err() {
            return;
        }
    }
}
