//! A document with its variables: everything between the text of a request and its execution.

use std::collections::HashSet;
use std::sync::LazyLock;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Request, ServerError, Variables};
use taskward::config::Limits;
use taskward::graphql::{self, Schema, Suggestions};
use taskward::guard::mask::{Detail, mask};
use taskward::guard::{Document, Guard, Introspection, Prepared};
use taskward::http::json::{JsonLimits, parse_object};
use tokio::runtime::{Builder, Runtime};

use super::refusal;

/// The guard of the server, with its default limits.
pub static GUARD: LazyLock<Guard> = LazyLock::new(|| {
    let (date_time, is_instant) = graphql::DATE_TIME;
    Guard::new(&Limits::default(), &graphql::sdl()).unwrap().with_scalar(date_time, is_instant)
});

/// The schema of the server, as production has it.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| graphql::schema(Suggestions::Hidden));

/// Validation waits for nothing.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Builder::new_current_thread().build().unwrap());

/// A text, its variables as JSON and the name of an operation, with a NUL between them: the text is refused or keeps
/// every limit, and what is prepared of it is validated without a word of ours that repeats it.
pub fn run(data: &[u8]) {
    let Some((text, variables, operation)) = parts(data) else { return };
    for introspection in [Introspection::Allowed, Introspection::Refused] {
        let document = match GUARD.check(text, introspection) {
            Ok(document) => document,
            Err(violation) => return refusal::holds_of_violation(&violation),
        };
        keeps_limits(&document);
        match GUARD.prepare(&document, operation, variables.clone()) {
            Ok(prepared) => keeps_its_own(&prepared),
            Err(violation) => return refusal::holds_of_violation(&violation),
        }
        let validated = GUARD.prepare(&document, operation, variables.clone()).unwrap().only_validated();
        are_masked(validate(validated.into_request().0));
    }
}

/// The errors of the library's validation.
pub fn validate(request: Request) -> Vec<ServerError> {
    RUNTIME.block_on(SCHEMA.execute(request)).errors
}

/// The text of a document, its variables and the name of its operation.
pub fn parts(data: &[u8]) -> Option<(&str, Variables, Option<&str>)> {
    let mut parts = std::str::from_utf8(data).ok()?.splitn(3, '\0');
    let text = parts.next()?;
    let variables = parts.next().unwrap_or("{}");
    let variables = parse_object(variables.as_bytes(), JsonLimits::default()).unwrap_or_default();
    Some((text, Variables::from_json(variables.into()), parts.next()))
}

fn keeps_limits(document: &Document) {
    let limits = Limits::default();
    let tree = document.tree();
    for (_, operation) in tree.operations.iter() {
        let (mut fields, mut aliases) = (0, 0);
        expand(tree, &operation.node.selection_set.node, &mut |alias| {
            fields += 1;
            aliases += usize::from(alias);
        });
        assert!(fields <= limits.selections && aliases <= limits.aliases, "{fields} fields, {aliases} aliases");
        assert!(operation.node.variable_definitions.len() <= limits.variables);
    }
    assert!(tree.operations.iter().count() <= limits.operations && tree.fragments.len() <= limits.fragments);
    assert!(document.memory() <= limits.document_bytes + 256 * limits.tokens);
}

fn keeps_its_own(prepared: &Prepared) {
    let names: HashSet<_> = prepared.budget.iter().map(|limit| limit.name).collect();
    assert_eq!(names.len(), prepared.budget.len(), "a limit is told twice: {:?}", prepared.budget);
    assert!(prepared.budget.iter().all(|limit| limit.used <= limit.max), "{:?}", prepared.budget);
    assert!(prepared.operation_name.as_ref().is_none_or(|name| name.chars().count() <= 128));
}

fn are_masked(errors: Vec<ServerError>) {
    let masked = mask(errors, 5, "request_1", Detail::Fixed);
    assert!(masked.internal.is_empty(), "{:?}", masked.internal);
    assert!(masked.errors.len() <= 5);
    for error in &masked.errors {
        refusal::holds(&error.message);
    }
}

/// Calls `found` for each field that `set` stands for, with whether it has an alias. It recurses through fragments, which
/// must have been refused if they go in circles.
fn expand(document: &ExecutableDocument, set: &SelectionSet, found: &mut impl FnMut(bool)) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                found(field.node.alias.is_some());
                expand(document, &field.node.selection_set.node, found);
            }
            Selection::InlineFragment(fragment) => expand(document, &fragment.node.selection_set.node, found),
            Selection::FragmentSpread(spread) => {
                let fragment = &document.fragments[&spread.node.fragment_name.node];
                expand(document, &fragment.node.selection_set.node, found);
            }
        }
    }
}
