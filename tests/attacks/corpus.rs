//! The corpus of attacks: one a file, in a folder for the protection that stops it, with the answer that it must get.
//!
//! A file starts with comments: what the attack is, and `# Name: value` lines. Then it comes in one of two forms.
//!
//! - `.graphql` is a document for the schema of the guard's toy. `Expected:` is the code of the answer or `accepted`;
//!   `Variables:` and `Operation:` go with the document. A whole server answers 400 with that code, or as `Server:` says:
//!   what passes the guard has no place in its schema.
//! - `.http` is a request for a whole server: the request line, header fields, an empty line and the body. `Expected:` is
//!   the status and the code, if the answer has one. What is only true of a server on a socket stands in `Wire:` instead
//!   or, if it differs there, as well. `Field:` is a header field of the answer, `Missing:` one that it must not have, and
//!   `Answer:` how its body begins.
//!
//! In either, `⟨5000:[⟩` stands for 5,000 brackets, with each `%` in it replaced by the number of the repetition, and
//! `⟨byte:ff⟩` for a byte.
//!
//! Names that begin with a number are those of the attacks that the project set out to survive; others came up on the way.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// An attack.
#[derive(Debug)]
pub(crate) struct Attack {
    /// Its folder and the stem of its file.
    pub(crate) name: String,
    /// The document, or the request.
    pub(crate) content: Vec<u8>,
    /// The comments at its top.
    comments: Vec<String>,
}

impl Attack {
    /// The values of the comments `# name: value`.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.comments.iter().filter_map(move |line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The value of the comment `# name: value`, if there is one.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The document.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.content).unwrap()
    }

    /// The variables that go with the document.
    pub(crate) fn variables(&self) -> Value {
        self.get("Variables").map(|json| serde_json::from_str(json).unwrap()).unwrap_or_default()
    }
}

/// Every attack by a document, in the order of the files' names.
pub(crate) fn documents() -> Vec<Attack> {
    let documents = read_all("graphql");
    assert!(documents.len() >= 70, "only {} attacks found", documents.len());
    documents
}

/// Every attack in files of this extension, in the order of their names.
pub(crate) fn read_all(extension: &str) -> Vec<Attack> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attacks");
    let folders = list(&corpus).into_iter().filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| list(&folder));
    files.filter(|path| path.extension().is_some_and(|it| it == extension)).map(|path| read(&path, &corpus)).collect()
}

fn list(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn read(path: &Path, corpus: &Path) -> Attack {
    let source = fs::read_to_string(path).unwrap();
    let comments = source.lines().map_while(|line| line.strip_prefix("# "));
    let text: String = source.split_inclusive('\n').skip_while(|line| line.starts_with("# ")).collect();
    let attack = Attack {
        name: path.strip_prefix(corpus).unwrap().with_extension("").display().to_string(),
        comments: comments.map(|line| String::from_utf8(expand(line)).unwrap()).collect(),
        content: expand(text.trim_end_matches('\n')),
    };
    assert!(["Expected", "Wire"].iter().any(|name| attack.get(name).is_some()), "{} expects nothing", attack.name);
    attack
}

/// `source` with its repetitions written out.
fn expand(source: &str) -> Vec<u8> {
    let mut text = Vec::new();
    for (at, part) in source.split(['⟨', '⟩']).enumerate() {
        match part.split_once(':').filter(|_| at % 2 == 1) {
            None => text.extend(part.as_bytes()),
            Some(("byte", byte)) => text.push(u8::from_str_radix(byte, 16).unwrap()),
            Some((times, piece)) => {
                let times: usize = times.parse().unwrap();
                (0..times).for_each(|number| text.extend(piece.replace('%', &number.to_string()).bytes()));
            }
        }
    }
    text
}
