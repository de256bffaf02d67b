//! The people and the things that authorization is tried on.

use serde_json::{Value, json};
use taskward::domain::user;

use crate::api_token::program;
use crate::session::{login, session_id};
use crate::support::{Client, PASSWORD, TestApp};

/// Who asks, in the order of the table's columns.
pub(super) const CALLERS: [&str; 7] = ["anonymous", "stranger", "viewer", "editor", "owner", "read-only", "disabled"];

/// A project of an owner with an editor, a viewer and a member who was disabled; an archived project of the same people;
/// what the owner has alone; a token of the owner's that only reads; and a stranger with nothing.
pub(super) struct Stage {
    pub(super) app: TestApp,
    clients: [Client; 7],
    ids: Vec<(&'static str, String)>,
}

impl Stage {
    pub(super) async fn set() -> Self {
        let app = TestApp::new().await;
        let anonymous = app.anonymous();
        let stranger = app.user("stranger").await;
        let viewer = app.user("viewer").await;
        let editor = app.user("editor").await;
        let owner = app.user("owner").await;
        let disabled = app.user("disabled").await;
        let (reader_id, reader) = program(&app, &owner, &["READ"]).await;
        let clients = [anonymous, stranger, viewer, editor, owner, reader, disabled];
        let mut stage = Self { app, clients, ids: Vec::new() };
        stage.keep("TOKEN", reader_id);
        let log = stage.client("owner").gql("{ taskChanges { latestCursor } }").await.data();
        stage.keep("BEGINNING", log["taskChanges"]["latestCursor"].as_str().unwrap().to_owned());
        Box::pin(stage.set_credentials()).await;
        Box::pin(stage.set_shared()).await;
        Box::pin(stage.set_private()).await;
        user::disable(&stage.app.app.operator(), "disabled").await.unwrap();
        stage
    }

    /// Whoever is called so.
    pub(super) fn client(&self, caller: &str) -> &Client {
        let (_, client) = CALLERS.iter().zip(&self.clients).find(|(name, _)| **name == caller).unwrap();
        client
    }

    /// The id of this name.
    pub(super) fn id(&self, name: &str) -> &str {
        let (_, id) = self.ids.iter().find(|(it, _)| *it == name).unwrap_or_else(|| panic!("there is no {name}"));
        id
    }

    /// The document with ids in the place of their names, which stand in quotes.
    pub(super) fn document(&self, text: &str) -> String {
        let text = text.replace("PASSWORD", PASSWORD);
        self.ids.iter().fold(text, |text, (name, id)| text.replace(&format!("\"{name}\""), &format!("\"{id}\"")))
    }

    /// Calls an id by this name from now on.
    pub(super) fn keep(&mut self, name: &'static str, id: String) {
        self.ids.retain(|(it, _)| *it != name);
        self.ids.push((name, id));
    }

    /// Makes something and calls it `name`. Its input names what is there already.
    pub(super) async fn make(&mut self, name: &'static str, caller: &str, mutation: &str, input: Value) {
        let answer = self.mutate(caller, mutation, &input).await;
        let payload = answer.as_object().unwrap().values().next().unwrap();
        let id = payload["id"].as_str().or(payload.as_str()).unwrap().to_owned();
        self.keep(name, id);
    }

    /// What a mutation answers, which has to succeed.
    pub(super) async fn mutate(&self, caller: &str, mutation: &str, input: &Value) -> Value {
        let selection = match mutation {
            "createProject" | "updateProject" | "setProjectMember" | "removeProjectMember" => "project { id }",
            "createLabel" => "label { id }",
            "addComment" => "comment { id }",
            _ => "task { id }",
        };
        let input: Value = serde_json::from_str(&self.document(&input.to_string())).unwrap();
        self.client(caller).mutate(mutation, input, selection).await.data()[mutation].clone()
    }

    /// A second session of the owner's, with its refresh token, and that of somebody who is shut out.
    async fn set_credentials(&mut self) {
        let payload = login(&self.app.anonymous(), "owner", PASSWORD).await.data();
        let second = self.app.anonymous().with_tokens(&payload["login"]);
        self.keep("SESSION", session_id(&second).await);
        self.keep("REFRESH", second.refresh_token().to_owned());
        self.keep("DISABLED_REFRESH", self.client("disabled").refresh_token().to_owned());
        for (name, caller) in
            [("STRANGER", "stranger"), ("VIEWER_USER", "viewer"), ("EDITOR_USER", "editor"), ("USER", "owner")]
        {
            self.keep(name, self.client(caller).user_id().to_owned());
        }
    }

    async fn set_shared(&mut self) {
        for project in ["PROJECT", "ARCHIVED"] {
            self.make(project, "owner", "createProject", json!({ "name": project })).await;
            for (name, role) in [("viewer", "VIEWER"), ("editor", "EDITOR"), ("disabled", "EDITOR")] {
                let member = json!({ "projectId": project, "username": name, "role": role });
                self.mutate("owner", "setProjectMember", &member).await;
            }
        }
        for (name, caller, input) in [
            ("TASK", "owner", json!({ "title": "Of the owner", "projectId": "PROJECT", "assigneeId": "EDITOR_USER" })),
            ("SUBTASK", "owner", json!({ "title": "A part", "parentId": "TASK" })),
            ("EDITORS", "editor", json!({ "title": "Of the editor", "projectId": "PROJECT" })),
            ("TRASHED", "owner", json!({ "title": "In the trash", "projectId": "PROJECT" })),
            ("ARCHIVED_TASK", "owner", json!({ "title": "Put away", "projectId": "ARCHIVED" })),
        ] {
            self.make(name, caller, "createTask", input).await;
        }
        for (name, caller) in [("COMMENT", "owner"), ("EDITORS_COMMENT", "editor"), ("VIEWERS_COMMENT", "viewer")] {
            self.make(name, caller, "addComment", json!({ "taskId": "TASK", "body": "A word" })).await;
        }
        self.mutate("owner", "deleteTask", &json!({ "id": "TRASHED" })).await;
        self.mutate("owner", "updateProject", &json!({ "id": "ARCHIVED", "archived": true })).await;
    }

    async fn set_private(&mut self) {
        self.make("LABEL", "owner", "createLabel", json!({ "name": "Work", "color": "#000000" })).await;
        self.mutate("owner", "updateTask", &json!({ "id": "TASK", "labelIds": ["LABEL"] })).await;
        self.make("PRIVATE_PROJECT", "owner", "createProject", json!({ "name": "Mine" })).await;
        self.make("PRIVATE", "owner", "createTask", json!({ "title": "My own", "labelIds": ["LABEL"] })).await;
        let input = json!({ "title": "In my own project", "projectId": "PRIVATE_PROJECT" });
        self.make("PRIVATE_TRASHED", "owner", "createTask", input).await;
        self.mutate("owner", "deleteTask", &json!({ "id": "PRIVATE_TRASHED" })).await;
        self.make("PRIVATE_COMMENT", "owner", "addComment", json!({ "taskId": "PRIVATE", "body": "A word" })).await;
    }
}
