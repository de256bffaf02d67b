//! Changes of variables that may make them slower: what random bytes would do to JSON is hardly ever JSON.

use rand::RngExt;
use rand::rngs::ChaCha12Rng;
use serde_json::{Value, json};

/// Members of the input objects of the schema, and one that none has.
const MEMBERS: [&str; 12] = [
    "and",
    "or",
    "not",
    "completed",
    "priority",
    "search",
    "dueAt",
    "createdAt",
    "createdById",
    "ids",
    "title",
    "unknown",
];

/// `input` with a few changes of its variables.
pub(crate) fn mutate(input: &[u8], random: &mut ChaCha12Rng) -> Vec<u8> {
    let mut parts: Vec<_> = input.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    let mut variables = parts.get(1).and_then(|json| serde_json::from_slice(json).ok()).unwrap_or(json!({}));
    for _ in 0..random.random_range(1..4) {
        change(&mut variables, random);
    }
    parts.truncate(1);
    parts.push(variables.to_string().into_bytes());
    parts.join(&0)
}

/// Changes a value somewhere inside of `value`.
fn change(value: &mut Value, random: &mut ChaCha12Rng) {
    match value {
        Value::Array(entries) if !entries.is_empty() => {
            let at = random.random_range(0..entries.len());
            match random.random_range(0..4) {
                0 => {
                    let copies = random.random_range(1..100).min(100_usize.saturating_sub(entries.len()));
                    entries.extend(vec![entries[at].clone(); copies]);
                }
                1 => drop(entries.remove(at)),
                _ => change(&mut entries[at], random),
            }
        }
        Value::Object(members) => match random.random_range(0..3) {
            0 => drop(members.insert(MEMBERS[random.random_range(0..MEMBERS.len())].to_owned(), some_value(random))),
            _ if members.is_empty() => {}
            _ => {
                let at = random.random_range(0..members.len());
                members.values_mut().nth(at).into_iter().for_each(|member| change(member, random));
            }
        },
        _ => {
            let before = value.take();
            *value = match random.random_range(0..4) {
                0 => json!([before]),
                1 => json!({ "not": before }),
                2 => json!("a ".repeat(random.random_range(0..200))),
                _ => some_value(random),
            };
        }
    }
}

fn some_value(random: &mut ChaCha12Rng) -> Value {
    match random.random_range(0..8) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!("2026-11-24T09:30:00Z"),
        3 => json!(["HIGH", "LOW"]),
        4 => json!({ "before": "2026-11-24T09:30:00Z", "isNull": false }),
        5 => json!([{ "completed": true }]),
        6 => json!({ "and": [{ "completed": true }, { "search": "a" }] }),
        _ => json!(1e300),
    }
}
