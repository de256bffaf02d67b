//! Projects that are there already, with their members.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::{Value, json};
use taskward::ids::{ProjectId, UserId};
use taskward::storage::project::Role;

use super::{Client, TestApp};

/// The id of a new project with these members.
pub(crate) async fn project(app: &TestApp, members: &[(&Client, Role)]) -> Value {
    let database = connect(app).await;
    let id = ProjectId::generate(app.clock.now(), &app.app.services.random);
    let now = app.clock.now().timestamp_micros();
    let project = Query::insert()
        .into_table("projects")
        .columns(["id", "name", "name_key", "description", "created_at", "updated_at"])
        .values_panic([id.uuid().into(), "House".into(), "house".into(), "".into(), now.into(), now.into()])
        .to_owned();
    database.execute(&project).await.unwrap();
    for (client, role) in members {
        let member = Query::insert()
            .into_table("project_members")
            .columns(["project_id", "user_id", "role", "joined_at", "joined_after"])
            .values_panic([id.uuid(), user_id(client).uuid()].map(Expr::value).into_iter().chain([
                (*role as i16).into(),
                now.into(),
                0_i64.into(),
            ]))
            .to_owned();
        database.execute(&member).await.unwrap();
    }
    database.close().await.unwrap();
    json!(id.to_string())
}

/// Puts a project into the archive.
pub(crate) async fn archive(app: &TestApp, project: &Value) {
    let database = connect(app).await;
    let update = Query::update()
        .table("projects")
        .value("archived_at", app.clock.now().timestamp_micros())
        .and_where(Expr::col("id").eq(project_id(project).uuid()))
        .to_owned();
    database.execute(&update).await.unwrap();
    database.close().await.unwrap();
}

/// Takes a member out of a project, and leaves everything else as it is.
pub(crate) async fn expel(app: &TestApp, project: &Value, member: &Client) {
    let database = connect(app).await;
    let delete = Query::delete()
        .from_table("project_members")
        .and_where(Expr::col("project_id").eq(project_id(project).uuid()))
        .and_where(Expr::col("user_id").eq(user_id(member).uuid()))
        .to_owned();
    database.execute(&delete).await.unwrap();
    database.close().await.unwrap();
}

/// Makes a task in a project.
pub(crate) async fn create_task_in(client: &Client, project: &Value, title: &str) {
    let input = json!({ "title": title, "projectId": project });
    client.mutate("createTask", input, "task { id }").await.data();
}

/// Lets the owner of a project remove a member from it.
pub(crate) async fn remove(owner: &Client, project: &Value, member: &Client) {
    let input = json!({ "projectId": project, "userId": member.user_id() });
    owner.mutate("removeProjectMember", input, "project { id }").await.data();
}

/// The id in text as storage has it.
pub(crate) fn project_id(project: &Value) -> ProjectId {
    project.as_str().unwrap().parse().unwrap()
}

/// The id of the client's user as storage has it.
pub(crate) fn user_id(client: &Client) -> UserId {
    client.user_id().parse().unwrap()
}

async fn connect(app: &TestApp) -> DatabaseConnection {
    sea_orm::Database::connect(app.database().connection_url()).await.unwrap()
}
