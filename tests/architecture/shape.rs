//! How large files and functions may grow, what every file says first, and that no lint is switched off silently.

use crate::hold;
use crate::source::{Source, Token, is_word, rust_files};

/// Files of tests count for what a file says and silences, not for its size.
const EVERYTHING: [&str; 4] = ["build.rs", "src", "migrations", "tests"];

const FILE_LINES: usize = 300;
const FUNCTION_LINES: usize = 40;

#[test]
fn files_stay_small() {
    hold(
        "a file has at most 300 lines outside its tests; above that it holds two things",
        &offences(&EVERYTHING, long_file),
    );
}

#[test]
fn functions_stay_small() {
    hold("a function has at most 40 lines, its signature included", &offences(&EVERYTHING, long_functions));
}

#[test]
fn files_say_what_they_own() {
    hold("the first line of a file is `//!` and says what the file owns", &offences(&EVERYTHING, silent_file));
}

#[test]
fn no_lint_is_switched_off_silently() {
    hold(
        "an exception to a lint is `#[expect(…, reason = \"…\")]`, which fails when it is no longer needed; never `allow`",
        &offences(&EVERYTHING, allowed_lints),
    );
}

fn offences(folders: &[&str], rule: fn(&Source) -> Vec<String>) -> Vec<String> {
    folders.iter().flat_map(|folder| rust_files(folder)).flat_map(|source| rule(&source)).collect()
}

fn long_file(source: &Source) -> Vec<String> {
    let lines = source.lines_outside_tests();
    let offence = (lines > FILE_LINES).then(|| format!("{}: {lines} lines", source.path));
    offence.into_iter().collect()
}

fn long_functions(source: &Source) -> Vec<String> {
    let (tokens, end) = (source.tokens(), source.lines_outside_tests());
    let offence = |at: usize| {
        let [keyword, name] = [tokens[at], *tokens.get(at + 1)?];
        let lines = last_line(&tokens[at..])? + 1 - keyword.line;
        let counts = keyword.text == "fn" && is_word(name.text) && keyword.line <= end && lines > FUNCTION_LINES;
        counts.then(|| format!("{}:{}: `{}` has {lines} lines", source.path, keyword.line, name.text))
    };
    (0..tokens.len()).filter(|at| tokens[*at].text == "fn").filter_map(offence).collect()
}

/// The line of the brace that closes the body of the function; nothing for one without a body.
fn last_line(function: &[Token<'_>]) -> Option<usize> {
    let (mut depth, mut nesting) = (0, 0);
    for token in function {
        match token.text {
            "(" | "[" => nesting += 1,
            ")" | "]" => nesting -= 1,
            ";" if depth == 0 && nesting == 0 => return None,
            "{" => depth += 1,
            "}" if depth == 1 => return Some(token.line),
            "}" => depth -= 1,
            _ => {}
        }
    }
    None
}

fn silent_file(source: &Source) -> Vec<String> {
    let offence = (!source.text.starts_with("//! ")).then(|| source.path.clone());
    offence.into_iter().collect()
}

fn allowed_lints(source: &Source) -> Vec<String> {
    let (tokens, mut offences, mut attribute) = (source.tokens(), Vec::new(), 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        let [before, next] =
            [at.checked_sub(1), Some(at + 1)].map(|at| at.and_then(|at| tokens.get(at)).map(|token| token.text));
        match token.text {
            "[" if attribute > 0 || matches!(before, Some("#" | "!")) => attribute += 1,
            "]" => attribute = attribute.saturating_sub(1),
            "allow" if attribute > 0 && next == Some("(") => offences.push(format!("{}:{}", source.path, token.line)),
            _ => {}
        }
    }
    offences
}

#[test]
fn each_limit_passes_at_its_value_and_refuses_one_above() {
    let file = |lines: usize| long_file(&Source::sample("src/a.rs", &"//\n".repeat(lines)));
    assert_eq!(file(FILE_LINES), Vec::<String>::new());
    assert_eq!(file(FILE_LINES + 1), ["src/a.rs: 301 lines"]);

    let function = |lines: usize| {
        let body = "    // }\n".repeat(lines - 2);
        long_functions(&Source::sample("src/a.rs", &format!("pub async fn f(x: [u8; 2]) {{\n{body}}}\n")))
    };
    assert_eq!(function(FUNCTION_LINES), Vec::<String>::new());
    assert_eq!(function(FUNCTION_LINES + 1), ["src/a.rs:1: `f` has 41 lines"]);

    let long = "\n".repeat(99);
    for fine in [
        format!("trait T {{ fn f();{long} fn g(); }}"),
        format!("type F = fn(u8);{long}struct S {{}}"),
        format!("#[cfg(test)]\nmod tests {{\nfn f() {{{long}}}\n}}"),
    ] {
        assert_eq!(long_functions(&Source::sample("src/a.rs", &fine)), Vec::<String>::new(), "{fine}");
    }
}

#[test]
fn a_silent_file_and_a_silenced_lint_are_refused() {
    assert_eq!(silent_file(&Source::sample("src/a.rs", "//! What it owns.\n")), Vec::<String>::new());
    for silent in ["", "// A note.\n", "//!\n", "use std::fs;\n//! Late.\n"] {
        assert_eq!(silent_file(&Source::sample("src/a.rs", silent)), ["src/a.rs"], "{silent}");
    }
    for fine in
        ["#[expect(a, reason = \"allow(b)\")]", "// #[allow(a)]", "limiter.allow(a); v[allow(b)]", "vec![allow]"]
    {
        assert_eq!(allowed_lints(&Source::sample("src/a.rs", fine)), Vec::<String>::new(), "{fine}");
    }
    for bad in ["#[allow(a)]", "#![allow(a)]", "#[cfg_attr(test, allow(a))]", "#[doc = \"]\"]\n#[ allow (a)]"] {
        assert_eq!(allowed_lints(&Source::sample("src/a.rs", bad)).len(), 1, "{bad}");
    }
}
