//! Nothing that a client sends makes the guard panic.

use async_graphql::Variables;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::toy::guard;
use crate::guard::Introspection;

/// Documents that come far, to be broken.
const DOCUMENTS: [&str; 5] = [
    "query Q($t:String=\"x\" $n:[Int!]! $i:Boolean!){change(change:{title:$t list:$n inner:{a:1}})@include(if:$i)}",
    "{task{id ...F parent{...F ...on Task{x:title}}}} fragment F on Task{subtasks(first:2){id}}",
    "mutation A{add(amount:1){id}} mutation B{change(change:{title:\"\"\" \n {[ \\\"\"\" \"\"\"})} subscription C{ticks}",
    "{__schema{types{...T}}} fragment T on __Type{name fields{type{name ofType{name}}}} # end",
    "{nodes{__typename ...on Task{id} ...on Label{name @skip(if:false)}}}",
];

const EDITS: [&str; 24] = [
    "",
    " ",
    "\"",
    "\"\"\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "...",
    "$",
    "@",
    ":",
    "!",
    "#",
    "\n",
    "null",
    "fragment F on T{a}",
    "0",
    "-",
    "é",
    "\u{0}",
];

fn prepare(text: &str, name: Option<&str>) {
    for introspection in [Introspection::Allowed, Introspection::Refused] {
        let guard = guard();
        if let Ok(document) = guard.check(text, introspection) {
            for variables in [serde_json::json!({}), serde_json::json!({ "t": null, "n": [1], "i": true })] {
                let _ = guard.prepare(&document, name, Variables::from_json(variables));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn on_any_text(text in any::<String>(), name in any::<Option<String>>()) {
        prepare(&text, name.as_deref());
    }

    #[test]
    fn on_documents_with_a_few_edits(
        text in select(DOCUMENTS.to_vec()), edits in prop::collection::vec((any::<Index>(), select(EDITS.to_vec())), 0..4),
    ) {
        let mut characters: Vec<String> = text.chars().map(String::from).collect();
        for (at, edit) in edits {
            let at = at.index(characters.len());
            characters[at] = String::from(edit);
        }
        prepare(&characters.concat(), Some("A"));
        prepare(&characters.concat(), None);
    }

    #[test]
    fn on_pieces_of_documents(pieces in prop::collection::vec(select(EDITS.to_vec()), 0..40)) {
        prepare(&pieces.concat(), None);
    }
}
