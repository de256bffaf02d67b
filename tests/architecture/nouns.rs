//! The same noun has a file of the same name in every layer.

use std::collections::{BTreeMap, BTreeSet};

use crate::hold;
use crate::source::{Source, rust_files};

/// The layers, from the top down; the tests are one of them.
const LAYERS: [&str; 4] = ["src/graphql", "src/domain", "src/storage", "tests/it"];

type Nouns = &'static [(&'static str, &'static [&'static str])];

/// In which layers each noun lives. A noun that a change brings, or brings into another layer, is entered here.
const NOUNS: Nouns = &[
    ("api_token", &LAYERS),
    ("change", &LAYERS),
    ("comment", &LAYERS),
    ("import", &["src/domain", "tests/it"]),
    ("label", &LAYERS),
    ("project", &LAYERS),
    ("session", &LAYERS),
    ("task", &LAYERS),
    ("user", &LAYERS),
];

/// Names that several layers share without being nouns.
const NOT_NOUNS: [&str; 6] = ["mod", "main", "error", "paging", "cost", "tests"];

#[test]
fn every_noun_is_in_each_of_its_layers() {
    let sources: Vec<_> = LAYERS.iter().flat_map(|layer| rust_files(layer)).collect();
    hold(
        "the same noun has the same file name in every layer: graphql, domain, storage and tests/it",
        &misplaced(NOUNS, &sources),
    );
}

fn misplaced(nouns: Nouns, sources: &[Source]) -> Vec<String> {
    let mut found = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (layer, name) in sources.iter().filter_map(|source| layer_and_name(&source.path)) {
        found.entry(name).or_default().insert(layer);
    }
    let is_noun = |name: &str| nouns.iter().any(|(noun, _)| *noun == name);
    // A layer is begun with its first noun; one that is not begun lacks none.
    let begun: BTreeSet<_> =
        found.iter().filter(|(name, _)| is_noun(name)).flat_map(|(_, layers)| layers).copied().collect();

    let mut offences = Vec::new();
    for (noun, layers) in nouns {
        let has = found.remove(noun).unwrap_or_default();
        let missing = layers.iter().filter(|layer| begun.contains(*layer) && !has.contains(*layer));
        offences.extend(missing.map(|layer| format!("{layer}/{noun}.rs is missing")));
        let extra = has.iter().filter(|layer| !layers.contains(layer));
        offences.extend(extra.map(|layer| format!("{layer}/{noun}.rs is not in the table of nouns")));
    }
    let unknown = found.iter().filter(|(name, layers)| layers.len() > 1 && !NOT_NOUNS.contains(name));
    offences.extend(unknown.map(|(name, layers)| format!("{name}: in {layers:?} and not in the table of nouns")));
    offences
}

/// The layer of the file, and the name of its file or folder there.
fn layer_and_name(path: &str) -> Option<(&'static str, &str)> {
    let layer = LAYERS.into_iter().find(|layer| path.starts_with(layer))?;
    let name = path[layer.len()..].strip_prefix('/')?.split('/').next()?;
    Some((layer, name.trim_end_matches(".rs")))
}

#[test]
fn a_noun_that_is_missing_or_unknown_is_refused() {
    let nouns: Nouns = &[("change", &["src/storage"]), ("session", &LAYERS), ("task", &LAYERS), ("user", &LAYERS)];
    let check =
        |paths: &[&str]| misplaced(nouns, &paths.iter().map(|path| Source::sample(path, "")).collect::<Vec<_>>());
    let complete = [
        "src/storage/change.rs",
        "src/storage/project/list.rs",
        "src/storage/project/mod.rs",
        "src/storage/session.rs",
        "src/storage/task/mod.rs",
        "src/storage/task/finder.rs",
        "src/storage/user.rs",
        "src/storage/mod.rs",
        "src/domain/mod.rs",
        "src/domain/op.rs",
        "tests/it/edge/body.rs",
    ];
    let with = |more: &[&'static str]| [&complete, more].concat();
    assert_eq!(check(&complete), Vec::<String>::new());
    assert_eq!(check(&complete[..4]), ["src/storage/task.rs is missing", "src/storage/user.rs is missing"]);
    let lone = check(&with(&["src/domain/task.rs"]));
    assert_eq!(lone, ["src/domain/session.rs is missing", "src/domain/user.rs is missing"]);
    let extra =
        check(&with(&["src/domain/session.rs", "src/domain/task.rs", "src/domain/user.rs", "src/domain/change.rs"]));
    assert_eq!(extra, ["src/domain/change.rs is not in the table of nouns"]);
    let unknown = check(&with(&["src/graphql/label.rs", "src/domain/label.rs"]));
    assert_eq!(unknown, [r#"label: in {"src/domain", "src/graphql"} and not in the table of nouns"#]);
    assert_eq!(check(&with(&["src/domain/paging.rs"])), Vec::<String>::new());
}
