//! Making and changing projects: who may, with which values, and what the archive does.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Team, changed, create, members, mutate, read, sees, set_member, update_task};
use crate::support::TestApp;

#[tokio::test]
async fn a_new_project_is_its_makers() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let project = changed(&ana, "createProject", json!({ "name": "  Our \t garden ", "description": "a\r\nb" })).await;
    let now = "2026-11-23T09:30:00.000000Z";
    let id = project["id"].clone();
    assert!(id.as_str().unwrap().starts_with("project_"));
    let expected = json!({
        "id": id, "name": "Our garden", "description": "a\nb", "archived": false,
        "createdAt": now, "updatedAt": now, "viewerRole": "OWNER",
    });
    assert_eq!(project, expected);
    assert_eq!(read(&ana, &id).await, expected);
    assert_eq!(members(&ana, &id).await, [("ana".into(), "OWNER".into())]);
    let node = "query($id: ID!) { node(id: $id) { id ... on Project { name } } }";
    let node = ana.gql_with(node, json!({ "id": id })).await.data();
    assert_eq!(node["node"], json!({ "id": id, "name": "Our garden" }));
}

#[tokio::test]
async fn every_invalid_field_is_told_at_once() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let id = create(&ana, "Garden").await;
    let (long_name, long_text) = ("é".repeat(101), "é".repeat(10_001));
    for (name, description, fields) in [
        (json!(" "), json!("\0"), ["input.name: TOO_SMALL", "input.description: INVALID_CHARACTER"]),
        (json!(long_name), json!(long_text), ["input.name: TOO_LARGE", "input.description: TOO_LARGE"]),
        (
            json!("a\u{202E}b"),
            json!("\u{7}"),
            ["input.name: INVALID_CHARACTER", "input.description: INVALID_CHARACTER"],
        ),
    ] {
        let input = json!({ "name": name, "description": description });
        assert_eq!(mutate(&ana, "createProject", input).await.invalid_fields(), fields);
        let input = json!({ "id": id, "name": name, "description": description });
        assert_eq!(mutate(&ana, "updateProject", input).await.invalid_fields(), fields);
    }
    let nulls = json!({ "id": id, "name": null, "description": null, "archived": null });
    let refused = mutate(&ana, "updateProject", nulls).await.invalid_fields();
    assert_eq!(refused, ["input.name: NOT_NULL", "input.description: NOT_NULL", "input.archived: NOT_NULL"]);
    let most = json!({ "name": "é".repeat(100), "description": "é".repeat(10_000) });
    mutate(&ana, "createProject", most).await.data();
    let by_default = changed(&ana, "createProject", json!({ "name": "a", "description": null })).await;
    assert_eq!(by_default["description"], "");
}

#[tokio::test]
async fn what_is_left_out_stays_and_what_changes_nothing_leaves_no_trace() {
    let app = TestApp::new().await;
    let ana = app.user("ana").await;
    let before = changed(&ana, "createProject", json!({ "name": "Garden", "description": "Ours" })).await;
    let id = &before["id"];
    app.clock.advance(TimeDelta::seconds(1));
    for input in [json!({ "id": id }), json!({ "id": id, "name": " Garden", "archived": false })] {
        assert_eq!(changed(&ana, "updateProject", input).await, before);
    }
    let after = changed(&ana, "updateProject", json!({ "id": id, "name": "Yard" })).await;
    let mut expected = before.clone();
    expected["name"] = json!("Yard");
    expected["updatedAt"] = json!("2026-11-23T09:30:01.000000Z");
    assert_eq!(after, expected);
    assert_eq!(read(&ana, id).await, expected);
}

/// Owners do everything, others what the role says; whoever is no member is told that there is nothing.
#[tokio::test]
async fn each_role_may_do_what_the_table_says() {
    for (name, input) in [
        ("updateProject", json!({ "id": "PROJECT", "name": "Yard" })),
        ("updateProject", json!({ "id": "PROJECT" })),
        ("setProjectMember", json!({ "projectId": "PROJECT", "username": "dan", "role": "VIEWER" })),
        ("setProjectMember", json!({ "projectId": "PROJECT", "username": "cem", "role": "OWNER" })),
        ("removeProjectMember", json!({ "projectId": "PROJECT", "userId": "CEM" })),
        ("removeProjectMember", json!({ "projectId": "PROJECT", "userId": "BEN" })),
        ("deleteProject", json!({ "id": "PROJECT" })),
    ] {
        let team = Team::new().await;
        let filled = input.to_string().replace("PROJECT", team.project.as_str().unwrap());
        let filled = filled.replace("CEM", team.cem.user_id()).replace("BEN", team.ben.user_id());
        let input: Value = serde_json::from_str(&filled).unwrap();
        assert_eq!(mutate(&team.dan, name, input.clone()).await.code(), "NOT_FOUND", "{name}");
        for (client, own) in [(&team.ben, team.ben.user_id()), (&team.cem, team.cem.user_id())] {
            if input["userId"] != own {
                assert_eq!(mutate(client, name, input.clone()).await.code(), "FORBIDDEN", "{name} {input}");
            }
        }
        mutate(&team.ana, name, input).await.data();
    }
}

#[tokio::test]
async fn what_stands_for_no_project_is_not_found() {
    let team = Team::new().await;
    let foreign = create(&team.dan, "Not yours").await;
    let (no, other) = (json!("project_01jd3qvh7eefhazk9a8w2tn4tz"), json!(team.dan.user_id()));
    let user = team.ben.user_id();
    let mut messages = Vec::new();
    for id in [foreign, no, other, json!("no id"), json!("")] {
        assert!(read(&team.ana, &id).await.is_null());
        for (name, input) in [
            ("updateProject", json!({ "id": id, "name": "Yard" })),
            ("deleteProject", json!({ "id": id })),
            ("setProjectMember", json!({ "projectId": id, "username": "ben", "role": "OWNER" })),
            ("setProjectMember", json!({ "projectId": id, "username": "nobody", "role": "OWNER" })),
            ("removeProjectMember", json!({ "projectId": id, "userId": user })),
        ] {
            let answer = mutate(&team.ana, name, input).await;
            assert_eq!(answer.code(), "NOT_FOUND", "{name} {id}");
            messages.push(answer.json()["errors"][0]["message"].clone());
        }
    }
    assert!(messages.iter().all(|message| message == "There is no such project."), "{messages:?}");
}

#[tokio::test]
async fn tasks_of_an_archived_project_are_only_read() {
    let team = Team::new().await;
    let id = team.task(&team.ben, "Dig").await;
    update_task(&team.ben, &id, "Dig deep").await.data();
    assert_eq!(update_task(&team.cem, &id, "Dig not").await.code(), "FORBIDDEN");
    assert_eq!(update_task(&team.dan, &id, "Dig not").await.code(), "NOT_FOUND");

    let archived = changed(&team.ana, "updateProject", json!({ "id": team.project, "archived": true })).await;
    assert_eq!(archived["archived"], true);
    for client in [&team.ana, &team.ben] {
        assert_eq!(update_task(client, &id, "Dig not").await.code(), "CONFLICT");
        assert!(sees(client, &id).await);
    }
    assert_eq!(update_task(&team.cem, &id, "Dig not").await.code(), "FORBIDDEN");
    // The project itself and its members still change.
    set_member(&team.ana, &team.project, "dan", "EDITOR").await.data();
    assert!(sees(&team.dan, &id).await);

    changed(&team.ana, "updateProject", json!({ "id": team.project, "archived": false })).await;
    update_task(&team.dan, &id, "Dig again").await.data();
}
