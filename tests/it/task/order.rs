//! In which order tasks come: each field both ways, several fields after each other, and titles as people sort them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{LIST, changed, create, titles, with_user};
use crate::support::{Client, TestApp};

/// Three tasks that every field orders in another way, made one second after the other.
async fn three_tasks() -> (TestApp, Client) {
    let (app, ana) = with_user().await;
    let mut tasks = Vec::new();
    for (title, priority, due_at) in [
        ("banana", "URGENT", Value::Null),
        ("Cherry", "NONE", json!("2026-12-01T00:00:00Z")),
        ("apple", "MEDIUM", json!("2026-12-02T00:00:00Z")),
    ] {
        tasks.push(create(&ana, json!({ "title": title, "priority": priority, "dueAt": due_at })).await);
        app.clock.advance(TimeDelta::seconds(1));
    }
    changed(&ana, "updateTask", json!({ "id": tasks[1]["id"], "completed": true })).await;
    app.clock.advance(TimeDelta::seconds(1));
    changed(&ana, "updateTask", json!({ "id": tasks[0]["id"], "completed": true })).await;
    (app, ana)
}

fn keys(keys: &[(&str, &str)]) -> Value {
    keys.iter().map(|(field, direction)| json!({ "field": field, "direction": direction })).collect()
}

#[tokio::test]
async fn each_field_orders_both_ways() {
    let (_app, ana) = three_tasks().await;
    for (field, direction, expected) in [
        ("CREATED_AT", "ASC", ["banana", "Cherry", "apple"]),
        ("CREATED_AT", "DESC", ["apple", "Cherry", "banana"]),
        ("UPDATED_AT", "ASC", ["apple", "Cherry", "banana"]),
        ("UPDATED_AT", "DESC", ["banana", "Cherry", "apple"]),
        // Without a due date comes last both ways.
        ("DUE_AT", "ASC", ["Cherry", "apple", "banana"]),
        ("DUE_AT", "DESC", ["apple", "Cherry", "banana"]),
        ("PRIORITY", "ASC", ["Cherry", "apple", "banana"]),
        ("PRIORITY", "DESC", ["banana", "apple", "Cherry"]),
        ("TITLE", "ASC", ["apple", "banana", "Cherry"]),
        ("TITLE", "DESC", ["Cherry", "banana", "apple"]),
    ] {
        let order = keys(&[(field, direction)]);
        assert_eq!(titles(&ana, json!({ "orderBy": order })).await, expected, "{field} {direction}");
    }
}

#[tokio::test]
async fn a_later_field_settles_the_ties_of_those_before() {
    let (app, ana) = with_user().await;
    for (title, priority, due_at) in [
        ("A late", "LOW", json!("2026-12-02T00:00:00Z")),
        ("B never", "LOW", Value::Null),
        ("C early", "LOW", json!("2026-12-01T00:00:00Z")),
        ("D never", "HIGH", Value::Null),
        ("E never", "LOW", Value::Null),
    ] {
        create(&ana, json!({ "title": title, "priority": priority, "dueAt": due_at })).await;
        app.clock.advance(TimeDelta::seconds(1));
    }
    for (order, expected) in [
        (vec![("PRIORITY", "DESC"), ("DUE_AT", "ASC"), ("TITLE", "DESC")], "D C A E B"),
        (vec![("PRIORITY", "ASC"), ("DUE_AT", "DESC"), ("TITLE", "ASC")], "A C B E D"),
        (vec![("DUE_AT", "ASC"), ("PRIORITY", "ASC"), ("CREATED_AT", "DESC")], "C A E B D"),
        (vec![("DUE_AT", "DESC"), ("CREATED_AT", "ASC")], "A C B D E"),
    ] {
        let titles = titles(&ana, json!({ "orderBy": keys(&order) })).await;
        let initials = titles.iter().map(|title| &title[..1]).collect::<Vec<_>>().join(" ");
        assert_eq!(initials, expected, "{order:?}");
    }
}

#[tokio::test]
async fn every_field_may_be_named_once() {
    let (_app, ana) = three_tasks().await;
    let all = ["PRIORITY", "DUE_AT", "TITLE", "CREATED_AT", "UPDATED_AT"].map(|field| (field, "ASC"));
    assert_eq!(titles(&ana, json!({ "orderBy": keys(&all) })).await, ["Cherry", "apple", "banana"]);
    let twice = keys(&[("TITLE", "ASC"), ("DUE_AT", "ASC"), ("TITLE", "DESC"), ("DUE_AT", "ASC")]);
    let refused = ana.gql_with(LIST, json!({ "orderBy": twice })).await.invalid_fields();
    assert_eq!(refused, ["orderBy.2.field: DUPLICATE", "orderBy.3.field: DUPLICATE"]);
}

/// In the order of their folded characters, whatever the locale of the database.
const SORTED_TITLES: [&str; 23] = [
    "100 things",
    "20 things",
    "apple",
    "Apple pie",
    "APPLE PIE 2",
    "ａｐｐｌｅ ｐｉｅ ３",
    "STRAẞE 1",
    "straße 2",
    "Strasse 3",
    "zebra",
    "Äpfel",
    "äpfel 2",
    "Éclair",
    "Ωmega",
    "ωmega 2",
    "Жук",
    "жук 2",
    "שלום",
    "दूध",
    "中文字",
    "한국어",
    "﨎﨎﨎",
    "𐐀𐐨𐐨",
];

#[tokio::test]
async fn titles_are_ordered_without_regard_to_case_and_alike_on_both_engines() {
    let (_app, ana) = with_user().await;
    let (front, back) = SORTED_TITLES.split_at(11);
    for title in back.iter().rev().chain(front) {
        create(&ana, json!({ "title": title })).await;
    }
    let order = |direction| json!({ "orderBy": keys(&[("TITLE", direction)]), "first": 100 });
    assert_eq!(titles(&ana, order("ASC")).await, SORTED_TITLES);
    let mut backward = SORTED_TITLES;
    backward.reverse();
    assert_eq!(titles(&ana, order("DESC")).await, backward);
}

#[tokio::test]
async fn titles_that_differ_in_case_alone_are_a_tie() {
    let (app, ana) = with_user().await;
    for title in ["buy MILK", "BUY milk", "Buy Milk"] {
        create(&ana, json!({ "title": title })).await;
        app.clock.advance(TimeDelta::seconds(1));
    }
    let order = keys(&[("TITLE", "ASC"), ("CREATED_AT", "DESC")]);
    assert_eq!(titles(&ana, json!({ "orderBy": order })).await, ["Buy Milk", "BUY milk", "buy MILK"]);
}
