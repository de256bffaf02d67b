//! What the fuzzer starts from: the attacks of `tests/attacks`, the examples of the playground, and a few small ones.

use std::ffi::OsString;
use std::path::Path;

use serde_json::{Value, json};

use super::parser::DEVIATIONS;

/// Texts that use every rule of the grammar.
const EVERY_RULE: [&str; 4] = [
    "query Q($v:Int!=1,$w:[[A!]!]={a:[null{b:E}]},$x:T@a(b:1)@c){a:b(c:$v,d:[1.5e-3,true,-0],e:{})@f{...on T@g{h}...{i}...F@j}}",
    "mutation M@a{a}fragment F on T@b{c}subscription S{d(e:\"é\\n\\u0041\\\"/\")}#end",
    "\u{feff}{a(b:\"\"\"\r\n    c\r     \\\"d\n\n   \t e\n\"\"\",c:\"\",d:\"\"\"\"\"\",e:[],f:[{}])}",
    "{onFoo...onFoo queryA nullB trueC:falseD fragment on null(true:true,on:on){query mutation}}fragment onFoo on fragment{a}",
];

/// The seeds of each target, made of the files in the folder of the repository.
///
/// # Panics
/// When there are no such files.
#[must_use]
pub fn seeds(root: &Path) -> [(&'static str, Vec<Vec<u8>>); 6] {
    let mut documents = examples(root);
    documents.extend(attacks(&root.join("tests/attacks")).into_iter().map(|text| (text, json!({ "v": [1] }))));
    let text = |(text, _): &(String, Value)| text.clone().into_bytes();
    let with_variables = |(text, variables): &(String, Value)| format!("{text}\0{variables}\0secret123").into_bytes();
    let body = |(text, variables): &(String, Value)| {
        json!({ "query": text, "variables": variables, "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "0" } } })
            .to_string()
            .into_bytes()
    };
    let bytes = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
    let json = [
        // Found by the fuzzer: without `float_roundtrip`, serde_json reads a number that changes when it is written.
        r#"{"a":14444444440000000000000000000444444444440000000000000000000003566131579936949}"#,
        r#"{"query":"{a}","query":1}"#,
        "[[[{}]]]",
        r#"{"a":-0.0,"b":1e308,"c":"\ud83d\ude00","d":[9007199254740993]}"#,
    ];
    let query = "query=%7Ba%7D&variables=%7B%22a%22:1%7D&operationName=secret123&extensions={}";
    let cursors = [
        r#"[1,"01932f7e-0000-7000-8000-000000000000"]"#,
        r#"["title",null,-9223372036854775808,"01932f7e-0000-7000-8000-000000000000"]"#,
        "secret123",
    ];
    let deviations = DEVIATIONS.iter().flat_map(|deviation| deviation.examples).map(|text| text.as_bytes());
    let filters = [
        r#"{"and":[{"or":[{"completed":true},{"not":{"priority":["HIGH"]}}]}],"search":"water secret123"}"#,
        r#"{"dueAt":{"before":"2026-11-24T09:30:00Z","isNull":false},"deleted":true}"#,
        "\u{4}\u{8}\u{2}\u{1}\u{1}\u{9}\u{3}\u{2}\u{4}text",
    ];
    [
        ("scan", documents.iter().map(text).collect()),
        (
            "parser",
            documents.iter().map(text).chain(bytes(&EVERY_RULE)).chain(deviations.map(<[u8]>::to_vec)).collect(),
        ),
        ("document", documents.iter().map(with_variables).collect()),
        ("json", documents.iter().map(body).chain(bytes(&json)).chain(bytes(&[query])).collect()),
        ("cursor", bytes(&cursors)),
        ("filter", bytes(&filters)),
    ]
}

/// Writes the seeds of a target, made of the files in the folder of the repository, into `folder` if there is one.
///
/// # Panics
/// When they can't be written.
pub fn write(target: &str, root: &Path, folder: Option<OsString>) {
    let Some(folder) = folder else { return };
    let (_, seeds) = seeds(root).into_iter().find(|(name, _)| *name == target).unwrap();
    for (number, seed) in seeds.iter().enumerate() {
        std::fs::write(Path::new(&folder).join(format!("seed-{number}")), seed).unwrap();
    }
}

fn examples(root: &Path) -> Vec<(String, Value)> {
    let file = std::fs::read_to_string(root.join("playground/src/examples.json")).unwrap();
    let examples: Vec<Value> = serde_json::from_str(&file).unwrap();
    let example = |it: &Value| (it["query"].as_str().unwrap().to_owned(), it["variables"].clone());
    examples.iter().map(example).collect()
}

/// The documents in `folder` and the folders in it, with their repetitions (`⟨5000:[⟩`) written out as far as they matter
/// to a fuzzer, which can repeat by itself.
fn attacks(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts.extend(attacks(&path));
        } else if path.extension().is_some_and(|extension| extension == "graphql") {
            let text = std::fs::read_to_string(path).unwrap();
            texts.push(
                text.split(['⟨', '⟩'])
                    .enumerate()
                    .map(|(at, part)| if at % 2 == 0 { part.to_owned() } else { repeated(part) })
                    .collect(),
            );
        }
    }
    texts.sort();
    texts
}

fn repeated(part: &str) -> String {
    let (times, piece) = part.split_once(':').unwrap_or(("1", part));
    let times = times.parse::<usize>().unwrap_or(1).min(40);
    (0..times).map(|number| piece.replace('%', &number.to_string())).collect()
}
