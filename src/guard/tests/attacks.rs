//! The attacks of `tests/attacks` against the guard and a toy schema behind it.

use std::sync::Arc;

use async_graphql::futures_util::StreamExt;
use async_graphql::{ServerError, Variables};

use super::corpus::{Attack, documents};
use super::toy::{self, guard, schema};
use super::worst_case::time;
use crate::guard::mask::{Detail, mask};
use crate::guard::{Introspection, Prepared, Violation};

impl Attack {
    fn prepare(&self) -> Result<Prepared, Violation> {
        let guard = guard();
        let document = guard.check(self.text(), Introspection::Allowed)?;
        let variables = Variables::from_json(self.variables());
        guard.prepare(&document, self.get("Operation"), variables)
    }

    /// The errors of the guard or, behind it, of the toy; and how many fields ran.
    async fn run(&self) -> (Vec<ServerError>, usize) {
        match self.prepare() {
            Err(refusal) => (vec![refusal.into_error(Detail::Fixed)], 0),
            Ok(prepared) => {
                let schema = schema();
                let (request, _) = prepared.into_request();
                let response = schema.execute_stream(request).next().await.unwrap();
                (response.errors, schema.data::<Arc<toy::Runs>>().unwrap().count())
            }
        }
    }
}

#[tokio::test]
async fn every_attack_gets_its_answer_and_runs_nothing() {
    for attack in documents() {
        let (errors, runs) = attack.run().await;
        let expected = attack.get("Expected").unwrap();
        if expected == "accepted" {
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
            assert_eq!(error["extensions"]["code"], expected, "{}: {body}", attack.name);
        }
    }
}

/// Run by hand, in a release build: `cargo test --release --lib guard::tests::attacks -- --ignored --nocapture`.
#[test]
#[ignore = "prints timings"]
#[expect(clippy::print_stdout, reason = "prints timings")]
fn timings_of_attacks() {
    let guard = guard();
    for attack in documents() {
        let run = || {
            guard
                .check(attack.text(), Introspection::Allowed)
                .map(|document| guard.prepare(&document, None, Variables::default()).is_ok())
        };
        let best = (0..50).map(|_| time(&|| drop(run()))).min().unwrap();
        let expected = attack.get("Expected").unwrap();
        println!("{best:>10.1?} {:6} B {expected:32} {}", attack.content.len(), attack.name);
    }
}
