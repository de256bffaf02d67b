//! What a tutorial's script sees that fires requests until it is refused: with a token, without one, and beside others.

use chrono::TimeDelta;
use taskward::config::RateLimit;

use crate::support::{Answer, Client, TestApp};

const VIEWER: &str = "{ viewer { username } }";

/// A server with the budgets that it has when nothing is set.
async fn unset() -> TestApp {
    TestApp::with(|config| config.rate_limit = RateLimit::default()).await
}

/// Fires until it is refused: how many answers came before, and the refusal.
async fn fire(client: &Client) -> (usize, Answer) {
    for answered in 0..1_000 {
        let answer = client.gql(VIEWER).await;
        if answer.status == 429 {
            return (answered, answer);
        }
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json().get("errors"), None);
    }
    panic!("never refused");
}

#[track_caller]
fn assert_refused(answer: &Answer, policy: &str, limit: &str, retry_after: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (429, "RATE_LIMITED"));
    assert_eq!(answer.header("retry-after"), retry_after);
    assert_eq!(answer.first_of("ratelimit-policy"), policy);
    assert_eq!(answer.first_of("ratelimit"), limit);
    assert_eq!(answer.json()["errors"][0]["extensions"]["policy"], "requests");
    assert_eq!(answer.json()["errors"][0]["extensions"]["requestId"], answer.header("x-request-id"));
    assert!(answer.json().get("data").is_none());
    assert!(answer.text.len() < 2_048);
}

#[tokio::test]
async fn a_user_has_100_requests_a_minute() {
    let app = unset().await;
    let ana = app.user("ana").await;
    let first = ana.gql(VIEWER).await;
    assert_eq!(first.first_of("ratelimit-policy"), "\"requests\";q=100;w=60");
    assert_eq!(first.first_of("ratelimit"), "\"requests\";r=99;t=1");
    let (answered, refused) = fire(&ana).await;
    assert_eq!(answered, 99);
    assert_refused(&refused, "\"requests\";q=100;w=60", "\"requests\";r=0;t=1", "1");

    app.clock.advance(TimeDelta::milliseconds(600));
    let (answered, _) = fire(&ana).await;
    assert_eq!(answered, 1, "one comes back every 0.6 seconds");
    app.clock.advance(TimeDelta::seconds(60));
    let (answered, _) = fire(&ana).await;
    assert_eq!(answered, 100);
}

#[tokio::test]
async fn an_address_without_a_token_has_50_requests_a_minute() {
    let app = unset().await;
    let nobody = app.anonymous();
    let (answered, refused) = fire(&nobody).await;
    assert_eq!(answered, 50);
    assert_refused(&refused, "\"requests\";q=50;w=60", "\"requests\";r=0;t=2", "2");
    assert_eq!(fire(&nobody.at("203.0.113.8")).await.0, 50, "the neighbour has their own");

    app.clock.advance(TimeDelta::milliseconds(1_200) - TimeDelta::microseconds(1));
    assert_eq!(fire(&nobody).await.0, 0);
    app.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(fire(&nobody).await.0, 1, "one comes back every 1.2 seconds");
}

#[tokio::test]
async fn waiting_as_long_as_told_is_enough() {
    let app = unset().await;
    let ana = app.user("ana").await;
    for client in [&ana, &app.anonymous().at("203.0.113.9")] {
        let (_, refused) = fire(client).await;
        let seconds: i64 = refused.header("retry-after").parse().unwrap();
        app.clock.advance(TimeDelta::seconds(seconds));
        assert_eq!(client.gql(VIEWER).await.status, 200);
    }
}

#[tokio::test]
async fn a_flood_of_nobodies_never_blocks_a_user_at_the_same_address_nor_the_other_way_round() {
    let app = unset().await;
    let ana = app.user("ana").await;
    fire(&app.anonymous()).await;
    assert_eq!(fire(&ana).await.0, 100, "a user is charged to themselves alone");
    assert_eq!(fire(&ana.at("203.0.113.8")).await.0, 0, "wherever they are");

    app.clock.advance(TimeDelta::minutes(1));
    fire(&ana).await;
    assert_eq!(fire(&app.anonymous()).await.0, 50);
}

#[tokio::test]
async fn a_bad_token_is_charged_to_the_address() {
    let app = unset().await;
    let ana = app.user("ana").await;
    let bad = app.anonymous().at("203.0.113.8").with_authorization("Bearer junk");
    for left in (0..50).rev() {
        let answer = bad.gql(VIEWER).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "UNAUTHENTICATED"));
        assert!(answer.header("ratelimit").starts_with(&format!("\"requests\";r={left};")));
    }
    let (answer, statements) = app.statements(bad.gql(VIEWER)).await;
    assert_refused(&answer, "\"requests\";q=50;w=60", "\"requests\";r=0;t=2", "2");
    assert_eq!(statements, 0);
    assert_eq!(fire(&app.anonymous().at("203.0.113.8")).await.0, 0, "as a request without a token is");
    assert_eq!(ana.at("203.0.113.8").gql(VIEWER).await.status, 200);
}

#[tokio::test]
async fn a_refused_user_costs_one_statement_and_a_refused_nobody_none() {
    let app = unset().await;
    let ana = app.user("ana").await;
    fire(&ana).await;
    fire(&app.anonymous()).await;
    for (client, expected) in [(ana, 1), (app.anonymous(), 0)] {
        let (answer, statements) = app.statements(client.gql("{ tasks { totalCount } }")).await;
        assert_eq!((answer.status, statements), (429, expected));
    }
}

#[tokio::test]
async fn sessions_of_one_user_share_a_budget() {
    let app = unset().await;
    let ana = app.user("ana").await;
    let login = crate::session::login(&app.anonymous(), "ana", crate::support::PASSWORD).await;
    let again = app.anonymous().with_tokens(&login.data()["login"]);
    assert_eq!(fire(&ana).await.0, 100);
    assert_eq!(fire(&again).await.0, 0);
}

#[tokio::test]
async fn refusals_of_the_transport_show_the_budget_and_charge_nothing() {
    let app = unset().await;
    for _ in 0..100 {
        let answer = app.anonymous().post(&serde_json::json!([])).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.first_of("ratelimit"), "\"requests\";r=50;t=0");
    }
    assert_eq!(fire(&app.anonymous()).await.0, 50);
}
