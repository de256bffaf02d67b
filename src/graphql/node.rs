//! Anything with a global id.

use std::collections::HashMap;

use async_graphql::{Context, ID, Interface, Object};

use super::api_token::ApiToken;
use super::comment::Comment;
use super::context::ContextExt;
use super::cost::{list_size, names};
use super::error::Result;
use super::project::Project;
use super::session::Session;
use super::task::Task;
use super::user::User;
use crate::domain::{Fields, InvalidValue, Op, PathSegment, Rule, api_token, comment, project, session, task, user};
use crate::ids::NodeId;

/// Anything with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque and globally unique; its prefix tells the type."))]
pub(super) enum Node {
    User(User),
    Session(Session),
    ApiToken(ApiToken),
    Task(Task),
    Comment(Comment),
    Project(Project),
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
    let parsed = ids.iter().map(|id| id.parse::<NodeId>().ok()).collect::<Vec<_>>();
    let tasks = collect(&parsed, |id| if let NodeId::Task(id) = id { Some(id) } else { None });
    let users = collect(&parsed, |id| if let NodeId::User(id) = id { Some(id) } else { None });
    let sessions = collect(&parsed, |id| if let NodeId::Session(id) = id { Some(id) } else { None });
    let comments = collect(&parsed, |id| if let NodeId::Comment(id) = id { Some(id) } else { None });
    let api_tokens = collect(&parsed, |id| if let NodeId::ApiToken(id) = id { Some(id) } else { None });
    let projects = collect(&parsed, |id| if let NodeId::Project(id) = id { Some(id) } else { None });
    let mut found = HashMap::new();
    if !tasks.is_empty() {
        found.extend(task::get_many(op, &tasks).await?.into_iter().map(|it| (NodeId::Task(it.id), Found::Task(it))));
    }
    if !users.is_empty() {
        found.extend(user::get_many(op, &users).await?.into_iter().map(|it| (NodeId::User(it.id), Found::User(it))));
    }
    if !sessions.is_empty() {
        let own = session::list(op).await?.into_iter();
        found.extend(own.map(|it| (NodeId::Session(it.id), Found::Session(it))));
    }
    if !comments.is_empty() {
        let comments = comment::get_many(op, &comments).await?.into_iter();
        found.extend(comments.map(|it| (NodeId::Comment(it.id), Found::Comment(it))));
    }
    if !api_tokens.is_empty() {
        let own = api_token::list(op).await?.into_iter();
        found.extend(own.map(|it| (NodeId::ApiToken(it.id), Found::ApiToken(it))));
    }
    if !projects.is_empty() {
        let found_here = project::get_many(op, &projects).await?.into_iter();
        found.extend(found_here.map(|it| (NodeId::Project(it.id), Found::Project(it))));
    }
    Ok(parsed.into_iter().map(|id| id.and_then(|id| found.get(&id)).map(Found::node)).collect())
}

fn collect<T>(ids: &[Option<NodeId>], pick: impl Fn(NodeId) -> Option<T>) -> Vec<T> {
    ids.iter().copied().flatten().filter_map(pick).collect()
}

/// What a statement found; the same id may be asked for twice.
enum Found {
    Task(task::Task),
    User(user::User),
    Session(session::Session),
    Comment(comment::Comment),
    ApiToken(api_token::ApiToken),
    Project(project::Project),
}

impl Found {
    fn node(&self) -> Node {
        match self {
            Self::Task(task) => Node::Task(Task(task.clone())),
            Self::User(user) => Node::User(User(user.clone())),
            Self::Session(session) => Node::Session(Session(session.clone())),
            Self::Comment(comment) => Node::Comment(Comment(comment.clone())),
            Self::ApiToken(token) => Node::ApiToken(ApiToken(token.clone())),
            Self::Project(project) => Node::Project(Project(project.clone())),
        }
    }
}
