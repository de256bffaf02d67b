//! What a document costs before it is executed, in CPU time of this thread.

use std::fmt;
use std::time::Duration;

use crate::targets::document::{GUARD, parts, validate};
use async_graphql::Variables;
use rustix::time::{ClockId, clock_gettime};
use taskward::config::Limits;
use taskward::guard::{Introspection, parse, scan};
use taskward::http::json::{JsonLimits, parse_object};

/// What documents are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The check of a document that the guard accepts.
    Check,
    /// What is prepared of one, with variables.
    Prepare,
    /// The library's validation of one.
    Validate,
    /// All three together, and its variables as JSON.
    Accepted,
    /// All that is done for a document that the guard refuses.
    Refused,
}

impl Kind {
    /// Every kind.
    pub(crate) const ALL: [Self; 5] = [Self::Check, Self::Prepare, Self::Validate, Self::Accepted, Self::Refused];

    /// Its name, which files bear.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Check => "accepted-check",
            Self::Prepare => "accepted-prepare",
            Self::Validate => "accepted-validate",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }

    /// The most that a document may cost on the machine that the targets are meant for.
    pub(crate) const fn target(self) -> Duration {
        match self {
            Self::Refused => Duration::from_millis(1),
            _ => Duration::from_millis(5),
        }
    }
}

/// What one document costs. A step that was not reached costs nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    is_refused: bool,
    read: Duration,
    scan: Duration,
    parse: Duration,
    check: Duration,
    prepare: Duration,
    validate: Duration,
}

impl Cost {
    /// Whether the document is of this kind.
    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.is_refused == (kind == Kind::Refused)
    }

    /// What it costs as one of this kind.
    pub(crate) fn of(&self, kind: Kind) -> Duration {
        match kind {
            Kind::Check => self.check,
            Kind::Prepare => self.prepare,
            Kind::Validate => self.validate,
            Kind::Accepted | Kind::Refused => self.read + self.check + self.prepare + self.validate,
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { read, scan, parse, check, prepare, validate, .. } = self;
        write!(
            f,
            "read {read:.1?}, check {check:.1?} (scan {scan:.1?}, parse {parse:.1?}), prepare {prepare:.1?}, validate {validate:.1?}"
        )
    }
}

/// What a text, and variables behind a NUL, cost: of each step the least of so many runs. None for what is no text.
pub(crate) fn cost(input: &[u8], runs: usize) -> Option<Cost> {
    let (text, variables, operation) = parts(input)?;
    let mut cost = Cost { is_refused: true, ..Cost::default() };
    let limits = Limits::default();
    if let Some(json) = input.split(|byte| *byte == 0).nth(1) {
        let read;
        (cost.read, read) = least(runs, || (), |()| parse_object(json, JsonLimits::default()));
        if read.is_err() {
            return Some(cost);
        }
    }
    (cost.scan, ()) = least(runs, || (), |()| drop(scan::scan(text, &limits)));
    if scan::scan(text, &limits).is_ok() {
        (cost.parse, ()) = least(runs, || (), |()| drop(parse::parse(text)));
    }
    let document;
    (cost.check, document) = least(runs, || (), |()| GUARD.check(text, Introspection::Allowed));
    let Ok(document) = document else { return Some(cost) };
    let prepared;
    let prepare = |variables: Variables| GUARD.prepare(&document, operation, variables);
    (cost.prepare, prepared) = least(runs, || variables.clone(), prepare);
    if prepared.is_ok() {
        cost.is_refused = false;
        let request = || prepare(variables.clone()).map(|prepared| prepared.only_validated().into_request().0);
        (cost.validate, _) = least(runs, request, |request| request.map(validate));
    }
    Some(cost)
}

/// The least CPU time that `work` takes in so many runs, each on a new `input`, and what it answers.
fn least<I, O>(runs: usize, input: impl Fn() -> I, work: impl Fn(I) -> O) -> (Duration, O) {
    let run = || {
        let input = input();
        let before = cpu_time();
        let output = work(input);
        (cpu_time().saturating_sub(before), output)
    };
    let mut least = run();
    for _ in 1..runs {
        let (time, output) = run();
        least = (least.0.min(time), output);
    }
    least
}

/// The CPU time that this thread has used.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}
