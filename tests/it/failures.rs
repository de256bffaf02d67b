//! What an answer holds where fields have failed.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn a_field_that_failed_is_null_beside_those_that_did_not() {
    let app = TestApp::new().await;
    let query = "{ viewer { id } node(id: \"task_01jd3qvh7eefhazk9a8w2tn4tz\") { id } again: viewer { id } }";
    let answer = app.anonymous().gql(query).await;
    assert_eq!((answer.status, answer.code().as_str()), (200, "UNAUTHENTICATED"));
    assert!(answer.text.contains(r#""data":{"viewer":null,"node":null,"again":null}"#), "{}", answer.text);
}

#[tokio::test]
async fn a_field_that_may_not_be_null_takes_the_whole_answer_along() {
    let app = TestApp::new().await;
    let answer = app.user("ana").await.gql("{ viewer { id } tasks(first: 0) { totalCount } }").await;
    assert_eq!((answer.status, answer.code().as_str()), (200, "BAD_USER_INPUT"));
    assert_eq!(answer.json()["data"], json!(null));
    assert!(answer.json().as_object().unwrap().contains_key("data"));
}

#[tokio::test]
async fn a_variable_of_a_scalar_that_does_not_fit_stops_the_mutations_before_it() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let query = "mutation($d: DateTime) {
        a: createTask(input: { title: \"Buy milk\" }) { task { id } }
        b: createTask(input: { title: \"Buy bread\", dueAt: $d }) { task { id } }
    }";
    let answer = ana.gql_with(query, json!({ "d": "tomorrow" })).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "BAD_USER_INPUT"));
    let count = ana.gql("{ tasks { totalCount } }").await.data()["tasks"]["totalCount"].clone();
    assert_eq!(count, 0);
}

/// The library takes each of these for valid, and ran the mutation before it.
#[tokio::test]
async fn a_literal_that_does_not_fit_stops_the_mutations_before_it() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    for input in [r#"{ title: "Buy bread", dueAt: "tomorrow" }"#, r#""Buy bread""#, r#"[{ title: "Buy bread" }]"#, "5"]
    {
        let query = format!(
            r#"mutation {{
                a: createTask(input: {{ title: "Buy milk" }}) {{ task {{ id }} }}
                b: createTask(input: {input}) {{ task {{ id }} }}
            }}"#
        );
        let answer = ana.gql(&query).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "GRAPHQL_VALIDATION_FAILED"), "{input}");
    }
    let query = r#"mutation($d: DateTime = "tomorrow", $v: Int = 9999999999) {
        a: createTask(input: { title: "Buy milk" }) { task { id } }
        b: updateTask(input: { id: "x", dueAt: $d, ifVersion: $v }) { task { id } }
    }"#;
    assert_eq!(ana.gql(query).await.code(), "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(ana.gql("{ tasks { totalCount } }").await.data()["tasks"]["totalCount"], 0);
}

#[tokio::test]
async fn a_repeated_request_is_answered_as_at_first() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let page = "query($first: Int = 1, $filter: TaskFilter) { tasks(first: $first, filter: $filter) { totalCount } }";
    let many = (0..9).map(|at| format!("a{at}: tasks {{ totalCount }}")).collect::<Vec<_>>().join(" ");
    let many = format!("{{ {many} }}");
    for (query, variables) in [
        ("{ viewer { username } }", json!({})),
        ("{ viewer { username ... { username } } }", json!({})),
        ("{ viewer { nothing } }", json!({})),
        ("{ tasks(first: \"many\") { totalCount } }", json!({})),
        ("query A { viewer { id } } query A { viewer { id } }", json!({})),
        (page, json!({})),
        (page, json!({ "first": 2 })),
        (page, json!({ "first": "two" })),
        (page, json!({ "first": 0 })),
        (page, json!({ "filter": { "completed": true } })),
        (page, json!({ "filter": { "nothing": true } })),
        (many.as_str(), json!({})),
    ] {
        let mut answers = Vec::new();
        for _ in 0..3 {
            let answer = ana.gql_with(query, variables.clone()).await;
            let mut json = answer.json();
            for error in json["errors"].as_array_mut().into_iter().flatten() {
                error["extensions"]["requestId"].take();
            }
            answers.push((answer.status, json["errors"].take(), json["data"].take()));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{query} {variables} {answers:?}");
    }
}

#[tokio::test]
async fn an_answer_at_the_cap_is_sent_and_one_byte_more_is_refused() {
    let query = "{ __type(name: \"User\") { fields { name } } }";
    let length = TestApp::new().await.anonymous().gql(query).await.text.len();
    for (response_bytes, told) in [(length, (200, None)), (length - 1, (400, Some("RESPONSE_TOO_LARGE")))] {
        let app = TestApp::with(|config| config.limits.response_bytes = response_bytes).await;
        let answer = app.anonymous().gql(query).await;
        let code = answer.json()["errors"][0]["extensions"]["code"].as_str().map(str::to_owned);
        assert_eq!((answer.status, code.as_deref()), told, "{}", answer.text);
        assert!(code.is_none() || (answer.text.len() < 2_048 && answer.json().get("data").is_none()));
    }
}
