//! How long the guard alone takes: `cargo bench --bench guard`.
//!
//! For a page of tasks: the checks of a text that is new, then what every request with it costs, before it runs and after.
//! For five attacks: until they are refused.

use std::hint::black_box;

use async_graphql::{Response, Value, Variables, value};
use criterion::{Criterion, criterion_group, criterion_main};
use mimalloc::MiMalloc;
use taskward::config::Limits;
use taskward::graphql;
use taskward::guard::{Document, Guard, Introspection, Prepared, Violation};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// What the playground shows as "A page of tasks", with fragments as a client keeps them beside its components.
const PAGE: &str = "query Page($first: Int, $filter: TaskFilter) {
  tasks(first: $first, filter: $filter) { totalCount nodes { ...Row } pageInfo { hasNextPage endCursor } }
}
fragment Row on Task { id title completed priority dueAt version createdBy { id username } }";

fn guard() -> Guard {
    let (scalar, fits) = graphql::DATE_TIME;
    Guard::new(&Limits::default(), &graphql::sdl()).unwrap().with_scalar(scalar, fits)
}

fn variables() -> Variables {
    Variables::from_value(value!({ "first": 20, "filter": { "completed": false, "priority": ["HIGH", "URGENT"] } }))
}

fn check(guard: &Guard, text: &str) -> Result<Document, Violation> {
    guard.check(text, Introspection::Allowed)
}

fn prepare(guard: &Guard, document: &Document) -> Prepared {
    guard.prepare(document, None, variables()).unwrap()
}

/// An answer of twenty tasks, in its order.
fn answer() -> Value {
    let task = value!({
        "id": "task_01h2xcejqtf2nbrexx3vqjhp41", "title": "Go through the quarterly report", "completed": false,
        "priority": "HIGH", "dueAt": "2027-01-15T09:00:00.000000Z", "version": 3,
        "createdBy": { "id": "user_01h2xcejqtf2nbrexx3vqjhp41", "username": "ana" }
    });
    let page = value!({ "hasNextPage": true, "endCursor": "0PfStteH0OcLOq_654fg0PfStteH0OcLOq_654fg" });
    let nodes = Value::List(vec![task; 20]);
    value!({ "tasks": { "totalCount": 321, "nodes": nodes, "pageInfo": page } })
}

fn page(criterion: &mut Criterion) {
    let guard = guard();
    let mut group = criterion.benchmark_group("page");
    group.bench_function("check", |bench| bench.iter(|| check(&guard, black_box(PAGE)).unwrap()));
    let document = check(&guard, PAGE).unwrap();
    group.bench_function("prepare", |bench| bench.iter(|| prepare(&guard, black_box(&document))));
    group.bench_function("into_request", |bench| {
        let prepared = || prepare(&guard, &document);
        bench.iter_batched(prepared, Prepared::into_request, criterion::BatchSize::SmallInput);
    });
    let (_, order) = prepare(&guard, &document).into_request();
    group.bench_function("complete", |bench| {
        let answer = || Response::new(answer());
        let complete = |mut answer: Response| {
            order.complete(&mut answer);
            answer
        };
        bench.iter_batched(answer, complete, criterion::BatchSize::SmallInput);
    });
    group.finish();
}

/// Each as large as the limits before the one that refuses it allow.
fn attacks() -> [(&'static str, String); 5] {
    let repeat = |times: usize, piece: &dyn Fn(usize) -> String| (0..times).map(piece).collect::<String>();
    let doubling = |at: usize| format!(" fragment F{at} on Task {{ ...F{next} ...F{next} }}", next = at + 1);
    [
        ("nested lists", format!("{{ node(id: {}1{}) {{ id }} }}", "[".repeat(8_000), "]".repeat(8_000))),
        (
            "doubling fragments",
            format!("{{ node(id: 1) {{ ...F0 }} }}{} fragment F19 on Task {{ id }}", repeat(19, &doubling)),
        ),
        ("aliases", format!("{{ {} }}", repeat(330, &|at| format!("a{at}: viewer ")))),
        ("duplicate fields", format!("{{ tasks {{ {} }} }}", "nodes { id } ".repeat(240))),
        ("overlapping fields", format!("{{ tasks {{ {} }} }}", "... { nodes { id title } } ".repeat(110))),
    ]
}

fn refused(criterion: &mut Criterion) {
    let guard = guard();
    let mut group = criterion.benchmark_group("attack");
    for (name, text) in attacks() {
        let refusal = check(&guard, &text).unwrap_err();
        eprintln!("{name}: {} bytes, {}", text.len(), refusal.message);
        group.bench_function(name, |bench| bench.iter(|| check(&guard, black_box(&text)).unwrap_err()));
    }
    group.finish();
}

criterion_group!(benches, page, refused);
criterion_main!(benches);
