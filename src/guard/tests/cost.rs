//! What operations may cost, and what their answers say that they did.

use std::sync::LazyLock;

use async_graphql::{Value, Variables};
use serde_json::json;

use super::times;
use crate::code::ErrorCode;
use crate::config::Limits;
use crate::guard::cost::{INTROSPECTION, Outcome};
use crate::guard::{Guard, Introspection, Prepared};

const SDL: &str = r#"
    schema { query: Query mutation: Mutation }
    interface Node { id: ID! parent: Node }
    union Any = Task | Label
    type Query {
        task: Task
        tasks(first: Int, last: Int): Connection! @listSize(
            assumedSize: 20, slicingArguments: ["first", "last"], sizedFields: ["edges", "nodes"]
        )
        labels: [Label!]! @listSize(assumedSize: 50)
        node: Node
        nodes(ids: [ID!]!): [Node]! @listSize(slicingArguments: ["ids"])
        any: Any
        unknown: [Label]
        grid: [[Label!]!]! @listSize(assumedSize: 7)
        names: [String!]!
        broken: String @cost(weight: "much")
        free: Free
    }
    type Free @cost(weight: "0") { task: Task id: ID! }
    type Mutation {
        add(title: String): Payload! @cost(weight: "10")
        addMany(input: Input!): Payload! @cost(weight: "10") @listSize(slicingArguments: ["input.ids"], sizedFields: ["tasks"])
    }
    input Input { ids: [ID!]! }
    type Payload { task: Task! tasks: [Task!]! }
    type Connection { edges: [Edge!]! nodes: [Task!]! pageInfo: PageInfo! totalCount: Int! @cost(weight: "5") }
    type Edge { cursor: String! node: Task! }
    type PageInfo { next: Boolean! }
    type Task implements Node {
        id: ID! parent: Node title: String labels: [Label!]! @listSize(assumedSize: 3)
        subtasks(first: Int): Connection! @listSize(slicingArguments: ["first"], sizedFields: ["edges", "nodes"])
    }
    type Label implements Node @cost(weight: "2") { id: ID! parent: Node name: String }
"#;

fn guard() -> &'static Guard {
    static GUARD: LazyLock<Guard> = LazyLock::new(|| Guard::new(&Limits::default(), SDL).unwrap());
    &GUARD
}

fn prepare(text: &str, variables: serde_json::Value) -> Prepared {
    let document = guard().check(text, Introspection::Allowed).unwrap_or_else(|refusal| panic!("{text}: {refusal:?}"));
    let prepared = guard().prepare(&document, None, Variables::from_json(variables));
    prepared.unwrap_or_else(|refusal| panic!("{text}: {refusal:?}"))
}

#[track_caller]
fn points(text: &str) -> u64 {
    prepare(text, json!({})).cost.points()
}

#[test]
fn objects_lists_and_weights_add_up() {
    for (text, expected) in [
        ("{__typename}", 0),
        ("{task{id title}}", 1),
        ("{names}", 0),
        ("{free{id}}", 0),
        ("{free{task{id}}}", 1),
        ("{labels{id}}", 50 * 2),
        ("{unknown{id}}", 100 * 2),
        ("{grid{id}}", 7 * 7 * 2),
        ("{tasks{totalCount}}", 1 + 5),
        ("{tasks{nodes{id}}}", 1 + 20),
        ("{tasks(first:20){edges{cursor node{id}} pageInfo{next}}}", 1 + 20 * 2 + 1),
        ("{tasks(first:100){nodes{labels{id}}}}", 1 + 100 * (1 + 3 * 2)),
        ("{tasks(first:10){nodes{subtasks(first:10){nodes{id}}}}}", 1 + 10 * (1 + 1 + 10)),
        ("{tasks(first:10){nodes{subtasks{nodes{id}}}}}", 1 + 10 * (1 + 1 + 100)),
        ("{nodes(ids:[\"a\",\"b\",\"c\"]){id}}", 3 * 2),
        ("{nodes(ids:\"a\"){id}}", 2),
        ("{nodes(ids:[]){id}}", 0),
        ("mutation{add{task{id}}}", 10 + 1 + 1),
        ("mutation{addMany(input:{ids:[\"a\",\"b\"]}){tasks{id}}}", 10 + 1 + 2),
        ("mutation{a:add{task{id}} b:add{task{id}}}", 24),
        ("{__schema{types{name fields{name}}}}", INTROSPECTION),
        ("{__type(name:\"Task\"){name} task{id}}", INTROSPECTION + 1),
        ("{nothing{id} task{nothing{id}}}", 1),
    ] {
        assert_eq!(points(text), expected, "{text}");
    }
}

#[test]
fn page_sizes_are_read_wherever_they_stand() {
    for (arguments, variables, expected) in [
        ("(first:1)", json!({}), 1),
        ("(last:7)", json!({}), 7),
        ("(first:3,last:7)", json!({}), 7),
        ("(first:100)", json!({}), 100),
        ("(first:101)", json!({}), 100),
        ("(first:0)", json!({}), 1),
        ("(first:-5)", json!({}), 1),
        ("(first:2147483647)", json!({}), 100),
        ("(first:null)", json!({}), 20),
        ("(first:$given)", json!({ "given": 30 }), 30),
        ("(first:$given)", json!({ "given": null }), 20),
        ("(first:$given)", json!({}), 20),
        ("(first:$defaulted)", json!({}), 40),
        ("(first:$defaulted)", json!({ "defaulted": 50 }), 50),
        ("(first:$defaulted)", json!({ "defaulted": 2_147_483_647 }), 100),
    ] {
        let text = format!(
            "query($given:Int,$defaulted:Int=40){{tasks{arguments}{{nodes{{id}}}} \
             names@skip(if:true) a:tasks(first:$given){{totalCount}} b:tasks(first:$defaulted){{totalCount}}}}"
        );
        let estimate = prepare(&text, variables.clone()).cost;
        assert_eq!(estimate.points(), 1 + expected + 12, "{arguments} {variables}");
    }
    let text = "query($ids:[ID!]!){nodes(ids:$ids){id}}";
    assert_eq!(prepare(text, json!({ "ids": ["a", "b"] })).cost.points(), 4);
    for (text, variables) in [
        ("mutation($input:Input!){addMany(input:$input){tasks{id}}}", json!({ "input": { "ids": ["a", "b", "c"] } })),
        ("mutation($ids:[ID!]!){addMany(input:{ids:$ids}){tasks{id}}}", json!({ "ids": ["a", "b", "c"] })),
    ] {
        assert_eq!(prepare(text, variables).cost.points(), 14, "{text}");
    }
}

#[test]
fn fragments_are_expanded_copies_count_once_and_aliases_each() {
    for (text, expected) in [
        ("{...F} fragment F on Query{task{id}}", 1),
        ("{task{id} ...F ...F} fragment F on Query{task{id title}}", 1),
        ("{a:task{id} b:task{id} task{id}}", 3),
        ("{a:task{id} a:labels{id}}", 1 + 100),
        ("{tasks{nodes{...F ...G}}} fragment F on Task{labels{id}} fragment G on Task{labels{name}}", 1 + 20 * 7),
        ("{task{...on Node{parent{id}} parent{id}}}", 1 + 2),
        ("{task{...on Label{parent{id}}}}", 1),
        ("{node{...on Task{labels{id}} ...on Label{parent{id}}}}", 2 + 6),
        ("{node{parent{id} ...on Task{labels{id}} ...on Label{name}}}", 2 + 2 + 6),
        ("{any{...on Task{labels{id}} ...on Label{name}}}", 2 + 6),
        ("{any{...on Node{parent{id}}}}", 2 + 2),
    ] {
        assert_eq!(points(text), expected, "{text}");
    }
}

#[test]
fn a_branch_that_is_skipped_counts() {
    for directive in ["@skip(if:$yes)", "@include(if:$no)", "@skip(if:true)", "@include(if:false)"] {
        let text = format!("query($yes:Boolean=true,$no:Boolean=false){{task{{id}} labels {directive}{{id}}}}");
        // The variable that is not used would be refused by the library, and not here.
        assert_eq!(points(&text), 101, "{directive}");
        let text = text.replace(&format!("labels {directive}{{id}}"), &format!("...{directive}{{labels{{id}}}}"));
        assert_eq!(points(&text), 101, "{directive} on a fragment");
    }
}

#[test]
fn the_limit_passes_and_one_above_is_refused() {
    let estimate = prepare("{tasks(first:99){nodes{id}}}", json!({})).cost;
    assert_eq!(estimate.points(), 100);
    let used = estimate.check("cost.user_limit", 100).unwrap();
    assert_eq!((used.name, used.used, used.max), ("cost.user_limit", 100, 100));
    let refusal = estimate.check("cost.user_limit", 99).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::QueryTooComplex);
    assert_eq!(refusal.limit.map(|limit| (limit.name, limit.used, limit.max)), Some(("cost.user_limit", 100, 99)));
}

#[test]
fn sums_saturate_instead_of_wrapping() {
    let limits = Limits { page_size: u32::MAX, depth: 32, ..Limits::default() };
    // With page sizes of a type that takes any number.
    let guard = Guard::new(&limits, &SDL.replace(": Int", ": Float")).unwrap();
    let price = |text: &str| {
        let document = guard.check(text, Introspection::Allowed).unwrap();
        guard.prepare(&document, None, Variables::default()).unwrap().cost.points()
    };
    for size in ["65536", "2147483647", "4294967296", "18446744073709551615", "18446744073709551616", "1e300"] {
        let open = times(4, |_| format!("nodes{{subtasks(first:{size}){{"));
        let text = format!("{{tasks(first:{size}){{{open}nodes{{id}}{}}}}}", "}}".repeat(4));
        assert_eq!(price(&text), u64::MAX, "{size}");
        assert!(price(&format!("{{{} {}}}", &text[1..text.len() - 1], "labels{id}")) == u64::MAX, "{size} and more");
    }
    assert_eq!(points("{broken labels{id}}"), u64::MAX, "a slip in the schema makes nothing free");
}

#[test]
fn the_actual_cost_is_that_of_what_the_answer_holds() {
    let text = "query($yes:Boolean!){tasks(first:50){totalCount nodes{id labels{id} parent{id}}} \
                labels@skip(if:$yes){id} free{task{id}} node{id parent{id}}}";
    let estimate = prepare(text, json!({ "yes": true })).cost;
    assert_eq!(estimate.points(), 1 + 5 + 50 * (1 + 6 + 2) + 100 + 1 + 2 + 2);
    let task = json!({ "id": "a", "labels": [{ "id": "l" }, { "id": "m" }], "parent": null });
    let data = json!({
        "tasks": { "totalCount": 2, "nodes": [task, { "id": "b", "labels": [], "parent": { "id": "c" } }] },
        "free": { "task": null },
        "node": null,
    });
    let actual = |data: &serde_json::Value, outcome| estimate.actual(&Value::from_json(data.clone()).unwrap(), outcome);
    // The connection, its count, two tasks, two labels and a parent: which type it has, the answer does not say.
    assert_eq!(actual(&data, Outcome::Whole), 1 + 5 + 2 + 4 + 2);
    let with_errors = 1 + 5 + 2 + 4 + 2 + 2 + 1 + 4 + 100;
    assert_eq!(actual(&data, Outcome::WithErrors), with_errors, "what is null or missing may have run");
    assert_eq!(actual(&json!(null), Outcome::WithErrors), estimate.points());
    assert_eq!(actual(&json!({}), Outcome::Whole), 0);
    let many = json!({ "tasks": { "nodes": vec![task; 1_000] } });
    assert_eq!(actual(&many, Outcome::Whole), estimate.points(), "never more than was charged");
}

#[test]
fn the_largest_document_is_priced_in_no_time() {
    // Every level selects the next through both types of an interface: a pass that followed each type apart would
    // double its work at each of them.
    let level = |inside: &str| format!("parent{{...on Node{{{inside}}} ...on Task{{title}} ...on Label{{name}}}}");
    let text = (0..13).fold(String::from("id"), |inside, _| level(&inside));
    assert_eq!(points(&format!("{{node{{{text}}}}}")), 14 * 2);
}
