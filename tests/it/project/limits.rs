//! How many members and projects there can be: at the limit and one above.

use sea_orm::ConnectionTrait;
use serde_json::json;
use taskward::domain::project::{MAX_MEMBERS, MAX_PROJECTS};

use super::{create, mutate, remove_member, set_member};
use crate::support::TestApp;

#[tokio::test]
async fn a_user_is_a_member_of_100_projects() {
    let app = TestApp::new().await;
    let (ana, ben) = (app.user("ana").await, app.user("ben").await);
    let mut projects = Vec::new();
    for number in 0..MAX_PROJECTS {
        projects.push(create(&ana, &format!("Project {number}")).await);
    }
    assert_eq!(mutate(&ana, "createProject", json!({ "name": "One more" })).await.code(), "CONFLICT");
    let bens = create(&ben, "Of Ben").await;
    assert_eq!(set_member(&ben, &bens, "ana", "VIEWER").await.code(), "CONFLICT");
    // Another role in one of them takes no place, and what is deleted gives its place back.
    set_member(&ana, &projects[0], "ana", "OWNER").await.data();
    mutate(&ana, "deleteProject", json!({ "id": projects[0] })).await.data();
    set_member(&ben, &bens, "ana", "VIEWER").await.data();
    assert_eq!(mutate(&ana, "createProject", json!({ "name": "One more" })).await.code(), "CONFLICT");
    remove_member(&ana, &bens, &ana).await.data();
    create(&ana, "One more").await;
}

#[tokio::test]
async fn a_project_has_100_members() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let last = app.user("last").await;
    let project = create(&ana, "Crowd").await;
    // Members that never log in: accounts are made faster without a password.
    let connection = sea_orm::Database::connect(app.database().connection_url()).await.unwrap();
    for number in 1..MAX_MEMBERS - 1 {
        let id = if crate::support::Database::is_postgres() {
            format!("'00000000-0000-4000-8000-{number:012}'")
        } else {
            format!("x'0000000000004000800000{number:010}'")
        };
        let sql = format!(
            "INSERT INTO users (id, username, password_hash, created_at) VALUES ({id}, 'user_{number}', '', 0)"
        );
        connection.execute_unprepared(&sql).await.unwrap();
    }
    connection.close().await.unwrap();
    for number in 1..MAX_MEMBERS - 1 {
        set_member(&ana, &project, &format!("user_{number}"), "VIEWER").await.data();
    }
    set_member(&ana, &project, "last", "EDITOR").await.data();
    let ben = app.user("ben").await;
    assert_eq!(set_member(&ana, &project, "ben", "VIEWER").await.code(), "CONFLICT");
    set_member(&ana, &project, "last", "VIEWER").await.data();
    assert_eq!(super::members(&last, &project).await.len(), MAX_MEMBERS);
    remove_member(&last, &project, &last).await.data();
    set_member(&ana, &project, "ben", "VIEWER").await.data();
    assert!(!super::read(&ben, &project).await.is_null());
}
