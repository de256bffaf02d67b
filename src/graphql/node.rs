//! Anything with a global id.

use std::collections::HashMap;

use async_graphql::{Context, ID, Interface, Object};

use super::api_token::ApiToken;
use super::comment::Comment;
use super::context::ContextExt;
use super::cost::{list_size, names};
use super::error::Result;
use super::label::Label;
use super::project::Project;
use super::session::Session;
use super::task::Task;
use super::user::User;
use crate::domain::{
    Fields, InvalidValue, Op, PathSegment, Rule, api_token, comment, label, project, session, task, user,
};
use crate::ids::{CommentId, LabelId, NodeId, ProjectId, TaskId, UserId};

/// Anything with a global id.
#[derive(Interface, Clone)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque and globally unique; its prefix tells the type."))]
pub(super) enum Node {
    User(User),
    Session(Session),
    ApiToken(ApiToken),
    Task(Task),
    Comment(Comment),
    Project(Project),
    Label(Label),
}

#[derive(Default)]
pub(super) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object of this id, or null when there is none that the caller may see.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The id of the object.")] id: ID) -> Result<Option<Node>> {
        let mut found = find_all(ctx.op()?, &[id]).await?;
        Ok(found.pop().flatten())
    }

    /// The objects of these ids in their order, each null when there is none that the caller may see.
    #[graphql(directive = list_size::apply(None, Some(names(["ids"])), None, None))]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids of the objects, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > task::MAX_IDS {
            let mut fields = Fields::at(Vec::new());
            let message = format!("must hold at most {} ids", task::MAX_IDS);
            fields.refuse(&[PathSegment::Name("ids")], InvalidValue::new(Rule::TooLarge, message));
            return Err(fields.into_error().into());
        }
        find_all(ctx.op()?, &ids).await
    }
}

/// The nodes of `ids` in their order, with one statement for each type among them.
async fn find_all(op: &Op, ids: &[ID]) -> Result<Vec<Option<Node>>> {
    op.viewer()?;
    let ids = ids.iter().map(|id| id.parse::<NodeId>().ok()).collect::<Vec<_>>();
    let mut wanted = Wanted::default();
    ids.iter().flatten().for_each(|id| wanted.note(*id));
    // The same id may be asked for twice.
    let found = wanted.find(op).await?;
    Ok(ids.into_iter().map(|id| id.and_then(|id| found.get(&id)).cloned()).collect())
}

/// What is asked for, by its type.
#[derive(Default)]
struct Wanted {
    users: Vec<UserId>,
    sessions: bool,
    api_tokens: bool,
    projects: Vec<ProjectId>,
    tasks: Vec<TaskId>,
    labels: Vec<LabelId>,
    comments: Vec<CommentId>,
}

impl Wanted {
    fn note(&mut self, id: NodeId) {
        match id {
            NodeId::User(id) => self.users.push(id),
            // One's own are few, and read together.
            NodeId::Session(_) => self.sessions = true,
            NodeId::ApiToken(_) => self.api_tokens = true,
            NodeId::Project(id) => self.projects.push(id),
            NodeId::Task(id) => self.tasks.push(id),
            NodeId::Label(id) => self.labels.push(id),
            NodeId::Comment(id) => self.comments.push(id),
        }
    }

    async fn find(&self, op: &Op) -> Result<HashMap<NodeId, Node>> {
        let mut found = HashMap::new();
        if !self.users.is_empty() {
            let users = user::get_many(op, &self.users).await?;
            found.extend(users.into_iter().map(|it| (NodeId::User(it.id), Node::User(User(it)))));
        }
        if self.sessions {
            let sessions = session::list(op).await?;
            found.extend(sessions.into_iter().map(|it| (NodeId::Session(it.id), Node::Session(Session(it)))));
        }
        if self.api_tokens {
            let tokens = api_token::list(op).await?;
            found.extend(tokens.into_iter().map(|it| (NodeId::ApiToken(it.id), Node::ApiToken(ApiToken(it)))));
        }
        if !self.projects.is_empty() {
            let projects = project::get_many(op, &self.projects).await?;
            found.extend(projects.into_iter().map(|it| (NodeId::Project(it.id), Node::Project(Project(it)))));
        }
        if !self.tasks.is_empty() {
            let tasks = task::get_many(op, &self.tasks).await?;
            found.extend(tasks.into_iter().map(|it| (NodeId::Task(it.id), Node::Task(Task(it)))));
        }
        if !self.labels.is_empty() {
            let labels = label::get_many(op, &self.labels).await?;
            found.extend(labels.into_iter().map(|it| (NodeId::Label(it.id), Node::Label(Label(it)))));
        }
        if !self.comments.is_empty() {
            let comments = comment::get_many(op, &self.comments).await?;
            found.extend(comments.into_iter().map(|it| (NodeId::Comment(it.id), Node::Comment(Comment(it)))));
        }
        Ok(found)
    }
}
