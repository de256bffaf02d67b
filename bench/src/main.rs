//! How fast Taskward answers, beside a bare handler that reads the same rows: `cargo run --release -- ../target/release/taskward`.
//!
//! Ten seconds each, with the same client over the same number of kept-alive connections on loopback: who am I, a page of 20
//! tasks, the same 20 rows through axum and sqlx with nothing around them, one task, three documents that are refused, and
//! tasks that are made. The servers are processes of their own. Besides: the size of the binary, how long it takes to start,
//! and its memory before and after.
//!
//! `… -- live ../target/release/taskward` measures live subscriptions instead.

mod bare;
mod client;
mod live;
mod server;
mod socket;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use mimalloc::MiMalloc;
use serde_json::{Value, json};

use crate::client::{Load, Request};
use crate::server::{Bare, Taskward};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const USAGE: &str = "usage: taskward-bench TASKWARD [SECONDS [CONNECTIONS]]
       taskward-bench live TASKWARD [CHANGES]";

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const VIEWER: &str = "{ viewer { username } }";
const PAGE: &str = "{ tasks(first: 20) { nodes { title completed priority dueAt } } }";
const TASK: &str = "query($id: ID!) { task(id: $id) { title completed priority dueAt } }";
const NEWEST: &str = "{ tasks(first: 1) { nodes { id } } }";
const CREATE: &str = r#"mutation { createTask(input: { title: "Go through the quarterly report" }) { task { id } } }"#;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["bare", database] => bare::serve(database).await,
        ["echo", buffer_bytes] => bare::echo(buffer_bytes).await,
        ["live", binary] => live::measure(binary, "10000").await,
        ["live", binary, changes] => live::measure(binary, changes).await,
        [binary] => compare(binary, "10", "32").await,
        [binary, seconds] => compare(binary, seconds, "32").await,
        [binary, seconds, connections] => compare(binary, seconds, connections).await,
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn compare(binary: &str, seconds: &str, connections: &str) -> Result<()> {
    let load = Load { time: Duration::from_secs(seconds.parse()?), connections: connections.parse()? };
    let binary = PathBuf::from(binary).canonicalize()?;
    let folder = tempfile::tempdir()?;
    println!("{} connections, {} s each\n", load.connections, load.time.as_secs());
    let taskward = Taskward::start(&binary, folder.path()).await?;
    let token = taskward.fill(1_000).await?;
    let graphql = |document: &str| Request::post(&taskward.address, &token, &json!({ "query": document }));
    println!("{:<24} {:>10} {:>10} {:>10} {:>10} {:>7}", "", "requests/s", "p50 (ms)", "p99 (ms)", "CPU (µs)", "bytes");
    let processor = || taskward.processor_time();
    load.run("Taskward: viewer", &graphql(VIEWER), processor).await?;
    load.run("Taskward: 20 tasks", &graphql(PAGE), processor).await?;
    let bare = Bare::start(&folder.path().join("taskward.db")).await?;
    load.run("axum and sqlx: 20 rows", &Request::get(&bare.address, "/"), || bare.processor_time()).await?;
    drop(bare);
    let newest: Value = serde_json::from_slice(&graphql(NEWEST).send().await?)?;
    let variables = json!({ "id": newest["data"]["tasks"]["nodes"][0]["id"] });
    let task = json!({ "query": TASK, "variables": variables });
    load.run("Taskward: one task", &Request::post(&taskward.address, &token, &task), processor).await?;
    let tokens = format!("{{ {} }}", "a ".repeat(999));
    load.run("Taskward: 1,001 tokens", &graphql(&tokens).refused(), processor).await?;
    let nested = format!("{{ a(b: {}{}) }}", "[".repeat(5_000), "]".repeat(5_000));
    load.run("Taskward: 5,000 brackets", &graphql(&nested).refused(), processor).await?;
    let aliases = (0..200).map(|number| format!("a{number}: viewer {{ id }} ")).collect::<String>();
    load.run("Taskward: 200 aliases", &graphql(&format!("{{ {aliases} }}")).refused(), processor).await?;
    // Last, for it makes the others slower.
    load.run("Taskward: a task made", &graphql(CREATE), processor).await?;

    println!("\nbinary            {:>8.1} MB", std::fs::metadata(&binary)?.len() as f64 / 1e6);
    println!("start to /healthz {:>8.1} ms (the database was made too)", taskward.started_in.as_secs_f64() * 1e3);
    println!("memory at rest    {:>8.1} MB", taskward.memory_at_rest);
    println!("memory after load {:>8.1} MB", taskward.memory()?);
    drop(taskward);
    let again = Taskward::start(&binary, folder.path()).await?;
    println!("start again       {:>8.1} ms", again.started_in.as_secs_f64() * 1e3);
    Ok(())
}
