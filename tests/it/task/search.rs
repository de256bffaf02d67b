//! Search: every word, in any order and case, in any script, and never as query syntax. The same table holds on both engines.

use serde_json::json;

use super::{LIST, changed, create, titles, with_user};
use crate::support::Client;

/// Title and description of each task.
const TASKS: [(&str, &str); 12] = [
    ("Buy milk", "And some rye BREAD; don't forget the butter."),
    ("Straße kehren", "in der Größe XXL"),
    ("ΟΔΟΣ ΣΙΣΥΦΟΥ", "Ελλάδα"),
    ("İstanbul gezisi", "Iğdır üzerinden"),
    ("買い物リスト", "会議室で話す"),
    ("ซื้อส้มสามผล", ""),
    ("दूध खरीदें", "शनिवार को"),
    ("شراء الحليب", "غدا"),
    ("Café 42", "Cre\u{300}me bru\u{302}le\u{301}e"),
    ("ＦＵＬＬ width", "②"),
    ("Near OR not", "rowid words AND *"),
    ("Quoted", "a'b \"c\" d\\e f:g (h) [i] <j> k|l!"),
];

/// A search, and which of the tasks it finds.
const SEARCHES: [(&str, &[usize]); 41] = [
    ("milk", &[0]),
    ("MILK buy", &[0]),
    ("bread Milk", &[0]),
    ("milk straße", &[]),
    ("mil", &[]),
    ("butter.", &[0]),
    ("don't", &[0]),
    ("STRASSE", &[1]),
    ("strasse grösse", &[1]),
    ("STRAẞE", &[1]),
    ("οδοσ", &[2]),
    ("οδος σισυφου", &[2]),
    ("ΕΛΛΆΔΑ", &[2]),
    ("ελλαδα", &[]),
    ("İSTANBUL", &[3]),
    ("i\u{307}stanbul", &[3]),
    ("istanbul", &[]),
    ("IĞDIR", &[]),
    ("Iğdır", &[3]),
    ("買い物", &[4]),
    ("会議室", &[4]),
    ("リスト 会議", &[4]),
    ("ส้ม", &[5]),
    ("दूध शनिवार", &[6]),
    ("الحليب", &[7]),
    ("CAFE\u{301} crème", &[8]),
    ("crème", &[8]),
    ("４２", &[8]),
    ("full", &[9]),
    ("2", &[9]),
    ("near", &[10]),
    ("not OR near", &[10]),
    ("NEAR(near not)", &[10]),
    ("a b c d e f g h i j k l", &[11]),
    ("quoted", &[11]),
    ("", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    (" \t\n\u{3000}", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    ("*", &[]),
    ("\u{0}", &[]),
    ("🎉 — …", &[]),
    ("' OR 1=1 --", &[]),
];

async fn create_tasks(client: &Client) {
    for (title, description) in TASKS {
        create(client, json!({ "title": title, "description": description })).await;
    }
}

/// The titles that a search finds, in alphabetical order.
async fn found(client: &Client, search: &str) -> Vec<String> {
    let mut found = titles(client, json!({ "filter": { "search": search }, "first": 100 })).await;
    found.sort();
    found
}

#[tokio::test]
async fn a_search_finds_the_tasks_that_hold_every_word() {
    let (_app, ana) = with_user().await;
    create_tasks(&ana).await;
    for (search, places) in SEARCHES {
        let mut expected = places.iter().map(|place| TASKS[*place].0.to_owned()).collect::<Vec<_>>();
        expected.sort();
        assert_eq!(found(&ana, search).await, expected, "{search:?}");
    }
}

#[tokio::test]
async fn query_syntax_is_taken_for_what_lies_between_words() {
    let (_app, ana) = with_user().await;
    create_tasks(&ana).await;
    let syntax = [
        "\"", "\"\"", "*", ":", "-", "+", "^", "(", ")", "{", "}", "'", "''", "\\", "\\'", "&", "|", "!", "<->", ":*",
        "%", "_", ";", "--", "/*", "$", "?", "\0", "\u{feff}", ",",
    ];
    for syntax in syntax {
        for search in [format!("{syntax}milk"), format!("milk{syntax}"), format!("{syntax}buy{syntax}milk{syntax}")] {
            assert_eq!(found(&ana, &search).await, ["Buy milk"], "{search:?}");
        }
        assert_eq!(found(&ana, syntax).await, Vec::<String>::new(), "{syntax:?} alone holds no word");
    }
    for search in ["milk NOT bread", "milk OR straße", "words:milk", "mi*", "NEAR(milk, 2)", "milk <2> buy", "milk:A"]
    {
        assert_eq!(found(&ana, search).await, Vec::<String>::new(), "{search:?} is words and nothing else");
    }
}

#[tokio::test]
async fn a_changed_text_is_found_by_its_new_words_alone() {
    let (_app, ana) = with_user().await;
    let task = create(&ana, json!({ "title": "Buy milk", "description": "fresh" })).await;
    for (input, there, gone) in [
        (json!({ "title": "Buy bread" }), vec!["bread", "buy fresh"], vec!["milk"]),
        (json!({ "description": "stale" }), vec!["stale bread"], vec!["fresh", "milk"]),
        (json!({ "description": "", "title": "Nothing" }), vec!["nothing"], vec!["stale", "bread", "buy"]),
        (json!({ "completed": true }), vec!["nothing"], vec!["true"]),
    ] {
        let mut input = input;
        input["id"] = task["id"].clone();
        let title = changed(&ana, "updateTask", input).await["title"].as_str().unwrap().to_owned();
        for search in there {
            assert_eq!(found(&ana, search).await, [title.as_str()], "{search}");
        }
        for search in gone {
            assert_eq!(found(&ana, search).await, Vec::<String>::new(), "{search}");
        }
    }
    for (mutation, expected) in [("deleteTask", vec![]), ("restoreTask", vec!["Nothing"])] {
        changed(&ana, mutation, json!({ "id": task["id"] })).await;
        assert_eq!(found(&ana, "nothing").await, expected, "after {mutation}");
    }
}

#[tokio::test]
async fn a_search_has_at_most_200_characters_however_many_words() {
    let (_app, ana) = with_user().await;
    let ideographs = (0..200).filter_map(|place| char::from_u32(0x4e00 + place)).collect::<String>();
    let letters = ('a'..='z').chain('0'..='9').map(String::from).collect::<Vec<_>>().join(" ");
    create(&ana, json!({ "title": "Everything", "description": format!("{ideographs} {letters}") })).await;
    for search in [&ideographs, &letters, &format!("{}everything", " ".repeat(190)), &"e\u{301}".repeat(100)] {
        let expected = if search.contains('\u{301}') { vec![] } else { vec!["Everything"] };
        assert_eq!(found(&ana, search).await, expected, "{search}");
    }
    let answer = ana.gql_with(LIST, json!({ "filter": { "search": format!("{ideographs}x") } })).await;
    assert_eq!(answer.invalid_fields(), ["filter.search: TOO_LARGE"]);
    let nested = json!({ "or": [{}, { "not": { "and": [{ "search": "x".repeat(201) }] } }] });
    let answer = ana.gql_with(LIST, json!({ "filter": nested })).await;
    assert_eq!(answer.invalid_fields(), ["filter.or.1.not.and.0.search: TOO_LARGE"]);
}

#[tokio::test]
async fn a_long_word_and_a_long_text_are_searched() {
    let (_app, ana) = with_user().await;
    let description = format!("{} {}", "ﷺ".repeat(4_999), "𐐀".repeat(5_000));
    create(&ana, json!({ "title": "Long", "description": description })).await;
    for search in ["𐐨".repeat(200), String::from("وسلم"), String::from("long")] {
        assert_eq!(found(&ana, &search).await, ["Long"], "{search}");
    }
}
