//! Labels.

use async_graphql::{ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::context::ContextExt;
use super::cost::{CHANGE, COUNT, cost, list_size, names};
use super::error::Result;
use super::input::take;
use super::paging::{self, PageInfo};
use crate::domain::label::{self, Color, LabelUpdate, Name};
use crate::domain::paging::DEFAULT_PAGE_SIZE;
use crate::domain::{Error, Fields, Op};
use crate::ids::LabelId;

#[derive(Clone)]
pub(super) struct Label(pub(super) label::Label);

/// What a user sorts tasks by. It is the user's own: nobody else sees it, on a task that they share neither.
#[Object]
impl Label {
    /// Opaque and globally unique.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What it is called, in 1 to 50 characters. No two labels of a user have names that differ in case alone.
    async fn name(&self) -> &str {
        self.0.name.as_str()
    }

    /// How it is shown: red, green and blue as `#rrggbb`, in lower case.
    async fn color(&self) -> &str {
        self.0.color.as_str()
    }
}

/// A page of the viewer's labels.
#[derive(SimpleObject)]
#[graphql(complex)]
struct LabelConnection {
    /// The labels of the page in the order of the list, each with its cursor.
    edges: Vec<LabelEdge>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

/// A label in a list.
#[derive(SimpleObject)]
struct LabelEdge {
    /// Where the label stands in the list: pass it as `after` or `before`.
    cursor: String,
    /// The label.
    node: Label,
}

#[ComplexObject]
impl LabelConnection {
    /// The labels of the page, without their cursors.
    async fn nodes(&self) -> Vec<Label> {
        self.edges.iter().map(|edge| edge.node.clone()).collect()
    }

    /// How many labels the viewer has, at most 200. They are counted only when this is asked for.
    #[graphql(directive = cost::apply(COUNT.to_string()))]
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(i32::try_from(label::count(ctx.op()?).await?).unwrap_or(i32::MAX))
    }
}

#[derive(Default)]
pub(super) struct LabelQuery;

#[Object]
impl LabelQuery {
    /// The viewer's labels, by name without regard to case.
    #[graphql(directive = list_size::apply(
        Some(DEFAULT_PAGE_SIZE),
        Some(names(["first", "last"])),
        Some(names(["edges", "nodes"])),
        Some(false)
    ))]
    #[expect(clippy::too_many_arguments, reason = "the four arguments of every list")]
    async fn labels(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front: 1 to 100, and 20 when neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only labels behind the one of this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100. Can't be combined with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only labels before the one of this cursor.")] before: Option<String>,
    ) -> Result<LabelConnection> {
        let page = label::page(ctx.op()?, &paging::arguments(first, after, last, before)).await?;
        let page_info = PageInfo::of(&page);
        let edges = page.edges.into_iter().map(|edge| LabelEdge { cursor: edge.cursor, node: Label(edge.node) });
        Ok(LabelConnection { edges: edges.collect(), page_info })
    }
}

/// What `createLabel` takes.
#[derive(InputObject)]
struct CreateLabelInput {
    /// What it is called: 1 to 50 characters, after white space is trimmed and collapsed; no control characters and no
    /// overrides of direction.
    name: String,
    /// How it is shown: `#` and six hexadecimal digits.
    color: String,
}

/// What `updateLabel` takes. What is left out stays as it is.
#[derive(InputObject)]
struct UpdateLabelInput {
    /// The id of the label.
    id: ID,
    /// What it is called: 1 to 50 characters. Not null.
    name: MaybeUndefined<String>,
    /// How it is shown: `#` and six hexadecimal digits. Not null.
    color: MaybeUndefined<String>,
}

/// What `deleteLabel` takes.
#[derive(InputObject)]
struct DeleteLabelInput {
    /// The id of the label.
    id: ID,
}

/// What `createLabel` answers.
#[derive(SimpleObject)]
struct CreateLabelPayload {
    /// The label that was made.
    label: Label,
}

/// What `updateLabel` answers.
#[derive(SimpleObject)]
struct UpdateLabelPayload {
    /// The label as it is now.
    label: Label,
}

/// What `deleteLabel` answers.
#[derive(SimpleObject)]
struct DeleteLabelPayload {
    /// The id of the label that is gone.
    label_id: ID,
}

#[derive(Default)]
pub(super) struct LabelMutation;

#[Object]
impl LabelMutation {
    /// Makes a label. `CONFLICT` when the viewer has 200 already, or one whose name differs in case alone.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn create_label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new label.")] input: CreateLabelInput,
    ) -> Result<CreateLabelPayload> {
        let op = ctx.op()?;
        op.viewer()?;
        let mut fields = Fields::of_input();
        let name = fields.take("name", Name::parse(&input.name));
        let color = fields.take("color", Color::parse(&input.color));
        let (name, color) = fields.finish(|| name.zip(color))?;
        Ok(CreateLabelPayload { label: Label(label::create(op, &name, &color).await?) })
    }

    /// Changes a label. The tasks that bear it make no new version of it, and `taskChanges` does not tell it. `NOT_FOUND` when
    /// the viewer has none of this id, `CONFLICT` when they have another whose name differs in case alone.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn update_label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change.")] input: UpdateLabelInput,
    ) -> Result<UpdateLabelPayload> {
        let op = ctx.op()?;
        let id = parse_id(op, &input.id)?;
        let mut fields = Fields::of_input();
        let name = take(&mut fields, "name", input.name, |name| Name::parse(&name));
        let color = take(&mut fields, "color", input.color, |color| Color::parse(&color));
        let update = fields.finish(|| Some(LabelUpdate { name, color }))?;
        Ok(UpdateLabelPayload { label: Label(label::update(op, id, &update).await?) })
    }

    /// Removes a label for good and takes it off all tasks, which make no new version of it; `taskChanges` tells the viewer
    /// which they were. `NOT_FOUND` when the viewer has none of this id.
    #[graphql(directive = cost::apply(CHANGE.to_string()))]
    async fn delete_label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which label.")] input: DeleteLabelInput,
    ) -> Result<DeleteLabelPayload> {
        let op = ctx.op()?;
        let id = parse_id(op, &input.id)?;
        label::delete(op, id).await?;
        Ok(DeleteLabelPayload { label_id: ID(id.to_string()) })
    }
}

/// The label id that a client sent; text that is no such id is the id of no label.
fn parse_id(op: &Op, id: &ID) -> Result<LabelId> {
    op.viewer()?;
    Ok(id.parse().map_err(|_| Error::NotFound("There is no such label."))?)
}
