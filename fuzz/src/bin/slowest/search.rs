//! The search: what is slow is changed again and again, and what is slower is kept.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::ChaCha12Rng;

use super::measure::{Cost, Kind, cost};
use super::{mutate, start, variables};

/// The slowest document of each kind.
pub(crate) type Worst = BTreeMap<Kind, Found>;

/// The slowest document of its kind so far: its text, and its variables behind a NUL.
pub(crate) struct Found {
    pub(crate) cost: Cost,
    pub(crate) input: Vec<u8>,
}

/// Keeps `input` as the slowest of each kind that it is.
fn keep(worst: &mut Worst, input: &[u8]) {
    let Some(first) = cost(input, 1) else { return };
    let is_worse = |cost: &Cost, worst: &Worst, kind: Kind| {
        cost.is(kind) && worst.get(&kind).is_none_or(|found| cost.of(kind) > found.cost.of(kind))
    };
    // One run says who is slow for sure; who seems to be has to be so in each of several.
    if !Kind::ALL.iter().any(|kind| is_worse(&first, worst, *kind)) {
        return;
    }
    let Some(cost) = cost(input, 15) else { return };
    for kind in Kind::ALL {
        if is_worse(&cost, worst, kind) {
            worst.insert(kind, Found { cost, input: input.to_vec() });
        }
    }
}

/// Searches for `time`, always in the same way, and says how many documents it tried.
pub(crate) fn search(time: Duration) -> (Worst, u64) {
    let mut worst = Worst::new();
    for input in start::inputs() {
        keep(&mut worst, &input);
    }
    let mut random = ChaCha12Rng::seed_from_u64(1);
    let (began, mut tried) = (Instant::now(), 0_u64);
    while began.elapsed() < time {
        let inputs: Vec<_> = worst.values().map(|found| found.input.clone()).collect();
        for input in &inputs {
            keep(&mut worst, &mutate::mutate(input, &inputs, &mut random));
            keep(&mut worst, &variables::mutate(input, &mut random));
            tried += 2;
        }
    }
    (worst, tried)
}

/// A line for each kind: what its slowest document costs, and what it may.
pub(crate) fn report(worst: &Worst) -> String {
    let line = |(kind, Found { cost, input }): (&Kind, &Found)| {
        let (name, spent, target) = (kind.name(), cost.of(*kind), kind.target());
        format!("{name:22} {spent:>9.1?} of {target:>5.1?}  {:6} bytes  {cost}\n", input.len())
    };
    worst.iter().map(line).collect()
}
