//! The filter of a list of tasks: from the JSON of a variable through the whole server to the rows of SQLite.

use std::sync::{Arc, LazyLock};

use async_graphql::{Response, Variables};
use secrecy::SecretString;
use serde_json::{Value, json};
use taskward::app::{App, Environment};
use taskward::auth::Cost;
use taskward::clock::Clock;
use taskward::config::{Config, Profile};
use taskward::domain::{Authority, Caller, Op, session, user};
use taskward::graphql::rate_limit::{Budget, RateLimit};
use taskward::graphql::with_op;
use taskward::guard::mask::{Detail, mask};
use taskward::guard::{Document, Introspection};
use taskward::http::json::{JsonLimits, parse_object};
use taskward::random::Random;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::refusal;

const COUNTS: &str = "query($is: TaskFilter!, $isNot: TaskFilter!) {
    is: tasks(filter: $is, first: 1) { totalCount edges { node { id } } } isNot: tasks(filter: $isNot, first: 1) { totalCount }
}";

/// The tasks of the database, which differ in everything that a filter asks for.
const TASKS: [&str; 4] = [
    "title: \"Water the plants\"",
    "title: \"secret123\", description: \"Straße\", priority: URGENT",
    "title: \"Due soon\", dueAt: \"2026-11-24T09:30:00Z\", priority: LOW",
    "title: \"ΑΣ ας\", dueAt: \"1970-01-01T00:00:00Z\"",
];

static SERVER: LazyLock<Server> = LazyLock::new(Server::new);

/// A filter is refused, or it and its `not` share out the tasks between them; nothing goes wrong inside of the server.
///
/// The filter is JSON, or made of the bytes where they do not start like JSON.
pub fn run(data: &[u8]) {
    let filter = match data.first() {
        Some(b'{') => parse_object(data, JsonLimits::default()).ok().map(Value::Object),
        _ => Some(Bytes(data).filter(6)),
    };
    let Some(filter) = filter else { return };
    let response = SERVER.count(json!({ "is": filter, "isNot": { "not": filter } }));
    let Ok(response) = response else { return };
    if response.errors.is_empty() {
        let data = response.data.into_json().unwrap();
        let counts = [&data["is"], &data["isNot"]].map(|list| list["totalCount"].as_u64().unwrap());
        assert_eq!(counts[0] + counts[1], TASKS.len() as u64, "{filter}: {data}");
    }
    let masked = mask(response.errors, 5, "request_1", Detail::Full);
    assert!(masked.internal.is_empty(), "{filter}: {:?}", masked.internal);
    for error in &masked.errors {
        refusal::holds(&error.message);
    }
}

/// A server with a database and one user.
struct Server {
    app: App,
    runtime: Runtime,
    caller: Caller,
    document: Document,
    _folder: TempDir,
}

impl Server {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (app, caller) = runtime.block_on(async {
            let app = app(&folder).await;
            app.services.store.migrate_up().await.unwrap();
            let name = user::Username::parse("ana").unwrap();
            let password = user::Password::parse(SecretString::from("correct horse battery")).unwrap();
            let tokens = session::register(&app.operator(), &name, &password).await.unwrap();
            let session =
                session::refreshed_session(&app.services, secrecy::ExposeSecret::expose_secret(&tokens.refresh_token));
            (app, Caller::User { user: tokens.user, authority: Authority::Session(session.unwrap()) })
        });
        let document = app.guard.check(COUNTS, Introspection::Refused).unwrap();
        let server = Self { app, runtime, caller, document, _folder: folder };
        for task in TASKS {
            let text = format!("mutation {{ createTask(input: {{ {task} }}) {{ task {{ id }} }} }}");
            let document = server.app.guard.check(&text, Introspection::Refused).unwrap();
            let response = server.execute(&document, Variables::default()).unwrap();
            assert_eq!(response.errors, []);
        }
        server
    }

    fn count(&self, variables: Value) -> Result<Response, ()> {
        self.execute(&self.document, Variables::from_json(variables))
    }

    /// The answer, unless the guard refuses the variables.
    fn execute(&self, document: &Document, variables: Variables) -> Result<Response, ()> {
        let prepared = self.app.guard.prepare(document, None, variables);
        let prepared = prepared.map_err(|violation| refusal::holds_of_violation(&violation))?;
        let budget = || Budget::new(1, 1, self.app.services.clock.now(), 1);
        let op = Op::new(Arc::clone(&self.app.services), self.caller.clone());
        let request = with_op(prepared.into_request().0, op, RateLimit { requests: budget(), cost: budget() });
        Ok(self.runtime.block_on(self.app.schema.execute(request)))
    }
}

async fn app(folder: &TempDir) -> App {
    let mut config = Config::defaults(Profile::Development);
    config.database.url = SecretString::from(format!("sqlite://{}", folder.path().join("taskward.db").display()));
    let environment = Environment {
        clock: Clock::fixed("2026-11-23T09:30:00Z".parse().unwrap()),
        random: Random::seeded(1),
        password_cost: Cost::Cheap,
        signing_key: SecretString::from("a key for tests, of 32 bytes and more"),
    };
    App::new(config, environment).await.unwrap()
}

/// Bytes that are used up one by one, to choose by.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    /// The next byte; 0 when there is none.
    fn next(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    fn one_of<'c>(&mut self, choices: &[&'c str]) -> &'c str {
        choices[usize::from(self.next()) % choices.len()]
    }

    /// A filter with others in it at most `levels` deep.
    fn filter(&mut self, levels: usize) -> Value {
        let mut members = serde_json::Map::new();
        for _ in 0..self.next() % 5 {
            let name = self.one_of(&[
                "completed",
                "priority",
                "search",
                "dueAt",
                "createdAt",
                "updatedAt",
                "createdById",
                "deleted",
                "not",
                "and",
                "or",
            ]);
            let value = match name {
                "not" | "and" | "or" if levels == 0 => Value::Null,
                "not" => self.filter(levels - 1),
                "and" | "or" => (0..self.next() % 4).map(|_| self.filter(levels - 1)).collect(),
                "priority" => (0..self.next() % 4)
                    .map(|_| self.one_of(&["NONE", "LOW", "MEDIUM", "HIGH", "URGENT", "secret123"]))
                    .collect(),
                "completed" | "deleted" => self.boolean(),
                "search" => Value::from(self.text()),
                "createdById" => Value::from(self.one_of(&[
                    "user_01jd3qvh7eefhazk9a8w2tn4tz",
                    "task_01jd3qvh7eefhazk9a8w2tn4tz",
                    "secret123",
                ])),
                _ => json!({ "before": self.instant(), "after": self.instant(), "isNull": self.boolean() }),
            };
            members.insert(name.to_owned(), value);
        }
        Value::Object(members)
    }

    fn boolean(&mut self) -> Value {
        [Value::Null, Value::Bool(true), Value::Bool(false)][usize::from(self.next()) % 3].clone()
    }

    fn instant(&mut self) -> Value {
        let text = self.one_of(&[
            "",
            "1970-01-01T00:00:00Z",
            "2026-11-23T09:30:00Z",
            "2026-11-24T09:30:00.000001+23:59",
            "-262143-01-01T00:00:00Z",
            "+262142-12-31T23:59:59Z",
            "9999-12-31T23:59:60Z",
            "secret123",
        ]);
        if text.is_empty() { Value::Null } else { Value::from(text) }
    }

    /// A text of so many of the next bytes as the first of them says.
    fn text(&mut self) -> String {
        let length = usize::from(self.next()).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }
}
