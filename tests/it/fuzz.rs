//! The functions of the fuzz targets on seeds with a few random edits: less than a fuzzer tries, in every test run.

use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use taskward::guard::Introspection;

#[path = "../../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "the fuzz targets use it as a library")]
pub(crate) mod targets;

// The search for the slowest document, which has a program of its own, too.
#[path = "../../fuzz/src/bin/slowest/measure.rs"]
mod measure;
#[path = "../../fuzz/src/bin/slowest/mutate.rs"]
mod mutate;
#[path = "../../fuzz/src/bin/slowest/search.rs"]
#[expect(clippy::disallowed_methods, reason = "a measurement, not logic")]
mod search;
#[path = "../../fuzz/src/bin/slowest/start.rs"]
mod start;
#[path = "../../fuzz/src/bin/slowest/variables.rs"]
mod variables;

use targets::parser::DEVIATIONS;

/// Pieces of documents, bodies, cursors and filters that random bytes would hardly ever make.
const PIECES: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ":",
    ",",
    "\"",
    "\"\"\"",
    "\\",
    "\\u0000",
    "#",
    "\n",
    "...",
    "...on Task{",
    "fragment F on Task",
    "...F ",
    "$v",
    "@skip(if:$v)",
    "@include(if:true)",
    "query($v:[Int!]=[1]){",
    "mutation{",
    "subscription{",
    "secret123 ",
    "tasks(first:100){nodes{",
    "viewer{",
    "__typename ",
    "__schema{types{",
    "null",
    "true",
    "-0",
    "1e309",
    "18446744073709551616",
    "\0",
    "\0{\"v\":",
    "{\"not\":",
    "\"2026-11-23T09:30:00Z\"",
    "\u{feff}",
    "\u{202e}",
];

/// Pieces that often make something that is a document.
const TOKENS: [&str; 50] = [
    "a ",
    "a:b ",
    "b",
    "{a}",
    "{",
    "}",
    "(c:1)",
    "(c:$v d:[1.5 true])",
    "(",
    ")",
    "[",
    "]",
    ":",
    "@d ",
    "@d(e:null)",
    "...F ",
    "...on T ",
    "...on",
    "on ",
    "...{a}",
    "...",
    "$v ",
    "$v:Int ",
    "$w:[A!]!=[1]",
    "=",
    "1 ",
    "-0.5e+3 ",
    "1",
    "0",
    ".",
    "\"s\\u00e9\\n\"",
    "\"\\uD83D\\uDE00\"",
    "\"\"",
    "\"\"\"\n  b\n   c\n\"\"\"",
    "\"\"\"  b\r \r\n c\t\"\"\"",
    "\"\"\"\"\"\"",
    "E ",
    "null ",
    "nulls",
    "true ",
    "{f:1}",
    "{f:1 f:E}",
    "query ",
    "subscription S{a}",
    "fragment F on T{a}",
    "#c\n",
    ",",
    "\r\n\t",
    "\u{feff}",
    "é",
];

/// A change of one place.
#[derive(Debug, Clone)]
enum Edit {
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    /// Puts a stretch in once more, so many times.
    Repeat(Index, usize, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let piece = select(PIECES.to_vec()).prop_map(|piece| piece.as_bytes().to_vec());
    prop_oneof![
        4 => (any::<Index>(), piece).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        1 => (any::<Index>(), prop::collection::vec(any::<u8>(), 1..4)).prop_map(|(at, bytes)| Edit::Insert(at, bytes)),
        2 => (any::<Index>(), 1..20_usize).prop_map(|(at, length)| Edit::Remove(at, length)),
        1 => (any::<Index>(), 1..20_usize, 1..40_usize).prop_map(|(at, length, times)| Edit::Repeat(at, length, times)),
    ]
}

impl Edit {
    fn apply(&self, data: &mut Vec<u8>) {
        match self {
            Self::Insert(at, bytes) => drop(data.splice(place(*at, data)..place(*at, data), bytes.iter().copied())),
            Self::Remove(at, length) => drop(data.drain(stretch(*at, *length, data))),
            Self::Repeat(at, length, times) => {
                let repeated = data[stretch(*at, *length, data)].repeat(*times);
                drop(data.splice(place(*at, data)..place(*at, data), repeated));
            }
        }
    }
}

fn place(at: Index, data: &[u8]) -> usize {
    at.index(data.len() + 1)
}

fn stretch(at: Index, length: usize, data: &[u8]) -> std::ops::Range<usize> {
    let start = place(at, data);
    start..(start + length).min(data.len())
}

/// Calls `target` with every seed, and then with so many edited ones, the same in every run.
fn drive(name: &str, cases: u32, target: fn(&[u8])) {
    let seeds = targets::seeds::seeds(Path::new(env!("CARGO_MANIFEST_DIR")));
    let (_, seeds) = seeds.into_iter().find(|(target, _)| *target == name).unwrap();
    for seed in &seeds {
        target(seed);
    }
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let inputs = (select(seeds), prop::collection::vec(edit(), 1..8)).prop_map(|(mut data, edits)| {
        for edit in &edits {
            edit.apply(&mut data);
        }
        data
    });
    let run = |data: Vec<u8>| {
        target(&data);
        Ok(())
    };
    TestRunner::new_with_rng(config, rng).run(&inputs, run).unwrap();
}

#[test]
fn seeds_are_written_for_the_fuzzer() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    targets::seeds::write("cursor", root, Some(folder.path().into()));
    let mut written: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect();
    let (_, mut seeds) = targets::seeds::seeds(root).into_iter().find(|(target, _)| *target == "cursor").unwrap();
    written.sort();
    seeds.sort();
    assert_eq!(written, seeds);
}

#[test]
fn scan() {
    drive("scan", 500, targets::scan::run);
}

#[test]
fn parser() {
    drive("parser", 1_000, targets::parser::run);
}

#[test]
fn the_parsers_disagree_about_every_deviation() {
    for deviation in &DEVIATIONS {
        for example in deviation.examples {
            assert!(targets::parser::difference(example).is_some(), "both see the same: {example}");
            let found: Vec<_> = targets::parser::deviations(example).map(|found| found.sentence).collect();
            assert_eq!(found, [deviation.sentence], "{example}");
        }
    }
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_parsers_agree_about_random_tokens(tokens in prop::collection::vec(select(TOKENS.to_vec()), 1..12)) {
        let tokens = tokens.concat();
        for text in [tokens.clone(), format!("{{a{{{tokens}}}}}"), format!("{{a(b:[{tokens}])}}"), format!("query({tokens}){{a}}")] {
            targets::parser::run(text.as_bytes());
        }
    }
}

#[test]
fn document() {
    drive("document", 300, targets::document::run);
}

#[test]
fn json() {
    drive("json", 500, targets::json::run);
}

#[test]
fn cursor() {
    drive("cursor", 1_000, targets::cursor::run);
}

#[test]
fn filter() {
    drive("filter", 200, targets::filter::run);
}

/// What they cost is measured by `fuzz/src/bin/slowest`, in a release build; here they only stay what they are kept as.
#[test]
fn the_slowest_documents_are_accepted_or_refused_as_their_names_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/slowest");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let documents: Vec<_> = paths.filter(|path| path.extension().is_some_and(|it| it == "graphql")).collect();
    assert!(documents.len() >= 2, "{documents:?}");
    for path in documents {
        let text = std::fs::read_to_string(&path).unwrap();
        let variables = std::fs::read_to_string(path.with_extension("json")).unwrap();
        let input = format!("{text}\0{variables}").into_bytes();
        let (text, variables, operation) = targets::document::parts(&input).unwrap();
        let document = targets::document::GUARD.check(text, Introspection::Allowed);
        let prepared = document.and_then(|document| targets::document::GUARD.prepare(&document, operation, variables));
        let is_kept_as_accepted = path.file_stem().unwrap().to_string_lossy().starts_with("accepted");
        assert_eq!(prepared.is_ok(), is_kept_as_accepted, "{}: {:?}", path.display(), prepared.err());
    }
}

/// What the slowest documents cost is printed, and not asserted: machines differ, and this build is not optimised. The
/// targets are for a release build, and `.ci/fuzz` holds it to them.
#[test]
#[ignore = "takes ten seconds of CPU time and asserts nothing; .ci/run prints what it finds"]
#[expect(clippy::print_stdout, reason = "prints what it finds")]
fn the_slowest_documents_that_a_short_search_finds() {
    let (worst, tried) = search::search(Duration::from_secs(10));
    println!(
        "{tried} documents tried; CPU time of the slowest of each kind, not optimised:\n{}",
        search::report(&worst)
    );
    assert_eq!(worst.len(), measure::Kind::ALL.len(), "there is one of each kind");
}
