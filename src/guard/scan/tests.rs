//! The scan, at its limits and against the parser.

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    BaseType, DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet, Type,
};
use async_graphql::{Name, Value};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::guard::parse::parse;

fn unlimited() -> Limits {
    Limits { document_bytes: usize::MAX, tokens: usize::MAX, nesting: usize::MAX, ..Limits::default() }
}

/// Tokens and nesting of a text, without limits.
fn counted(text: &str) -> (usize, usize) {
    let scan = scan(text, &unlimited()).unwrap();
    (scan.tokens.used, scan.nesting.used)
}

#[test]
fn tokens_and_brackets_are_counted_as_the_grammar_cuts_them() {
    for (text, tokens, nesting) in [
        ("", 0, 0),
        ("\u{feff}{a}", 3, 1),
        (" \t\r\n,,,, ", 0, 0),
        ("# {{{{ \"", 0, 0),
        ("#{{\r{a}", 3, 1),
        ("#{{\n{a}", 3, 1),
        ("{a(b:[{c:1}])}", 14, 4),
        ("query Q($v:[Int!]!=1){a@b}", 19, 2),
        ("...F", 2, 0),
        ("..", 2, 0),
        ("\"{[(\"", 1, 0),
        ("\"\\\"{\"", 1, 0),
        ("\"\\\\\"{", 2, 1),
        ("\"\"{", 2, 1),
        ("\"\"\"\"\"\"{", 2, 1),
        ("\"\"\" { \" {\"\" { \"\"\"", 1, 0),
        ("\"\"\" \\\"\"\" { \"\"\"", 1, 0),
        ("\"\"\" \\\\\"\"\" { \"\"\"", 1, 0),
        ("\"\"\"\n{\n\"\"\"", 1, 0),
        ("\"#\"{", 2, 1),
        ("1 -1 1.5 1e3 -1.5E-3 0.0", 6, 0),
        ("1-1", 2, 0),
        ("007", 3, 0),
        ("1.", 2, 0),
        ("1e", 2, 0),
        ("-", 1, 0),
        ("null true false", 3, 0),
        ("nullnulltruefalse", 4, 0),
        ("nullable", 2, 0),
        ("é", 2, 0),
        ("\0", 1, 0),
        ("}}}{", 4, 1),
        ("{}{}", 4, 1),
    ] {
        assert_eq!(counted(text), (tokens, nesting), "{text:?}");
    }
}

#[test]
fn a_string_that_is_not_closed_is_refused_where_it_starts() {
    for (text, line, column) in [
        ("\"", 1, 1),
        ("{a(b:\"x", 1, 6),
        ("{a(b:\"x\n\")}", 1, 6),
        ("{a(b:\"x\r\")}", 1, 6),
        ("{a(b:\"x\\", 1, 6),
        ("{a(b:\"x\\\n\")}", 1, 6),
        ("{\n  é(b:\"\"\"x)}", 2, 7),
        ("\"\"\"\"", 1, 1),
        ("\"\"\"\"\"", 1, 1),
        ("\"\"\"\\\"\"\"", 1, 1),
    ] {
        let refusal = scan(text, &unlimited()).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::GraphqlParseFailed, "{text:?}");
        assert_eq!(refusal.locations, [Pos { line, column }], "{text:?}");
    }
}

/// The parser reads the two quotes as an empty string and the rest, brackets and all, as further values.
#[test]
fn an_open_block_string_hides_no_brackets() {
    let brackets = "[".repeat(40) + &"]".repeat(40);
    let text = format!("{{a(b:[\"\"\"x\"{brackets}])}}");
    assert!(parse_query(&text).is_ok(), "the parser has changed: the scan can be simpler");
    assert_eq!(scan(&text, &Limits::default()).unwrap_err().code, ErrorCode::GraphqlParseFailed);
}

#[test]
fn each_limit_passes_and_one_above_is_refused() {
    let nested = |levels: usize| format!("{{a{}{}}}", "(b:{c:[".repeat(levels), "]})".repeat(levels));
    for (name, code, passes, refused, limits) in [
        (
            "document_bytes",
            ErrorCode::QueryTooLarge,
            format!("{{a}}{}", " ".repeat(16_381)),
            format!("{{a}}{}", " ".repeat(16_382)),
            Limits::default(),
        ),
        (
            "tokens",
            ErrorCode::QueryTooLarge,
            format!("{{{}}}", "a ".repeat(998)),
            format!("{{{}}}", "a ".repeat(999)),
            Limits::default(),
        ),
        ("nesting", ErrorCode::QueryTooDeep, nested(2), nested(3), Limits { nesting: 9, ..Limits::default() }),
        (
            "nesting",
            ErrorCode::QueryTooDeep,
            "[".repeat(32) + &"]".repeat(32),
            "[".repeat(33) + &"]".repeat(33),
            Limits::default(),
        ),
    ] {
        scan(&passes, &limits).unwrap();
        let refusal = scan(&refused, &limits).unwrap_err();
        assert_eq!((refusal.code, refusal.limit.map(|limit| limit.name)), (code, Some(name)));
        let limit = refusal.limit.unwrap();
        assert_eq!(limit.used, limit.max + 1);
    }
}

/// Arguments with their variables as nulls: one token and no bracket, like a name.
macro_rules! constants {
    ($arguments:expr) => {
        $arguments.iter().map(|(name, value)| {
            let value = value.node.clone().into_const_with(|_| Ok::<_, ()>(Value::Null)).unwrap();
            (&name.node, value)
        })
    };
}

/// Brackets and tokens that a parsed document must have had at least.
#[derive(Default)]
struct Least {
    tokens: usize,
    nesting: usize,
    open: usize,
}

impl Least {
    fn bracket(&mut self, inside: impl FnOnce(&mut Self)) {
        self.tokens += 2;
        self.open += 1;
        self.nesting = self.nesting.max(self.open);
        inside(self);
        self.open -= 1;
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::List(items) => self.bracket(|least| items.iter().for_each(|item| least.value(item))),
            Value::Object(fields) => self.bracket(|least| {
                for field in fields.values() {
                    least.tokens += 2;
                    least.value(field);
                }
            }),
            _ => self.tokens += 1,
        }
    }

    fn ty(&mut self, ty: &Type) {
        self.tokens += usize::from(!ty.nullable);
        match &ty.base {
            BaseType::Named(_) => self.tokens += 1,
            BaseType::List(inner) => self.bracket(|least| least.ty(inner)),
        }
    }

    fn arguments<'a>(&mut self, arguments: impl ExactSizeIterator<Item = (&'a Name, Value)>) {
        if arguments.len() > 0 {
            self.bracket(|least| {
                for (_, value) in arguments {
                    least.tokens += 2;
                    least.value(&value);
                }
            });
        }
    }

    fn selections(&mut self, set: &SelectionSet) {
        self.bracket(|least| {
            for selection in &set.items {
                for directive in selection.node.directives() {
                    least.tokens += 2;
                    least.arguments(constants!(directive.node.arguments));
                }
                match &selection.node {
                    Selection::Field(field) => {
                        least.tokens += if field.node.alias.is_some() { 3 } else { 1 };
                        least.arguments(constants!(field.node.arguments));
                        if !field.node.selection_set.node.items.is_empty() {
                            least.selections(&field.node.selection_set.node);
                        }
                    }
                    Selection::FragmentSpread(_) => least.tokens += 2,
                    Selection::InlineFragment(fragment) => {
                        least.tokens += 1 + 2 * usize::from(fragment.node.type_condition.is_some());
                        least.selections(&fragment.node.selection_set.node);
                    }
                }
            }
        });
    }

    fn operation(&mut self, operation: &OperationDefinition) {
        if !operation.variable_definitions.is_empty() {
            self.bracket(|least| {
                for variable in &operation.variable_definitions {
                    least.tokens += 3;
                    least.ty(&variable.node.var_type.node);
                    if let Some(default) = &variable.node.default_value {
                        least.tokens += 1;
                        least.value(&default.node);
                    }
                }
            });
        }
        self.selections(&operation.selection_set.node);
    }

    fn document(document: &ExecutableDocument) -> Self {
        let mut least = Self::default();
        match &document.operations {
            DocumentOperations::Single(operation) => least.operation(&operation.node),
            DocumentOperations::Multiple(operations) => operations.values().for_each(|it| least.operation(&it.node)),
        }
        for fragment in document.fragments.values() {
            least.tokens += 3;
            least.selections(&fragment.node.selection_set.node);
        }
        least
    }
}

/// Refuses the scan if the parser sees more than it.
fn compare(text: &str) -> Result<bool, TestCaseError> {
    let Ok(scan) = scan(text, &unlimited()) else { return Ok(false) };
    if scan.nesting.used > 60 {
        return Ok(false);
    }
    let Ok(document) = parse(text) else { return Ok(false) };
    let least = Least::document(&document);
    prop_assert!(least.nesting <= scan.nesting.used, "{text:?}");
    prop_assert!(least.tokens <= scan.tokens.used, "{} > {}: {text:?}", least.tokens, scan.tokens.used);
    Ok(true)
}

fn string() -> impl Strategy<Value = String> {
    let piece =
        prop::sample::select(vec!["{", "[", "(", "}", "]", ")", "#", "'", " ", "a", "é", "\\\\", "\\\"", "\\u00e9"]);
    let pieces = prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat());
    let block = prop::sample::select(vec!["{", "[", "}", "]", "\"", "\"\" ", "\\\"\"\"", "\\", "\n", "#", " a "]);
    let blocks = prop::collection::vec(block, 0..6).prop_map(|pieces| pieces.concat());
    prop_oneof![pieces.prop_map(|it| format!("\"{it}\"")), blocks.prop_map(|it| format!("\"\"\"{it} \"\"\""))]
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["1", "-1.5e3", "0", "007", "1-1", "null", "true", "nulltrue", "RED", "$v"])
            .prop_map(String::from),
        string(),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(" "))),
            prop::collection::vec(inner, 0..4).prop_map(|items| {
                let fields: Vec<_> = items.iter().enumerate().map(|(at, item)| format!("k{at}:{item}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

fn ignored() -> impl Strategy<Value = String> {
    prop::sample::select(vec![" ", ",", "\n", "\r\n", "\t", "\u{feff}", "#{\"\n", "#\"\"\"\r", "#]]]\n"])
        .prop_map(String::from)
}

fn selections() -> impl Strategy<Value = String> {
    let leaf = (prop::sample::select(vec!["a", "x:a", "on", "query", "...F", "null"]), ignored())
        .prop_map(|(name, space)| format!("{name}{space}"));
    leaf.prop_recursive(5, 24, 4, |inner| {
        let set = prop::collection::vec(inner, 1..4).prop_map(|items| format!("{{{}}}", items.concat()));
        prop_oneof![
            (set.clone(), ignored()).prop_map(|(set, space)| format!("a{space}{set}")),
            (set.clone(), value(), ignored()).prop_map(|(set, value, space)| format!("a({space}b:{value}){set}")),
            (set.clone(), value()).prop_map(|(set, value)| format!("... on T @d(b:{value}){set}")),
            set.prop_map(|set| format!("...{set}")),
        ]
    })
}

fn document() -> impl Strategy<Value = String> {
    let head = prop_oneof![
        Just(String::new()),
        Just(String::from("query")),
        (value(), ignored()).prop_map(|(value, space)| format!("queryQ($v:[[A!]]{space}={value})")),
    ];
    (head, prop::collection::vec(selections(), 1..4), ignored())
        .prop_map(|(head, items, space)| format!("{head}{{{}}}{space}fragment F on T{{a}}", items.concat()))
}

#[test]
fn the_comparison_compares_documents_that_parse() {
    let mut runner = TestRunner::deterministic();
    let strategy = document();
    let parsed = (0..200).filter(|_| compare(&strategy.new_tree(&mut runner).unwrap().current()).unwrap()).count();
    assert!(parsed > 100, "only {parsed} of 200");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn the_parser_sees_no_more_than_the_scan(text in document()) {
        compare(&text)?;
    }

    #[test]
    fn nor_after_a_few_edits(
        text in document(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(vec![
            "", "\"", "\"\"", "\"\"\"", "\\", "\\\"\"\"", "#", "\n", "\r", "{", "}", "[", "]", "(", ")", " ", "0", "null", ".",
        ])), 1..4),
    ) {
        let mut characters: Vec<String> = text.chars().map(String::from).collect();
        for (at, edit) in edits {
            let at = at.index(characters.len());
            characters[at] = String::from(edit);
        }
        compare(&characters.concat())?;
    }

    #[test]
    fn any_text_is_scanned_without_a_panic(text in any::<String>(), quoted in "[\"\\\\#{\\[a0.\\-\n ]{0,40}") {
        let _ = scan(&text, &unlimited());
        compare(&quoted)?;
    }
}
