//! Mutations of credentials: one in a document and nothing beside it, counted by address and by account.

use chrono::TimeDelta;
use serde_json::{Value, json};
use taskward::config::Config;

use crate::session::{login, refresh};
use crate::support::{Answer, Client, PASSWORD, TestApp};
use crate::user::change_password;

/// A server whose budgets of credentials are those of the defaults, and nothing else is scarce.
async fn scarce() -> TestApp {
    TestApp::with(|config: &mut Config| {
        config.rate_limit.login = "5/minute".parse().unwrap();
        config.rate_limit.refresh = "30/minute".parse().unwrap();
    })
    .await
}

#[track_caller]
fn assert_refused(answer: &Answer, seconds: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (429, "RATE_LIMITED"), "{}", answer.text);
    assert_eq!(answer.json()["errors"][0]["extensions"]["policy"], "credentials");
    assert_eq!(answer.header("retry-after"), seconds);
    assert!(answer.json().get("data").is_none());
}

/// An address that nobody has used yet.
fn fresh(client: &Client, number: u32) -> Client {
    client.at(&format!("198.51.{}.{}", number / 250, number % 250 + 1))
}

const LOGIN: &str = r#"login(input: { username: "ana", password: "wrong" }) { accessToken }"#;

/// Documents with an attempt in company, where `LOGIN` stands for one.
const IN_COMPANY: [&str; 16] = [
    "mutation { a: LOGIN b: LOGIN }",
    "mutation { LOGIN LOGIN }",
    "mutation { LOGIN __typename }",
    "mutation { __typename LOGIN }",
    "mutation { LOGIN logout { sessionId } }",
    r#"mutation { LOGIN refreshSession(input: { refreshToken: "x" }) { accessToken } }"#,
    "mutation { ...A ...A } fragment A on Mutation { LOGIN }",
    "mutation { ...A ...B } fragment A on Mutation { LOGIN } fragment B on Mutation { LOGIN }",
    "mutation { ...A } fragment A on Mutation { a: LOGIN b: LOGIN }",
    "mutation { ...A } fragment A on Mutation { ...B ...B } fragment B on Mutation { LOGIN }",
    "mutation { ... { a: LOGIN } ... { b: LOGIN } }",
    "mutation { ... on Mutation { a: LOGIN b: LOGIN } }",
    "mutation { ... @include(if: true) { a: LOGIN } ... @skip(if: true) { b: LOGIN } }",
    "mutation { ...A @include(if: true) ...A @skip(if: false) } fragment A on Mutation { LOGIN }",
    r#"mutation { changePassword(input: { currentPassword: "a", newPassword: "b" }) { user { id } } LOGIN }"#,
    r#"mutation { register(input: { username: "eve", password: "long enough for it" }) { accessToken } LOGIN }"#,
];

/// The same beside another operation, whichever of the two is to run.
const BESIDE_ANOTHER: [&str; 4] = [
    "mutation A { LOGIN } mutation B { LOGIN }",
    "mutation A { logout { sessionId } } mutation B { LOGIN }",
    "query A { viewer { id } } mutation B { LOGIN }",
    "mutation A { ...L } query B { viewer { id } } fragment L on Mutation { LOGIN }",
];

#[tokio::test]
async fn a_credentials_mutation_in_company_is_refused_before_anything_runs() {
    let app = scarce().await;
    let alone = IN_COMPANY.map(|document| json!({ "query": document.replace("LOGIN", LOGIN) }));
    let beside = BESIDE_ANOTHER.map(|document| {
        ["A", "B"].map(|name| json!({ "query": document.replace("LOGIN", LOGIN), "operationName": name }))
    });
    for body in alone.into_iter().chain(beside.into_iter().flatten()) {
        let (answer, statements) = app.statements(app.anonymous().post(&body)).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "TOO_MANY_ROOT_FIELDS"), "{body}");
        assert!(answer.json().get("data").is_none());
        assert_eq!(statements, 0, "{body}");
    }
    assert_eq!(login(&app.anonymous(), "ana", "wrong").await.code(), "UNAUTHENTICATED", "and nothing was charged");
}

#[tokio::test]
async fn one_alone_may_be_written_in_any_way() {
    let right = format!(r#"login(input: {{ username: "ana", password: "{PASSWORD}" }}) {{ user {{ username }} }}"#);
    for document in [
        format!("mutation {{ {right} }}"),
        format!("mutation Named {{ login: {right} }}"),
        format!("mutation {{ {right} }} # and a comment"),
        format!("mutation {{ ... {{ {right} }} }}"),
        format!("mutation {{ ... on Mutation @include(if: true) {{ {right} }} }}"),
        format!("mutation {{ ...A }} fragment A on Mutation {{ ...B }} fragment B on Mutation {{ {right} }}"),
    ] {
        let app = scarce().await;
        app.user("ana").await;
        let answer = app.anonymous().gql(&document).await;
        assert_eq!(answer.data()["login"]["user"]["username"], "ana", "{document}");
    }
}

#[tokio::test]
async fn fields_of_these_names_elsewhere_are_none_of_its_business() {
    let app = scarce().await;
    let ana = app.user("ana").await;
    for _ in 0..10 {
        let answer =
            ana.gql("query { login: viewer { register: id refreshSession: username } a: viewer { id } }").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

#[tokio::test]
async fn the_sixth_login_of_an_address_is_refused_whatever_the_account() {
    let app = scarce().await;
    app.user("ana").await;
    let client = app.anonymous().at("198.51.100.1");
    for number in 0..5 {
        assert_eq!(login(&client, &format!("nobody{number}"), "wrong").await.code(), "UNAUTHENTICATED");
    }
    let (answer, statements) = app.statements(login(&client, "ana", PASSWORD)).await;
    assert_refused(&answer, "12");
    assert_eq!(statements, 0);
    assert_eq!(login(&client.at("198.51.100.2"), "ana", PASSWORD).await.status, 200, "another address");
    app.clock.advance(TimeDelta::seconds(12) - TimeDelta::microseconds(1));
    assert_refused(&login(&client, "ana", PASSWORD).await, "1");
    app.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(login(&client, "ana", PASSWORD).await.data()["login"]["user"]["username"], "ana");
    assert_refused(&login(&client, "ana", PASSWORD).await, "12");
}

/// Every way to name the account in a login.
fn spellings(account: &str) -> Vec<Value> {
    let fields = "{ accessToken }";
    let password = "wrong";
    vec![
        json!({ "query": format!("mutation {{ login(input: {{ username: \"{account}\", password: \"wrong\" }}) {fields} }}") }),
        json!({ "query": format!("mutation {{ login(input: {{ username: \"\"\"{account}\"\"\", password: \"\" }}) {fields} }}") }),
        json!({ "query": format!("mutation {{ login(input: {{ username: \"\\u0061{}\", password: \"\" }}) {fields} }}", &account[1..]) }),
        json!({
            "query": format!("mutation($i: LoginInput!) {{ login(input: $i) {fields} }}"),
            "variables": { "i": { "username": account, "password": password } },
        }),
        json!({
            "query": format!("mutation($u: String!, $p: String!) {{ login(input: {{ username: $u, password: $p }}) {fields} }}"),
            "variables": { "u": account, "p": password },
        }),
        json!({
            "query": format!("mutation($u: String!) {{ ...A }} fragment A on Mutation {{ login(input: {{ username: $u, password: \"\" }}) {fields} }}"),
            "variables": { "u": account },
        }),
    ]
}

#[tokio::test]
async fn the_sixth_login_of_an_account_is_refused_whatever_the_address_and_the_spelling() {
    for account in ["ana", "anobody"] {
        for (number, body) in spellings(account).into_iter().enumerate() {
            let app = scarce().await;
            app.user("bob").await;
            let mut attempt = 0;
            let mut client = || {
                attempt += 1;
                fresh(&app.anonymous(), attempt)
            };
            for _ in 0..5 {
                assert_eq!(client().post(&body).await.code(), "UNAUTHENTICATED", "{body}");
            }
            let (answer, statements) = app.statements(client().post(&body)).await;
            assert_refused(&answer, "12");
            assert_eq!(statements, 0, "spelling {number}");
            assert_refused(&login(&client(), account, PASSWORD).await, "12");
            assert_eq!(login(&client(), "bob", PASSWORD).await.status, 200);
            app.clock.advance(TimeDelta::seconds(12));
            assert_eq!(client().post(&body).await.code(), "UNAUTHENTICATED");
        }
    }
}

/// An account that was named by the default of a variable was charged to nobody.
#[tokio::test]
async fn an_account_named_by_a_default_is_charged_too() {
    for definition in [
        r#"($u: String! = "ana") { login(input: { username: $u, password: "wrong" }) { accessToken } }"#,
        r#"($i: LoginInput! = { username: "ana", password: "wrong" }) { login(input: $i) { accessToken } }"#,
        r#"($u: String! = "ana") { ...A } fragment A on Mutation {
            login(input: { username: $u, password: "wrong" }) { accessToken }
        }"#,
    ] {
        let app = scarce().await;
        let query = format!("mutation {definition}");
        for number in 0..5 {
            let answer = fresh(&app.anonymous(), number).gql(&query).await;
            assert_eq!(answer.code(), "UNAUTHENTICATED", "{query}");
        }
        assert_refused(&fresh(&app.anonymous(), 5).gql(&query).await, "12");
        assert_refused(&login(&fresh(&app.anonymous(), 6), "ana", PASSWORD).await, "12");
    }
}

#[tokio::test]
async fn registrations_and_password_changes_share_the_budget_of_logins() {
    let app = scarce().await;
    let ana = app.user("ana").await; // the first, from this address
    for _ in 0..2 {
        let answer = change_password(&ana, "wrong", "a better password").await;
        assert_eq!(answer.invalid_fields(), ["input.currentPassword: WRONG_PASSWORD"]);
    }
    for _ in 0..2 {
        assert_eq!(login(&ana, "ana", "wrong").await.code(), "UNAUTHENTICATED");
    }
    let (answer, statements) = app.statements(change_password(&ana, PASSWORD, "a better password")).await;
    assert_refused(&answer, "12");
    assert_eq!(statements, 1, "to know who calls, and no more");
    let elsewhere = ana.at("198.51.100.9");
    assert_refused(&change_password(&elsewhere, PASSWORD, "a better password").await, "12");
    assert_eq!(login(&elsewhere, "bob", PASSWORD).await.code(), "UNAUTHENTICATED", "another account");
}

#[tokio::test]
async fn a_register_is_charged_to_the_name_that_it_asks_for() {
    let app = scarce().await;
    let register = |number| {
        let client = fresh(&app.anonymous(), number);
        async move {
            let input = json!({ "input": { "username": "ana", "password": "short" } });
            client.gql_with("mutation($input: RegisterInput!) { register(input: $input) { accessToken } }", input).await
        }
    };
    for number in 0..5 {
        assert_eq!(register(number).await.code(), "BAD_USER_INPUT");
    }
    assert_refused(&register(5).await, "12");
}

#[tokio::test]
async fn the_31st_refresh_of_an_address_is_refused_and_logins_are_not() {
    let app = scarce().await;
    let client = app.anonymous().at("198.51.100.1");
    for _ in 0..30 {
        assert_eq!(refresh(&client, "junk").await.code(), "UNAUTHENTICATED");
    }
    let (answer, statements) = app.statements(refresh(&client, "junk")).await;
    assert_refused(&answer, "2");
    assert_eq!(statements, 0);
    assert_eq!(login(&client, "ana", "wrong").await.code(), "UNAUTHENTICATED");
    app.clock.advance(TimeDelta::seconds(2));
    assert_eq!(refresh(&client, "junk").await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn the_31st_refresh_of_a_session_is_refused_whatever_the_address() {
    let app = scarce().await;
    let (ana, bob) = (app.user("ana").await, app.user("bob").await);
    for number in 0..30 {
        assert_eq!(refresh(&fresh(&app.anonymous(), number), ana.refresh_token()).await.status, 200);
    }
    let (answer, statements) = app.statements(refresh(&fresh(&app.anonymous(), 30), ana.refresh_token())).await;
    assert_refused(&answer, "2");
    assert_eq!(statements, 0);
    assert_eq!(refresh(&fresh(&app.anonymous(), 31), bob.refresh_token()).await.status, 200);
    app.clock.advance(TimeDelta::seconds(2));
    assert_eq!(refresh(&fresh(&app.anonymous(), 32), ana.refresh_token()).await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_named_by_a_default_is_charged_to_its_session_too() {
    let app = scarce().await;
    let ana = app.user("ana").await;
    let token = ana.refresh_token();
    let query = format!(
        "mutation($t: String! = \"{token}\") {{ refreshSession(input: {{ refreshToken: $t }}) {{ accessToken }} }}"
    );
    for number in 0..30 {
        assert_eq!(fresh(&app.anonymous(), number).gql(&query).await.status, 200);
    }
    assert_refused(&fresh(&app.anonymous(), 30).gql(&query).await, "2");
}

#[tokio::test]
async fn a_refused_attempt_still_counts_as_a_request_and_no_further_login() {
    let app = TestApp::with(|config| {
        config.rate_limit.login = "5/minute".parse().unwrap();
        config.rate_limit.anonymous = "50/minute".parse().unwrap();
    })
    .await;
    let client = app.anonymous();
    for _ in 0..20 {
        login(&client, "ana", "wrong").await;
    }
    let answer = login(&client, "ana", "wrong").await;
    assert_refused(&answer, "12");
    let policy = answer.header("ratelimit-policy");
    assert!(policy.starts_with("\"requests\";q=50;w=60, \"cost\";q="), "{policy}");
    assert!(answer.header("ratelimit").starts_with("\"requests\";r=29;t=2, \"cost\";r="));
    app.clock.advance(TimeDelta::seconds(12));
    assert_eq!(login(&client, "ana", "wrong").await.code(), "UNAUTHENTICATED", "waiting as told is enough");
}
