//! One protection is one file with four opening lines, and one file of tests with the same name.

use crate::hold;
use crate::source::{Source, rust_files};

/// The rooms of the protections, and where their tests are. The guard's are with it: it could be a crate of its own.
const ROOMS: [(&str, &str); 2] = [("src/edge", "tests/it/edge"), ("src/guard", "src/guard")];

/// How the four lines begin, in this order.
const LINES: [&str; 4] = ["Attack", "Setting", "Answer", "Test"];

/// Files of those rooms that answer no attack by themselves, each with what it is for.
const HELPERS: &[(&str, &str)] = &[
    ("src/edge/mod.rs", "the list of the layers, in their order"),
    ("src/edge/tally.rs", "counts what several protections bound"),
    ("src/edge/field_syntax.rs", "the parts of HTTP's syntax that several protections read"),
    ("src/guard/mod.rs", "runs the protections, in their order"),
    ("src/guard/fragment.rs", "reads what stands in a fragment, for several protections"),
    ("src/guard/prepare.rs", "makes the request of what the protections have passed"),
    ("src/guard/schema.rs", "what the guard knows of the schema's types"),
];

#[test]
fn every_protection_has_its_four_lines_and_its_tests() {
    let offences: Vec<_> =
        ROOMS.iter().flat_map(|(room, tests)| untested(&rust_files(room), room, &rust_files(tests), tests)).collect();
    hold(
        "a file of src/edge/ or src/guard/ opens with the lines Attack, Setting, Answer and Test and has a file of \
         tests with the same name, unless it is listed as a helper",
        &offences,
    );
}

fn untested(sources: &[Source], room: &str, tests: &[Source], tests_folder: &str) -> Vec<String> {
    let offence = |source: &Source| {
        let name = protection(source.path.strip_prefix(room)?)?;
        let is_helper = HELPERS.iter().any(|(helper, _)| *helper == source.path);
        match (has_the_four_lines(source), is_helper) {
            (true, false) => {
                let places = places(tests_folder, name);
                let tested = tests.iter().any(|test| test.path != source.path && places.contains(&test.path));
                let tests_itself = tests_folder == room && source.text.contains("\nmod tests {");
                (!tested && !tests_itself).then(|| format!("{}: {} is missing", source.path, places[0]))
            }
            (false, false) => {
                Some(format!("{}: a line of {LINES:?} is missing at its top, in this order", source.path))
            }
            (true, true) => Some(format!("{}: has the four lines, so take it off the list of helpers", source.path)),
            (false, true) => None,
        }
    };
    sources.iter().filter_map(offence).collect()
}

/// Where the tests of a protection may be: outside of its room under its name, inside of it in a folder or file `tests`.
fn places(tests_folder: &str, name: &str) -> [String; 2] {
    if tests_folder.starts_with("src/") {
        [format!("{tests_folder}/tests/{name}.rs"), format!("{tests_folder}/{name}/tests.rs")]
    } else {
        [format!("{tests_folder}/{name}.rs"), format!("{tests_folder}/{name}/mod.rs")]
    }
}

/// The name of the protection that a file stands for; nothing for its parts in a folder of its name, and for tests.
fn protection(path_in_room: &str) -> Option<&str> {
    let name = path_in_room.strip_prefix('/')?.strip_suffix(".rs")?;
    let name = name.strip_suffix("/mod").unwrap_or(name);
    (!name.contains('/') && name != "tests").then_some(name)
}

/// Whether the `//!` lines hold one that begins with each of [`LINES`], bold or not: `//! Attack: …`, `//! *Attack.* …`.
fn has_the_four_lines(source: &Source) -> bool {
    let mut header = source
        .text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.trim_start_matches([' ', '*', '-', '_']));
    LINES.iter().all(|word| {
        header.any(|line| line.strip_prefix(word).is_some_and(|rest| rest.starts_with([':', '.', '*', '_'])))
    })
}

#[test]
fn each_rule_passes_one_sample_and_refuses_another() {
    let protection =
        "//! Owns it.\n//!\n//! *Attack.* A.\n//! *Setting.* B, on\n//! two lines.\n//! Answer: C.\n//! **Test**: D.\n";
    let check = |path: &str, text: &str, test: &str| {
        untested(&[Source::sample(path, text)], "src/edge", &[Source::sample(test, "")], "tests/it/edge").len()
    };
    for (path, test) in [
        ("src/edge/body.rs", "tests/it/edge/body.rs"),
        ("src/edge/body.rs", "tests/it/edge/body/mod.rs"),
        ("src/edge/body/mod.rs", "tests/it/edge/body.rs"),
    ] {
        assert_eq!(check(path, protection, test), 0, "{path} with {test}");
    }
    for test in ["tests/it/edge/bodies.rs", "tests/it/guard/body.rs", "tests/it/edge/mod.rs"] {
        assert_eq!(check("src/edge/body.rs", protection, test), 1, "{test}");
    }
    for word in LINES {
        let text = protection.replace(word, "Other");
        assert_eq!(check("src/edge/body.rs", &text, "tests/it/edge/body.rs"), 1, "without {word}");
    }
    assert_eq!(check("src/edge/body.rs", "use a;\n//! Attack: late\n", "tests/it/edge/body.rs"), 1);
    for path in ["src/edge/mod.rs", "src/edge/rate/key.rs", "src/edge/rate/tests.rs", "src/edge/tests/mod.rs"] {
        assert_eq!(check(path, "//! No protection.\n", ""), 0, "{path}");
    }
    assert_eq!(check("src/edge/rate/mod.rs", "//! No protection.\n", ""), 1);
    assert_eq!(check("src/edge/mod.rs", protection, ""), 1, "a protection in the list of helpers");
}
