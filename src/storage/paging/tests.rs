//! The plans of all lists: none reads a whole table, or a whole index, so that a page costs the same however much there is.
//! The pages of tasks are also not sorted out of more than they hold.

mod rows;
pub(in crate::storage) mod stage;
mod tasks;

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use self::stage::{Case, LABEL, PROJECT, Stage, TASK, USER, leave_old};
use super::*;
use crate::ids::{CommentId, SessionId, TaskId, UserId};
use crate::storage::{api_token, change, comment, label, project, session, task, user};

/// The first page, and one between two positions, from both ends.
fn windows(key: &KeyValue) -> impl Iterator<Item = Window> {
    let position = || Position { keys: vec![key.clone()], id: Uuid::nil() };
    let window = |end, after, before| Window { end, limit: 20, after, before };
    let windows = [End::First, End::Last]
        .map(|end| [window(end, None, None), window(end, Some(position()), None), window(end, None, Some(position()))]);
    windows.into_iter().flatten()
}

fn some_tasks() -> Vec<TaskId> {
    (0..50).map(|at| TaskId::from_uuid(Uuid::from_u128(2_000_000 + at))).collect()
}

/// The lists of what is not a task.
async fn others(stage: &Stage) -> Vec<Case> {
    let store = &stage.store;
    let tasks = some_tasks();
    let mut cases = Vec::new();
    for window in windows(&KeyValue::Integer(1)) {
        let name = format!("{window:?}");
        cases.extend(stage.catch(&name, comment::pages(store, USER, &tasks, &window)).await);
        cases.extend(stage.catch(&name, comment::pages(store, USER, &[TASK], &window)).await);
        cases.extend(stage.catch(&name, project::member_pages(store, USER, &[PROJECT], &window)).await);
    }
    for window in windows(&KeyValue::Text(String::from("milk"))) {
        let name = format!("{window:?}");
        cases.extend(stage.catch(&name, label::page(store, USER, &window)).await);
        cases.extend(stage.catch(&name, project::page(store, USER, &window)).await);
    }
    cases
}

/// What is asked for many tasks or ids at once, the numbers of what is in lists, and what every request asks.
async fn lookups(stage: &Stage) -> Vec<Case> {
    let store = &stage.store;
    let tasks = some_tasks();
    let mut cases = Vec::new();
    cases.extend(stage.catch("comments of tasks", comment::counts(store, USER, &tasks)).await);
    cases.extend(stage.catch("members of projects", project::member_counts(store, USER, &[PROJECT])).await);
    cases.extend(stage.catch("labels", label::count(store, USER)).await);
    cases.extend(stage.catch("labels of tasks", label::of_tasks(store, USER, &tasks)).await);
    cases.extend(stage.catch("projects", project::count(store, USER)).await);
    cases.extend(stage.catch("projects of ids", project::find_shared(store, USER, &[PROJECT])).await);
    cases.extend(stage.catch("tasks of ids", task::find_many(store, USER, &tasks)).await);
    cases.extend(stage.catch("users of ids", user::find_visible(store, USER, &[USER])).await);
    cases.extend(stage.catch("users that something names", user::find_named(store, &[USER])).await);
    cases.extend(stage.catch("user of a name", user::find_by_username(store, "user1")).await);
    cases.extend(
        stage.catch("comments of ids", comment::find_many(store, USER, &[CommentId::from_uuid(Uuid::nil())])).await,
    );
    cases.extend(stage.catch("labels of ids", label::find_many(store, USER, &[LABEL])).await);
    cases.extend(stage.catch("sessions", session::list(store, USER, 0)).await);
    cases.extend(
        stage.catch("session of a request", session::find_live(store, SessionId::from_uuid(Uuid::nil()), 0)).await,
    );
    cases.extend(stage.catch("API tokens", api_token::list(store, USER)).await);
    cases.extend(stage.catch("number of API tokens", api_token::count(store, USER)).await);
    cases.extend(stage.catch("API token of a request", api_token::find_by_secret(store, b"1")).await);
    cases
}

/// The pages of the change log, for the list and for those who follow it.
async fn changes(stage: &Stage) -> Vec<Case> {
    let store = &stage.store;
    let mut cases = Vec::new();
    cases.extend(stage.catch("changes of a task", change::of_task(store, TASK)).await);
    cases.extend(stage.catch("end of the changes", change::last_sequence(store)).await);
    for after in [0, 40_000] {
        let part = change::Part { after, through: 100_000, limit: 21 };
        let everything = async { change::page(store, &change::Logs::of(store, USER).await?, part).await };
        cases.extend(stage.catch(&format!("changes after {after}"), everything).await);
        let of_project = async {
            let logs = change::Logs::of_project(store, USER, PROJECT).await?;
            match logs {
                Some(logs) => change::page(store, &logs, part).await,
                None => Ok(Vec::new()),
            }
        };
        cases.extend(stage.catch(&format!("changes of a project after {after}"), of_project).await);
        cases.extend(stage.catch("changes to announce", change::scopes_behind(store, after, 100)).await);
    }
    cases
}

/// What the operator reads in chunks, and what is removed in chunks.
async fn chunks(stage: &Stage) -> Vec<Case> {
    let store = &stage.store;
    let mut cases = Vec::new();
    for after in [None, Some(TASK)] {
        cases.extend(stage.catch("export of tasks", task::roots(store, USER, after, 500)).await);
        cases.extend(stage.catch("export of subtasks", task::parts(store, USER, &[TASK], after, 500)).await);
        cases.extend(stage.catch("export of labels on tasks", label::bearers(store, LABEL, after, 500)).await);
    }
    cases.extend(stage.catch("count of an export", task::count_made_by(store, USER)).await);
    cases.extend(stage.catch("export of comments", comment::written_by(store, USER, None, 500)).await);
    cases.extend(stage.catch("export of labels", label::all_of(store, USER)).await);
    cases.extend(stage.catch("export of projects", project::all_of(store, USER)).await);
    let transaction = store.begin().await.unwrap();
    leave_old(&transaction).await;
    cases.extend(stage.catch("trees", task::trees(&transaction, &[TASK.uuid()])).await);
    cases.extend(stage.catch("removal of a label", label::delete(&transaction, USER, LABEL, 0)).await);
    cases.extend(stage.catch("old trash", task::purge(&transaction, 10, 100)).await);
    cases.extend(stage.catch("old changes", change::prune(&transaction, 10, 100)).await);
    let deed = project::Deed { actor_id: USER, occurred_at: 0 };
    cases.extend(stage.catch("tasks to lock", project::lock_tasks(&transaction, USER, PROJECT)).await);
    cases.extend(stage.catch("theirs to lock", project::lock_tasks_of(&transaction, USER, PROJECT, USER)).await);
    cases.extend(stage.catch("joining", project::tell_joined(&transaction, PROJECT, USER, deed)).await);
    cases.extend(stage.catch("leaving", project::tell_left(&transaction, PROJECT, USER, deed)).await);
    cases.extend(stage.catch("unassigning", project::unassign(&transaction, PROJECT, USER, deed)).await);
    cases.extend(stage.catch("deletion", project::move_tasks_to_trash(&transaction, PROJECT, deed)).await);
    cases
}

async fn cases(stage: &Stage) -> Vec<Case> {
    let tasks = [tasks::cases(stage).await, changes(stage).await];
    let others = [others(stage).await, lookups(stage).await, chunks(stage).await];
    let cases = tasks.into_iter().chain(others).flatten();
    // Where the log begins is a table of one row.
    cases.filter(|case| !case.statement.sql.contains("\"task_changes_pruned\"")).collect()
}

/// The steps of a plan of SQLite that read all of a table or of an index. What an earlier step has made is no table, and the
/// full-text index is asked for a word where its plan says `M` for `MATCH`.
fn scans_of_sqlite(plan: &[String]) -> Vec<&String> {
    let made = plan.iter().filter_map(|step| step.strip_prefix("CO-ROUTINE ").or(step.strip_prefix("MATERIALIZE ")));
    let made = made.map(|name| format!("SCAN {name}")).collect::<Vec<_>>();
    let is_of_part = |step: &str| step.starts_with("SCAN (") || step.contains(" VIRTUAL TABLE INDEX 0:M");
    plan.iter().filter(|step| step.starts_with("SCAN ") && !is_of_part(step) && !made.contains(step)).collect()
}

/// The same of PostgreSQL: a scan of an index is one of a part of it where a condition on its columns stands below it.
fn scans_of_postgres(plan: &[String]) -> Vec<&String> {
    let is_of_part = |step: usize| {
        let details = plan.iter().skip(step + 1).take_while(|line| !line.contains("->"));
        details.into_iter().any(|line| line.contains("Index Cond:"))
    };
    let is_of_index = |line: &str| ["Index Scan", "Index Only Scan"].iter().any(|scan| line.contains(scan));
    let scans = plan
        .iter()
        .enumerate()
        .filter(|(step, line)| line.contains("Seq Scan on ") || (is_of_index(line) && !is_of_part(*step)));
    scans.map(|(_, line)| line).collect()
}

/// So many tasks that a plan which reads them all would be a dear one.
const MANY: u32 = 50_000;

/// As many as there are in a large installation.
const A_MILLION: u32 = 1_000_000;

#[tokio::test]
async fn no_list_reads_a_whole_table_on_sqlite() {
    let stage = Stage::sqlite().await;
    for Case { name, statement, is_ordered } in cases(&stage).await {
        let plan = stage.plan(&statement).await;
        assert_eq!(scans_of_sqlite(&plan), [""; 0], "{name}: {}: {plan:#?}", statement.sql);
        // Each of some rows beside each of some others, or of each project.
        assert!(!plan.iter().any(|step| step.contains(" AND rowid=?")), "{name}: {plan:#?}");
        let sorts = plan.iter().filter(|step| step.starts_with("USE TEMP B-TREE FOR")).count();
        assert!(!is_ordered || sorts == 1, "{name}: {plan:#?}");
    }
}

#[tokio::test]
async fn the_comments_on_a_task_are_read_no_further_than_the_page_goes_on_sqlite() {
    let stage = Stage::sqlite().await;
    for window in windows(&KeyValue::Integer(1)) {
        for Case { statement, .. } in stage.catch("one", comment::pages(&stage.store, USER, &[TASK], &window)).await {
            let plan = stage.plan(&statement).await;
            assert!(plan[0].starts_with("SEARCH comments USING INDEX comments_of_task (task_id=?"), "{plan:#?}");
            assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
        }
    }
}

/// From the end of the table, which is in their order, and a hundred of them.
#[tokio::test]
async fn the_newest_changes_are_not_sorted_out_of_all_on_sqlite() {
    let stage = Stage::sqlite().await;
    let cases = stage.catch("newest", change::tail(&stage.store)).await;
    assert!(
        cases[0].statement.sql.ends_with("ORDER BY \"task_changes\".\"sequence\" DESC LIMIT ?"),
        "{:?}",
        cases[0].statement
    );
    assert_eq!(stage.plan(&cases[0].statement).await, ["SCAN task_changes"]);
}

#[tokio::test]
async fn the_subtasks_in_an_export_are_not_read_out_of_all_tasks_on_sqlite() {
    let stage = Stage::sqlite().await;
    for Case { statement, .. } in stage.catch("parts", task::parts(&stage.store, USER, &[TASK], None, 500)).await {
        let plan = stage.plan(&statement).await;
        assert_eq!(plan[0], "SEARCH tasks USING INDEX tasks_of_parent (parent_id=?)", "{plan:#?}");
    }
}

#[tokio::test]
async fn no_list_reads_a_whole_table_on_postgresql() {
    check_postgres(MANY).await;
}

/// Takes some minutes and a gigabyte: `.ci/with-postgres cargo test --lib of_a_million -- --ignored`
#[tokio::test]
#[ignore = "making a million tasks takes minutes"]
async fn no_list_reads_a_whole_table_of_a_million_tasks_on_postgresql() {
    check_postgres(A_MILLION).await;
}

async fn check_postgres(tasks: u32) {
    let Some(stage) = Stage::postgres().await else { return };
    let cases = cases(&stage).await;
    stage.fill(tasks).await;
    for Case { name, statement, .. } in cases {
        let plan = stage.plan(&statement).await;
        assert_eq!(scans_of_postgres(&plan), [""; 0], "{name}: {}: {plan:#?}", statement.sql);
        // Tasks of labels are looked into. A join with them would be made anew for each project.
        let is_lookup = |line: &String| line.contains("(hashed SubPlan") && line.contains(" TRUE)");
        let is_by_labels = statement.sql.starts_with("SELECT") && statement.sql.contains("HAVING");
        assert!(!is_by_labels || plan.iter().any(is_lookup), "{name}: {plan:#?}");
    }
}

/// What a plan may cost at most is far more than it does cost, and PostgreSQL would compile each that may cost much.
#[tokio::test]
async fn no_statement_is_compiled_on_postgresql() {
    let Some(stage) = Stage::postgres().await else { return };
    let jit = stage.store.reader.query_one_raw(Statement::from_string(DbBackend::Postgres, "SHOW jit")).await.unwrap();
    assert_eq!(jit.unwrap().try_get::<String>("", "jit").unwrap(), "off");
}
