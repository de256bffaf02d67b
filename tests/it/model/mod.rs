//! Random commands of several users, against a model in memory: after each, the server answers what the model says, shows
//! everybody what the model shows them, and has told them in the change log what they need to know it.
//!
//! `PROPTEST_CASES` and `PROPTEST_RNG_SEED` look further than the few cases of every test run.

mod command;
mod view;
mod world;

use std::collections::HashMap;

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};
use serde_json::{Value, json};

use self::command::{Bytes, Change, Command, draw};
use self::view::{Replica, VIEW, expected, shown, tasks};
use self::world::{Refusal, Role, USERS, World};
use crate::support::{Answer, Client, Database, TestApp};

#[test]
fn the_server_and_the_model_agree_after_every_command() {
    let steps = prop::collection::vec(any::<Bytes>(), 20..40);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let result =
        TestRunner::new(config()).run(&steps, |steps| runtime.block_on(play(&steps)).map_err(TestCaseError::fail));
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        Err(TestError::Abort(reason)) => panic!("aborted: {reason}"),
    }
}

fn config() -> Config {
    let asked = Config::default();
    let few = if Database::is_postgres() { 3 } else { 4 };
    Config {
        cases: if asked.cases == 256 { few } else { asked.cases },
        rng_seed: if asked.rng_seed == RngSeed::Random { RngSeed::Fixed(4) } else { asked.rng_seed },
        failure_persistence: None,
        max_shrink_iters: 400,
        max_shrink_time: 60_000,
        ..asked
    }
}

/// Somebody who sends commands, and what they know from the change log.
struct Player {
    client: Client,
    replica: Replica,
}

/// The server, the model, and what things are called in both.
struct Game {
    app: TestApp,
    players: Vec<Player>,
    world: World,
    ids: HashMap<String, String>,
    names: HashMap<String, String>,
    history: Vec<String>,
}

/// A shared project with a tree, so that few steps are lost on making one.
fn opening() -> Vec<(usize, Command)> {
    let task = |project, parent| Command::CreateTask { title: 0, project, parent, assignee: None, labels: Vec::new() };
    vec![
        (0, Command::CreateProject),
        (0, Command::SetMember { project: 0, user: 1, role: Role::Editor }),
        (0, Command::SetMember { project: 0, user: 2, role: Role::Viewer }),
        (1, task(Some(0), None)),
        (0, task(None, Some(0))),
        (1, task(None, Some(1))),
        (1, Command::CreateLabel { name: 0 }),
        (1, Command::UpdateTask { task: 1, change: Change::Labels(vec![0]), version: None }),
        (3, task(None, None)),
    ]
}

async fn play(steps: &[Bytes]) -> Result<(), String> {
    let mut game = Game::new().await;
    for (viewer, command) in opening() {
        game.step(viewer, &command).await?;
    }
    for bytes in steps {
        let (viewer, command) = draw(&game.world, *bytes);
        game.step(viewer, &command).await?;
    }
    Ok(())
}

impl Game {
    async fn new() -> Self {
        let app = TestApp::with(|config| config.cost.user_limit = 100_000.try_into().unwrap()).await;
        let mut players = Vec::new();
        for number in 0..USERS {
            players.push(Player { client: app.user(&format!("user{number}")).await, replica: Replica::default() });
        }
        let (world, ids, names) = (World::default(), HashMap::new(), HashMap::new());
        let mut game = Self { app, players, world, ids, names, history: Vec::new() };
        for number in 0..USERS {
            let id = game.players[number].client.user_id().to_owned();
            game.learn(format!("user {number}"), id);
        }
        game
    }

    async fn step(&mut self, viewer: usize, command: &Command) -> Result<(), String> {
        self.app.clock.advance(TimeDelta::seconds(1));
        let (mutation, input, selection) = command.mutation();
        let input = translated(&input, &self.ids);
        let answer = self.players[viewer].client.mutate(mutation, input, selection).await;
        let expected = self.world.apply(viewer, command).map_err(code);
        self.history.push(format!("user {viewer}: {command:?} is {expected:?}"));
        let outcome = outcome(&answer);
        if outcome != expected.map_err(str::to_owned) {
            return Err(self.report(&format!("the server answered {}", answer.text)));
        }
        if outcome.is_ok() {
            self.learn_new(&answer.data()[mutation]);
        }
        self.compare().await
    }

    /// What was made, under the name that the model has for it.
    fn learn_new(&mut self, payload: &Value) {
        let (world, mut made) = (&self.world, Vec::new());
        for (noun, count) in [
            ("task", world.tasks.len()),
            ("project", world.projects.len()),
            ("comment", world.comments.len()),
            ("label", world.labels.len()),
        ] {
            let name = format!("{noun} {}", count.wrapping_sub(1));
            if count > 0 && !self.ids.contains_key(&name) {
                made.push((name, payload[noun]["id"].as_str().unwrap().to_owned()));
            }
        }
        for (name, id) in made {
            self.learn(name, id);
        }
    }

    fn learn(&mut self, name: String, id: String) {
        self.ids.insert(name.clone(), id.clone());
        self.names.insert(id, name);
    }

    async fn compare(&mut self) -> Result<(), String> {
        for viewer in 0..USERS {
            let Player { client, replica } = &mut self.players[viewer];
            let answer = client.gql_with(VIEW, json!({ "after": replica.cursor })).await;
            let data = translated(&answer.data(), &self.names);
            let (expected, shown) = (expected(&self.world, viewer), shown(&data));
            let told = replica.read(&data["taskChanges"]);
            let differs = if expected == shown {
                told.err().or_else(|| {
                    let (known, seen) = (replica.tasks(), tasks(&shown));
                    (known != seen).then(|| format!("the change log tells {known:#?}\nthe lists tell {seen:#?}"))
                })
            } else {
                Some(format!("the model shows {expected:#?}\nthe server shows {shown:#?}"))
            };
            if let Some(differs) = differs {
                return Err(self.report(&format!("to user {viewer}, {differs}")));
            }
        }
        Ok(())
    }

    fn report(&self, difference: &str) -> String {
        format!("after\n{}\n{difference}", self.history.join("\n"))
    }
}

fn outcome(answer: &Answer) -> Result<(), String> {
    if answer.json().get("errors").is_none() { Ok(()) } else { Err(answer.code()) }
}

const fn code(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NotFound => "NOT_FOUND",
        Refusal::Forbidden => "FORBIDDEN",
        Refusal::Conflict => "CONFLICT",
        Refusal::BadUserInput => "BAD_USER_INPUT",
    }
}

/// `value` with another text for each that `texts` has one for.
fn translated(value: &Value, texts: &HashMap<String, String>) -> Value {
    match value {
        Value::String(text) => json!(texts.get(text).unwrap_or(text)),
        Value::Array(values) => values.iter().map(|value| translated(value, texts)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), translated(value, texts))).collect()
        }
        other => other.clone(),
    }
}
