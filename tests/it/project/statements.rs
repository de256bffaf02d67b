//! How many statements projects take: as many for twenty as for two.

use serde_json::json;

use super::{create, set_member};
use crate::support::TestApp;

const PAGE: &str = "{ projects(first: 20) { nodes { name viewerRole
    members(first: 5) { totalCount nodes { role joinedAt user { username } } } } } }";

#[tokio::test]
async fn a_page_with_members_takes_as_many_for_twenty_as_for_two() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    for name in ["ben", "cem", "dan"] {
        app.user(name).await;
    }
    for number in 0..20 {
        let project = create(&ana, &format!("Project {number}")).await;
        for name in ["ben", "cem", "dan"].iter().take(1 + number % 3) {
            set_member(&ana, &project, name, "VIEWER").await.data();
        }
        if number == 1 || number == 19 {
            let (answer, sent) = app.statements(ana.gql(PAGE)).await;
            answer.data();
            assert_eq!(sent, 5, "who calls, the projects, their members, how many, who they are");
        }
    }
    let query = "{ projects(first: 100) { nodes { name viewerRole } } }";
    assert_eq!(app.statements(ana.gql(query)).await.1, 2, "who calls, the projects");
    assert_eq!(app.statements(ana.gql("{ projects { totalCount } }")).await.1, 3, "who calls, the projects, how many");
}

#[tokio::test]
async fn many_projects_by_id_are_one_statement() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let (one, two) = (create(&ana, "One").await, create(&ana, "Two").await);
    let variables = json!({ "one": one, "two": two });
    let query = "query($one: ID!, $two: ID!) { a: project(id: $one) { name } b: project(id: $two) { name } }";
    let (answer, sent) = app.statements(ana.gql_with(query, variables)).await;
    assert_eq!(answer.data(), json!({ "a": { "name": "One" }, "b": { "name": "Two" } }));
    assert_eq!(sent, 2, "who calls, the projects");
}

#[tokio::test]
async fn a_mutation_sends_as_many_as_the_table_says_however_many_tasks_there_are() {
    let team = super::Team::new().await;
    for number in 0..20 {
        let id = team.task(&team.ana, &format!("Task {number}")).await;
        let ben = super::user_id(&team.ben).uuid();
        super::place(&team.app, &team.ana, &id, |row| row.assignee_id = Some(ben)).await;
    }
    let member = |name: &str, role: &str| json!({ "projectId": team.project, "username": name, "role": role });
    for (statements, reason, name, input) in [
        (6, "who calls, lock them, count, the project, the log, the member", "createProject", json!({ "name": "New" })),
        (
            4,
            "who calls, lock, the members, the project",
            "updateProject",
            json!({ "id": team.project, "name": "Yard" }),
        ),
        (
            9,
            "who calls, lock, the members, the user, lock them, count, the log, the member, what is new",
            "setProjectMember",
            member("dan", "VIEWER"),
        ),
        (5, "who calls, lock, the members, the user, the role", "setProjectMember", member("dan", "EDITOR")),
        (4, "who calls, lock, the members, the user", "setProjectMember", member("dan", "EDITOR")),
        (
            9,
            "who calls, lock tasks, lock, the members, the member, whom to wake, two to unassign, what is gone",
            "removeProjectMember",
            json!({ "projectId": team.project, "userId": team.ben.user_id() }),
        ),
        (
            8,
            "who calls, lock tasks, lock, the members, the project, whom to wake, the log, the tasks",
            "deleteProject",
            json!({ "id": team.project }),
        ),
    ] {
        let (answer, sent) = team.app.statements(super::mutate(&team.ana, name, input)).await;
        answer.data();
        assert_eq!(sent, statements, "{name}: {reason}");
    }
}
