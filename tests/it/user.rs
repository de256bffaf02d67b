//! Users: who am I.

use crate::support::TestApp;

#[tokio::test]
async fn the_viewer_is_the_caller_and_null_for_a_stranger() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    assert_eq!(ana.gql("{ viewer { username } }").await.data()["viewer"]["username"], "ana");
    assert!(app.anonymous().gql("{ viewer { username } }").await.data()["viewer"].is_null());
}
