//! Searches for the documents that cost the most CPU time before anything is executed:   slowest SECONDS [FOLDER]
//!
//! It starts from the worst that were ever found (`slowest/`) and from documents and variables near every limit, changes
//! the worst of each kind again and again, and keeps what is worse. It prints what they cost, writes them to FOLDER when one is given,
//! and ends with status 1 when one costs more than [`TOLERANCE`] times its target.

mod measure;
mod mutate;
mod start;
mod variables;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mimalloc::MiMalloc;
use rand::SeedableRng;
use rand::rngs::ChaCha12Rng;

use measure::{Cost, Kind, cost};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How much slower than its target a document may be here, because machines differ and others use this one, too.
const TOLERANCE: u32 = 4;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().and_then(|seconds| seconds.parse().ok()).unwrap_or(10);
    let mut worst: BTreeMap<Kind, Found> = BTreeMap::new();
    for input in start::inputs() {
        keep(&mut worst, input);
    }
    let mut random = ChaCha12Rng::seed_from_u64(1);
    let (began, mut tried) = (Instant::now(), 0_u64);
    while began.elapsed() < Duration::from_secs(seconds) {
        let inputs: Vec<_> = worst.values().map(|found| found.input.clone()).collect();
        for input in &inputs {
            keep(&mut worst, mutate::mutate(input, &inputs, &mut random));
            keep(&mut worst, variables::mutate(input, &mut random));
            tried += 2;
        }
    }
    println!("{tried} documents tried in {seconds} s; CPU time of the slowest of each kind:");
    for (kind, Found { cost, input }) in &worst {
        println!(
            "{:22} {:>9.1?} of {:>5.1?}  {:6} bytes  {cost}",
            kind.name(),
            cost.of(*kind),
            kind.target(),
            input.len()
        );
    }
    if let Some(folder) = arguments.next() {
        worst.iter().for_each(|(kind, found)| write(Path::new(&folder), *kind, &found.input));
    }
    let too_slow = worst.iter().any(|(kind, found)| found.cost.of(*kind) > kind.target() * TOLERANCE);
    if too_slow { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The slowest document of its kind so far: its text, and its variables behind a NUL.
struct Found {
    cost: Cost,
    input: Vec<u8>,
}

/// Keeps `input` as the slowest of each kind that it is.
fn keep(worst: &mut BTreeMap<Kind, Found>, input: Vec<u8>) {
    let Some(first) = cost(&input, 1) else { return };
    let is_worse = |cost: &Cost, worst: &BTreeMap<Kind, Found>, kind: Kind| {
        cost.is(kind) && worst.get(&kind).is_none_or(|found| cost.of(kind) > found.cost.of(kind))
    };
    // One run says who is slow for sure; who seems to be has to be so in each of several.
    if !Kind::ALL.iter().any(|kind| is_worse(&first, worst, *kind)) {
        return;
    }
    let Some(cost) = cost(&input, 15) else { return };
    for kind in Kind::ALL {
        if is_worse(&cost, worst, kind) {
            worst.insert(kind, Found { cost, input: input.clone() });
        }
    }
}

fn write(folder: &Path, kind: Kind, input: &[u8]) {
    let text = input.split(|byte| *byte == 0).collect::<Vec<_>>();
    std::fs::write(folder.join(format!("{}.graphql", kind.name())), text[0]).unwrap();
    std::fs::write(folder.join(format!("{}.json", kind.name())), text.get(1).unwrap_or(&&b"{}"[..])).unwrap();
}
