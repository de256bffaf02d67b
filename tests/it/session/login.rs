//! Logging in: who may, and what everybody else is told.

use std::sync::Arc;
use std::thread::available_parallelism;

use futures::FutureExt;
use secrecy::SecretString;
use serde_json::json;
use taskward::domain::user::Password;
use taskward::domain::{Caller, Error, Op, authenticate, session, user};

use super::{login, without_request_id};
use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn the_right_password_opens_a_session_of_its_own() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let answer = login(&app.anonymous(), "ana", PASSWORD).await;
    let payload = &answer.data()["login"];
    assert_eq!(payload["user"]["username"], "ana");
    assert_eq!(payload["user"]["id"], ana.user_id());
    assert_eq!(payload["expiresAt"], "2026-11-23T09:45:00.000000Z", "900 seconds from now");
    let again = app.anonymous().with_tokens(payload);
    assert_ne!(again.refresh_token(), ana.refresh_token());
    for client in [ana, again] {
        let sessions = client.gql("{ viewer { sessions { id } } }").await.data()["viewer"]["sessions"].clone();
        assert_eq!(sessions.as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_wrong_password_an_unknown_name_and_a_disabled_user_read_the_same() {
    let app = TestApp::new().await;
    app.user("ana").await;
    app.user("eve").await;
    user::disable(&app.app.operator(), "eve").await.unwrap();
    let refused = login(&app.anonymous(), "ana", "not her password").await;
    assert_eq!(refused.status, 200);
    assert_eq!(refused.code(), "UNAUTHENTICATED");
    let expected = without_request_id(&refused);
    let no_name = ["", "Ana", "ana ", " ana", "an\u{301}a", "%", "_", "ana' OR 1=1 --"];
    for (name, password) in [("nobody", PASSWORD), ("eve", PASSWORD), ("eve", "wrong"), ("ana", ""), ("ana", "\u{0}")]
        .into_iter()
        .chain(no_name.map(|name| (name, PASSWORD)))
        .chain([("x".repeat(60_000).as_str(), PASSWORD), ("ana", "x".repeat(60_000).as_str())])
    {
        let answer = login(&app.anonymous(), name, password).await;
        assert_eq!(without_request_id(&answer), expected, "{name:.40?} {password:.40?}");
    }
}

/// PostgreSQL refuses a text with a NUL, which was answered as an error of the server.
#[tokio::test]
async fn a_name_with_a_nul_is_unknown_like_any_other() {
    let app = TestApp::new().await;
    app.user("ana").await;
    let expected = without_request_id(&login(&app.anonymous(), "nobody", PASSWORD).await);
    for name in ["\u{0}", "ana\u{0}", "\u{0}ana"] {
        assert_eq!(without_request_id(&login(&app.anonymous(), name, PASSWORD).await), expected, "{name:?}");
    }
}

#[tokio::test]
async fn every_refused_login_costs_the_same_statements() {
    let app = TestApp::new().await;
    app.user("ana").await;
    app.user("eve").await;
    user::disable(&app.app.operator(), "eve").await.unwrap();
    for name in ["ana", "nobody", "eve"] {
        let (answer, statements) = app.statements(login(&app.anonymous(), name, "not the password")).await;
        assert_eq!((answer.code().as_str(), statements), ("UNAUTHENTICATED", 1), "{name}");
    }
}

/// The hasher is filled to its last place and can't get on; whoever needs it is told so. That an unknown name needs it too
/// is what makes it take as long as a known one.
#[test]
fn every_login_asks_the_password_hasher_whether_the_name_is_known_or_not() {
    // The only thread on which a password could be hashed waits until it is released.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap();
    let (release, released) = std::sync::mpsc::channel::<()>();
    runtime.block_on(async {
        let app = TestApp::new().await;
        app.user("ana").await;
        app.user("eve").await;
        user::disable(&app.app.operator(), "eve").await.unwrap();
        tokio::task::spawn_blocking(move || released.recv());
        let waiting = fill_password_hasher(&app);
        let op = Op::new(Arc::clone(&app.app.services), Caller::Anonymous);
        for name in ["ana", "nobody", "eve", "no name at all"] {
            let refused = session::login(&op, name, &SecretString::from(PASSWORD)).await;
            assert!(matches!(refused, Err(Error::Overloaded)), "{name}");
        }
        release.send(()).unwrap();
        drop(waiting);
        assert_eq!(login(&app.anonymous(), "ana", PASSWORD).await.status, 200);
    });
}

/// A login whose password was checked a moment too early opened a session that outlived the change of the password.
#[test]
fn a_login_that_a_password_change_overtakes_is_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap();
    let (release, released) = std::sync::mpsc::channel::<()>();
    runtime.block_on(async {
        let app = TestApp::new().await;
        let services = &app.app.services;
        let token = format!("Bearer {}", app.user("ana").await.access_token());
        let ana = Op::new(Arc::clone(services), authenticate(services, token.as_bytes()).await.unwrap().caller);
        let nobody = Op::new(Arc::clone(services), Caller::Anonymous);
        tokio::task::spawn_blocking(move || released.recv());
        let password = SecretString::from(PASSWORD);
        let mut late = Box::pin(session::login(&nobody, "ana", &password));
        // Until the user was read; the thread that could check the password is not free before it is released.
        let before = services.store.statements();
        while services.store.statements() == before {
            assert!(futures::poll!(&mut late).is_pending());
            tokio::task::yield_now().await;
        }
        assert!(futures::poll!(&mut late).is_pending());
        release.send(()).unwrap();
        let next = Password::parse(SecretString::from("the next password")).unwrap();
        user::change_password(&ana, &password, &next).await.unwrap();
        assert!(matches!(late.await, Err(Error::Unauthenticated(_))));
        assert_eq!(super::rows(&app).await, 1);
    });
}

/// As many hashes as there is room for: one for each core and 64 that wait.
fn fill_password_hasher(app: &TestApp) -> Vec<impl Future> {
    let password = SecretString::from(PASSWORD);
    let hash = || {
        let (passwords, password) = (app.app.services.passwords.clone(), password.clone());
        let mut hash = Box::pin(async move { passwords.hash(&password).await });
        assert!(hash.as_mut().now_or_never().is_none(), "there is room");
        hash
    };
    (0..available_parallelism().unwrap().get() + 64).map(|_| hash()).collect()
}

#[tokio::test]
async fn a_disabled_user_is_shut_out_at_once() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    user::disable(&app.app.operator(), "ana").await.unwrap();
    let answer = ana.gql("{ viewer { id } }").await;
    assert_eq!((answer.status, answer.code().as_str()), (401, "UNAUTHENTICATED"));
    assert_eq!(super::refresh(&app.anonymous(), ana.refresh_token()).await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_user_who_is_let_in_again_logs_in_and_has_nothing_of_before() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let operator = app.app.operator();
    for _ in 0..2 {
        user::enable(&operator, "ana").await.unwrap();
        assert_eq!(
            ana.gql("{ viewer { username } }").await.data()["viewer"]["username"],
            "ana",
            "they are not shut out"
        );
    }
    user::disable(&operator, "ana").await.unwrap();
    user::enable(&operator, "ana").await.unwrap();
    assert_eq!(ana.gql("{ viewer { id } }").await.code(), "UNAUTHENTICATED");
    assert_eq!(super::refresh(&app.anonymous(), ana.refresh_token()).await.code(), "UNAUTHENTICATED");
    let ana = app.log_in("ana").await;
    assert_eq!(ana.gql("{ viewer { username } }").await.data()["viewer"]["username"], "ana");
}

#[tokio::test]
async fn logging_out_ends_this_session_at_once_and_no_other() {
    let app = TestApp::new().await;
    let phone = app.user("ana").await;
    let laptop = app.anonymous().with_tokens(&login(&app.anonymous(), "ana", PASSWORD).await.data()["login"]);
    let id = super::session_id(&phone).await;
    assert_eq!(phone.gql("mutation { logout { sessionId } }").await.data(), json!({ "logout": { "sessionId": id } }));
    let answer = phone.gql("{ viewer { id } }").await;
    assert_eq!((answer.status, answer.code().as_str()), (401, "UNAUTHENTICATED"));
    assert_eq!(super::refresh(&app.anonymous(), phone.refresh_token()).await.code(), "UNAUTHENTICATED");
    assert_eq!(laptop.gql("{ viewer { username } }").await.data()["viewer"]["username"], "ana");
    assert_eq!(app.anonymous().gql("mutation { logout { sessionId } }").await.code(), "UNAUTHENTICATED");
}
