//! Cursors: good as long as they are handed back as they were given, in a list of the same order, and bad input otherwise.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::{LIST, changed, create_titled, list, texts, titles, with_user};
use crate::support::TestApp;

#[tokio::test]
async fn a_cursor_stays_good_when_its_task_is_gone() {
    let (_app, ana) = with_user().await;
    let tasks = create_titled(&ana, &["One", "Two", "Three"]).await;
    let order = json!([{ "field": "TITLE", "direction": "ASC" }]);
    let first = list(&ana, json!({ "first": 2, "orderBy": order })).await;
    assert_eq!(texts(&first, "title"), ["One", "Three"]);
    changed(&ana, "deleteTask", json!({ "id": tasks[2]["id"] })).await;
    let next = json!({ "first": 2, "after": first["pageInfo"]["endCursor"], "orderBy": order });
    assert_eq!(titles(&ana, next).await, ["Two"]);
}

#[tokio::test]
async fn a_filter_may_change_under_a_cursor() {
    let (_app, ana) = with_user().await;
    create_titled(&ana, &["a milk", "b bread", "c milk", "d bread"]).await;
    let order = json!([{ "field": "TITLE", "direction": "ASC" }]);
    let page = list(&ana, json!({ "first": 1, "orderBy": order, "filter": { "search": "milk" } })).await;
    let after = &page["pageInfo"]["endCursor"];
    let bread = json!({ "after": after, "orderBy": order, "filter": { "search": "bread" } });
    assert_eq!(titles(&ana, bread).await, ["b bread", "d bread"]);
}

/// Every way in which a good cursor can be spoilt.
fn spoilt(cursor: &str) -> Vec<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).unwrap();
    let mut spoilt = Vec::new();
    for (place, _) in bytes.iter().enumerate() {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1 << (place % 8);
        spoilt.push(URL_SAFE_NO_PAD.encode(flipped));
    }
    spoilt.extend((0..cursor.len()).map(|length| cursor[..length].to_owned()));
    spoilt.extend(["=", " ", "A", "\0", "é", cursor].map(|more| format!("{cursor}{more}")));
    spoilt.push(format!(" {cursor}"));
    spoilt.push(base64::engine::general_purpose::STANDARD.encode(&bytes) + "==");
    spoilt.extend(["{}", "[]", "null", "0", "🎉", "' OR 1=1 --"].map(str::to_owned));
    spoilt.extend(["[]", "[0,\"x\"]", "{}"].map(|payload| URL_SAFE_NO_PAD.encode(payload)));
    spoilt.push(URL_SAFE_NO_PAD.encode([&[0; 16], &bytes[16..]].concat()));
    spoilt
}

#[tokio::test]
async fn a_spoilt_cursor_is_bad_input_and_nothing_else() {
    let (_app, ana) = with_user().await;
    create_titled(&ana, &["One", "Two"]).await;
    let order = json!([{ "field": "TITLE", "direction": "ASC" }, { "field": "DUE_AT", "direction": "DESC" }]);
    let page = list(&ana, json!({ "orderBy": order })).await;
    for cursor in spoilt(page["pageInfo"]["startCursor"].as_str().unwrap()) {
        for argument in ["after", "before"] {
            let answer = ana.gql_with(LIST, json!({ argument: cursor, "orderBy": order })).await;
            assert_eq!(answer.invalid_fields(), [format!("{argument}: INVALID_FORMAT")], "{cursor:?}");
        }
    }
}

#[tokio::test]
async fn a_cursor_of_a_megabyte_is_bad_input() {
    let app = TestApp::with(|config| config.limits.body_bytes = 4 * 1024 * 1024).await;
    let ana = app.user("ana").await;
    for megabyte in ["A", "é"].map(|text| text.repeat(1024 * 1024)) {
        let answer = ana.gql_with(LIST, json!({ "after": megabyte })).await;
        assert_eq!(answer.invalid_fields(), ["after: INVALID_FORMAT"]);
        assert!(answer.text.len() < 2_048, "nothing of it is repeated");
    }
}

#[tokio::test]
async fn a_cursor_of_another_order_is_bad_input() {
    let (_app, ana) = with_user().await;
    create_titled(&ana, &["One", "Two"]).await;
    let orders = [
        json!([]),
        json!([{ "field": "CREATED_AT", "direction": "ASC" }]),
        json!([{ "field": "UPDATED_AT", "direction": "DESC" }]),
        json!([{ "field": "TITLE", "direction": "ASC" }]),
        json!([{ "field": "TITLE", "direction": "ASC" }, { "field": "DUE_AT", "direction": "ASC" }]),
        json!([{ "field": "DUE_AT", "direction": "ASC" }, { "field": "TITLE", "direction": "ASC" }]),
    ];
    for (here, order) in orders.iter().enumerate() {
        let cursor = list(&ana, json!({ "orderBy": order })).await["pageInfo"]["startCursor"].clone();
        for (there, other) in orders.iter().enumerate() {
            let answer = ana.gql_with(LIST, json!({ "after": cursor, "orderBy": other })).await;
            if here == there {
                assert_eq!(answer.data()["tasks"]["edges"].as_array().unwrap().len(), 1);
            } else {
                assert_eq!(answer.invalid_fields(), ["after: INVALID_FORMAT"], "{order} in {other}");
            }
        }
    }
    // Newest first is what an empty order means, so their cursors are the same.
    let cursor = list(&ana, json!({})).await["pageInfo"]["startCursor"].clone();
    let newest_first = json!([{ "field": "CREATED_AT", "direction": "DESC" }]);
    assert_eq!(titles(&ana, json!({ "after": cursor, "orderBy": newest_first })).await.len(), 1);
}

#[tokio::test]
async fn a_cursor_of_the_longest_title_is_good() {
    let (_app, ana) = with_user().await;
    // Each of the first characters is 18 when titles are compared, and each of the last has four bytes.
    create_titled(&ana, &["One", &"\u{FDFA}".repeat(200), &"𐐀".repeat(200)]).await;
    let order = json!([{ "field": "TITLE", "direction": "ASC" }]);
    let whole = list(&ana, json!({ "orderBy": order })).await;
    for (place, edge) in whole["edges"].as_array().unwrap().iter().enumerate() {
        let after = list(&ana, json!({ "after": edge["cursor"], "orderBy": order })).await;
        assert_eq!(texts(&after, "id"), texts(&whole, "id")[place + 1..]);
    }
}
