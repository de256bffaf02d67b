//! The guard's parser makes the trees that the library's makes, with the same places.

use async_graphql::parser::parse_query;
use async_graphql::parser::types::ExecutableDocument;
use proptest::prelude::*;
use proptest::sample::select;

use super::corpus::documents;
use crate::config::Limits;
use crate::guard::parse::parse;
use crate::guard::scan::scan;

/// Everything in a tree, in an order of its own.
fn everything(document: &ExecutableDocument) -> Vec<String> {
    let operations = document.operations.iter().map(|(name, operation)| format!("{name:?} {operation:?}"));
    let fragments = document.fragments.iter().map(|(name, fragment)| format!("{name} {fragment:?}"));
    let mut all: Vec<_> = operations.chain(fragments).collect();
    all.sort();
    all
}

/// Panics when both parsers accept `text` and see different things in it, and when one of them accepts what the other
/// refuses, unless the library deviates from the grammar there.
fn check(text: &str) {
    if scan(text, &Limits::default()).is_err() || library_deviates(text) {
        return;
    }
    match (parse(text), parse_query(text)) {
        (Ok(ours), Ok(theirs)) => assert_eq!(everything(&ours), everything(&theirs), "{text}"),
        (Err(_), Err(_)) => {}
        (ours, theirs) => panic!("{text:?}: {:?}, the library: {:?}", ours.err(), theirs.err()),
    }
}

/// Where the library reads what the grammar does not allow, or the other way round. Each is a test of
/// [`what_the_library_gets_wrong`].
fn library_deviates(text: &str) -> bool {
    let continues = |word: &str| {
        text.match_indices(word).any(|(at, _)| {
            text[at + word.len()..].starts_with(|next: char| next.is_ascii_alphanumeric() || matches!(next, '_' | '#'))
        })
    };
    let glued = ["null", "true", "false", "query", "mutation", "subscription", "fragment", "on"]
        .iter()
        .any(|word| continues(word));
    glued || text.contains("\\\"\"\"")
}

#[test]
fn what_the_library_gets_wrong() {
    for (text, accepts) in [
        // It cuts a name after a keyword.
        ("{a(b:[nullnull])}", true),
        ("queryQ{a}", false),
        ("{a}fragmentF on T{a}", false),
        // It cuts a number after a zero.
        ("{a(b:[007])}", false),
        ("{a(b:[1-2])}", true),
        ("{a(b:[1...])}", false),
        // `on` is not the name of a fragment.
        ("{...on}", false),
        ("{a} fragment on on T{a}", false),
        // A comment may stand wherever a space may.
        ("{...on#\nT{a}}", true),
        ("query($v:[ Int ! ] !){a}", true),
        // Directives of a variable come after its default.
        ("query($v:Int=1@a){a}", true),
        ("query($v:Int@a=1){a}", false),
        // There are no empty definitions of variables.
        ("query(){a}", false),
    ] {
        assert_eq!(parse(text).is_ok(), accepts, "{text}");
    }
    let escaped = parse(r#"{a(b:"""c\"""d""")}"#).unwrap();
    assert!(format!("{escaped:?}").contains(r#"c\"\"\"d"#), "{escaped:?}");
}

#[test]
fn variables_have_the_same_trees() {
    for definitions in
        ["$v:Int", "$v:Int!,$w:[[A!]]!", "$v:A=1 $w:A!={a:[null {b:E}]}", "$v:A=\"\"\"\n  a\n b\"\"\"", "$v:A@d(e:1)@f"]
    {
        let text = format!("mutation M({definitions}) @a {{a}} fragment F on T @b {{c}} subscription S {{d}}");
        assert!(parse(&text).is_ok(), "{text}");
        check(&text);
    }
}

#[test]
fn attacks_have_the_same_trees() {
    for attack in documents() {
        check(attack.text());
    }
}

proptest! {
    #[test]
    fn random_tokens_have_the_same_trees(tokens in prop::collection::vec(select(TOKENS.to_vec()), 1..12)) {
        check(&tokens.concat());
        check(&format!("{{a{{{}}}}}", tokens.concat()));
        check(&format!("{{a(b:[{}])}}", tokens.concat()));
    }
}

/// Pieces that often make something that is a document.
const TOKENS: [&str; 38] = [
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
    "...{a}",
    "...",
    "$v ",
    "$v:Int ",
    "$w:[A!]!=[1]",
    "=",
    "1 ",
    "-0.5e+3 ",
    "1",
    "\"s\\u00e9\\n\"",
    "\"\"",
    "\"\"\"\n  b\n   c\n\"\"\"",
    "\"\"\"\"\"\"",
    "E ",
    "null ",
    "true ",
    "{f:1}",
    "#c\n",
    ",",
    "\r\n\t",
    "é",
];
