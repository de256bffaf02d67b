//! Changes of a document that may make it slower.

use rand::rngs::ChaCha12Rng;
use rand::{Rng, RngExt};

/// Pieces that keep some step busy.
const PIECES: [&str; 26] = [
    "#\n",
    " ",
    ",",
    "\u{feff}",
    "a ",
    "id ",
    "title ",
    "x:id ",
    "a:b",
    "...F ",
    "...on Task{id}",
    "...{id}",
    "createdBy{id username}",
    "__typename ",
    "@skip(if:$v)",
    "@include(if:true)",
    "$v ",
    "[1]",
    "{a:1}",
    "null ",
    "\"\"\"\n  a\n\"\"\"",
    "tasks{nodes{id}}",
    "edges{node{id}}",
    "}",
    "!",
    "fragment G on Task{...F}",
];

/// `input` with a few changes, one of them perhaps a piece of the `others`.
pub(crate) fn mutate(input: &[u8], others: &[Vec<u8>], random: &mut ChaCha12Rng) -> Vec<u8> {
    let mut changed = input.to_vec();
    for _ in 0..random.random_range(1..4) {
        let place = random.random_range(0..=changed.len());
        match random.random_range(0..6) {
            0 | 1 => {
                let piece = PIECES[random.random_range(0..PIECES.len())];
                insert(&mut changed, place, &piece.as_bytes().repeat(repetitions(random)));
            }
            2 => {
                let piece = stretch(&changed, 120, random).repeat(repetitions(random));
                insert(&mut changed, place, &piece);
            }
            3 => {
                let piece = stretch(&others[random.random_range(0..others.len())], 400, random);
                insert(&mut changed, place, &piece);
            }
            _ => {
                let end = place.saturating_add(random.random_range(1..200)).min(changed.len());
                changed.drain(place..end);
            }
        }
    }
    changed
}

fn insert(data: &mut Vec<u8>, place: usize, piece: &[u8]) {
    data.splice(place..place, piece.iter().copied());
}

/// Up to `most` bytes of `data` in one stretch.
fn stretch(data: &[u8], most: usize, random: &mut ChaCha12Rng) -> Vec<u8> {
    let start = random.random_range(0..=data.len());
    let end = start.saturating_add(random.random_range(1..most)).min(data.len());
    data[start..end].to_vec()
}

/// Mostly once, now and then up to 200 times.
fn repetitions(random: &mut impl Rng) -> usize {
    if random.random_range(0..3) == 0 { random.random_range(1..200) } else { 1 }
}
