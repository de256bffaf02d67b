//! How slow and how deep the parser gets on documents that the scan lets through.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Schema, Variables};

use super::times;
use super::toy::{Mutation, Query, Runs, Ticks, guard, schema};
use crate::config::Limits;
use crate::guard::{Guard, Introspection, parse, scan};

/// The stack of a thread of the runtime and of its blocking pool.
const STACK: usize = 2 * 1024 * 1024;

#[test]
fn the_parser_survives_the_deepest_document_that_any_setting_lets_through() {
    let limits = Limits { nesting: 64, ..Limits::default() };
    let wrap = |open: &str, close: &str, levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
    for text in [
        format!("{{a(b:{})}}", wrap("[", "]", 62)),
        format!("{{a(b:{})}}", wrap("{c:", "}", 62)),
        format!("{{a@d(b:{})}}", wrap("{c:[", "]}", 31)),
        format!("query($v:{}){{a}}", wrap("[", "]", 63).replace('1', "A")),
        format!("query($v:A={}){{a}}", wrap("[", "]", 63)),
        format!("{}{}", "{a".repeat(64), "}".repeat(64)),
        format!("{{{}a{}}}", "...{".repeat(63), "}".repeat(63)),
        format!("{{{}a(b:{}){}}}", "...on A@c{".repeat(31), wrap("{c:", "}", 31), "}".repeat(31)),
    ] {
        assert_eq!(scan::scan(&text, &limits).unwrap().nesting.used, 64, "{text}");
        let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || parse::parse(&text).map(drop));
        thread.unwrap().join().unwrap().unwrap();
    }
}

#[test]
fn so_does_everything_behind_the_parser() {
    let limits = Limits { nesting: 64, depth: 64, ..Limits::default() };
    for text in [
        format!("{{task{{{}id{}}}}}", "parent{".repeat(62), "}".repeat(62)),
        format!("{{task{{{}id{}}}}}", "...on Task{".repeat(62), "}".repeat(62)),
        format!("{{task{{{}id id{}}}}}", "...{parent{".repeat(31), "}}".repeat(31)),
        format!("{{task{{parent{{id}} {}id{}}}}}", "parent{".repeat(62), "}".repeat(62)),
    ] {
        let guard = Guard::new(&limits, &schema().sdl()).unwrap();
        let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || {
            let document = guard.check(&text, Introspection::Refused).unwrap();
            let prepared = guard.prepare(&document, None, Variables::default()).unwrap();
            let (request, order) = prepared.into_request();
            let schema =
                Schema::build(Query, Mutation, Ticks).data(Arc::new(Runs::default())).limit_recursive_depth(64);
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let mut response = runtime.block_on(schema.finish().execute(request));
            order.complete(&mut response);
            assert_eq!(response.errors, []);
            assert!(serde_json::to_string(&response).unwrap().contains("\"id\":\"task\""));
        });
        thread.unwrap().join().unwrap();
    }
}

/// `head`, as many `piece`s as there is room for in `bytes`, and `tail`.
fn fill(head: &str, piece: &str, tail: &str, bytes: usize) -> String {
    let times = bytes.saturating_sub(head.len() + tail.len()) / piece.len();
    format!("{head}{}{tail}", piece.repeat(times))
}

/// Documents of the largest size that consist of what the grammar ignores or takes as one token.
fn long() -> Vec<(&'static str, String)> {
    let size = Limits::default().document_bytes;
    vec![
        ("spaces", fill("{a", " ", "}", size)),
        ("commas between names", fill("{", "a,,,,,,,,,,,,,,,", "}", size)),
        ("byte order marks", fill("{a", "\u{feff}", "}", size)),
        ("line ends", fill("{a", "\r\n", "}", size)),
        ("one comment", fill("{a#", "x", "\n}", size)),
        ("short comments", fill("{a", "#\n", "}", size)),
        ("comments between names", fill("{", "a#\n#\n#\n#\n#\n#\n#\n", "}", size)),
        ("one string", fill("{a(b:\"", "x", "\")}", size)),
        ("escapes", fill("{a(b:\"", "\\u0041", "\")}", size)),
        ("one block string", fill("{a(b:\"\"\"", "x", "\"\"\")}", size)),
        ("quotes in a block string", fill("{a(b:\"\"\"", "\"\"x", "\"\"\")}", size)),
        ("blank lines in a block string", fill("{a(b:\"\"\"", " \n", "\"\"\")}", size)),
        ("one name", fill("{", "a", "}", size)),
        ("one number", fill("{a(b:", "1", ".5e1)}", size)),
        ("one fraction, then an error", fill("{a(b:1.", "1", "x)}", size)),
        ("an error after spaces", fill("{a", " ", "!", size)),
    ]
}

/// Documents of the largest size that make the parser try one place in several ways, or that hold the most tokens.
fn busy() -> Vec<(&'static str, String)> {
    let (spaces, close) = (" ".repeat(500), " ".repeat(260));
    vec![
        ("spaces at each level", format!("{}{}", format!("{{a{spaces}").repeat(31), "}".repeat(31))),
        ("spaces at each level, open", format!("{{a{spaces}").repeat(32)),
        ("spaces in open inline fragments", format!("{{{}", format!("...on A@b{spaces}{{").repeat(31))),
        ("spaces in open values", format!("{{a(b:{}", format!("{{c:{spaces}").repeat(30))),
        ("spaces in lists", format!("{{a(b:{}1{})}}", format!("[{close}").repeat(30), format!("{close}]").repeat(30))),
        ("nulls in one name", fill("{a(b:[", "null", "])}", 2_000)),
        ("zeros", fill("{a(b:[", "0", "])}", 980)),
        ("lists", format!("{{a(b:[{}])}}", "[]".repeat(490))),
        ("objects", format!("{{a(b:[{}])}}", "{a:1}".repeat(190))),
        ("strings", format!("{{a(b:[{}])}}", "\"\"".repeat(980))),
        ("directives", format!("{{a{}}}", "@a".repeat(490))),
        ("variables", format!("query({}){{a}}", "$a:[A!]!=1".repeat(90))),
        ("spreads", format!("{{{}}}", "...a ".repeat(490))),
        ("aliases", format!("{{{}}}", "a:b ".repeat(330))),
        ("sets", format!("{{{}}}", "a{a}".repeat(240))),
        ("operations", "{a}".repeat(330)),
    ]
}

/// How long `work` takes.
pub(super) fn time(work: &dyn Fn()) -> Duration {
    #[expect(clippy::disallowed_methods, reason = "a measurement, not logic")]
    let start = std::time::Instant::now();
    work();
    start.elapsed()
}

/// Run by hand, in a release build: `cargo test --release --lib guard::tests::worst_case -- --ignored --nocapture`.
#[test]
#[ignore = "prints timings"]
#[expect(clippy::print_stdout, reason = "prints timings")]
fn timings_of_scan_and_parser() {
    for (name, text) in long().into_iter().chain(busy()) {
        let limits = Limits { document_bytes: 17_000, tokens: 2_000, ..Limits::default() };
        let scanned = scan::scan(&text, &limits);
        let best = |work: &dyn Fn()| (0..20).map(|_| time(work)).min().unwrap();
        let scan_time = best(&|| drop(scan::scan(&text, &limits)));
        let parse_time = best(&|| drop(parse::parse(&text)));
        let tokens = scanned.map_or_else(|refusal| refusal.message.into_owned(), |scan| scan.tokens.used.to_string());
        println!(
            "{name:32} {:6} B {tokens:>6} scan {scan_time:>10.1?} parse {parse_time:>10.1?} {}",
            text.len(),
            parse::parse(&text).is_ok()
        );
    }
}

/// Documents within every limit that keep the guard and the library's validation busiest.
fn accepted() -> Vec<(&'static str, String)> {
    let fragments = |count: usize, body: &str| times(count, |at| format!(" fragment F{at} on Task{{{body}}}"));
    let variables = times(30, |at| format!("$v{at}:Int "));
    let uses = times(60, |at| format!("{{a:$v{} b:$v{}}}", at % 30, (at + 7) % 30));
    vec![
        (
            "a usual query",
            String::from("query Q($n:Int){tasks(first:$n){id title subtasks(first:2){id parent{id title}}}}"),
        ),
        ("leaf copies", format!("{{task{{{}}}}}", "id ".repeat(499))),
        (
            "leaf copies in fragments",
            format!("{{task{{{}}}}}{}", times(19, |at| format!("...F{at} ")), fragments(19, &"id title ".repeat(12))),
        ),
        ("one fragment spread often", format!("{{task{{{}}}}}{}", "...F0 ".repeat(240), fragments(1, "id title"))),
        ("inline fragments", format!("{{task{{{}}}}}", "...on Task{id title}".repeat(120))),
        ("composite copies", format!("{{task{{{}}}}}", format!("parent{{{}}}", "id title ".repeat(24)).repeat(10))),
        ("copies of copies", format!("{{task{{{}}}}}", format!("parent{{{}}}", "parent{id title}").repeat(10))),
        ("unknown fields", format!("{{task{{{}}}}}", times(480, |at| format!("titl{at} ")))),
        ("different arguments", format!("{{task{{{}}}}}", times(150, |at| format!("subtasks(first:{at}) ")))),
        ("omitted variables", format!("query({variables}){{change(change:{{many:[{uses}]}})}}")),
        ("levels", format!("{{task{{{}id{}}}}}{}", "...{".repeat(27), "}".repeat(27), "")),
    ]
}

/// Run by hand like the other, with `-- --ignored --nocapture`; the last column is everything, validation and answer.
#[tokio::test]
#[ignore = "prints timings"]
#[expect(clippy::print_stdout, reason = "prints timings")]
async fn timings_of_accepted_documents() {
    let (guard, schema) = (guard(), schema());
    for (name, text) in accepted() {
        let check = || guard.check(&text, Introspection::Allowed).expect(name);
        let document = check();
        let prepare = || guard.prepare(&document, None, Variables::default()).unwrap();
        let check_time = (0..20).map(|_| time(&|| drop(check()))).min().unwrap();
        let prepare_time = (0..20).map(|_| time(&|| drop(prepare()))).min().unwrap();
        #[expect(clippy::disallowed_methods, reason = "a measurement, not logic")]
        let start = std::time::Instant::now();
        let response = schema.execute(prepare().into_request().0).await;
        let (all, errors) = (start.elapsed(), response.errors.len());
        println!(
            "{name:28} {:6} B check {check_time:>9.1?} prepare {prepare_time:>9.1?} all {all:>9.1?} errors {errors}",
            text.len()
        );
    }
}
