//! Our parser beside the library's: both see the same in a text, but where the specification decides for ours.

use async_graphql::parser::parse_query;
use async_graphql::parser::types::ExecutableDocument;
use taskward::config::Limits;
use taskward::guard::parse::parse;
use taskward::guard::scan::scan;

use super::tokens::{Token, tokens};

/// The library's parser is too slow for a fuzzer on more.
const MOST_BYTES: usize = 4_096;

/// What the library gets wrong, each with the sentence of the specification (September 2025) that says so.
pub const DEVIATIONS: [Deviation; 14] = [
    Deviation {
        sentence: "2.1.8: A Name token is always the longest possible valid sequence.",
        examples: &["{a(b:[nullnull])}", "{a(b:[trueish falsenull])}", "{a(b:nullable:1)}", "query($v:T=falsey){a}"],
        is_in: |tokens, at| {
            let keyword = ["null", "true", "false"].iter().any(|keyword| tokens[at].continues(keyword));
            keyword && (before(tokens, at, 1, ":") || before(tokens, at, 1, "=") || tokens[at].within.ends_with('['))
        },
    },
    Deviation {
        sentence: "2.1.8: A Name must not be followed by a NameContinue.",
        examples: &["queryQ{a}", "mutation_{a}", "subscriptionS{a}", "{a}fragmentF on T{a}"],
        is_in: |tokens, at| {
            let keywords = ["query", "mutation", "subscription", "fragment"];
            tokens[at].within.is_empty() && keywords.iter().any(|keyword| tokens[at].continues(keyword))
        },
    },
    Deviation {
        sentence: "2.9: FragmentName: Name but not `on`.",
        examples: &["{...on}", "{...on@a}", "{...on...F}", "{a}fragment on on T{a}"],
        is_in: |tokens, at| {
            let is_defined = before(tokens, at, 1, "fragment");
            let is_spread = before(tokens, at, 1, "...") && !tokens.get(at + 1).is_some_and(Token::is_name);
            tokens[at].text == "on" && (is_defined || is_spread)
        },
    },
    Deviation {
        sentence: "2.1.3: Comments are Ignored like whitespace and may appear after any token.",
        examples: &["{...on#\nT{a}}", "{...on #c\nT{a}}", "{a}fragment F on\n#c\nT{a}"],
        is_in: |tokens, at| {
            let is_condition = before(tokens, at, 1, "...") || before(tokens, at, 2, "fragment");
            tokens[at].text == "on" && is_condition && tokens.get(at + 1).is_some_and(|next| next.ignored.contains('#'))
        },
    },
    Deviation {
        sentence: "2.1.6: Any amount of Ignored may appear before and after every lexical token.",
        examples: &["query($v:[ Int]){a}", "query($v:[Int ]){a}", "query($v:Int !){a}", "query($v:[Int!#\n]){a}"],
        is_in: |tokens, at| {
            let is_type = |token: &&Token<'_>| matches!(token.text, "[" | "]" | "!") || token.is_name();
            before(tokens, at, 1, ":")
                && before(tokens, at, 3, "$")
                && tokens[at + 1..].iter().take_while(is_type).any(|token| !token.ignored.is_empty())
        },
    },
    Deviation {
        sentence: "2.11: VariableDefinition: Description? Variable : Type DefaultValue? Directives[Const]?",
        examples: &["query($v:Int=1@a){a}", "query($v:Int@a=1){a}"],
        is_in: |tokens, at| {
            let definitions = tokens[at + 1..].iter().take_while(|token| token.within.starts_with('('));
            let outside = definitions.filter(|token| token.within == "(");
            let parts: Vec<_> = outside.take_while(|token| token.text != "$").collect();
            tokens[at].text == "$"
                && tokens[at].within == "("
                && ["=", "@"].iter().all(|part| parts.iter().any(|token| token.text == *part))
        },
    },
    Deviation {
        sentence: "2.11: A Variable can be supplied for an input value, if not defined as constant.",
        examples: &["query($v:Int@a(b:$v)){a}", "query($v:Int@a(b:[{c:$w}])){a}"],
        is_in: |tokens, at| tokens[at].text == "$" && tokens[at].within.starts_with("(("),
    },
    Deviation {
        sentence: "2.11: VariablesDefinition: ( VariableDefinition+ )",
        examples: &["query(){a}"],
        is_in: |tokens, at| tokens[at].text == ")" && before(tokens, at, 1, "(") && tokens[at].within == "(",
    },
    Deviation {
        sentence: "2.2: Description strings occur immediately before the definition they describe.",
        examples: &["\"d\"query{a}", "{a}\"\"\"d\"\"\"fragment F on T{a}", "query(\"d\"$v:Int){a}"],
        is_in: |tokens, at| {
            let describes_variable =
                tokens.get(at + 1).is_some_and(|next| next.text == "$") && tokens[at].within == "(";
            tokens[at].text.starts_with('"') && (tokens[at].within.is_empty() || describes_variable)
        },
    },
    Deviation {
        sentence: "2.10.1: An IntValue must not be followed by a Digit.",
        examples: &["{a(b:[007])}", "{a(b:[-00.5])}"],
        is_in: |tokens, at| {
            let digits = tokens[at].text.trim_start_matches('-').as_bytes();
            digits.first() == Some(&b'0') && digits.get(1).is_some_and(u8::is_ascii_digit)
        },
    },
    Deviation {
        sentence: "2.10.4: EscapedUnicode: `{` HexDigit+ `}`, and two fixed-width escape sequences may form a surrogate pair.",
        examples: &[r#"{a(b:"\u{1F600}")}"#, r#"{a(b:"\uD83D\uDE00")}"#],
        is_in: |tokens, at| {
            let text = tokens[at].text.to_ascii_lowercase();
            text.starts_with('"') && (text.contains(r"\u{") || text.contains(r"\ud"))
        },
    },
    Deviation {
        sentence: "2.10.4: BlockStringCharacter: `\\\"\"\"` is evaluated to `\"\"\"`.",
        examples: &[r#"{a(b:"""c\"""d""")}"#],
        is_in: |tokens, at| tokens[at].text.starts_with("\"\"\"") && tokens[at].text.contains("\\\"\"\""),
    },
    Deviation {
        sentence: "2.10.4, BlockStringValue: Remove commonIndent characters from the beginning of line.",
        examples: &["{a(b:\"\"\"\n  c\n \n  d\"\"\")}"],
        is_in: |tokens, at| {
            let is_blank = |line: &str| !line.is_empty() && line.trim_matches([' ', '\t']).is_empty();
            tokens[at].text.starts_with("\"\"\"") && tokens[at].text.split(['\r', '\n']).any(is_blank)
        },
    },
    Deviation {
        sentence: "5.6.3: Input objects must not contain more than one field of the same name.",
        examples: &["{a(b:{c:1 c:1})}", "{a(b:[{c:1 d:{c:1 c:2}}])}", "query($v:T={c:1,c:1}){a}"],
        is_in: |tokens, at| {
            let is_field = |token: &Token<'_>| {
                token.text == tokens[at].text && token.within == tokens[at].within && token.within.ends_with('{')
            };
            tokens[at].within.contains('(') && tokens[..at].iter().any(is_field)
        },
    },
];

/// One way in which the library reads what the specification forbids, or refuses or changes what it allows.
#[derive(Debug)]
pub struct Deviation {
    /// The sentence of the specification that decides, behind the number of its section.
    pub sentence: &'static str,
    /// Texts of which the library sees something else.
    pub examples: &'static [&'static str],
    /// Whether the token at this place of a text makes the library deviate.
    pub is_in: fn(&[Token<'_>], usize) -> bool,
}

/// Both parsers refuse a text, or see the same in it at the same places, unless it holds one of the [`DEVIATIONS`].
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // The scan bounds the nesting, and with it the recursion of the library's parser.
    if text.len() > MOST_BYTES || scan(text, &Limits::default()).is_err() {
        return;
    }
    if let Some(difference) = difference(text) {
        assert!(deviations(text).next().is_some(), "{text:?}: {difference}");
    }
}

/// What the two parsers disagree about; none where they do not.
#[must_use]
pub fn difference(text: &str) -> Option<String> {
    match (parse(text), parse_query(text)) {
        (Ok(ours), Ok(theirs)) => {
            let (ours, theirs) = (everything(&ours), everything(&theirs));
            (ours != theirs).then(|| format!("{ours:#?}, the library: {theirs:#?}"))
        }
        (Err(_), Err(_)) => None,
        (ours, theirs) => Some(format!("{:?}, the library: {:?}", ours.err(), theirs.err())),
    }
}

/// The deviations that `text` has a place for.
pub fn deviations(text: &str) -> impl Iterator<Item = &'static Deviation> {
    let tokens = tokens(text);
    DEVIATIONS.iter().filter(move |deviation| (0..tokens.len()).any(|at| (deviation.is_in)(&tokens, at)))
}

/// Everything in a tree, in an order of its own.
fn everything(document: &ExecutableDocument) -> Vec<String> {
    let operations = document.operations.iter().map(|(name, operation)| format!("{name:?} {operation:?}"));
    let fragments = document.fragments.iter().map(|(name, fragment)| format!("{name} {fragment:?}"));
    let mut all: Vec<_> = operations.chain(fragments).collect();
    all.sort();
    all
}

/// Whether the token so many before the one at `at` is `text`.
fn before(tokens: &[Token<'_>], at: usize, by: usize, text: &str) -> bool {
    at.checked_sub(by).is_some_and(|at| tokens[at].text == text)
}
