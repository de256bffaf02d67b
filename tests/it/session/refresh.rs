//! Refreshing a session: each token is good once, for two tabs a moment longer, and a copied one ends the session.

use chrono::TimeDelta;
use futures::future::join_all;

use super::{login, refresh, refreshed, rows, without_request_id};
use crate::support::{Answer, Client, PASSWORD, TestApp};

fn refresh_token(answer: &Answer) -> String {
    answer.data()["refreshSession"]["refreshToken"].as_str().unwrap().to_owned()
}

/// Asserts that neither token of the client is good.
#[track_caller]
fn assert_refused(answer: &Answer) {
    assert_eq!((answer.status, answer.code().as_str()), (200, "UNAUTHENTICATED"), "{}", answer.text);
}

async fn is_logged_in(client: &Client) -> bool {
    client.gql("{ viewer { id } }").await.status == 200
}

#[tokio::test]
async fn each_refresh_gives_new_tokens_of_the_same_session() {
    let app = TestApp::new().await;
    let mut client = app.user("ana").await;
    let session = super::session_id(&client).await;
    let mut seen = vec![client.refresh_token().to_owned()];
    for _ in 0..3 {
        app.clock.advance(TimeDelta::minutes(10));
        let answer = refresh(&app.anonymous(), client.refresh_token()).await;
        let payload = answer.data()["refreshSession"].clone();
        assert_eq!(payload["user"]["username"], "ana");
        let expires_at = app.clock.now() + TimeDelta::seconds(900);
        assert_eq!(payload["expiresAt"], expires_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true));
        client = app.anonymous().with_tokens(&payload);
        assert!(!seen.contains(&client.refresh_token().to_owned()));
        seen.push(client.refresh_token().to_owned());
        assert_eq!(super::session_id(&client).await, session);
    }
    assert_eq!(rows(&app).await, 1);
}

#[tokio::test]
async fn a_second_use_gets_the_same_successor_for_10_seconds_and_ends_the_session_after_them() {
    for (late, taken) in [
        (TimeDelta::zero(), true),
        (TimeDelta::seconds(10), true),
        (TimeDelta::seconds(10) + TimeDelta::microseconds(1), false),
        (TimeDelta::seconds(11), false),
    ] {
        let app = TestApp::new().await;
        let ana = app.user("ana").await;
        let first = refresh(&app.anonymous(), ana.refresh_token()).await;
        app.clock.advance(late);
        let second = refresh(&app.anonymous(), ana.refresh_token()).await;
        if taken {
            assert_eq!(refresh_token(&second), refresh_token(&first), "{late}");
        } else {
            assert_refused(&second);
            assert_refused(&refresh(&app.anonymous(), &refresh_token(&first)).await);
        }
        assert_eq!(is_logged_in(&ana).await, taken, "{late}");
    }
}

#[tokio::test]
async fn a_second_use_does_not_prolong_its_own_10_seconds() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    refresh(&app.anonymous(), ana.refresh_token()).await.data();
    for _ in 0..2 {
        app.clock.advance(TimeDelta::seconds(5));
        refresh(&app.anonymous(), ana.refresh_token()).await.data();
    }
    app.clock.advance(TimeDelta::seconds(1));
    assert_refused(&refresh(&app.anonymous(), ana.refresh_token()).await);
}

#[tokio::test]
async fn a_token_older_than_the_last_one_ends_the_session_even_within_10_seconds() {
    let app = TestApp::new().await;
    let first = app.user("ana").await;
    let other = app.anonymous().with_tokens(&login(&app.anonymous(), "ana", PASSWORD).await.data()["login"]);
    let second = refreshed(&app, &first).await;
    let third = refreshed(&app, &second).await;
    assert_refused(&refresh(&app.anonymous(), first.refresh_token()).await);
    assert_refused(&refresh(&app.anonymous(), third.refresh_token()).await);
    assert!(!is_logged_in(&third).await);
    assert!(is_logged_in(&other).await, "another session of the same user");
}

/// Junk is what the server never issued. Whoever could end a session with it could end anybody's.
#[tokio::test]
async fn junk_never_ends_a_session() {
    let app = TestApp::new().await;
    let mut ana = app.user("ana").await;
    let eve = app.user("eve").await;
    let token = ana.refresh_token().to_owned();
    let spliced = format!("{}{}", &token[..40], &eve.refresh_token()[40..]);
    let mut junk = [0, 4, 10, 26, 50, 80, token.len() - 1].map(|place| flipped(&token, place)).to_vec();
    junk.extend([spliced, String::new(), "twr_".into(), "\u{0}".into(), ana.access_token().into()]);
    junk.extend([format!("{token}A"), format!("{token}="), token[..token.len() - 1].to_owned(), "x".repeat(100_000)]);
    let expected = without_request_id(&refresh(&app.anonymous(), "junk").await);
    for text in junk {
        let answer = refresh(&app.anonymous(), &text).await;
        assert_refused(&answer);
        assert_eq!(without_request_id(&answer), expected, "{text:.100?}");
    }
    assert!(is_logged_in(&ana).await);
    ana = refreshed(&app, &ana).await;
    assert!(is_logged_in(&ana).await);
}

fn flipped(token: &str, place: usize) -> String {
    let other = if token.as_bytes()[place] == b'A' { "B" } else { "A" };
    let mut text = token.to_owned();
    text.replace_range(place..=place, other);
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn refreshes_at_the_same_moment_all_get_the_same_successor() {
    let app = TestApp::new().await;
    for round in 0..5 {
        let ana = app.user(&format!("ana{round}")).await;
        let token = ana.refresh_token();
        let answers = join_all((0..8).map(|_| {
            let (client, token) = (app.anonymous(), token.to_owned());
            tokio::spawn(async move { refresh(&client, &token).await })
        }));
        let mut successors: Vec<_> = answers.await.into_iter().map(|answer| refresh_token(&answer.unwrap())).collect();
        successors.dedup();
        assert_eq!(successors.len(), 1);
        assert_eq!(refresh(&app.anonymous(), &successors[0]).await.status, 200);
    }
}

#[tokio::test]
async fn a_session_ends_30_days_after_its_last_refresh() {
    let app = TestApp::new().await;
    let almost = TimeDelta::days(30) - TimeDelta::microseconds(1);
    let ana = app.user("ana").await;
    app.clock.advance(almost);
    let ana = refreshed(&app, &ana).await;
    app.clock.advance(almost);
    let ana = refreshed(&app, &ana).await;
    assert!(is_logged_in(&ana).await);
    app.clock.advance(TimeDelta::days(30));
    assert_refused(&refresh(&app.anonymous(), ana.refresh_token()).await);
}

#[tokio::test]
async fn expired_sessions_are_removed_when_the_server_tidies_up() {
    let app = TestApp::new().await;
    app.user("ana").await;
    app.clock.advance(TimeDelta::days(30) - TimeDelta::microseconds(1));
    app.user("bob").await;
    app.app.tidy().await.unwrap();
    assert_eq!(rows(&app).await, 2);
    app.clock.advance(TimeDelta::microseconds(1));
    app.app.tidy().await.unwrap();
    assert_eq!(rows(&app).await, 1, "that of bob");
}

#[tokio::test]
async fn a_refresh_token_needs_no_access_token_and_a_bad_one_beside_it_is_refused() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    app.clock.advance(TimeDelta::hours(1));
    assert_eq!(refresh(&ana, ana.refresh_token()).await.status, 401, "the expired access token was sent along");
    assert_eq!(refresh(&app.anonymous(), ana.refresh_token()).await.status, 200);
}
