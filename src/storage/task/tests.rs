//! The plans of lists: none reads the whole table, and an index gives every order, so that a page costs the same however many
//! tasks there are.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, QueryTrait, Statement, StatementBuilder};
use secrecy::SecretString;
use uuid::Uuid;

use super::list::{select_count, select_counts, select_page, select_pages};
use super::tree::select_trees;
use super::*;
use crate::config::{Database, environment};
use crate::ids::{LabelId, ProjectId};
use crate::storage::Store;
use crate::storage::paging::{Direction, End, KeyValue, Position, Window};

/// The ids of something that there is.
struct Known {
    user: UserId,
    project: ProjectId,
    task: TaskId,
}

/// A statement and what it is for. `Ordered` ones sort nothing but the page itself.
struct Case {
    name: String,
    statement: Statement,
    is_ordered: bool,
}

fn live(filter: Option<Filter>) -> Filter {
    Filter::All(filter.into_iter().chain([Filter::Not(Box::new(Filter::Deleted))]).collect())
}

/// Every order of one field, from both ends, from the first page and from a later one.
fn windows() -> Vec<(Order, Window)> {
    use OrderField::{CreatedAt, DueAt, Priority, Title, UpdatedAt};
    let mut windows = Vec::new();
    for field in [CreatedAt, UpdatedAt, DueAt, Priority, Title] {
        let key = if field == Title { KeyValue::Text(String::from("milk")) } else { KeyValue::Integer(1) };
        for direction in [Direction::Ascending, Direction::Descending] {
            for end in [End::First, End::Last] {
                for after in [None, Some(Position { keys: vec![key.clone()], id: Uuid::nil() })] {
                    windows.push((Order { field, direction }, Window { end, limit: 20, after, before: None }));
                }
            }
        }
    }
    windows
}

fn leaves(known: &Known) -> Vec<Filter> {
    let range = InstantRange { after: Some(1), before: Some(2) };
    let leaves = vec![
        Filter::Completed,
        Filter::Priority(vec![1, 4]),
        Filter::Words(vec![String::from("milk")]),
        Filter::Due(range),
        Filter::Created(range),
        Filter::Labels(vec![LabelId::from_uuid(Uuid::nil())]),
        Filter::Updated(range),
        Filter::NeverDue,
        Filter::CreatedBy(known.user),
        Filter::CreatedBy(UserId::from_uuid(Uuid::nil())),
        Filter::Assignee(known.user),
        Filter::Project(known.project),
        Filter::Parent(known.task),
    ];
    let opposites = leaves.iter().cloned().map(|leaf| Filter::Not(Box::new(leaf))).collect::<Vec<_>>();
    [leaves, opposites].concat()
}

/// What every list sends.
fn cases(engine: DbBackend, known: &Known) -> Vec<Case> {
    let case = |name: String, query: &dyn StatementBuilder, is_ordered| Case {
        name,
        statement: query.build(&engine),
        is_ordered,
    };
    let (user, newest) = (known.user, Order { field: OrderField::CreatedAt, direction: Direction::Descending });
    let places = [Places::Projects(vec![known.project]), Places::Parents(vec![known.task])];
    let mut cases = Vec::new();
    for (order, window) in windows() {
        let filter = live(None);
        let listing = Listing { filter: &filter, order: &[order], window: &window };
        cases.push(case(format!("{order:?} {window:?}"), select_page(user, engine, listing).as_query(), true));
        for places in &places {
            let name = format!("{places:?} {order:?} {window:?}");
            let is_ordered = matches!(places, Places::Projects(_));
            cases.push(case(name, select_pages(user, engine, places, listing).as_query(), is_ordered));
        }
    }
    let window = Window { end: End::First, limit: 20, after: None, before: None };
    let filters = leaves(known).into_iter().map(|leaf| live(Some(leaf))).chain([live(None), Filter::Deleted]);
    for filter in filters {
        let listing = Listing { filter: &filter, order: &[newest], window: &window };
        cases.push(case(format!("{filter:?}"), select_page(user, engine, listing).as_query(), false));
        cases.push(case(format!("count of {filter:?}"), &select_count(user, engine, &filter), false));
        for places in &places {
            let pages = select_pages(user, engine, places, listing);
            cases.push(case(format!("{places:?} {filter:?}"), pages.as_query(), false));
            let counts = select_counts(user, engine, places, &filter);
            cases.push(case(format!("counts of {places:?} {filter:?}"), &counts, false));
        }
    }
    cases.push(case(String::from("trees"), &select_trees(&[known.task.uuid()]), false));
    cases
}

/// The lines of a plan.
async fn plan(database: &DatabaseConnection, prefix: &str, column: &str, statement: Statement) -> Vec<String> {
    let explain = Statement { sql: format!("{prefix} {}", statement.sql), ..statement };
    let steps = database.query_all_raw(explain).await.unwrap();
    steps.iter().map(|step| step.try_get("", column).unwrap()).collect()
}

async fn migrated(url: String) -> Store {
    let settings = Database { url: SecretString::from(url), ..Database::default() };
    let store = Store::connect(&settings, Duration::from_mins(1)).await.unwrap();
    store.migrate_up().await.unwrap();
    store
}

#[tokio::test]
async fn no_list_reads_the_whole_table_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = migrated(format!("sqlite://{}", folder.path().join("plans.db").display())).await;
    let id = Uuid::nil();
    let known = Known { user: UserId::from_uuid(id), project: ProjectId::from_uuid(id), task: TaskId::from_uuid(id) };
    for Case { name, statement, is_ordered } in cases(DbBackend::Sqlite, &known) {
        let plan = plan(&store.reader, "EXPLAIN QUERY PLAN", "detail", statement).await;
        // The names under which the lists know the table, and the members of projects.
        let scans = ["SCAN tasks", "SCAN head", "SCAN place", "SCAN seen"];
        let scanned = plan.iter().filter(|step| scans.iter().any(|scan| step.starts_with(scan))).count();
        assert_eq!(scanned, 0, "{name}: {plan:#?}");
        let sorts = plan.iter().filter(|step| step.starts_with("USE TEMP B-TREE FOR")).count();
        assert!(!is_ordered || sorts == 1, "{name}: {plan:#?}");
    }
}

/// The URL of a new schema on the server that the environment names.
async fn postgres() -> Option<String> {
    let (_, server) = environment().find(|(name, url)| name == "TASKWARD_TEST_POSTGRES" && !url.is_empty())?;
    let server = server.into_string().unwrap();
    let name = format!("taskward_plans_{}", std::process::id());
    let database = sea_orm::Database::connect(&server).await.unwrap();
    database.execute_unprepared(&format!("CREATE SCHEMA {name}")).await.unwrap();
    database.close().await.unwrap();
    Some(format!("{server}?options[search_path]={name}"))
}

/// A thousand users and two hundred projects with 100,000 tasks. The first user made a tenth of those, and has twenty
/// projects; a tenth are subtasks, and most are private.
const FILL: [&str; 5] = [
    "INSERT INTO users (id, username, password_hash, created_at)
         SELECT md5('user' || n)::uuid, 'user' || n, '', 0 FROM generate_series(0, 999) n",
    "INSERT INTO projects (id, name, name_key, description, created_at, updated_at)
         SELECT md5('project' || n)::uuid, n, n, '', 0, 0 FROM generate_series(0, 199) n",
    "INSERT INTO project_members (project_id, user_id, role, joined_at, joined_after)
         SELECT DISTINCT md5('project' || n % 200)::uuid, md5('user' || CASE WHEN n < 20 THEN 0 ELSE n END)::uuid, 2, 0, 0
         FROM generate_series(0, 999) n",
    "INSERT INTO tasks (id, created_by, title, title_key, description, words, priority, due_at, completed_at, created_at,
             updated_at, deleted_at, version, project_id, parent_id, assignee_id)
         SELECT md5('task' || n)::uuid, md5('user' || CASE WHEN n % 10 = 0 THEN 0 ELSE n % 1000 END)::uuid, 'Task ' || n,
             'task ' || n, repeat('Some words of a task. ', 10), 'task ' || n || CASE n % 500 WHEN 0 THEN ' milk' ELSE '' END,
             n % 5, CASE WHEN n % 3 = 0 THEN n END, CASE WHEN n % 2 = 0 THEN n END, n, n,
             CASE WHEN n % 50 = 7 THEN n END, 1, CASE WHEN n % 3 = 0 THEN md5('project' || n / 3 % 200)::uuid END,
             CASE WHEN n % 10 = 1 THEN md5('task' || n - 1)::uuid END,
             CASE WHEN n % 5 = 0 THEN md5('user' || n % 1000)::uuid END
         FROM generate_series(0, 99999) n",
    "ANALYZE",
];

#[tokio::test]
async fn no_list_reads_the_whole_table_on_postgresql() {
    let Some(url) = postgres().await else { return };
    let store = migrated(url).await;
    for statement in FILL {
        store.writer.execute_unprepared(statement).await.unwrap();
    }
    let ids = "SELECT md5('user0')::uuid AS \"user\", md5('project0')::uuid AS project, md5('task0')::uuid AS task";
    let ids = Statement::from_string(DbBackend::Postgres, ids);
    let row = store.reader.query_one_raw(ids).await.unwrap().unwrap();
    let id = |name: &str| row.try_get::<Uuid>("", name).unwrap();
    let known = Known {
        user: UserId::from_uuid(id("user")),
        project: ProjectId::from_uuid(id("project")),
        task: TaskId::from_uuid(id("task")),
    };
    for Case { name, statement, .. } in cases(DbBackend::Postgres, &known) {
        let plan = plan(&store.reader, "EXPLAIN", "QUERY PLAN", statement).await;
        assert!(!plan.iter().any(|line| line.contains("Seq Scan on tasks")), "{name}: {plan:#?}");
    }
}
