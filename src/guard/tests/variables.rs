//! Variables are absent, null or a value, as the client meant.

use async_graphql::Variables;
use serde_json::{Value, json};

use super::toy::{answer, prepare, schema};
use crate::code::ErrorCode;
use crate::guard::Violation;
use crate::guard::mask::Detail;
use crate::guard::parse::parse;
use crate::guard::schema::SchemaTypes;
use crate::guard::variables::coerce;

const CHANGE: &str = "query($t:String $c:Colour $i:Inner $a:Int $l:[Int] $s:Int=9 $m:[Inner!]) {
    change(change:{title:$t colour:$c inner:$i list:$l seven:$s many:$m})
}";

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn an_omitted_variable_is_absent_and_an_explicit_null_is_null() {
    let nested = "query($t:String $a:Int $b:Int){change(change:{title:$t inner:{a:$a b:$b} many:[{a:$a},{b:$b}]})}";
    let list = "query($a:Int $b:Int){change(change:{list:[$a 1 $b]})}";
    for (text, variables, told) in [
        (
            "query($t:String){change(change:{title:$t})}",
            json!({}),
            "title absent colour absent inner absent list absent many absent seven 7",
        ),
        (
            "query($t:String){change(change:{title:$t})}",
            json!({ "t": null }),
            "title null colour absent inner absent list absent many absent seven 7",
        ),
        (
            "query($t:String){change(change:{title:$t})}",
            json!({ "t": "x" }),
            "title x colour absent inner absent list absent many absent seven 7",
        ),
        (
            nested,
            json!({ "b": 2 }),
            "title absent colour absent inner (a absent b 2) list absent many (a absent b absent)(a absent b 2) seven 7",
        ),
        (
            nested,
            json!({ "a": null, "t": "x" }),
            "title x colour absent inner (a null b absent) list absent many (a null b absent)(a absent b absent) seven 7",
        ),
        (list, json!({}), "title absent colour absent inner absent list [None, Some(1), None] many absent seven 7"),
        (
            list,
            json!({ "b": 3 }),
            "title absent colour absent inner absent list [None, Some(1), Some(3)] many absent seven 7",
        ),
        (
            "query($t:String $i:Inner){change(change:{title:$t inner:$i})}",
            json!({ "i": { "a": 1 } }),
            "title absent colour absent inner (a 1 b absent) list absent many absent seven 7",
        ),
        (
            "query($t:String $c:Colour){change(change:{title:$t colour:$c})}",
            json!({ "c": "GREEN" }),
            "title absent colour green inner absent list absent many absent seven 7",
        ),
        (
            "query($t:String){change(change:{title:$t colour:RED})}",
            json!({}),
            "title absent colour red inner absent list absent many absent seven 7",
        ),
        (
            "query($s:Int=9){change(change:{seven:$s})}",
            json!({}),
            "title absent colour absent inner absent list absent many absent seven 9",
        ),
        (
            "query($s:Int){change(change:{seven:$s})}",
            json!({}),
            "title absent colour absent inner absent list absent many absent seven 7",
        ),
        (
            "query($t:String){...F} fragment F on Query{change(change:{title:$t})}",
            json!({}),
            "title absent colour absent inner absent list absent many absent seven 7",
        ),
    ] {
        assert_eq!(answer(text, None, variables).await.0, json!({ "change": told }), "{text}");
    }
}

#[tokio::test]
async fn arguments_and_directives_follow_the_same_rule() {
    for (text, variables, data) in [
        ("query($v:Int){given(value:$v)}", json!({}), json!({ "given": "absent" })),
        ("query($v:Int){given(value:$v)}", json!({ "v": null }), json!({ "given": "null" })),
        ("query($v:Int){given(value:$v)}", json!({ "v": 1 }), json!({ "given": "1" })),
        ("query($v:Int=3){given(value:$v)}", json!({}), json!({ "given": "3" })),
        ("query($v:Int=3){given(value:$v)}", json!({ "v": null }), json!({ "given": "null" })),
        ("query($v:Int=null){given(value:$v)}", json!({}), json!({ "given": "null" })),
        ("query($v:Int){defaulted(value:$v)}", json!({}), json!({ "defaulted": 5 })),
        ("query($v:Int){defaulted(value:$v)}", json!({ "v": 6 }), json!({ "defaulted": 6 })),
        ("query($v:Int $i:Boolean=true){given(value:$v)@include(if:$i)}", json!({}), json!({ "given": "absent" })),
        ("query($i:Boolean!=true){given@include(if:$i)}", json!({}), json!({ "given": "absent" })),
        ("query($i:Boolean!=false){defaulted given@include(if:$i)}", json!({}), json!({ "defaulted": 5 })),
        ("query($i:Boolean!=false){defaulted given@skip(if:$i)}", json!({ "i": true }), json!({ "defaulted": 5 })),
        ("subscription($v:Int){ticks(to:$v)}", json!({}), json!({ "ticks": "absent" })),
        ("subscription($v:Int){ticks(to:$v)}", json!({ "v": null }), json!({ "ticks": "null" })),
        ("mutation($t:String){change(change:{title:$t}){x}}", json!({}), Value::Null),
        ("query A($v:Int){given(value:$v)}", json!({ "unknown": 1 }), json!({ "given": "absent" })),
    ] {
        let answer = answer(text, None, variables).await.0;
        match data {
            Value::Null => assert!(answer["errors"][0].is_string(), "{text}: {answer}"),
            data => assert_eq!(answer, data, "{text}"),
        }
    }
}

#[tokio::test]
async fn an_operation_beside_others_keeps_its_own_variables() {
    let text = "query A($v:Int){...F} query B($v:Int=4){...F} fragment F on Query{given(value:$v)}";
    assert_eq!(answer(text, Some("A"), json!({})).await.0, json!({ "given": "absent" }));
    assert_eq!(answer(text, Some("B"), json!({})).await.0, json!({ "given": "4" }));
}

#[tokio::test]
async fn rewriting_hides_no_mistake_from_validation() {
    for (text, mistake) in [
        ("query($v:Int $w:Int){given(value:$v)}", "is not used"),
        ("query($v:Int){given(value:$v) tasks{...F}} fragment F on Task{id} fragment G on Task{id}", "is never used"),
        ("query($v:Int){given(value:$w)}", "is not defined"),
        ("query($v:Int){given(value:$v x:1)}", "Unknown argument"),
        ("query($v:Int){given(value:$v) tasks{...on Label{id}}}", "cannot be spread here"),
        ("query($v:Int){given(value:$v) x{id}}", "Unknown field"),
        ("query($v:Int $v:Int){given(value:$v)}", "only be one variable"),
        ("query($v:Int){given(value:$v) given(value:1)}", "differing arguments"),
        ("query($v:Int){given(value:$v) tasks}", "must have a selection"),
    ] {
        let (answer, runs) = answer(text, None, json!({})).await;
        let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("{text}: {answer}"));
        assert!(errors.iter().any(|error| error.as_str().unwrap().contains(mistake)), "{text}: {answer}");
        assert_eq!(runs, 0, "{text}");
    }
}

/// The values of one variable of type `ty`, in the toy schema with a few types more.
fn coerced(ty: &str, values: &Value) -> Result<Variables, Violation> {
    let more = "input Needs { a: Int! b: Int } scalar Moment";
    let schema = SchemaTypes::parse(&format!("{} {more}", schema().sdl())).unwrap();
    let document = parse(&format!("query($v:{ty}){{given}}")).unwrap();
    let (_, operation) = document.operations.iter().next().unwrap();
    coerce(&operation.node.variable_definitions, Variables::from_json(values.clone()), &schema)
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn missing_and_wrong_values_are_refused_before_anything_runs() {
    let long = "v".repeat(65);
    for (ty, variables, passes) in [
        ("Int!", json!({}), false),
        ("Int!", json!({ "v": null }), false),
        ("Int! = 1", json!({ "v": null }), false),
        ("Int! = 1", json!({}), true),
        ("Int", json!({}), true),
        ("Int", json!({ "v": 2_147_483_647 }), true),
        ("Int", json!({ "v": 2_147_483_648_i64 }), false),
        ("Int", json!({ "v": -2_147_483_648 }), true),
        ("Int", json!({ "v": -2_147_483_649_i64 }), false),
        ("Int", json!({ "v": 1.5 }), false),
        ("Int", json!({ "v": "1" }), false),
        ("Float", json!({ "v": 1 }), true),
        ("Float", json!({ "v": "1" }), false),
        ("String", json!({ "v": "x" }), true),
        ("String", json!({ "v": 1 }), false),
        ("Boolean", json!({ "v": true }), true),
        ("Boolean", json!({ "v": "true" }), false),
        ("ID", json!({ "v": "x" }), true),
        ("ID", json!({ "v": 1 }), true),
        ("ID", json!({ "v": 1.5 }), false),
        ("[Int!]", json!({ "v": [1, null] }), false),
        ("[Int]", json!({ "v": [1, null] }), true),
        ("[Int!]", json!({ "v": 1 }), true),
        ("[Int!]", json!({ "v": "x" }), false),
        ("[[Int!]!]", json!({ "v": [[1], [2]] }), true),
        ("[[Int!]!]", json!({ "v": [[1], null] }), false),
        ("Colour", json!({ "v": "RED" }), true),
        ("Colour", json!({ "v": "PINK" }), false),
        ("Colour", json!({ "v": 1 }), false),
        ("Change!", json!({ "v": {} }), true),
        ("Change!", json!({ "v": { "seven": 1, "colour": null, "inner": { "a": 1 }, "many": { "b": 2 } } }), true),
        ("Change!", json!({ "v": { "seven": null } }), false),
        ("Change!", json!({ "v": { "unknown": 1 } }), false),
        ("Change!", json!({ "v": { "inner": { "a": "x" } } }), false),
        ("Change!", json!({ "v": { "many": [{ "a": 1 }, { "c": 1 }] } }), false),
        ("Change!", json!({ "v": [] }), false),
        ("Needs!", json!({ "v": { "b": 1 } }), false),
        ("Needs!", json!({ "v": { "a": 1 } }), true),
        ("Moment", json!({ "v": { "any": ["thing"] } }), true),
    ] {
        let refused = coerced(ty, &variables).err();
        assert_eq!(refused.is_none(), passes, "{ty} {variables}");
        if let Some(refusal) = refused {
            assert_eq!(refusal.code, ErrorCode::BadUserInput);
            assert!(refusal.message.contains("$v"), "{}", refusal.message);
        }
    }
    let refusal = prepare(&format!("query(${long}:Int!){{given(value:${long})}}"), None, json!({})).unwrap_err();
    assert_eq!(refusal.message, "A variable must be given.");
}

#[test]
fn each_value_that_does_not_fit_is_told_by_the_way_to_it() {
    let told = |ty: &str, variables: &Value, detail: Detail| {
        let refusal = coerced(ty, variables).unwrap_err();
        let values = refusal.misfits.into_iter().map(|misfit| misfit.seen(detail).to_value().into_json().unwrap());
        let line = |value: Value| format!("{} {} {}", value["path"], value["code"], value["message"]).replace('"', "");
        values.map(line).collect::<Vec<_>>().join("; ")
    };
    for (ty, variables, lines) in [
        ("Int!", json!({}), "[v] NOT_NULL must be given"),
        ("Int!", json!({ "v": null }), "[v] NOT_NULL must not be null"),
        ("Int", json!({ "v": "secret" }), "[v] INVALID_FORMAT does not fit its type"),
        (
            "[Int!]",
            json!({ "v": [1, null, "x"] }),
            "[v,1] NOT_NULL must not be null; [v,2] INVALID_FORMAT does not fit its type",
        ),
        ("Change!", json!({ "v": { "inner": { "a": "x" } } }), "[v,inner,a] INVALID_FORMAT does not fit its type"),
        ("Change!", json!({ "v": { "secret": 1 } }), "[v] INVALID_FORMAT holds a field that its type does not have"),
        (
            "Change!",
            json!({ "v": { "colour": "PINK", "many": [{ "a": 1 }, { "b": "x" }] } }),
            "[v,colour] INVALID_FORMAT does not fit its type; [v,many,1,b] INVALID_FORMAT does not fit its type",
        ),
    ] {
        assert_eq!(told(ty, &variables, Detail::Full), lines, "{ty} {variables}");
        assert_eq!(told(ty, &variables, Detail::Fixed), lines, "{ty} {variables}");
    }
    let missing = json!({ "v": { "b": 1 } });
    assert_eq!(told("Needs!", &missing, Detail::Full), "[v,a] NOT_NULL must be given");
    assert_eq!(told("Needs!", &missing, Detail::Fixed), "[v] NOT_NULL lacks a field that its type requires");
    let many = vec!["x"; 100];
    assert_eq!(told("[Int]", &json!({ "v": many }), Detail::Full).matches("INVALID_FORMAT").count(), 5);
}

#[tokio::test]
async fn no_mutation_runs_before_a_variable_is_refused() {
    let text = "mutation($n:Int!){a:add(amount:1){id} b:add(amount:$n){id}}";
    assert_eq!(answer(text, None, json!({})).await, (json!({ "refused": "BAD_USER_INPUT" }), 0));
    assert_eq!(answer(text, None, json!({ "n": 2 })).await.1, 2);
}

#[tokio::test]
async fn every_field_of_an_input_may_be_omitted_at_once() {
    let text = CHANGE.replace("$a:Int ", "");
    let told = "title absent colour absent inner absent list absent many absent seven 9";
    assert_eq!(answer(&text, None, json!({})).await.0, json!({ "change": told }));
    assert!(answer(CHANGE, None, json!({})).await.0["errors"][0].as_str().unwrap().contains("\"$a\" is not used"));
}
