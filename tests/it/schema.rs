//! `schema.graphql` is what the code says, and every part of it is described.

use std::path::Path;

use taskward::graphql::sdl;

#[test]
#[expect(clippy::disallowed_methods, reason = "tests have no configuration to read it from")]
fn schema_graphql_is_the_schema_and_update_repairs_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(&path, sdl()).unwrap();
    }
    let file = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(file == sdl(), "schema.graphql is not the schema; `UPDATE=1 cargo test schema` writes it anew");
}

#[test]
fn every_definition_of_the_schema_is_described() {
    let sdl = sdl();
    let mut described = false;
    let mut inside_description = false;
    let mut missing = Vec::new();
    for line in sdl.lines().map(str::trim) {
        if line.starts_with("\"\"\"") {
            let ends_on_its_line = line.len() > 3 && line.ends_with("\"\"\"");
            inside_description = !inside_description && !ends_on_its_line;
            described = true;
        } else if !inside_description && is_definition(line) {
            if !described {
                missing.push(line.to_owned());
            }
            described = false;
        }
    }
    assert!(missing.is_empty(), "without description: {missing:#?}");
}

/// A type, field, argument or value: everything but brackets, blank lines and what the specification itself describes.
fn is_definition(line: &str) -> bool {
    let own = ["schema ", "query:", "mutation:", "subscription:", "directive ", "}", ")", ""];
    !own.iter().any(|start| if start.is_empty() { line.is_empty() } else { line.starts_with(start) })
}
