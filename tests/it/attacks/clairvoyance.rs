//! Attack 42: whoever asks for the words of a list, as clairvoyance does where introspection is off, learns no name that
//! they did not know, and not for long.

use serde_json::json;
use taskward::config::RateLimit;

use super::production;
use crate::session::without_request_id;
use crate::support::{Client, TestApp};

/// Documents with a place for a word. The tool has several for each kind of name.
const PLACES: [&str; 10] = [
    "{ WORD }",
    "{ WORD { id } }",
    "{ viewer { WORD } }",
    "{ viewer { WORD { id } } }",
    "{ task(id: 1, WORD: 1) { id } }",
    "mutation { WORD }",
    "mutation { createTask(WORD: 1) { task { id } } }",
    "mutation { createTask(input: { WORD: 1 }) { task { id } } }",
    "query($a: WORD) { viewer { id } }",
    "{ ...F } fragment F on WORD { id }",
];

/// Words that are close to names of the schema: one letter more, less or different, or in another case.
const CLOSE: [&str; 16] = [
    "viewe",
    "viewers",
    "Viewer",
    "tasc",
    "taskss",
    "Task_",
    "nod",
    "nodess",
    "usernam",
    "createTas",
    "createTasks",
    "titel",
    "inputs",
    "idd",
    "Usr",
    "sessionz",
];

async fn answer(client: &Client, place: &str, word: &str) -> String {
    // A word of another length would move what comes behind it.
    let answer = client.gql(&place.replace("WORD", &format!("{word:<12}"))).await;
    assert!(answer.text.len() < 2_048);
    without_request_id(&answer)
}

#[tokio::test]
async fn a_word_close_to_a_name_reads_like_any_other() {
    let app = TestApp::with(production).await;
    let nobody = app.anonymous();
    for place in PLACES {
        let absent = answer(&nobody, place, "qwertyuiop").await;
        assert!(absent.contains("GRAPHQL_VALIDATION_FAILED"), "{place}: {absent}");
        for word in CLOSE {
            assert_eq!(answer(&nobody, place, word).await, absent, "{place} {word}");
        }
    }
}

/// From what is there and is asked for in a wrong way, the tool learns kinds and types.
#[tokio::test]
async fn a_name_that_is_there_reads_like_one_that_is_not_while_it_is_used_wrongly() {
    let app = TestApp::with(production).await;
    let nobody = app.anonymous();
    for (place, words) in [
        ("{ WORD }", &["viewer", "rateLimit"][..]),
        ("mutation { WORD }", &["logout"]),
        ("query($a: WORD) { viewer { id } }", &["User", "Task"]),
    ] {
        let absent = answer(&nobody, place, "qwertyuiop").await;
        for word in words {
            assert_eq!(answer(&nobody, place, word).await, absent, "{place} {word}");
        }
    }
}

#[tokio::test]
async fn the_list_ends_at_the_budget_of_the_address() {
    let app = TestApp::with(|config| {
        production(config);
        config.rate_limit = RateLimit::default();
    })
    .await;
    let nobody = app.anonymous();
    let list = (0..4_096).map(|number| format!("word{number}")).collect::<Vec<_>>();
    // The tool asks for 64 words at once.
    let mut answered = 0;
    for words in list.chunks(64) {
        let answer = nobody.post(&json!({ "query": format!("query {{ {} }}", words.join(" ")) })).await;
        match answer.status {
            // More than ten fields at the root.
            400 => assert_eq!(answer.code(), "TOO_MANY_ROOT_FIELDS"),
            status => {
                assert_eq!((status, answer.code().as_str()), (429, "RATE_LIMITED"));
                assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
                continue;
            }
        }
        answered += 1;
    }
    assert_eq!(answered, 50);
}
