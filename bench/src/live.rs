//! Live subscriptions: what a subscriber costs, how soon it is told, and whether a burst reaches everybody.
//!
//! Server, subscribers and whoever makes the changes share the machine.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::{Barrier, mpsc};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Result;
use crate::client::Request;
use crate::server::{Echo, Taskward};
use crate::socket::Socket;

/// Sockets that are there before the memory is looked at for the first time: they fill what the start has left free.
const WARM: usize = 500;
const IDLE: usize = 2_000;
const ACTIVE: usize = 500;

/// How many send changes at once in a burst.
const WRITERS: usize = 8;

/// As clients ask for it that keep a list of tasks.
const CHANGES: &str = "subscription { taskChanged { cursor kind taskId task { id title completed } } }";
/// As those that only want to know what to fetch.
const IDS: &str = "subscription { taskChanged { cursor kind taskId } }";
const CREATE: &str = r#"mutation { createTask(input: { title: "Go through the quarterly report" }) { task { id } } }"#;

/// Prints all the numbers.
pub(crate) async fn measure(binary: &str, changes: &str) -> Result<()> {
    let (binary, changes) = (PathBuf::from(binary).canonicalize()?, changes.parse()?);
    echo(4 * 1024).await?;
    echo(128 * 1024).await?;
    idle(&binary).await?;
    for subscribers in [1, ACTIVE] {
        latency(&binary, subscribers).await?;
    }
    burst(&binary, changes).await
}

/// The memory of sockets on which nothing happens, where nothing could.
async fn echo(buffer_bytes: usize) -> Result<()> {
    let server = Echo::start(buffer_bytes)?;
    let (mut sockets, mut memory) = (Vec::new(), Vec::new());
    for count in [WARM, IDLE] {
        for _ in 0..count {
            sockets.push(Socket::open(&server.address).await?);
        }
        sleep(Duration::from_secs(1)).await;
        memory.push(server.memory()?);
    }
    print_memory(&format!("axum echo, buffers of {} KiB", buffer_bytes / 1024), &memory);
    Ok(())
}

/// The memory of sockets on which nothing happens, without and with a subscription.
async fn idle(binary: &std::path::Path) -> Result<()> {
    for (name, query) in [("Taskward, a socket", None), ("Taskward, a socket that subscribes", Some(CHANGES))] {
        let folder = tempfile::tempdir()?;
        let taskward = Taskward::start(binary, folder.path()).await?;
        let token = taskward.fill(100).await?;
        let (mut sockets, mut memory) = (Vec::new(), Vec::new());
        for count in [WARM, IDLE] {
            for _ in 0..count {
                let mut socket = Socket::open(&taskward.address).await?.init(&token).await?;
                if let Some(query) = query {
                    socket.subscribe(query).await?;
                }
                sockets.push(socket);
            }
            sleep(Duration::from_secs(2)).await;
            memory.push(taskward.memory()?);
        }
        print_memory(name, &memory);
    }
    Ok(())
}

fn print_memory(name: &str, memory: &[f64]) {
    let [before, after] = memory else { return };
    let each = (after - before) * 1e6 / 1024.0 / IDLE as f64;
    println!("{name:<36} {before:>6.1} MB with {WARM} sockets, {after:>6.1} MB with {IDLE} more: {each:>6.1} KiB each");
}

/// How long after a change was asked for, and after its answer, every subscriber is told.
async fn latency(binary: &std::path::Path, subscribers: usize) -> Result<()> {
    const CHANGES_MADE: usize = 40;
    let folder = tempfile::tempdir()?;
    let taskward = Taskward::start(binary, folder.path()).await?;
    let token = taskward.fill(100).await?;
    let (told, mut heard) = mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    for _ in 0..subscribers {
        let mut socket = Socket::open(&taskward.address).await?.init(&token).await?;
        socket.subscribe(CHANGES).await?;
        let told = told.clone();
        tasks.spawn(async move {
            while let Ok(id) = socket.next_member("taskId").await {
                let _ = told.send((id, Instant::now()));
            }
        });
    }
    sleep(Duration::from_secs(2)).await;
    let create = Request::post(&taskward.address, &token, &json!({ "query": CREATE }));
    let (mut since_asked, mut since_answered) = (Vec::new(), Vec::new());
    let before = taskward.processor_time()?;
    for _ in 0..CHANGES_MADE {
        let asked = Instant::now();
        let answer: Value = serde_json::from_slice(&create.send().await?)?;
        let answered = Instant::now();
        for _ in 0..subscribers {
            let (id, at) = heard.recv().await.ok_or("nobody is told")?;
            if answer["data"]["createTask"]["task"]["id"] != id {
                return Err(format!("{id} is not of {answer}").into());
            }
            since_asked.push(at - asked);
            since_answered.push(at.saturating_duration_since(answered));
        }
        sleep(Duration::from_millis(250)).await;
    }
    let each = (taskward.processor_time()? - before).as_secs_f64() * 1e6 / since_asked.len() as f64;
    for (name, mut latencies) in [("asked for", since_asked), ("answered", since_answered)] {
        latencies.sort_unstable();
        let at = |percent: usize| latencies[(latencies.len() * percent / 100).min(latencies.len() - 1)].as_secs_f64() * 1e3;
        println!(
            "{subscribers:>4} subscribers, told after it was {name:<10} p50 {:>7.2} ms, p99 {:>7.2} ms, at most {:>7.2} ms",
            at(50),
            at(99),
            at(100)
        );
    }
    println!("{subscribers:>4} subscribers, {each:.0} µs of the processor for an event of one");
    Ok(())
}

/// Everything that a subscriber was told, in its order, as one number.
#[derive(PartialEq, Eq)]
struct Told(u64);

/// Many changes in a short time, told to everybody.
async fn burst(binary: &std::path::Path, changes: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let taskward = Taskward::start(binary, folder.path()).await?;
    let token = taskward.fill(0).await?;
    let ready = Arc::new(Barrier::new(ACTIVE + 1));
    let mut subscribers = JoinSet::new();
    for _ in 0..ACTIVE {
        let mut socket = Socket::open(&taskward.address).await?.init(&token).await?;
        let ready = Arc::clone(&ready);
        subscribers.spawn(async move {
            socket.subscribe(IDS).await?;
            ready.wait().await;
            let mut told = DefaultHasher::new();
            for _ in 0..changes {
                socket.next_member("taskId").await?.hash(&mut told);
            }
            Result::Ok(Told(told.finish()))
        });
    }
    ready.wait().await;
    sleep(Duration::from_secs(2)).await;
    let (before, start) = (taskward.memory()?, Instant::now());
    let processor = taskward.processor_time()?;
    write(&taskward.address, &token, changes).await?;
    let written = start.elapsed();
    let mut told = Vec::new();
    while let Some(one) = subscribers.join_next().await {
        told.push(one??);
    }
    let all = start.elapsed();
    let processor = taskward.processor_time()? - processor;
    let expected = log(&taskward.address, &token).await?;
    if told.iter().any(|told| *told != expected) {
        return Err("not everybody was told everything in its order".into());
    }
    let rate = (changes * ACTIVE) as f64 / all.as_secs_f64();
    println!("{changes} changes, made in {:.1} s, reached {ACTIVE} subscribers complete and in order", written.as_secs_f64());
    println!("  after {:.1} s: {rate:.0} events/s, {:.1} s of the processor", all.as_secs_f64(), processor.as_secs_f64());
    println!("  {before:.1} MB before, {:.1} MB at most", taskward.peak_memory()?);
    Ok(())
}

async fn write(address: &str, token: &str, changes: usize) -> Result<()> {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let create = Request::post(address, token, &json!({ "query": CREATE }));
        writers.spawn(async move {
            for _ in (writer..changes).step_by(WRITERS) {
                create.send().await?;
            }
            Result::Ok(())
        });
    }
    while let Some(done) = writers.join_next().await {
        done??;
    }
    Ok(())
}

/// What the log says that everybody was to be told.
async fn log(address: &str, token: &str) -> Result<Told> {
    let query = "query($after: String) { taskChanges(first: 100, after: $after) {
        nodes { taskId } pageInfo { hasNextPage endCursor }
    } }";
    let (mut told, mut after) = (DefaultHasher::new(), Value::Null);
    loop {
        let body = json!({ "query": query, "variables": { "after": after } });
        let answer: Value = serde_json::from_slice(&Request::post(address, token, &body).send().await?)?;
        let page = &answer["data"]["taskChanges"];
        for node in page["nodes"].as_array().ok_or_else(|| answer.to_string())? {
            node["taskId"].as_str().unwrap_or_default().to_owned().hash(&mut told);
        }
        if page["pageInfo"]["hasNextPage"] != true {
            return Ok(Told(told.finish()));
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}
