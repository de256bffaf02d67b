//! The guard's share of a request for a page of tasks: `cargo bench --bench share`.
//!
//! The same request goes through the server's router, and through one that skips the guard and is the same otherwise; both
//! in this process, without a socket, in turns, so that whatever else the machine does falls on both. Besides, the guard's
//! calls of one such request are made alone. What counts is the processor time of all threads, the median of many rounds. The
//! share is the median of each round's own, whose halves ran one after the other. Exit status 1 when it is more than 5 %.

mod server;
mod unguarded;

use std::process::ExitCode;
use std::time::Duration;

use async_graphql::Response;
use mimalloc::MiMalloc;
use rustix::time::{ClockId, clock_gettime};

use crate::server::Server;
use crate::unguarded::Unguarded;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// In percent.
const MOST: f64 = 5.0;

const ROUNDS: usize = 200;
const REQUESTS: u32 = 30;

const PAGES: [(&str, &str); 2] = [
    ("20 tasks", "{ tasks(first: 20) { nodes { title completed priority dueAt } } }"),
    (
        "20 tasks of the playground",
        "query Page { tasks(first: 20, filter: { completed: false }) { totalCount nodes { ...Row } pageInfo { hasNextPage \
         endCursor } } } fragment Row on Task { id title completed priority dueAt version createdBy { id username } }",
    ),
];

fn main() -> ExitCode {
    // One thread, beside those of the database.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let shares = runtime.block_on(async {
        let server = Server::start(500).await;
        println!("processor time of one request, medians of {ROUNDS} rounds of {REQUESTS}\n");
        println!(
            "{:<28} {:>10} {:>10} {:>10} {:>22} {:>12}",
            "µs", "with guard", "without", "guard", "(with - without)/with", "guard/with"
        );
        let mut shares = Vec::new();
        for (name, document) in PAGES {
            shares.push(share(&server, name, document).await);
        }
        shares
    });
    if shares.iter().all(|share| *share <= MOST) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The guard's share of a request with `document`, in percent.
async fn share(server: &Server, name: &str, document: &str) -> f64 {
    let unguarded = Unguarded::new(&server.app, document);
    let (with, without) = (server.router(), unguarded.router());
    let [guarded, bare] = [server.page(&with, document).await, server.page(&without, document).await];
    assert_eq!(guarded.data, bare.data, "both answer the same");
    let guard = unguarded.guard_alone();
    let mut rounds = [const { Vec::new() }; 3];
    for round in 0..ROUNDS + 5 {
        let mut times = [Duration::ZERO; 3];
        // Each goes first in every other round.
        for turn in [round % 2, (round + 1) % 2] {
            let start = processor_time();
            for _ in 0..REQUESTS {
                server.page_bytes([&with, &without][turn], document).await;
            }
            times[turn] = processor_time() - start;
        }
        let mut answers: Vec<_> = (0..REQUESTS).map(|_| Response::new(bare.data.clone())).collect();
        let start = processor_time();
        answers.iter_mut().for_each(&guard);
        times[2] = processor_time() - start;
        // The first ones warm up.
        if round >= 5 {
            for (all, time) in rounds.iter_mut().zip(times) {
                all.push(time.as_secs_f64() * 1e6 / f64::from(REQUESTS));
            }
        }
    }
    let share = median(rounds[0].iter().zip(&rounds[1]).map(|(with, without)| 100.0 * (with - without) / with));
    let [with, without, alone] = rounds.map(|times| median(times.into_iter()));
    let share_alone = 100.0 * alone / with;
    println!("{name:<28} {with:>10.1} {without:>10.1} {alone:>10.2} {share:>20.1} % {share_alone:>10.1} %");
    share
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Of all threads of this process.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}
