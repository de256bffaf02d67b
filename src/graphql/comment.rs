//! Comments: what people say about a task.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};

use super::context::ContextExt;
use super::cost::{CHANGE, COUNT, cost};
use super::error::{ApiError, Result};
use super::paging::PageInfo;
use super::scalars::DateTime;
use super::task::Task;
use super::user::User;
use crate::domain::comment::{self, Body};
use crate::domain::paging::Page;
use crate::domain::{Error, Fields, Op};
use crate::ids::{CommentId, TaskId};

#[derive(Clone)]
pub(super) struct Comment(pub(super) comment::Comment);

/// Something that somebody said about a task.
#[Object]
impl Comment {
    /// Opaque and globally unique.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What it says: 1 to 10,000 characters.
    async fn body(&self) -> &str {
        self.0.body.as_str()
    }

    /// Who wrote it.
    async fn author(&self, ctx: &Context<'_>) -> Result<User> {
        User::named(ctx, self.0.author_id).await
    }

    /// What it is about.
    async fn task(&self, ctx: &Context<'_>) -> Result<Task> {
        let task = ctx.loaders()?.tasks.task(self.0.task_id).await?;
        task.map(Task).ok_or_else(|| ApiError::from(Error::Internal("a visible comment has a hidden task".into())))
    }

    /// When it was written.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When its author last changed it.
    async fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }
}

/// A page of the comments on a task.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct CommentConnection {
    /// The comments of the page, oldest first, each with its cursor.
    edges: Vec<CommentEdge>,
    /// Where the page stands in the list.
    page_info: PageInfo,
    #[graphql(skip)]
    task: TaskId,
}

/// A comment in a list.
#[derive(SimpleObject)]
struct CommentEdge {
    /// Where the comment stands in the list: pass it as `after` or `before`.
    cursor: String,
    /// The comment.
    node: Comment,
}

#[ComplexObject]
impl CommentConnection {
    /// The comments of the page, without their cursors.
    async fn nodes(&self) -> Vec<Comment> {
        self.edges.iter().map(|edge| Comment(edge.node.0.clone())).collect()
    }

    /// How many comments there are on the task. They are counted only when this is asked for.
    #[graphql(directive = cost::apply(COUNT.to_string()))]
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let count = ctx.loaders()?.comment_count(self.task).await?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

impl CommentConnection {
    pub(super) fn new(task: TaskId, page: Page<comment::Comment>) -> Self {
        let page_info = PageInfo::of(&page);
        let edges = page.edges.into_iter().map(|edge| CommentEdge { cursor: edge.cursor, node: Comment(edge.node) });
        Self { edges: edges.collect(), page_info, task }
    }
}

/// What `addComment` takes.
#[derive(InputObject)]
struct AddCommentInput {
    /// What it is about.
    task_id: ID,
    /// What it says: 1 to 10,000 characters, without control characters but newline and tab. White space at the ends is
    /// removed.
    body: String,
}

/// What `updateComment` takes.
#[derive(InputObject)]
struct UpdateCommentInput {
    /// The id of the comment.
    id: ID,
    /// What it is to say: 1 to 10,000 characters.
    body: String,
}

/// What `deleteComment` takes.
#[derive(InputObject)]
struct DeleteCommentInput {
    /// The id of the comment.
    id: ID,
}

/// What `addComment` answers.
#[derive(SimpleObject)]
struct AddCommentPayload {
    /// The new comment.
    comment: Comment,
}

/// What `updateComment` answers.
#[derive(SimpleObject)]
struct UpdateCommentPayload {
    /// The comment as it is now.
    comment: Comment,
}

/// What `deleteComment` answers.
#[derive(SimpleObject)]
struct DeleteCommentPayload {
    /// The id of the comment that is gone.
    comment_id: ID,
}

#[derive(Default)]
pub(super) struct CommentMutation;

#[Object]
impl CommentMutation {
    /// Says something about a task. Whoever can see the task may. The change log tells of it as a change of the task, whose
    /// `version` stays. `CONFLICT` when the task is in the trash or its project is archived.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn add_comment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task, and what to say about it.")] input: AddCommentInput,
    ) -> Result<AddCommentPayload> {
        let op = ctx.op()?;
        op.viewer()?;
        let task = input.task_id.parse().map_err(|_| Error::NotFound("There is no such task."))?;
        let comment = comment::add(op, task, &body(&input.body)?).await?;
        Ok(AddCommentPayload { comment: Comment(comment) })
    }

    /// Changes what a comment says. Only its author may: `FORBIDDEN` for others who can see it.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn update_comment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The comment, and what it is to say.")] input: UpdateCommentInput,
    ) -> Result<UpdateCommentPayload> {
        let op = ctx.op()?;
        let comment = comment::update(op, parse_id(op, &input.id)?, &body(&input.body)?).await?;
        Ok(UpdateCommentPayload { comment: Comment(comment) })
    }

    /// Removes a comment for good. Its author may, and the owners of the task's project: `FORBIDDEN` for others who can see
    /// it.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn delete_comment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which comment.")] input: DeleteCommentInput,
    ) -> Result<DeleteCommentPayload> {
        let op = ctx.op()?;
        let id = comment::delete(op, parse_id(op, &input.id)?).await?;
        Ok(DeleteCommentPayload { comment_id: ID(id.to_string()) })
    }
}

/// The comment id that a client sent; text that is no such id is the id of no comment.
fn parse_id(op: &Op, id: &ID) -> Result<CommentId> {
    op.viewer()?;
    Ok(id.parse().map_err(|_| Error::NotFound("There is no such comment."))?)
}

fn body(text: &str) -> Result<Body> {
    let mut fields = Fields::of_input();
    let body = fields.take("body", Body::parse(text));
    Ok(fields.finish(|| body)?)
}
