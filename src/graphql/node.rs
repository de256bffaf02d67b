//! Anything with a global id.

use std::collections::HashMap;

use async_graphql::{Context, ID, Interface, Object};

use super::context::ContextExt;
use super::cost::{list_size, names};
use super::error::Result;
use super::label::Label;
use super::session::Session;
use super::task::Task;
use super::user::User;
use crate::domain::{Fields, InvalidValue, Op, PathSegment, Rule, label, session, task, user};
use crate::ids::NodeId;

/// Anything with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque and globally unique; its prefix tells the type."))]
pub(super) enum Node {
    User(User),
    Session(Session),
    Task(Task),
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
    let parsed = ids.iter().map(|id| id.parse::<NodeId>().ok()).collect::<Vec<_>>();
    let tasks = collect(&parsed, |id| if let NodeId::Task(id) = id { Some(id) } else { None });
    let labels = collect(&parsed, |id| if let NodeId::Label(id) = id { Some(id) } else { None });
    let users = collect(&parsed, |id| if let NodeId::User(id) = id { Some(id) } else { None });
    let sessions = collect(&parsed, |id| if let NodeId::Session(id) = id { Some(id) } else { None });
    let mut found = HashMap::new();
    if !tasks.is_empty() {
        found.extend(task::get_many(op, &tasks).await?.into_iter().map(|it| (NodeId::Task(it.id), Found::Task(it))));
    }
    if !labels.is_empty() {
        found
            .extend(label::get_many(op, &labels).await?.into_iter().map(|it| (NodeId::Label(it.id), Found::Label(it))));
    }
    if !users.is_empty() {
        found.extend(user::get_many(op, &users).await?.into_iter().map(|it| (NodeId::User(it.id), Found::User(it))));
    }
    if !sessions.is_empty() {
        let own = session::list(op).await?.into_iter();
        found.extend(own.map(|it| (NodeId::Session(it.id), Found::Session(it))));
    }
    Ok(parsed.into_iter().map(|id| id.and_then(|id| found.get(&id)).map(Found::node)).collect())
}

fn collect<T>(ids: &[Option<NodeId>], pick: impl Fn(NodeId) -> Option<T>) -> Vec<T> {
    ids.iter().copied().flatten().filter_map(pick).collect()
}

/// What a statement found; the same id may be asked for twice.
enum Found {
    Task(task::Task),
    Label(label::Label),
    User(user::User),
    Session(session::Session),
}

impl Found {
    fn node(&self) -> Node {
        match self {
            Self::Task(task) => Node::Task(Task(task.clone())),
            Self::Label(label) => Node::Label(Label(label.clone())),
            Self::User(user) => Node::User(User(user.clone())),
            Self::Session(session) => Node::Session(Session(session.clone())),
        }
    }
}
