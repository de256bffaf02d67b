//! What the guard's parser takes for a document. That it makes the library's trees, with the same places, is a fuzz target
//! (`parser`), which `tests/it/fuzz.rs` drives in every test run.

use crate::guard::parse::parse;

/// The grammar (GraphQL, September 2025, section 2), where the library's parser accepts less or more.
#[test]
fn the_specification_decides_what_a_document_is() {
    for (text, accepts) in [
        ("{a(b:[nullnull])}", true),
        ("queryQ{a}", false),
        ("{a}fragmentF on T{a}", false),
        ("{a(b:[007])}", false),
        ("{a(b:[1-2])}", true),
        ("{a(b:[1...])}", false),
        ("{...on}", false),
        ("{...onFoo}", true),
        ("{...on @a{b}}", false),
        ("{...on on{b}}", true),
        ("{a} fragment on on T{a}", false),
        ("{...on#\nT{a}}", true),
        ("query($v:[ Int ! ] !){a}", true),
        ("query($v:Int=1@a){a}", true),
        ("query($v:Int@a=1){a}", false),
        ("query(){a}", false),
        // Directives and defaults of variables are constant.
        ("query($v:Int$w:Int=$v){a}", false),
        ("query($v:Int@a(b:1)){a}", true),
        ("query($v:Int@a(b:[{c:$v}])){a}", false),
        // A field of an input object once, in each of them.
        ("{a(b:{c:1 d:{c:1}} e:{c:1})}", true),
        ("{a(b:{c:1 c:1})}", false),
        ("{a(b:[{c:{d:1 e:2 d:3}}])}", false),
        ("query($v:T={c:1 c:1}){a}", false),
        // Descriptions, but of a query in short form.
        ("\"d\"query{a}", true),
        ("\"\"\"d\"\"\"mutation M(\"d\"$v:Int,\"e\"$w:Int){a}\"d\"fragment F on T{a}", true),
        ("\"d\"{a}", false),
        ("\"d\"\"d\"query{a}", false),
        ("\"d\"", false),
        ("{\"d\"a}", false),
        ("\"\\uD83D\"query{a}", false),
        // Ignored between tokens, and at the end.
        ("\u{feff}{\u{feff}a\u{feff}}\u{feff}", true),
        ("{a}#", true),
        ("\r{\ra\r}\r", true),
        ("{a\u{a0}}", false),
    ] {
        assert_eq!(parse(text).is_ok(), accepts, "{text}");
    }
}

/// A description must not change the result, so a document is the same with and without.
#[test]
fn descriptions_are_in_no_tree() {
    let described = parse("\"d\"query Q(\"d\"$v:Int){a}").unwrap();
    let plain = parse("   query Q(   $v:Int){a}").unwrap();
    assert_eq!(format!("{described:?}"), format!("{plain:?}"));
}
