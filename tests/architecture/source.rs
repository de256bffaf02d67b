//! A source file as the rules see it: its place, its lines, and its tokens without comments.

use std::fs;
use std::path::Path;

/// One file, with its path from the root of the package (`src/edge/body.rs`).
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A word, a literal, `::` or a single other character, and the line (from 1) where it begins.
#[derive(Clone, Copy)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    pub(crate) line: usize,
}

/// A path of names with its line; `use a::{b, c}` is the two paths `a::b` and `a::c`.
pub(crate) struct Names<'a> {
    pub(crate) segments: Vec<&'a str>,
    pub(crate) line: usize,
    /// How many inline modules (`mod tests { … }`) lie around it.
    pub(crate) inline_modules: usize,
}

/// The Rust file at `place`, or every one below it in the order of their paths; none if it does not exist.
pub(crate) fn rust_files(place: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut places = vec![root.join(place)];
    let mut sources = Vec::new();
    while let Some(place) = places.pop() {
        if place.is_dir() {
            places.extend(fs::read_dir(place).into_iter().flatten().flatten().map(|entry| entry.path()));
        } else if place.is_file() && place.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&place).unwrap_or_else(|error| format!("unreadable: {error}"));
            let path = place.strip_prefix(root).unwrap_or(&place).to_string_lossy().replace('\\', "/");
            sources.push(Source { path, text });
        }
    }
    sources.sort_by(|left, right| left.path.cmp(&right.path));
    sources
}

impl Source {
    /// A file that exists only in the test of a rule.
    pub(crate) fn sample(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// The path below `src/`, or the whole path of a file that lies elsewhere.
    pub(crate) fn place(&self) -> &str {
        self.path.strip_prefix("src/").unwrap_or(&self.path)
    }

    /// The modules that the file stands for: `src/edge/body.rs` is `edge::body`, the crate roots are nothing.
    pub(crate) fn module(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.place().trim_end_matches(".rs").split('/').collect();
        if names.last().is_some_and(|last| ["mod", "lib", "main"].contains(last)) {
            names.pop();
        }
        names
    }

    /// How many lines come before the test code: all of them, none in a file of tests.
    pub(crate) fn lines_outside_tests(&self) -> usize {
        if self.path.split('/').any(|part| part == "tests" || part == "tests.rs") {
            return 0;
        }
        let lines: Vec<_> = self.text.lines().map(str::trim).collect();
        let opens_tests = |at: &usize| {
            let next = lines.iter().skip(at + 1).find(|line| !line.starts_with("#["));
            lines[*at] == "#[cfg(test)]" && next.is_some_and(|line| line.starts_with("mod ") && line.ends_with('{'))
        };
        (0..lines.len()).find(opens_tests).unwrap_or(lines.len())
    }

    /// The tokens, without whitespace and comments.
    pub(crate) fn tokens(&self) -> Vec<Token<'_>> {
        let (mut rest, mut line, mut tokens) = (self.text.as_str(), 1, Vec::new());
        while !rest.is_empty() {
            let (text, after) = rest.split_at(lexeme(rest));
            if !text.trim().is_empty() && !text.starts_with("//") && !text.starts_with("/*") {
                tokens.push(Token { text, line });
            }
            line += text.matches('\n').count();
            rest = after;
        }
        tokens
    }

    /// Every path of names in the code; one of a single name is a path too.
    pub(crate) fn names(&self) -> Vec<Names<'_>> {
        let tokens = self.tokens();
        let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
        let (mut names, mut blocks, mut at) = (Vec::new(), Vec::new(), 0);
        while at < tokens.len() {
            let global = text(at) == "::" && is_word(text(at + 1)) && (at == 0 || text(at - 1) != ">");
            if (is_word(text(at)) && text(at) != "use") || global {
                let (line, inline_modules) = (tokens[at].line, blocks.iter().filter(|is_module| **is_module).count());
                let mut paths = Vec::new();
                at = spell(&tokens, at, &[], &mut paths);
                names.extend(paths.into_iter().map(|segments| Names { segments, line, inline_modules }));
                continue;
            }
            match text(at) {
                "{" => blocks.push(at >= 2 && text(at - 2) == "mod"),
                "}" => drop(blocks.pop()),
                _ => {}
            }
            at += 1;
        }
        names
    }
}

/// Whether the token is a name, a keyword or a number.
pub(crate) fn is_word(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphanumeric() || first == '_')
        && token.chars().all(|each| each.is_alphanumeric() || each == '_')
}

/// Reads the path that begins at token `at` into `paths`, each with `prefix` before it; the token after the path.
fn spell<'a>(tokens: &[Token<'a>], mut at: usize, prefix: &[&'a str], paths: &mut Vec<Vec<&'a str>>) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let mut path = prefix.to_vec();
    if text(at) == "::" {
        at += 1;
    }
    loop {
        path.push(text(at));
        at += 1;
        match (text(at), text(at + 1)) {
            ("::", "{") => break,
            ("::", next) if is_word(next) || next == "*" => at += 1,
            _ => {
                paths.push(path);
                return at;
            }
        }
    }
    at += 2;
    loop {
        match text(at) {
            "}" | "" => return at + 1,
            "as" => at += 2,
            name if is_word(name) || name == "*" => at = spell(tokens, at, &path, paths),
            _ => at += 1,
        }
    }
}

/// The length in bytes of what `rest` begins with: whitespace, a comment, a literal, a word, `::` or one character.
fn lexeme(rest: &str) -> usize {
    let until = |end: fn(char) -> bool| rest.find(end).unwrap_or(rest.len());
    if rest.starts_with(char::is_whitespace) {
        until(|each| !each.is_whitespace())
    } else if rest.starts_with("//") {
        until(|each| each == '\n')
    } else if rest.starts_with("/*") {
        block_comment(rest)
    } else if let Some(length) = literal(rest) {
        length
    } else if rest.starts_with("::") {
        2
    } else {
        until(|each| !(each.is_alphanumeric() || each == '_')).max(rest.chars().next().map_or(1, char::len_utf8))
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let bytes = &rest.as_bytes()[at..];
        (depth, at) = match bytes {
            [b'/', b'*', ..] => (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth - 1, at + 2),
            _ => (depth, at + 1),
        };
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a string or character literal, with its prefix (`b`, `c`, `r#`); nothing at a lifetime or a word.
fn literal(rest: &str) -> Option<usize> {
    let bare = rest.strip_prefix(['b', 'c']).unwrap_or(rest);
    let prefix = rest.len() - bare.len();
    if let Some(raw) = bare.strip_prefix('r') {
        let marks = &raw[..raw.len() - raw.trim_start_matches('#').len()];
        if let Some(body) = raw[marks.len()..].strip_prefix('"') {
            let after = body.split_once(&format!("\"{marks}")).map_or("", |(_, after)| after);
            return Some(rest.len() - after.len());
        }
    }
    let mut chars = bare.chars();
    match (chars.next()?, chars.next(), chars.next()) {
        // A quote that no second one follows opens the name of a lifetime.
        ('\'', Some('\\'), _) | ('\'', _, Some('\'')) | ('"', ..) => Some(prefix + quoted(bare)),
        _ => None,
    }
}

/// The length of a literal without prefix, up to the next quote of its kind that no backslash escapes.
fn quoted(rest: &str) -> usize {
    let (mut quote, mut escaped) = (None, false);
    let ends = |(_, each): &(usize, char)| {
        let end = !escaped && quote == Some(*each);
        escaped = !escaped && *each == '\\';
        quote = quote.or(Some(*each));
        end
    };
    rest.char_indices().find(ends).map_or(rest.len(), |(at, _)| at + 1)
}

#[test]
fn the_files_are_found() {
    for (folder, file) in
        [("src", "src/lib.rs"), ("tests", "tests/architecture/source.rs"), ("src/lib.rs", "src/lib.rs")]
    {
        assert!(
            rust_files(folder).iter().any(|source| source.path == file && source.text.starts_with("//!")),
            "{file}"
        );
    }
    assert_eq!(rust_files("no such folder").len(), 0);
}

#[test]
fn comments_and_literals_hide_what_they_hold() {
    let source = Source::sample(
        "src/a.rs",
        r##"// crate::b
/* crate::c /* crate::d */ crate::e */ let a = "crate::f \" crate::g"; let b = r#"crate::h"}"#;
fn f<'a>(x: &'a str) -> char { '"'; '\''; b'"'; '\u{7b}'; '{'; crate::i }"##,
    );
    let found: Vec<_> = source.names().iter().map(|names| names.segments.join("::")).collect();
    assert_eq!(found, ["let", "a", "let", "b", "fn", "f", "a", "x", "a", "str", "char", "crate::i"]);
    assert_eq!(source.tokens().last().map(|token| (token.text, token.line)), Some(("}", 3)));
}

#[test]
fn groups_are_spelt_out() {
    let source = Source::sample(
        "src/a.rs",
        "use a::{self, b::{c, d as e}, f::*,};\nuse ::g::h;\nmod m { fn n() { super::o::<p::q>::r(); <s as t>::u() } }",
    );
    let spelt =
        |names: &Names<'_>| format!("{}{}{}", names.segments.join("::"), "@".repeat(names.inline_modules), names.line);
    let found: Vec<_> = source.names().iter().map(spelt).collect();
    let first = ["a::self1", "a::b::c1", "a::b::d1", "a::f::*1", "g::h2", "mod3", "m3", "fn@3", "n@3"];
    assert_eq!(found, [&first[..], &["super::o@3", "p::q@3", "r@3", "s@3", "as@3", "t@3", "u@3"]].concat());
}

#[test]
fn test_code_begins_at_the_test_module() {
    let lines = |path, text| Source::sample(path, text).lines_outside_tests();
    assert_eq!(lines("src/a.rs", "a\nb\n#[cfg(test)]\nmod tests {\n}\n"), 2);
    assert_eq!(lines("src/a.rs", "a\n#[cfg(test)]\nuse b;\nc\n"), 4);
    assert_eq!(lines("src/a/tests.rs", "a\n"), 0);
    assert_eq!(lines("tests/it/a.rs", "a\n"), 0);
}
