//! The corpus of attacks: one a file in this folder, each with the answer that it must get.
//!
//! A file starts with comments: what the attack is, `Expected:` with the code of the answer or `accepted`, and where it
//! needs them `Variables:` and `Operation:`. `⟨5000:[⟩` stands for 5,000 brackets; a `%` in it is replaced by the
//! number of the repetition. The schema that they expect is the guard's toy; what is refused for its shape is refused
//! before any schema is looked at.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// An attack.
#[derive(Debug)]
pub(crate) struct Attack {
    /// The stem of its file.
    pub(crate) name: String,
    /// The document.
    pub(crate) text: String,
    /// The code of the answer, or `accepted`.
    pub(crate) expected: String,
    /// The variables that go with the document.
    pub(crate) variables: Value,
    /// The operation that is asked for.
    pub(crate) operation: Option<String>,
}

/// Every attack, in the order of the files' names.
pub(crate) fn attacks() -> Vec<Attack> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/attacks");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "graphql")).collect();
    files.sort();
    assert!(files.len() >= 70, "only {} attacks found", files.len());
    files.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Attack {
    let source = std::fs::read_to_string(path).unwrap();
    let header = |key: &str| source.lines().find_map(|line| line.strip_prefix(&format!("# {key}: "))).map(expand);
    let after_header = source.split_inclusive('\n').skip_while(|line| line.starts_with("# ")).collect::<String>();
    let variables = header("Variables").map(|json| serde_json::from_str(&json).unwrap());
    Attack {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        text: expand(after_header.trim_end_matches('\n')),
        expected: header("Expected").unwrap_or_else(|| panic!("{} says nothing of what is expected", path.display())),
        variables: variables.unwrap_or_default(),
        operation: header("Operation"),
    }
}

/// `source` with its repetitions written out.
fn expand(source: &str) -> String {
    let mut text = String::new();
    for (at, part) in source.split(['⟨', '⟩']).enumerate() {
        if at % 2 == 0 {
            text.push_str(part);
        } else {
            let (times, piece) = part.split_once(':').unwrap();
            (0..times.parse().unwrap())
                .for_each(|number: usize| text.push_str(&piece.replace('%', &number.to_string())));
        }
    }
    text
}
