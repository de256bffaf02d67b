//! The tidy test: reads the sources as text and fails where they leave the shape that the map in `src/lib.rs` promises.
//!
//! One `#[test]` an invariant. A rule that makes the code worse is to be changed, here and in the map together; each
//! rule is itself tested with a sample that it passes and one that it refuses, so that none can fall asleep.

mod imports;
mod nouns;
mod protections;
mod shape;
mod source;

/// Fails with the rule and every place that breaks it.
#[track_caller]
fn hold(rule: &str, offences: &[String]) {
    assert!(
        offences.is_empty(),
        "\n\nThe rule: {rule}\nIt comes from the map in src/lib.rs and is checked in tests/architecture/.\nBroken in:\n  {}\n\n",
        offences.join("\n  ")
    );
}
