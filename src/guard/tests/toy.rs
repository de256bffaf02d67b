//! A schema with what the guard's tests need: fields that say what they were given, and a count of what ran.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use async_graphql::futures_util::stream::{self, Stream, StreamExt};
use async_graphql::{
    Context, Enum, InputObject, Interface, MaybeUndefined, Object, Response, Schema, SimpleObject, Subscription,
    Variables,
};
use serde_json::{Value, json};

use crate::config::Limits;
use crate::guard::{Guard, Introspection, Prepared, Violation};

/// How many fields of the root and of tasks have run.
#[derive(Default)]
pub(super) struct Runs(AtomicUsize);

impl Runs {
    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

fn run(context: &Context<'_>) {
    context.data_unchecked::<Arc<Runs>>().0.fetch_add(1, Ordering::SeqCst);
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum Colour {
    Red,
    Green,
}

#[derive(InputObject)]
struct Change {
    title: MaybeUndefined<String>,
    colour: MaybeUndefined<Colour>,
    inner: MaybeUndefined<Inner>,
    list: MaybeUndefined<Vec<Option<i32>>>,
    many: MaybeUndefined<Vec<Inner>>,
    #[graphql(default = 7)]
    seven: i32,
}

#[derive(InputObject)]
struct Inner {
    a: MaybeUndefined<i32>,
    b: MaybeUndefined<i32>,
}

fn told<T>(value: &MaybeUndefined<T>, show: impl FnOnce(&T) -> String) -> String {
    match value {
        MaybeUndefined::Undefined => String::from("absent"),
        MaybeUndefined::Null => String::from("null"),
        MaybeUndefined::Value(value) => show(value),
    }
}

impl Inner {
    fn told(&self) -> String {
        format!("(a {} b {})", told(&self.a, i32::to_string), told(&self.b, i32::to_string))
    }
}

impl Change {
    fn told(&self) -> String {
        let colour = |colour: &Colour| String::from(if *colour == Colour::Red { "red" } else { "green" });
        let list = |list: &Vec<Option<i32>>| format!("{list:?}");
        let many = |many: &Vec<Inner>| many.iter().map(Inner::told).collect::<String>();
        format!(
            "title {} colour {} inner {} list {} many {} seven {}",
            told(&self.title, Clone::clone),
            told(&self.colour, colour),
            told(&self.inner, Inner::told),
            told(&self.list, list),
            told(&self.many, many),
            self.seven
        )
    }
}

#[derive(Clone)]
pub(super) struct Task;

#[Object]
impl Task {
    async fn id(&self) -> String {
        String::from("task")
    }
    async fn title(&self) -> String {
        String::from("title")
    }
    async fn parent(&self, context: &Context<'_>) -> Option<Task> {
        run(context);
        Some(Task)
    }
    async fn subtasks(&self, context: &Context<'_>, first: Option<i32>) -> Vec<Task> {
        run(context);
        vec![Task; usize::try_from(first.unwrap_or(1)).unwrap_or_default().min(3)]
    }
}

#[derive(SimpleObject, Clone)]
pub(super) struct Label {
    id: String,
    name: String,
}

#[derive(Interface, Clone)]
#[graphql(field(name = "id", ty = "String"))]
pub(super) enum Node {
    Task(Task),
    Label(Label),
}

pub(super) struct Query;

#[Object]
impl Query {
    async fn given(&self, context: &Context<'_>, value: MaybeUndefined<i32>) -> String {
        run(context);
        told(&value, i32::to_string)
    }
    async fn defaulted(&self, #[graphql(default = 5)] value: i32) -> i32 {
        value
    }
    async fn change(&self, change: Change) -> String {
        change.told()
    }
    async fn tasks(&self, context: &Context<'_>, first: Option<i32>) -> Vec<Task> {
        run(context);
        vec![Task; usize::try_from(first.unwrap_or(2)).unwrap_or_default().min(3)]
    }
    async fn task(&self, context: &Context<'_>) -> Task {
        run(context);
        Task
    }
    async fn nodes(&self) -> Vec<Node> {
        vec![Task.into(), Label { id: String::from("label"), name: String::from("name") }.into()]
    }
}

pub(super) struct Mutation;

#[Object]
impl Mutation {
    async fn add(&self, context: &Context<'_>, amount: i32) -> Task {
        assert!(amount < 1_000);
        run(context);
        Task
    }
    async fn change(&self, context: &Context<'_>, change: Change) -> String {
        run(context);
        change.told()
    }
}

pub(super) struct Ticks;

#[Subscription]
impl Ticks {
    async fn ticks(&self, to: MaybeUndefined<i32>) -> impl Stream<Item = String> {
        stream::iter([told(&to, i32::to_string)])
    }
}

pub(super) type Toy = Schema<Query, Mutation, Ticks>;

pub(super) fn schema() -> Toy {
    Schema::build(Query, Mutation, Ticks).data(Arc::new(Runs::default())).finish()
}

pub(super) fn guard() -> &'static Guard {
    static GUARD: LazyLock<Guard> = LazyLock::new(|| Guard::new(&Limits::default(), &schema().sdl()).unwrap());
    &GUARD
}

pub(super) fn prepare(text: &str, name: Option<&str>, variables: Value) -> Result<Prepared, Violation> {
    let guard = guard();
    let document = guard.check(text, Introspection::Allowed)?;
    guard.prepare(&document, name, Variables::from_json(variables))
}

/// What the guard and the toy answer: the data, or the errors, and how many fields ran.
pub(super) async fn answer(text: &str, name: Option<&str>, variables: Value) -> (Value, usize) {
    let prepared = match prepare(text, name, variables) {
        Ok(prepared) => prepared,
        Err(refusal) => return (json!({ "refused": refusal.code.as_str() }), 0),
    };
    let schema = schema();
    let (request, order) = prepared.into_request();
    let mut response: Response = schema.execute_stream(request).next().await.unwrap();
    order.complete(&mut response);
    let runs = schema.data::<Arc<Runs>>().unwrap().count();
    if response.errors.is_empty() {
        return (response.data.into_json().unwrap(), runs);
    }
    (json!({ "errors": response.errors.iter().map(|error| &error.message).collect::<Vec<_>>() }), runs)
}
