//! The attacks of `tests/attacks`, one a file, each with the answer that it must get.
//!
//! A file starts with comments: what the attack is, `Expected:` with the code of the answer or `accepted`, and where it
//! needs them `Variables:` and `Operation:`. `⟨5000:[⟩` stands for 5,000 brackets; a `%` in it is replaced by the
//! number of the repetition.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_graphql::futures_util::StreamExt;
use async_graphql::{ServerError, Variables};

use super::toy::{self, guard, schema};
use super::worst_case::time;
use crate::guard::mask::{Detail, mask};
use crate::guard::{Introspection, Prepared, Violation};

struct Attack {
    name: String,
    text: String,
    expected: String,
    variables: Variables,
    operation: Option<String>,
}

impl Attack {
    fn prepare(&self) -> Result<Prepared, Violation> {
        let guard = guard();
        let document = guard.check(&self.text, Introspection::Allowed)?;
        guard.prepare(&document, self.operation.as_deref(), self.variables.clone())
    }

    /// The errors of the guard or, behind it, of the toy; and how many fields ran.
    async fn run(&self) -> (Vec<ServerError>, usize) {
        match self.prepare() {
            Err(refusal) => (vec![refusal.into_error(Detail::Fixed)], 0),
            Ok(prepared) => {
                let schema = schema();
                let response = schema.execute_stream(prepared.into_request(&self.text)).next().await.unwrap();
                (response.errors, schema.data::<Arc<toy::Runs>>().unwrap().count())
            }
        }
    }
}

/// Every attack, in the order of the files' names.
fn attacks() -> Vec<Attack> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/attacks");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 70, "only {} attacks found", files.len());
    files.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Attack {
    let source = std::fs::read_to_string(path).unwrap();
    let header = |key: &str| source.lines().find_map(|line| line.strip_prefix(&format!("# {key}: "))).map(expand);
    let after_header = source.split_inclusive('\n').skip_while(|line| line.starts_with("# ")).collect::<String>();
    let variables = header("Variables").map(|json| Variables::from_json(serde_json::from_str(&json).unwrap()));
    Attack {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        text: expand(after_header.trim_end_matches('\n')),
        expected: header("Expected").unwrap_or_else(|| panic!("{} says nothing of what is expected", path.display())),
        variables: variables.unwrap_or_default(),
        operation: header("Operation"),
    }
}

/// `source` with its repetitions written out.
fn expand(source: &str) -> String {
    let mut text = String::new();
    for (at, part) in source.split(['⟨', '⟩']).enumerate() {
        if at % 2 == 0 {
            text.push_str(part);
        } else {
            let (times, piece) = part.split_once(':').unwrap();
            (0..times.parse().unwrap())
                .for_each(|number: usize| text.push_str(&piece.replace('%', &number.to_string())));
        }
    }
    text
}

#[tokio::test]
async fn every_attack_gets_its_answer_and_runs_nothing() {
    for attack in attacks() {
        let (errors, runs) = attack.run().await;
        if attack.expected == "accepted" {
            assert_eq!(errors, [], "{}", attack.name);
            continue;
        }
        assert_eq!(runs, 0, "{}", attack.name);
        let masked = mask(errors, 5, "request_1", Detail::Fixed);
        assert!(masked.internal.is_empty(), "{}: {:?}", attack.name, masked.internal);
        let body = serde_json::to_string(&masked.errors).unwrap();
        assert!((1..=5).contains(&masked.errors.len()) && body.len() < 2_048, "{}: {body}", attack.name);
        for told in ["secret", "Did you mean", "Task", "titl"] {
            assert!(!body.contains(told), "{} tells {told}: {body}", attack.name);
        }
        for error in serde_json::from_str::<Vec<serde_json::Value>>(&body).unwrap() {
            assert_eq!(error["extensions"]["code"], *attack.expected, "{}: {body}", attack.name);
        }
    }
}

/// Run by hand, in a release build: `cargo test --release --lib guard::tests::attacks -- --ignored --nocapture`.
#[test]
#[ignore = "prints timings"]
#[expect(clippy::print_stdout, reason = "prints timings")]
fn timings_of_attacks() {
    let guard = guard();
    for attack in attacks() {
        let run = || {
            guard
                .check(&attack.text, Introspection::Allowed)
                .map(|document| guard.prepare(&document, None, Variables::default()).is_ok())
        };
        let best = (0..50).map(|_| time(&|| drop(run()))).min().unwrap();
        println!("{best:>10.1?} {:6} B {:32} {}", attack.text.len(), attack.expected, attack.name);
    }
}
