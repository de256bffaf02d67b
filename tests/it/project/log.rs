//! What the change log says when people join and leave, and when a project is deleted: the right entries, for the right readers.

use serde_json::{Value, json};
use taskward::ids::ProjectId;
use taskward::storage::change::{Kind, of_task};
use uuid::Uuid;

use super::{Team, mutate, place, remove_member, set_member, task_id, user_id};
use crate::support::Client;

/// Kind, version, who did it, and whose log it is in.
type Entry = (i16, i32, Uuid, Uuid);

impl Team {
    /// What was logged about a task after it was made.
    async fn log(&self, id: &Value) -> Vec<Entry> {
        let entries = of_task(&self.app.app.services.store, task_id(id)).await.unwrap();
        entries.iter().skip(1).map(|it| (it.kind, it.version, it.actor_id.unwrap(), it.scope_id)).collect()
    }

    fn scope(&self) -> Uuid {
        self.project.as_str().unwrap().parse::<ProjectId>().unwrap().uuid()
    }
}

fn uuid(client: &Client) -> Uuid {
    user_id(client).uuid()
}

const CREATED: i16 = Kind::Created as i16;
const UPDATED: i16 = Kind::Updated as i16;
const DELETED: i16 = Kind::Deleted as i16;

#[tokio::test]
async fn who_joins_is_told_of_every_task_that_is_new_to_them() {
    let team = Team::new().await;
    let (anas, dans) = (team.task(&team.ana, "Dig").await, team.task(&team.dan, "Made before").await);
    let trashed = team.task(&team.ben, "In the trash").await;
    place(&team.app, &team.ben, &trashed, |row| row.deleted_at = Some(7)).await;
    let elsewhere = super::task(&team.ana, "Elsewhere").await;
    let [ana, dan] = [&team.ana, &team.dan].map(uuid);
    set_member(&team.ana, &team.project, "dan", "VIEWER").await.data();
    for id in [&anas, &trashed] {
        assert_eq!(team.log(id).await, [(CREATED, 1, ana, dan)]);
    }
    // They saw it before, without its project.
    assert_eq!(team.log(&dans).await, [(UPDATED, 1, ana, dan)]);
    assert_eq!(team.log(&elsewhere).await, []);
    // Another role shows nothing new.
    set_member(&team.ana, &team.project, "dan", "OWNER").await.data();
    assert_eq!(team.log(&anas).await.len(), 1);
}

#[tokio::test]
async fn who_joins_reads_the_log_of_the_project_from_then_on() {
    use sea_orm::ConnectionTrait;
    let team = Team::new().await;
    let id = team.task(&team.ana, "Dig").await;
    let entries = of_task(&team.app.app.services.store, task_id(&id)).await.unwrap();
    set_member(&team.ana, &team.project, "dan", "VIEWER").await.data();
    let connection = sea_orm::Database::connect(team.app.database().connection_url()).await.unwrap();
    let sql = "SELECT joined_after FROM project_members WHERE role = 1 ORDER BY joined_after DESC";
    let statement = sea_orm::Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    assert_eq!(row.try_get::<i64>("", "joined_after").unwrap(), entries[0].sequence);
    connection.close().await.unwrap();
}

#[tokio::test]
async fn who_leaves_is_told_of_what_is_gone_and_to_read_the_rest_anew() {
    let team = Team::new().await;
    let (anas, bens, dans) = (
        team.task(&team.ana, "Dig").await,
        team.task(&team.ben, "Sow").await,
        // Dan is no member and sees the one that he made.
        team.task(&team.dan, "Water").await,
    );
    let [ana, ben, dan] = [&team.ana, &team.ben, &team.dan].map(uuid);
    for (id, creator) in [(&bens, &team.ben), (&dans, &team.dan)] {
        place(&team.app, creator, id, |row| row.assignee_id = Some(ben)).await;
    }
    remove_member(&team.ana, &team.project, &team.ben).await.data();
    assert_eq!(team.log(&anas).await, [(DELETED, 1, ana, ben)]);
    assert_eq!(team.log(&bens).await, [(UPDATED, 1, ana, ben)]);
    let mut log = team.log(&dans).await;
    assert_eq!(log.pop(), Some((DELETED, 2, ana, ben)));
    log.sort_unstable();
    let mut expected = [(UPDATED, 2, ana, team.scope()), (UPDATED, 2, ana, dan)];
    expected.sort_unstable();
    assert_eq!(log, expected);
}

#[tokio::test]
async fn a_deleted_project_is_told_to_its_members_and_to_creators_who_are_none() {
    let team = Team::new().await;
    let (anas, dans) = (team.task(&team.ana, "Dig").await, team.task(&team.dan, "Water").await);
    let [ana, dan] = [&team.ana, &team.dan].map(uuid);
    mutate(&team.ana, "deleteProject", json!({ "id": team.project })).await.data();
    assert_eq!(team.log(&anas).await, [(DELETED, 2, ana, team.scope())]);
    let mut log = team.log(&dans).await;
    log.sort_unstable();
    let mut expected = [(DELETED, 2, ana, team.scope()), (DELETED, 2, ana, dan)];
    expected.sort_unstable();
    assert_eq!(log, expected);
}

#[tokio::test]
async fn what_is_refused_is_not_logged() {
    let team = Team::new().await;
    let id = team.task(&team.ana, "Dig").await;
    for client in [&team.ben, &team.dan] {
        set_member(client, &team.project, "dan", "OWNER").await.code();
        remove_member(client, &team.project, &team.cem).await.code();
        mutate(client, "deleteProject", json!({ "id": team.project })).await.code();
    }
    remove_member(&team.ana, &team.project, &team.ana).await.code();
    assert_eq!(team.log(&id).await, []);
}
