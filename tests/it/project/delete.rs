//! Deleting a project: where its tasks go, and whose they are then.

use chrono::TimeDelta;
use serde_json::{Value, json};
use taskward::storage::task::Model;

use super::{Team, mutate, place, read, row, sees, task_id, user_id};
use crate::support::Client;

async fn delete(team: &Team) -> Value {
    mutate(&team.ana, "deleteProject", json!({ "id": team.project })).await.data()["deleteProject"]["projectId"].clone()
}

async fn restore(client: &Client, id: &Value) -> crate::support::Answer {
    let query = "mutation($input: RestoreTaskInput!) { restoreTask(input: $input) { task { id deletedAt version } } }";
    client.gql_with(query, json!({ "input": { "id": id } })).await
}

#[tokio::test]
async fn its_tasks_go_to_the_trash_and_come_back_to_their_creators_alone() {
    let team = Team::new().await;
    let (ben, cem) = (user_id(&team.ben).uuid(), user_id(&team.cem).uuid());
    let (anas, bens) = (team.task(&team.ana, "Dig").await, team.task(&team.ben, "Sow").await);
    let elsewhere = super::task(&team.ana, "Elsewhere").await;
    place(&team.app, &team.ana, &anas, |row| row.assignee_id = Some(cem)).await;
    place(&team.app, &team.ben, &bens, |row| row.assignee_id = Some(ben)).await;
    team.app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(delete(&team).await, team.project);
    for client in [&team.ana, &team.ben, &team.cem] {
        assert!(read(client, &team.project).await.is_null());
        assert_eq!(mutate(client, "deleteProject", json!({ "id": team.project })).await.code(), "NOT_FOUND");
    }

    let now = crate::support::start().timestamp_micros() + 1_000_000;
    for (creator, id, assignee) in [(&team.ana, &anas, None), (&team.ben, &bens, Some(ben))] {
        let trashed = row(&team.app, creator, id).await.unwrap();
        assert_eq!((trashed.deleted_at, trashed.updated_at), (Some(now), now));
        assert_eq!((trashed.project_id, trashed.deleted_with, trashed.version), (None, None, 2));
        assert_eq!(trashed.assignee_id, assignee);
    }
    assert!(!sees(&team.ana, &bens).await && !sees(&team.ben, &anas).await && !sees(&team.cem, &anas).await);
    assert_eq!(row(&team.app, &team.ana, &elsewhere).await.unwrap().version, 1);
    assert_eq!(restore(&team.ana, &bens).await.code(), "NOT_FOUND");
    let restored = restore(&team.ben, &bens).await.data()["restoreTask"]["task"].clone();
    assert_eq!(restored, json!({ "id": bens, "deletedAt": null, "version": 3 }));
    assert!(!sees(&team.ana, &bens).await);
}

/// A task of a tree: who made it, its parent, what took it to the trash before, if anything did; then its parent and what takes
/// it to the trash when the project goes. Each is a place in the table.
type Case = (&'static str, Option<usize>, Option<Trashed>, Option<usize>, Option<usize>);

#[derive(Clone, Copy)]
enum Trashed {
    Alone,
    With(usize),
}

const TREE: [Case; 10] = [
    ("ana", None, None, None, None),
    ("ana", Some(0), None, Some(0), Some(0)),
    ("ana", Some(1), None, Some(1), Some(0)),
    ("ben", Some(1), None, None, None),
    ("ben", Some(3), None, Some(3), Some(3)),
    ("ana", Some(4), None, None, None),
    ("ana", Some(0), Some(Trashed::Alone), Some(0), None),
    ("ana", Some(6), Some(Trashed::With(6)), Some(6), Some(6)),
    ("ben", Some(7), Some(Trashed::With(6)), None, None),
    ("ben", Some(8), Some(Trashed::With(6)), Some(8), Some(8)),
];

#[tokio::test]
async fn subtasks_go_with_the_root_of_their_creator() {
    let team = Team::new().await;
    let creator = |name| if name == "ana" { &team.ana } else { &team.ben };
    let mut ids = Vec::new();
    for (name, ..) in TREE {
        ids.push(team.task(creator(name), "A task").await);
    }
    let uuid = |place: usize| task_id(&ids[place]).uuid();
    for (number, (name, parent, trashed, ..)) in TREE.into_iter().enumerate() {
        let change = |row: &mut Model| {
            row.parent_id = parent.map(uuid);
            row.deleted_at = trashed.map(|_| 7);
            row.deleted_with =
                trashed.and_then(|it| if let Trashed::With(root) = it { Some(uuid(root)) } else { None });
        };
        place(&team.app, creator(name), &ids[number], change).await;
    }
    delete(&team).await;
    for (number, (name, _, trashed, parent, root)) in TREE.into_iter().enumerate() {
        let row = row(&team.app, creator(name), &ids[number]).await.unwrap();
        assert_eq!((row.project_id, row.version, row.deleted_at == Some(7)), (None, 2, trashed.is_some()), "{number}");
        assert_eq!((row.parent_id, row.deleted_with), (parent.map(uuid), root.map(uuid)), "{number}");
    }
}
