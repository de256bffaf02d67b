//! `taskward demo`: a user with two months of work and home life behind them, to have something to look at.

mod chance;
mod life;
mod team;
mod words;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};

use self::chance::Chance;
use self::life::{Event, What};
use self::team::Team;
use super::failure::Failure;
use super::options::Options;
use super::{runtime, terminal};
use crate::app::App;
use crate::clock::Clock;
use crate::domain::task::{self, LabelIds, NewTask, Task, TaskUpdate, Title};
use crate::domain::user::{self, Password, User, Username};
use crate::domain::{Authority, Caller, Error, InvalidValue, Op};
use crate::ids::SessionId;

const USERNAME: &str = "demo";

/// How far back the oldest task lies.
const PAST: TimeDelta = TimeDelta::days(60);

/// Fills in the demonstration data and prints the password of its user.
///
/// # Errors
/// When there is a user `demo` already; nothing is changed then.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let config = options.load()?.config;
    let now = Clock::system().now();
    let clock = Clock::fixed(now - PAST);
    runtime::with_app_at(config, clock, async |app| {
        let store = &app.services.store;
        store.migrate_up().await.map_err(|error| Failure::Failed(error.to_string()))?;
        let chance = Chance::new(app.services.random.clone());
        let password = chance.password();
        let op = as_user(&app, make_user(&app, &password).await?);
        let mut team = Team::form(&app, &op).await?;
        let events = life::events(&chance, now - PAST, now);
        let counts = live(&op, &app.services.clock, &events, &mut team, &chance).await?;
        terminal::print(&farewell(&counts, &password))
    })
}

/// How many tasks came to what.
#[derive(Default)]
struct Counts {
    made: u32,
    completed: u32,
    in_trash: u32,
}

async fn make_user(app: &App, password: &SecretString) -> Result<User, Failure> {
    let username = Username::parse(USERNAME).map_err(|invalid| broken_rule(&invalid))?;
    let password = Password::parse(password.clone()).map_err(|invalid| broken_rule(&invalid))?;
    user::create(&app.operator(), &username, &password).await.map_err(|error| match error {
        Error::Conflict(_) => Failure::Failed(format!(
            "there is a user `{USERNAME}` already, and nothing was changed; `taskward user set-password {USERNAME}` \
             gives it a new password, and `taskward --set database.url=sqlite://demo.db demo` makes fresh data in a \
             database of its own"
        )),
        error => error.into(),
    })
}

/// The use-cases see the user at work. No session of theirs is stored, and none has to be ended.
fn as_user(app: &App, user: User) -> Op {
    let services = Arc::clone(&app.services);
    let authority = Authority::Session(SessionId::generate(services.clock.now(), &services.random));
    Op::new(services, Caller::User { user, authority })
}

/// Lets every event happen at its time.
async fn live(op: &Op, clock: &Clock, events: &[Event], team: &mut Team, chance: &Chance) -> Result<Counts, Failure> {
    let mut counts = Counts::default();
    let mut tasks: Vec<Option<Task>> = vec![None; events.len()];
    for Event { at, task: number, what } in events {
        advance(clock, *at);
        let Some(place) = tasks.get_mut(*number) else { continue };
        *place = match (what, place.take()) {
            (What::Made(idea), None) => {
                counts.made = counts.made.saturating_add(1);
                let task = task::create(op, team.place(chance, idea.area, new_task(op, idea)?)).await?;
                team.talk(chance, &task).await?;
                if idea.lasts {
                    team.note_lasting(&task);
                }
                Some(task)
            }
            (What::Completed, Some(task)) => {
                counts.completed = counts.completed.saturating_add(1);
                let completed = TaskUpdate { completed: Some(true), ..TaskUpdate::default() };
                Some(task::update(op, task.id, Some(task.version), &completed).await?)
            }
            (What::Hastened(priority), Some(task)) => {
                let hastened = TaskUpdate { priority: Some(*priority), ..TaskUpdate::default() };
                Some(task::update(op, task.id, Some(task.version), &hastened).await?)
            }
            (What::Trashed, Some(task)) => {
                counts.in_trash = counts.in_trash.saturating_add(1);
                Some(task::delete(op, task.id, Some(task.version)).await?)
            }
            (_, unchanged) => unchanged,
        };
    }
    Ok(counts)
}

fn advance(clock: &Clock, to: DateTime<Utc>) {
    clock.advance((to - clock.now()).max(TimeDelta::zero()));
}

fn new_task(op: &Op, idea: &life::Idea) -> Result<NewTask, Failure> {
    Ok(NewTask {
        id: None,
        title: Title::parse(&idea.title, op.services().tasks.title_rule).map_err(|invalid| broken_rule(&invalid))?,
        description: task::Description::parse(&idea.description).map_err(|invalid| broken_rule(&invalid))?,
        priority: idea.priority,
        due_at: idea.due_at,
        labels: LabelIds::default(),
        project_id: None,
        parent_id: None,
        assignee_id: None,
    })
}

fn broken_rule(invalid: &InvalidValue) -> Failure {
    Failure::Failed(format!("a value of the demonstration {}", invalid.message))
}

fn farewell(Counts { made, completed, in_trash }: &Counts, password: &SecretString) -> String {
    format!(
        "Made {made} tasks of the last {} days: {completed} completed, {in_trash} in the trash.\n\
         Two projects are shared with `demo_ana` and `demo_ben`, who have no password yet.\n\n  \
         Username  {USERNAME}\n  Password  {}\n\nThe password is shown only now. Start the server with `taskward`.\n",
        PAST.num_days(),
        password.expose_secret(),
    )
}
