//! What happens at the same moment.

use futures::future::join_all;
use serde_json::json;

use super::{Team, create, members, mutate, read, remove_member, set_member, task, task_id, user_id};
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_owners_who_remove_each_other_at_the_same_moment_one_stays() {
    for _ in 0..5 {
        let team = Team::new().await;
        set_member(&team.ana, &team.project, "ben", "OWNER").await.data();
        let (one, other) = tokio::join!(
            remove_member(&team.ana, &team.project, &team.ben),
            remove_member(&team.ben, &team.project, &team.ana),
        );
        let refused = [&one, &other].map(|answer| answer.json().get("errors").is_some());
        assert!(refused[0] != refused[1], "{} {}", one.text, other.text);
        let answers = [one, other];
        assert_eq!(answers.iter().find(|it| it.json().get("errors").is_some()).unwrap().code(), "NOT_FOUND");
        assert_eq!(members(&team.cem, &team.project).await.iter().filter(|(_, role)| role == "OWNER").count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_owners_who_leave_at_the_same_moment_one_stays() {
    for _ in 0..5 {
        let team = Team::new().await;
        set_member(&team.ana, &team.project, "ben", "OWNER").await.data();
        let (one, other) = tokio::join!(
            remove_member(&team.ana, &team.project, &team.ana),
            set_member(&team.ben, &team.project, "ben", "VIEWER"),
        );
        let codes = [one, other].map(|it| it.json().get("errors").is_some().then(|| it.code()));
        assert_eq!(codes.iter().flatten().collect::<Vec<_>>(), ["CONFLICT"]);
        assert_eq!(members(&team.cem, &team.project).await.iter().filter(|(_, role)| role == "OWNER").count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_place_is_taken_once() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let most = usize::try_from(taskward::domain::project::MAX_PROJECTS).unwrap();
    for number in 1..most {
        create(&ana, &format!("Project {number}")).await;
    }
    let attempts = join_all((0..4).map(|_| mutate(&ana, "createProject", json!({ "name": "The last" })))).await;
    assert_eq!(attempts.iter().filter(|it| it.json().get("errors").is_none()).count(), 1);
    assert_eq!(ana.gql("{ projects { totalCount } }").await.data()["projects"]["totalCount"], most);
}

/// Tasks change while their project goes: each change happens before, or finds the task gone. Nobody waits for each other,
/// because both lock the tasks before the project.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_change_while_their_project_is_deleted() {
    let team = Team::new().await;
    let mut ids = Vec::new();
    for number in 0..10 {
        ids.push(team.task(&team.ana, &format!("Task {number}")).await);
    }
    let updates = join_all(ids.iter().map(|id| super::update_task(&team.ben, id, "Changed")));
    let deletion = mutate(&team.ana, "deleteProject", json!({ "id": team.project }));
    let (updates, deletion) = tokio::join!(updates, deletion);
    deletion.data();
    for answer in updates.iter().filter(|it| it.json().get("errors").is_some()) {
        assert!(["NOT_FOUND", "FORBIDDEN", "CONFLICT"].contains(&answer.code().as_str()), "{}", answer.text);
    }
    assert!(read(&team.ana, &team.project).await.is_null());
    for id in &ids {
        let row = super::row(&team.app, &team.ana, id).await.unwrap();
        assert_eq!((row.project_id, row.deleted_at.is_some()), (None, true));
        let log = taskward::storage::change::of_task(&team.app.app.services.store, task_id(id)).await.unwrap();
        let versions = log.iter().map(|entry| entry.version).collect::<Vec<_>>();
        assert_eq!(versions, (1..=row.version).collect::<Vec<_>>());
    }
    let own = task(&team.ana, "Another").await;
    assert!(super::row(&team.app, &team.ana, &own).await.unwrap().created_by == user_id(&team.ana).uuid());
}
