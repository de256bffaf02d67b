//! Making a task: what comes back, which titles pass, and the id that a client may choose to be safe against lost answers.

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};
use taskward::config::TitleRule;

use super::{FIELDS, changed, create, error, ids_of_no_task, list, mutate, read, with_user};
use crate::support::TestApp;

const ID: &str = "task_01kas2m0g0e9ar5jhr9y9d5t3q";

#[tokio::test]
async fn every_field_comes_back_as_it_was_sent() {
    let (_app, ana) = with_user().await;
    let input = json!({
        "id": ID, "title": "Buy milk", "description": "Two litres,\n\tfresh", "priority": "HIGH",
        "dueAt": "2026-12-24T18:00:00.123456789+01:00",
    });
    let expected = json!({
        "id": ID, "title": "Buy milk", "description": "Two litres,\n\tfresh", "priority": "HIGH",
        "dueAt": "2026-12-24T17:00:00.123456Z", "completed": false, "completedAt": null,
        "createdAt": "2026-11-23T09:30:00.000000Z", "updatedAt": "2026-11-23T09:30:00.000000Z",
        "deletedAt": null, "version": 1,
    });
    assert_eq!(create(&ana, input).await, expected);
    assert_eq!(read(&ana, &json!(ID)).await, expected, "what was answered is what was stored");
}

#[tokio::test]
async fn what_is_left_out_or_null_has_its_default() {
    let (_app, ana) = with_user().await;
    let inputs = [
        json!({ "title": "Buy milk" }),
        json!({ "title": "Buy milk", "id": null, "description": null, "priority": null, "dueAt": null }),
    ];
    for input in inputs {
        let task = create(&ana, input.clone()).await;
        assert!(task["id"].as_str().unwrap().starts_with("task_"), "{input}");
        assert_eq!(task["description"], "", "{input}");
        assert_eq!(task["priority"], "NONE", "{input}");
        assert!(task["dueAt"].is_null(), "{input}");
    }
}

#[tokio::test]
async fn the_creator_is_the_caller() {
    let (_app, ana) = with_user().await;
    let query = r#"mutation { createTask(input: { title: "Buy milk" }) { task { createdBy { id username } } } }"#;
    let data = ana.gql(query).await.data();
    assert_eq!(data["createTask"]["task"]["createdBy"], json!({ "id": ana.user_id(), "username": "ana" }));
}

#[tokio::test]
async fn a_title_is_composed_trimmed_and_collapsed_before_it_is_measured() {
    let (_app, ana) = with_user().await;
    let long = "a".repeat(200);
    let spread = format!(" {} \u{3000} {} ", "b".repeat(100), "b".repeat(99));
    let cases = [
        ("abc", "abc"),
        (" \t\r\n a  \u{2003} b\u{a0}", "a b"),
        (&long, &long),
        (&"e\u{301}".repeat(200), &"é".repeat(200)),
        (&spread, &format!("{} {}", "b".repeat(100), "b".repeat(99))),
        ("ऐक काम", "ऐक काम"),
    ];
    for (sent, stored) in cases {
        assert_eq!(create(&ana, json!({ "title": sent })).await["title"], *stored, "{sent:?}");
    }
    let refused = [
        ("", "TOO_SMALL"),
        ("ab", "TOO_SMALL"),
        ("  a\t\t", "TOO_SMALL"),
        ("e\u{301}e\u{301}", "TOO_SMALL"),
        (&"a".repeat(201), "TOO_LARGE"),
        (&"e\u{301}".repeat(201), "TOO_LARGE"),
        ("Buy milk!", "INVALID_CHARACTER"),
        ("Buy\u{0}milk", "INVALID_CHARACTER"),
        ("<b>milk</b>", "INVALID_CHARACTER"),
        ("milk \u{202E}klim", "INVALID_CHARACTER"),
        ("milk \u{200B}klim", "INVALID_CHARACTER"),
    ];
    for (title, code) in refused {
        let answer = mutate(&ana, "createTask", json!({ "title": title })).await;
        assert_eq!(answer.invalid_fields(), [format!("input.title: {code}")], "{title:?}");
    }
}

#[tokio::test]
async fn the_title_rule_text_takes_everything_that_shows() {
    let app = TestApp::with(|config| config.tasks.title_rule = TitleRule::Text).await;
    let ana = app.user("ana").await;
    for title in ["Buy milk!", "<script>alert('1')</script>", "Größe: 5\" & 𝄞 🎉", "!!!"] {
        assert_eq!(create(&ana, json!({ "title": title })).await["title"], title);
    }
    for (title, code) in [
        ("!!", "TOO_SMALL"),
        ("bell \u{7}", "INVALID_CHARACTER"),
        ("Buy\u{0}milk", "INVALID_CHARACTER"),
        ("abc\u{202E}cba", "INVALID_CHARACTER"),
        ("abc\u{2066}cba", "INVALID_CHARACTER"),
    ] {
        let answer = mutate(&ana, "createTask", json!({ "title": title })).await;
        assert_eq!(answer.invalid_fields(), [format!("input.title: {code}")], "{title:?}");
    }
}

#[tokio::test]
async fn every_invalid_field_is_told_at_once() {
    let (_app, ana) = with_user().await;
    let input = json!({ "id": "task_1", "title": "a!", "description": "x".repeat(10_001) });
    let answer = mutate(&ana, "createTask", input).await;
    let expected = ["input.id: INVALID_FORMAT", "input.title: TOO_SMALL", "input.description: TOO_LARGE"];
    assert_eq!(answer.invalid_fields(), expected);
    assert_eq!(list(&ana, json!({})).await["edges"], json!([]), "a refused task is not there");
}

#[tokio::test]
async fn a_description_passes_at_its_limit() {
    let (_app, ana) = with_user().await;
    let longest = "é".repeat(10_000);
    assert_eq!(create(&ana, json!({ "title": "Long", "description": longest })).await["description"], longest);
    let task = create(&ana, json!({ "title": "Lines", "description": " a\r\nb\n" })).await;
    assert_eq!(task["description"], " a\nb\n");
    for (description, code) in [("é".repeat(10_001), "TOO_LARGE"), (String::from("a\0b"), "INVALID_CHARACTER")] {
        let answer = mutate(&ana, "createTask", json!({ "title": "Long", "description": description })).await;
        assert_eq!(answer.invalid_fields(), [format!("input.description: {code}")]);
    }
}

#[tokio::test]
async fn an_id_of_another_form_is_refused() {
    let (_app, ana) = with_user().await;
    let too_large = "task_8zzzzzzzzzzzzzzzzzzzzzzzzz";
    for id in ["", "1", "task_", "task_01kas2m0g0e9ar5jhr9y9d5t3", &ID.to_uppercase(), too_large, ana.user_id()] {
        let answer = mutate(&ana, "createTask", json!({ "id": id, "title": "Buy milk" })).await;
        assert_eq!(answer.invalid_fields(), ["input.id: INVALID_FORMAT"], "{id}");
    }
}

#[tokio::test]
async fn the_same_input_sent_again_answers_with_the_task_as_it_is_now() {
    let (app, ana) = with_user().await;
    let input = json!({ "id": ID, "title": "Buy milk", "priority": "LOW", "dueAt": "2026-12-24T18:00:00Z" });
    let first = create(&ana, input.clone()).await;
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(create(&ana, input.clone()).await, first);
    // The same input, spelt in another way.
    let respelt = json!({
        "id": ID, "title": " Buy  milk ", "priority": "LOW", "dueAt": "2026-12-24T19:00:00+01:00", "description": "",
    });
    assert_eq!(create(&ana, respelt).await, first);

    let updated = changed(&ana, "updateTask", json!({ "id": ID, "title": "Buy bread" })).await;
    assert_eq!(create(&ana, input.clone()).await, updated);
    let trashed = changed(&ana, "deleteTask", json!({ "id": ID })).await;
    assert_eq!(create(&ana, input).await, trashed);
}

#[tokio::test]
async fn an_id_that_is_taken_is_a_conflict() {
    let (app, ana) = with_user().await;
    let ben = app.user("ben").await;
    let input = json!({ "id": ID, "title": "Buy milk" });
    let first = create(&ana, input.clone()).await;
    for member in [
        json!({ "title": "Buy milk 2" }),
        json!({ "description": "x" }),
        json!({ "priority": "LOW" }),
        json!({ "dueAt": "1970-01-01T00:00:00Z" }),
    ] {
        let mut other = input.clone();
        other.as_object_mut().unwrap().extend(member.as_object().unwrap().clone());
        assert_eq!(mutate(&ana, "createTask", other.clone()).await.code(), "CONFLICT", "{other}");
    }
    assert_eq!(mutate(&ben, "createTask", input.clone()).await.code(), "CONFLICT");
    assert_eq!(read(&ana, &json!(ID)).await, first);

    // The server chose this id, so no input can be the one that made it.
    let chosen = create(&ana, json!({ "title": "Buy milk" })).await["id"].clone();
    let again = mutate(&ana, "createTask", json!({ "id": chosen, "title": "Buy milk" })).await;
    assert_eq!(again.code(), "CONFLICT");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_input_sent_at_the_same_time_makes_one_task() {
    let (_app, ana) = with_user().await;
    let input = json!({ "id": ID, "title": "Buy milk" });
    let tasks = join_all((0..10).map(|_| create(&ana, input.clone()))).await;
    assert!(tasks.iter().all(|task| *task == tasks[0]), "{tasks:?}");
    assert_eq!(list(&ana, json!({})).await["edges"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_stranger_is_told_to_log_in_whatever_is_asked() {
    let (app, ana) = with_user().await;
    let id = &create(&ana, json!({ "title": "Buy milk" })).await["id"];
    let stranger = app.anonymous();
    let mutations: [(&str, Value); 6] = [
        ("createTask", json!({ "title": "" })),
        ("updateTask", json!({ "id": id, "title": "" })),
        ("deleteTask", json!({ "id": id })),
        ("restoreTask", json!({ "id": "no id" })),
        ("updateTasks", json!({ "ids": [id] })),
        ("updateTasks", json!({ "ids": [], "completed": null })),
    ];
    for (name, input) in mutations {
        assert_eq!(mutate(&stranger, name, input).await.code(), "UNAUTHENTICATED", "{name}");
    }
    let queries = [
        "{ tasks { totalCount } }",
        "{ tasks(first: 0) { totalCount } }",
        "{ tasks(filter: { createdById: \"x\" }) { totalCount } }",
        "{ task(id: \"x\") { id } }",
    ];
    for query in queries {
        assert_eq!(stranger.gql(query).await.code(), "UNAUTHENTICATED", "{query}");
    }
}

#[tokio::test]
async fn a_task_of_somebody_else_is_null_like_one_that_is_not_there() {
    let (app, ana) = with_user().await;
    for id in ids_of_no_task(&app).await {
        assert!(read(&ana, &id).await.is_null(), "{id}");
        for name in ["updateTask", "deleteTask", "restoreTask"] {
            let answer = mutate(&ana, name, json!({ "id": id })).await;
            let expected = json!({ "message": "There is no such task.", "code": "NOT_FOUND", "fields": null });
            assert_eq!(error(&answer), expected, "{name} {id}");
        }
    }
    let query = format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Task {{ {FIELDS} }} }} }}");
    let foreign = create(&app.user("ben").await, json!({ "title": "Not yours" })).await["id"].clone();
    let data = ana.gql_with(&query, json!({ "ids": [foreign, "task_01jd3qvh7eefhazk9a8w2tn4tz"] })).await.data();
    assert_eq!(data["nodes"], json!([null, null]));
}
