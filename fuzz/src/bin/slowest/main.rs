//! Searches for the documents that cost the most CPU time before anything is executed:   slowest SECONDS [FOLDER]
//!
//! It starts from the worst that were ever found (`slowest/`) and from documents and variables near every limit, changes
//! the worst of each kind again and again, and keeps what is worse. It prints what they cost, writes them to FOLDER when one is given,
//! and ends with status 1 when one costs more than [`TOLERANCE`] times its target.

mod measure;
mod mutate;
mod search;
mod start;
mod variables;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use mimalloc::MiMalloc;
use taskward_fuzz as targets;

use measure::Kind;
use search::{report, search};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How much slower than its target a document may be here, because machines differ and others use this one, too.
const TOLERANCE: u32 = 4;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().and_then(|seconds| seconds.parse().ok()).unwrap_or(10);
    let (worst, tried) = search(Duration::from_secs(seconds));
    println!("{tried} documents tried in {seconds} s; CPU time of the slowest of each kind:\n{}", report(&worst));
    if let Some(folder) = arguments.next() {
        worst.iter().for_each(|(kind, found)| write(Path::new(&folder), *kind, &found.input));
    }
    let too_slow = worst.iter().any(|(kind, found)| found.cost.of(*kind) > kind.target() * TOLERANCE);
    if too_slow { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn write(folder: &Path, kind: Kind, input: &[u8]) {
    let text = input.split(|byte| *byte == 0).collect::<Vec<_>>();
    std::fs::write(folder.join(format!("{}.graphql", kind.name())), text[0]).unwrap();
    std::fs::write(folder.join(format!("{}.json", kind.name())), text.get(1).unwrap_or(&&b"{}"[..])).unwrap();
}
