//! The shape of documents, at each limit and one above.

use proptest::prelude::*;

use super::*;
use crate::guard::parse::parse;
use crate::guard::tests::times;

fn checked(text: &str) -> Result<Shape, Violation> {
    checked_with(text, &Limits::default(), Introspection::Allowed)
}

fn checked_with(text: &str, limits: &Limits, introspection: Introspection) -> Result<Shape, Violation> {
    let mut shapes = check(&parse(text).unwrap(), limits, introspection)?;
    Ok(shapes.operations.remove(&None).unwrap())
}

fn refused(text: &str) -> (ErrorCode, &'static str, usize) {
    let refusal = checked(text).unwrap_err();
    let limit = refusal.limit.unwrap_or_else(|| panic!("{text}: {refusal:?}"));
    (refusal.code, limit.name, limit.used)
}

/// Fragments that each spread the next twice: `2^levels` fields.
fn doubling(levels: usize) -> String {
    let fragments: String = times(levels, |at| format!("fragment F{at} on T{{...F{} ...F{}}}", at + 1, at + 1));
    format!("{fragments} fragment F{levels} on T{{a}}")
}

#[test]
fn what_a_document_expands_to_is_counted_as_if_it_were_expanded() {
    for (text, [selections, depth, aliases, roots]) in [
        ("{a}", [1, 1, 0, 1]),
        ("{a{b{c}} d}", [4, 3, 0, 2]),
        ("{__typename a{__typename}}", [3, 2, 0, 2]),
        ("{x:a{y:b} z:c}", [3, 2, 3, 2]),
        ("{...{a ...on T{b{c}}}}", [3, 2, 0, 2]),
        ("{...F ...F x:a} fragment F on T{y:b{c}}", [5, 2, 3, 3]),
        ("{a{...F}} fragment F on T{b{...G} ...G} fragment G on T{x:c{d}}", [6, 4, 2, 1]),
        ("{a{edges{node{id}}}}", [4, 4, 0, 1]),
    ] {
        let shape = checked(text).unwrap();
        assert_eq!(shape.map(|limit| limit.used)[..4], [selections, depth, aliases, roots], "{text}");
    }
}

/// The code of a refusal, the limit, the most that passes, and a document that uses so much.
type Case<'a> = (ErrorCode, &'static str, usize, &'a dyn Fn(usize) -> String);

#[test]
fn each_limit_passes_and_one_above_is_refused_by_fields_fragments_and_inline_fragments() {
    let nested = |levels: usize| format!("{{{}b{}}}", "a{".repeat(levels - 1), "}".repeat(levels - 1));
    let nested_inline = |levels: usize| format!("{{{}b{}}}", "...{a{".repeat(levels - 1), "}}".repeat(levels - 1));
    let nested_fragments = |levels: usize| {
        let head = format!(
            "{{a{{a{{a{{a{{...F}}}}}}}}}}fragment F on T{{{}b{}}}",
            "a{".repeat(levels - 5),
            "}".repeat(levels - 5)
        );
        head
    };
    let aliases = |count: usize| format!("{{t{{{}}}}}", times(count, |at| format!("x{at}:a ")));
    let aliases_spread = |count: usize| format!("{{{}}} fragment F on T{{x:a}}", "t{...F}".repeat(count));
    let selections = |count: usize| format!("{{t{{{}}}}}", "a ".repeat(count - 1));
    let selections_spread = |count: usize| {
        format!("{{t{{...F ...F {}}}}} fragment F on T{{{}}}", "b ".repeat(count - 201), "a ".repeat(100))
    };
    let roots = |count: usize| format!("{{{}}}", "a ".repeat(count));
    let roots_spread = |count: usize| format!("mutation{{...F {}}} fragment F on T{{a}}", "a ".repeat(count - 1));
    let levels = |count: usize| format!("{{{}a{}}}", "...{".repeat(count - 1), "}".repeat(count - 1));
    let limits: [Case<'_>; 12] = [
        (ErrorCode::QueryTooDeep, "depth", 15, &nested),
        (ErrorCode::QueryTooDeep, "depth", 15, &nested_inline),
        (ErrorCode::QueryTooDeep, "depth", 15, &nested_fragments),
        (ErrorCode::TooManyAliases, "aliases", 15, &aliases),
        (ErrorCode::TooManyAliases, "aliases", 10, &aliases_spread),
        (ErrorCode::QueryTooLarge, "selections", 500, &selections),
        (ErrorCode::QueryTooLarge, "selections", 500, &selections_spread),
        (ErrorCode::TooManyRootFields, "root_query_fields", 10, &roots),
        (ErrorCode::TooManyRootFields, "root_mutation_fields", 3, &roots_spread),
        (ErrorCode::TooManyRootFields, "root_subscription_fields", 1, &|count| format!("subscription{}", roots(count))),
        (ErrorCode::TooManyRootFields, "root_mutation_fields", 3, &|count| format!("mutation{}", roots(count))),
        (ErrorCode::QueryTooDeep, "nesting", 32, &levels),
    ];
    for (code, name, max, text) in limits {
        let limits = Limits { aliases: max.min(15), ..Limits::default() };
        checked_with(&text(max), &limits, Introspection::Allowed).unwrap();
        let refusal = checked_with(&text(max + 1), &limits, Introspection::Allowed).unwrap_err();
        let limit = refusal.limit.unwrap();
        assert_eq!((refusal.code, limit.name, limit.used), (code, name, max + 1));
    }
}

#[test]
fn doubling_fragments_are_refused_wherever_they_are() {
    for levels in [9, 24, 30, 100, 1_000] {
        for text in [
            format!("{{...F0}} {}", doubling(levels)),
            format!("mutation{{...F0}} {}", doubling(levels)),
            format!("subscription{{...F0}} {}", doubling(levels)),
            format!("{{a}} {}", doubling(levels)),
            format!("{{a}} {}", doubling(levels).replace("...F1 ...F1", "a{...F1} a{...F1}")),
        ] {
            let refusal = checked(&text).unwrap_err();
            assert!(matches!(refusal.limit.map(|limit| limit.name), Some("selections" | "nesting")), "{refusal:?}");
        }
    }
    assert_eq!(refused(&format!("{{a}} {}", doubling(9))), (ErrorCode::QueryTooLarge, "selections", 512));
    checked(&format!("{{a{{...F0}}}} {}", doubling(8))).unwrap();
}

/// The introspection query in the form that GraphiQL sends, with its nine levels of `ofType`.
const INTROSPECTION: &str = "query IntrospectionQuery {
    __schema {
        description
        queryType { name kind } mutationType { name kind } subscriptionType { name kind }
        types { ...FullType }
        directives {
            name description isRepeatable isDeprecated deprecationReason locations
            args(includeDeprecated: true) { ...InputValue }
        }
    }
}
fragment FullType on __Type {
    kind name description specifiedByURL isOneOf
    fields(includeDeprecated: true) {
        name description
        args(includeDeprecated: true) { ...InputValue }
        type { ...TypeRef }
        isDeprecated deprecationReason
    }
    inputFields(includeDeprecated: true) { ...InputValue }
    interfaces { ...TypeRef }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
    possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue {
    name description type { ...TypeRef } defaultValue isDeprecated deprecationReason
}
fragment TypeRef on __Type { kind name OF_TYPE }";

fn introspection(levels: usize) -> String {
    INTROSPECTION.replace("OF_TYPE", &("ofType { kind name ".repeat(levels) + &"}".repeat(levels)))
}

#[test]
fn the_introspection_query_passes_while_it_is_allowed_and_counts_like_others_while_not() {
    let shapes = check(&parse(&introspection(9)).unwrap(), &Limits::default(), Introspection::Allowed).unwrap();
    let shape = &shapes.operations[&Some(String::from("IntrospectionQuery"))];
    assert_eq!(shape.map(|limit| limit.used)[1..4], [1, 0, 1]);
    assert!(shape[0].used <= 300, "{}", shape[0].used);
    for (text, introspection, name) in [
        (introspection(10), Introspection::Refused, "depth"),
        (
            format!("{{__type(name:\"A\"){{{}name{}}}}}", "ofType{".repeat(19), "}".repeat(19)),
            Introspection::Allowed,
            "introspection_depth",
        ),
        (
            String::from("{__schema{types{fields{type{fields{type{fields{name}}}}}}}}"),
            Introspection::Allowed,
            "introspection_lists",
        ),
        (
            String::from(
                "{x:__type(name:\"A\"){fields{type{...F}}}} fragment F on __Type{possibleTypes{inputFields{name}}}",
            ),
            Introspection::Allowed,
            "introspection_lists",
        ),
        (format!("{{a{{__schema{{{}name{}}}}}}}", "b{".repeat(13), "}".repeat(13)), Introspection::Allowed, "depth"),
    ] {
        let refusal = check(&parse(&text).unwrap(), &Limits::default(), introspection).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::QueryTooDeep);
        assert_eq!(refusal.limit.map(|limit| limit.name), Some(name), "{text}");
    }
    let deep = format!("{{__type(name:\"A\"){{{}name{}}}}}", "ofType{".repeat(18), "}".repeat(18));
    checked(&deep).unwrap();
}

#[test]
fn a_subscription_is_not_conditional() {
    for text in [
        "subscription{a@skip(if:true)}",
        "subscription{a@include(if:false)}",
        "subscription{...@skip(if:true){a}}",
        "subscription{...F@skip(if:true)} fragment F on T{a}",
        "subscription{...F} fragment F on T{a@skip(if:true)}",
    ] {
        let refusal = check(&parse(text).unwrap(), &Limits::default(), Introspection::Allowed).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::GraphqlValidationFailed, "{text}");
    }
    checked("subscription{a{b@skip(if:true)}}").unwrap();
}

/// The numbers of a set by expanding it, which is what [`Summary`] must agree with.
fn expand(document: &ExecutableDocument, set: &SelectionSet, depth: usize, counted: &mut [usize; 3]) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                counted[0] += 1;
                counted[1] = counted[1].max(depth);
                counted[2] += usize::from(field.node.alias.is_some());
                expand(document, &field.node.selection_set.node, depth + 1, counted);
            }
            Selection::InlineFragment(fragment) => expand(document, &fragment.node.selection_set.node, depth, counted),
            Selection::FragmentSpread(spread) => {
                let fragment = &document.fragments[&spread.node.fragment_name.node];
                expand(document, &fragment.node.selection_set.node, depth, counted);
            }
        }
    }
}

fn set(spread: &'static [&'static str]) -> impl Strategy<Value = String> {
    let leaf = prop::sample::select([&["a ", "x:a ", "b "], spread].concat()).prop_map(String::from);
    let items = leaf.prop_recursive(3, 10, 3, |inner| {
        let set = prop::collection::vec(inner, 1..3).prop_map(|items| format!("{{{}}}", items.concat()));
        (prop::sample::select(vec!["c", "y:c", "...", "...on T"]), set).prop_map(|(head, set)| head.to_owned() + &set)
    });
    prop::collection::vec(items, 1..4).prop_map(|items| format!("{{{}}}", items.concat()))
}

proptest! {
    #[test]
    fn summaries_agree_with_expansion(
        root in set(&["...A ", "...B ", "...C "]), a in set(&["...B ", "...C "]), b in set(&["...C "]), c in set(&[]),
    ) {
        let text = format!("{root} fragment A on T{a} fragment B on T{b} fragment C on T{c}");
        let limits = Limits {
            nesting: usize::MAX, selections: usize::MAX, depth: usize::MAX, aliases: usize::MAX, root_query_fields: usize::MAX,
            ..Limits::default()
        };
        let document = parse(&text).unwrap();
        let Ok(shape) = checked_with(&text, &limits, Introspection::Refused) else { return Ok(()) };
        let mut counted = [0; 3];
        expand(&document, &document.operations.iter().next().unwrap().1.node.selection_set.node, 1, &mut counted);
        prop_assert_eq!(&shape.map(|limit| limit.used)[..3], &counted, "{}", text);
    }
}
