//! Joining and leaving: what a member sees, and what a former member does not see any more.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Team, create, members, mutate, read, remove_member, row, sees, set_member, update_task};

#[tokio::test]
async fn a_member_gets_another_role_and_keeps_their_place() {
    let team = Team::new().await;
    team.app.clock.advance(TimeDelta::seconds(1));
    for role in ["VIEWER", "OWNER", "OWNER", "EDITOR"] {
        set_member(&team.ana, &team.project, "ben", role).await.data();
        assert_eq!(read(&team.ben, &team.project).await["viewerRole"], role);
    }
    let query = "query($id: ID!) { project(id: $id) { members { nodes { user { username } joinedAt } totalCount } } }";
    let data = team.cem.gql_with(query, json!({ "id": team.project })).await.data();
    let joined = &data["project"]["members"];
    assert_eq!(joined["totalCount"], 3);
    assert!(joined["nodes"].as_array().unwrap().iter().all(|it| it["joinedAt"] == "2026-11-23T09:30:00.000000Z"));
}

#[tokio::test]
async fn who_joins_sees_and_who_leaves_does_not() {
    let team = Team::new().await;
    let id = team.task(&team.ana, "Dig").await;
    assert!(!sees(&team.dan, &id).await);
    set_member(&team.ana, &team.project, "dan", "EDITOR").await.data();
    assert!(sees(&team.dan, &id).await);
    update_task(&team.dan, &id, "Dig deep").await.data();

    // Leaving, and asking in the very next field.
    let query = "mutation($project: ID!, $me: ID!, $task: ID!) {
        removeProjectMember(input: { projectId: $project, userId: $me }) { project { id viewerRole members { totalCount nodes { role } } } }
        updateTask(input: { id: $task, title: \"Dig not\" }) { task { id } }
    }";
    let variables = json!({ "project": team.project, "me": team.dan.user_id(), "task": id });
    let answer = team.dan.gql_with(query, variables).await;
    assert_eq!(answer.code(), "NOT_FOUND", "{}", answer.text);
    assert!(!sees(&team.dan, &id).await);
    assert!(read(&team.dan, &team.project).await.is_null());
    assert_eq!(members(&team.ana, &team.project).await.len(), 3);
}

#[tokio::test]
async fn who_has_left_is_answered_with_the_project_without_its_members() {
    let team = Team::new().await;
    let query = "mutation($input: RemoveProjectMemberInput!) { removeProjectMember(input: $input) {
        project { name viewerRole members { totalCount nodes { role } pageInfo { hasNextPage } } } } }";
    let input = json!({ "input": { "projectId": team.project, "userId": team.cem.user_id() } });
    let data = team.cem.gql_with(query, input).await.data();
    let none = json!({ "totalCount": 0, "nodes": [], "pageInfo": { "hasNextPage": false } });
    let expected = json!({ "name": "Garden", "viewerRole": "VIEWER", "members": none });
    assert_eq!(data["removeProjectMember"]["project"], expected);
}

#[tokio::test]
async fn a_project_keeps_an_owner() {
    let team = Team::new().await;
    for role in ["EDITOR", "VIEWER"] {
        assert_eq!(set_member(&team.ana, &team.project, "ana", role).await.code(), "CONFLICT");
    }
    assert_eq!(remove_member(&team.ana, &team.project, &team.ana).await.code(), "CONFLICT");
    assert_eq!(
        set_member(&team.ana, &team.project, "ana", "OWNER").await.data()["setProjectMember"]["project"]["viewerRole"],
        "OWNER"
    );

    set_member(&team.ana, &team.project, "ben", "OWNER").await.data();
    let demoted = set_member(&team.ana, &team.project, "ana", "VIEWER").await.data();
    assert_eq!(demoted["setProjectMember"]["project"]["viewerRole"], "VIEWER");
    assert_eq!(set_member(&team.ana, &team.project, "ana", "OWNER").await.code(), "FORBIDDEN");
    assert_eq!(remove_member(&team.ben, &team.project, &team.ben).await.code(), "CONFLICT");
    remove_member(&team.ben, &team.project, &team.ana).await.data();
    let mut left = members(&team.ben, &team.project).await;
    left.sort_unstable();
    assert_eq!(left, [("ben".into(), "OWNER".into()), ("cem".into(), "VIEWER".into())]);
}

#[tokio::test]
async fn a_project_keeps_an_owner_who_may_log_in() {
    let team = Team::new().await;
    set_member(&team.ana, &team.project, "ben", "OWNER").await.data();
    taskward::domain::user::disable(&team.app.app.operator(), "ben").await.unwrap();
    assert_eq!(set_member(&team.ana, &team.project, "ana", "EDITOR").await.code(), "CONFLICT");
    assert_eq!(remove_member(&team.ana, &team.project, &team.ana).await.code(), "CONFLICT");
    remove_member(&team.cem, &team.project, &team.cem).await.data();
    remove_member(&team.ana, &team.project, &team.ben).await.data();
    assert_eq!(members(&team.ana, &team.project).await, [("ana".into(), "OWNER".into())]);
}

#[tokio::test]
async fn who_is_no_user_or_no_member_is_not_found() {
    let team = Team::new().await;
    let long = "a".repeat(1_000);
    for username in ["nobody", "", "Ben", "ben ", "a\0b", &long, team.ben.user_id()] {
        assert_eq!(set_member(&team.ana, &team.project, username, "VIEWER").await.code(), "NOT_FOUND", "{username:?}");
    }
    let missing = "user_01jd3qvh7eefhazk9a8w2tn4tz";
    for client in [&team.ana, &team.ben] {
        for id in [missing, team.dan.user_id(), "no id", team.project.as_str().unwrap()] {
            let input = json!({ "projectId": team.project, "userId": id });
            let answer = mutate(client, "removeProjectMember", input).await;
            assert_eq!(answer.json()["errors"][0]["message"], "There is no such member.", "{id}");
            assert_eq!(answer.code(), "NOT_FOUND");
        }
    }
}

#[tokio::test]
async fn who_is_shut_out_does_not_join() {
    let team = Team::new().await;
    let operator =
        taskward::domain::Op::new(std::sync::Arc::clone(&team.app.app.services), taskward::domain::Caller::Operator);
    taskward::domain::user::disable(&operator, "dan").await.unwrap();
    assert_eq!(set_member(&team.ana, &team.project, "dan", "VIEWER").await.code(), "NOT_FOUND");
}

#[tokio::test]
async fn tasks_of_a_former_member_are_assigned_to_nobody_but_their_own() {
    let team = Team::new().await;
    let dan = super::user_id(&team.ben).uuid();
    let (theirs, own, others) =
        (team.task(&team.ana, "Dig").await, team.task(&team.ben, "Sow").await, team.task(&team.ana, "Water").await);
    for (id, creator) in [(&theirs, &team.ana), (&own, &team.ben)] {
        super::place(&team.app, creator, id, |row| row.assignee_id = Some(dan)).await;
    }
    let cem = super::user_id(&team.cem).uuid();
    super::place(&team.app, &team.ana, &others, |row| row.assignee_id = Some(cem)).await;
    team.app.clock.advance(TimeDelta::seconds(1));
    remove_member(&team.ana, &team.project, &team.ben).await.data();

    let taken = row(&team.app, &team.ana, &theirs).await.unwrap();
    assert_eq!((taken.assignee_id, taken.version), (None, 2));
    assert_eq!(taken.updated_at - taken.created_at, 1_000_000);
    for (id, assignee) in [(&own, dan), (&others, cem)] {
        let kept = row(&team.app, &team.ana, id).await.unwrap();
        assert_eq!((kept.assignee_id, kept.version), (Some(assignee), 1));
    }
    assert!(sees(&team.ben, &own).await && !sees(&team.ben, &theirs).await);
    assert_eq!(update_task(&team.ben, &own, "Sow more").await.code(), "FORBIDDEN", "a creator who left only reads");
}

#[tokio::test]
async fn only_members_learn_who_is_in_a_project() {
    let team = Team::new().await;
    let query = "query($id: ID!) { node(id: $id) { ... on User { username } } }";
    let ben = json!({ "id": team.ben.user_id() });
    let name = |answer: Value| answer["node"]["username"].clone();
    assert_eq!(name(team.cem.gql_with(query, ben.clone()).await.data()), "ben");
    assert_eq!(name(team.dan.gql_with(query, ben.clone()).await.data()), Value::Null);
    let query_project =
        "query($id: ID!) { node(id: $id) { ... on Project { members { nodes { user { username } } } } } }";
    let project = json!({ "id": team.project });
    assert!(team.dan.gql_with(query_project, project.clone()).await.data()["node"].is_null());

    remove_member(&team.cem, &team.project, &team.cem).await.data();
    assert_eq!(name(team.cem.gql_with(query, ben.clone()).await.data()), Value::Null);
    // In a project that was deleted nobody is seen, either.
    mutate(&team.ana, "deleteProject", json!({ "id": team.project })).await.data();
    assert_eq!(name(team.ana.gql_with(query, ben).await.data()), Value::Null);
    assert!(team.ana.gql_with(query_project, project).await.data()["node"].is_null());
}

/// The names on a page of members.
fn names(members: &Value) -> Vec<&str> {
    let edges = members["edges"].as_array().unwrap().iter();
    edges.map(|edge| edge["node"]["user"]["username"].as_str().unwrap()).collect()
}

/// Whether the list of members goes on behind and before the page.
fn goes_on(members: &Value) -> [bool; 2] {
    let info = &members["pageInfo"];
    [&info["hasNextPage"], &info["hasPreviousPage"]].map(|it| it.as_bool().unwrap())
}

#[tokio::test]
async fn members_are_paged_in_the_order_in_which_they_joined() {
    let team = Team::new().await;
    team.app.clock.advance(TimeDelta::seconds(1));
    set_member(&team.ana, &team.project, "dan", "VIEWER").await.data();
    let other = create(&team.ana, "Attic").await;
    team.app.clock.advance(TimeDelta::seconds(1));
    set_member(&team.ana, &other, "dan", "EDITOR").await.data();
    // Ana, Ben and Cem joined at the same moment: their ids settle the order.
    let mut tied = [("ana", &team.ana), ("ben", &team.ben), ("cem", &team.cem)];
    tied.sort_by_key(|(_, client)| client.user_id().to_owned());
    let tied = tied.map(|(name, _)| name);

    let query = "query($first: Int, $after: String, $last: Int, $before: String) { projects { nodes {
        members(first: $first, after: $after, last: $last, before: $before) {
            edges { cursor node { user { username } } } totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
        } } } }";
    let pages = async |arguments: Value| {
        let data = team.ana.gql_with(query, arguments).await.data();
        [0, 1].map(|place| data["projects"]["nodes"][place]["members"].clone())
    };
    let [attic, garden] = pages(json!({ "first": 3 })).await;
    assert_eq!((names(&attic), names(&garden)), (vec!["ana", "dan"], tied.to_vec()));
    assert_eq!((&attic["totalCount"], &garden["totalCount"]), (&json!(2), &json!(4)));
    assert_eq!((goes_on(&attic), goes_on(&garden)), ([false, false], [true, false]));
    let [attic, rest] = pages(json!({ "first": 3, "after": garden["pageInfo"]["endCursor"] })).await;
    // Everybody joined the attic after those three joined the garden.
    assert_eq!((names(&attic), names(&rest)), (vec!["ana", "dan"], vec!["dan"]));
    assert_eq!((goes_on(&attic), goes_on(&rest)), ([false, true], [false, true]));
    let [attic, garden] = pages(json!({ "last": 1 })).await;
    assert_eq!((names(&attic), names(&garden)), (vec!["dan"], vec!["dan"]));
    assert_eq!((goes_on(&attic), goes_on(&garden)), ([false, true], [false, true]));
    let [_, garden] = pages(json!({ "last": 2, "before": rest["edges"][0]["cursor"] })).await;
    assert_eq!((names(&garden), goes_on(&garden)), (tied[1..].to_vec(), [true, true]));
}

#[tokio::test]
async fn one_operation_reads_several_pages_of_the_same_members() {
    let team = Team::new().await;
    let query = "query($id: ID!) { project(id: $id) {
        all: members { ...Names } first: members(first: 1) { ...Names } last: members(last: 1) { ...Names } } }
        fragment Names on ProjectMemberConnection { edges { cursor node { user { username } } } pageInfo { hasNextPage } }";
    let project = team.ana.gql_with(query, json!({ "id": team.project })).await.data()["project"].clone();
    let all = names(&project["all"]);
    assert_eq!((names(&project["first"]), names(&project["last"])), (all[..1].to_vec(), all[2..].to_vec()));

    // Behind the last one there is nobody.
    let query = "query($id: ID!, $after: String) { project(id: $id) { members(after: $after) {
        edges { node { user { username } } } pageInfo { hasNextPage hasPreviousPage } } } }";
    let variables = json!({ "id": team.project, "after": project["last"]["edges"][0]["cursor"] });
    let members = team.ana.gql_with(query, variables).await.data()["project"]["members"].clone();
    assert_eq!((names(&members).len(), goes_on(&members)), (0, [false, true]));
}

#[tokio::test]
async fn arguments_of_a_page_out_of_range_are_refused() {
    let team = Team::new().await;
    let query = "query($first: Int, $after: String, $last: Int, $id: ID!) { project(id: $id) {
        members(first: $first, after: $after, last: $last) { nodes { role } } } }";
    for (mut arguments, refused) in [
        (json!({ "first": 0 }), "first: TOO_SMALL"),
        (json!({ "last": 101 }), "last: TOO_LARGE"),
        (json!({ "first": 1, "last": 1 }), "last: CONFLICTING"),
        (json!({ "after": "junk" }), "after: INVALID_FORMAT"),
    ] {
        arguments["id"] = team.project.clone();
        assert_eq!(team.ana.gql_with(query, arguments).await.invalid_fields(), [refused]);
    }
}
