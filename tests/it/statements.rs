//! How many statements each operation sends to the database: exactly as many as the table says, with the reason.

use serde_json::{Value, json};

use crate::session::{login, refresh};
use crate::support::{Client, Database, PASSWORD, TestApp};

/// Who is asked, the document and its variables.
struct Case {
    reason: &'static str,
    statements: u64,
    query: &'static str,
    variables: Value,
}

fn case(statements: u64, reason: &'static str, query: &'static str, variables: Value) -> Case {
    Case { reason, statements, query, variables }
}

/// A user with `count` tasks, and the id of one of them.
async fn user_with_tasks(app: &TestApp, count: usize) -> (Client, String) {
    let ana = app.user("ana").await;
    let mut id = String::new();
    for number in 0..count {
        let input = json!({ "input": { "title": format!("Task {number}") } });
        let answer =
            ana.gql_with("mutation($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }", input);
        id = answer.await.data()["createTask"]["task"]["id"].as_str().unwrap().to_owned();
    }
    (ana, id)
}

const PAGE: &str = "query($first: Int) { tasks(first: $first) {
    edges { cursor node { id title } } nodes { id } pageInfo { hasNextPage endCursor }
} }";
const PAGE_WITH_USERS: &str = "query($first: Int) { tasks(first: $first) { nodes { id createdBy { username } } } }";
const PAGE_WITH_CREDENTIALS: &str =
    "query($first: Int) { tasks(first: $first) { nodes { createdBy { sessions { id } apiTokens { id } } } } }";
const CREATE_TOKEN: &str = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret } }";
const REVOKE_TOKEN: &str = "mutation($input: RevokeApiTokenInput!) { revokeApiToken(input: $input) { apiTokenId } }";
const PAGE_WITH_COUNT: &str = "query($first: Int) { tasks(first: $first) { totalCount nodes { id } } }";

#[tokio::test]
async fn a_query_sends_as_many_as_the_table_says() {
    let app = TestApp::new().await;
    let (ana, id) = user_with_tasks(&app, 30).await;
    let user = ana.user_id().to_owned();
    let session = crate::session::session_id(&ana).await;
    for Case { reason, statements, query, variables } in [
        case(1, "who calls", "{ viewer { id username createdAt } }", Value::Null),
        case(1, "who calls", "{ __typename }", Value::Null),
        case(2, "who calls, the sessions", "{ viewer { sessions { id current } } }", Value::Null),
        case(2, "who calls, the task", "query($id: ID!) { task(id: $id) { id title } }", json!({ "id": id })),
        case(
            2,
            "the creator is the caller, who is known",
            "query($id: ID!) { task(id: $id) { createdBy { username } } }",
            json!({ "id": id }),
        ),
        case(2, "who calls, the task", "query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })),
        case(2, "who calls, the user", "query($id: ID!) { node(id: $id) { id } }", json!({ "id": user })),
        case(2, "who calls, the sessions", "query($id: ID!) { node(id: $id) { id } }", json!({ "id": session })),
        case(1, "an id of nothing is not looked up", "query($id: ID!) { node(id: $id) { id } }", json!({ "id": "x" })),
        case(
            4,
            "who calls, and one for each type among the ids",
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            json!({ "ids": [id, user, session, id, user, session, "x"] }),
        ),
        case(2, "who calls, the page", PAGE, json!({ "first": 1 })),
        case(2, "the same for any size of the page", PAGE, json!({ "first": 30 })),
        case(2, "who calls, the page; the creators are the caller", PAGE_WITH_USERS, json!({ "first": 1 })),
        case(2, "the same for any size of the page", PAGE_WITH_USERS, json!({ "first": 30 })),
        case(4, "who calls, the page, the sessions, the tokens", PAGE_WITH_CREDENTIALS, json!({ "first": 1 })),
        case(4, "the same for any size of the page", PAGE_WITH_CREDENTIALS, json!({ "first": 9 })),
        case(3, "who calls, the page, the count", PAGE_WITH_COUNT, json!({ "first": 30 })),
        case(1, "a page of no entries is refused first", PAGE, json!({ "first": 0 })),
    ] {
        let (answer, sent) = app.statements(ana.gql_with(query, variables.clone())).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        assert_eq!(sent, statements, "{query} {variables}: {reason}");
    }
}

/// A project of `owner` with `count` tasks, of which each bears a label and two comments: by two people, assigned to one
/// or the other, every third a part of the one before it. Answers with the id of the project.
pub(crate) async fn board(app: &TestApp, owner: &Client, count: usize) -> Value {
    let make = async |client: &Client, mutation: &str, ty: &str, noun: &str, input: Value| {
        let query = format!("mutation($input: {ty}!) {{ {mutation}(input: $input) {{ {noun} {{ id }} }} }}");
        // So that the clock tells them apart and a budget of a second is there again.
        app.clock.advance(chrono::TimeDelta::seconds(1));
        client.gql_with(&query, json!({ "input": input })).await.data()[mutation][noun]["id"].clone()
    };
    let colleague = app.user(&format!("colleague_of_{count}")).await;
    let name = format!("Board of {count}");
    let project = make(owner, "createProject", "CreateProjectInput", "project", json!({ "name": name })).await;
    let member = json!({ "projectId": project, "username": format!("colleague_of_{count}"), "role": "EDITOR" });
    make(owner, "setProjectMember", "SetProjectMemberInput", "project", member).await;
    let label = json!({ "name": format!("Label {count}"), "color": "#102030" });
    let label = make(owner, "createLabel", "CreateLabelInput", "label", label).await;
    let mut last = Value::Null;
    for number in 0..count {
        let pair = [owner, &colleague];
        let (creator, other) = (pair[number % 2], pair[(number / 2) % 2]);
        let parent = if number % 3 == 1 { last.clone() } else { Value::Null };
        let title = format!("Task {number}");
        let input = json!({ "title": title, "projectId": project, "parentId": parent, "assigneeId": other.user_id() });
        last = make(creator, "createTask", "CreateTaskInput", "task", input).await;
        let labels = json!({ "id": last, "labelIds": [label] });
        make(owner, "updateTask", "UpdateTaskInput", "task", labels).await;
        for client in pair {
            let input = json!({ "taskId": last, "body": "A word" });
            make(client, "addComment", "AddCommentInput", "comment", input).await;
        }
    }
    project
}

/// A page of tasks with what is around them. `AUTHORS` stands for those of the comments.
const BOARD: &str = "query($project: ID!) { tasks(first: 50, filter: { projectId: $project }) { nodes {
    id title labels { name } createdBy { username } assignee { username } project { name } parent { title }
    comments(first: 2) { nodes { body AUTHORS } }
} } }";

#[tokio::test]
async fn a_page_of_fifty_tasks_sends_as_many_as_one_of_two() {
    let app = TestApp::with(|config| config.cost = taskward::config::Cost::default()).await;
    let ana = app.user("ana").await;
    for count in [2, 50] {
        let project = board(&app, &ana, count).await;
        for (authors, statements, points, reason) in [
            ("", 7, 501, "who calls, the page, labels, people, projects, parents, comments"),
            ("author { username }", 8, 601, "the same, and who wrote the comments"),
        ] {
            app.clock.advance(chrono::TimeDelta::seconds(40));
            let query = BOARD.replace("AUTHORS", authors);
            let (answer, sent) = app.statements(ana.gql_with(&query, json!({ "project": project }))).await;
            let tasks = answer.data()["tasks"]["nodes"].as_array().unwrap().clone();
            assert_eq!(tasks.len(), count);
            assert!(tasks.iter().any(|task| task["parent"]["title"].is_string()), "{}", answer.text);
            assert!(tasks.iter().all(|task| task["labels"][0]["name"].is_string()), "{}", answer.text);
            assert_eq!(sent, statements, "{count} tasks: {reason}");
            assert_eq!(answer.json()["extensions"]["cost"]["requested"], points, "{count} tasks");
        }
    }
}

#[tokio::test]
async fn a_mutation_sends_as_many_as_the_table_says() {
    let app = TestApp::new().await;
    let (ana, id) = user_with_tasks(&app, 1).await;
    let create = "mutation($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }";
    let update = "mutation($input: UpdateTaskInput!) { updateTask(input: $input) { task { id } } }";
    let delete = "mutation($input: DeleteTaskInput!) { deleteTask(input: $input) { task { id } } }";
    let restore = "mutation($input: RestoreTaskInput!) { restoreTask(input: $input) { task { id } } }";
    let revoke = "mutation($input: RevokeSessionInput!) { revokeSession(input: $input) { sessionId } }";
    let missing = "session_01jd3qvh7eefhazk9a8w2tn4tz";
    // PostgreSQL has a lock that keeps trees as they are, where SQLite has one writer.
    let trees = u64::from(Database::is_postgres());
    for Case { reason, statements, query, variables } in [
        case(3, "who calls, the task, its change", create, json!({ "title": "A task" })),
        case(1, "an invalid title is refused first", create, json!({ "title": "?" })),
        case(4, "who calls, lock, the task, its change", update, json!({ "id": id, "title": "Another" })),
        case(2, "what changes nothing is not written", update, json!({ "id": id, "title": "Another" })),
        case(5 + trees, "who calls, what is below, lock, the task, its change", delete, json!({ "id": id })),
        case(3 + trees, "what is there already is not written", delete, json!({ "id": id })),
        case(5 + trees, "who calls, what is below, lock, the task, its change", restore, json!({ "id": id })),
        case(2, "who calls, one that finds nothing", revoke, json!({ "id": missing })),
        case(
            4,
            "who calls, the user, how many there are, the token",
            CREATE_TOKEN,
            json!({ "name": "a", "scopes": ["READ"] }),
        ),
        case(1, "an invalid name is refused first", CREATE_TOKEN, json!({ "name": "", "scopes": ["READ"] })),
        case(2, "who calls, one that finds nothing", REVOKE_TOKEN, json!({ "id": "token_01jd3qvh7eefhazk9a8w2tn4tz" })),
        case(2, "who calls, the session", "mutation { logout { sessionId } }", Value::Null),
    ] {
        let (answer, sent) = app.statements(ana.gql_with(query, json!({ "input": variables }))).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        assert_eq!(sent, statements, "{query} {variables}: {reason}");
    }
}

#[tokio::test]
async fn credentials_send_as_many_as_the_table_says() {
    let app = TestApp::new().await;
    let (ana, sent) = app.statements(app.user("ana")).await;
    assert_eq!(sent, 3, "register: the user, the oldest sessions, the session");
    let (_, sent) = app.statements(login(&app.anonymous(), "ana", PASSWORD)).await;
    assert_eq!(sent, 4, "login: the user, whether they are as before, the oldest sessions, the session");
    let (_, sent) = app.statements(login(&app.anonymous(), "nobody", PASSWORD)).await;
    assert_eq!(sent, 1, "a refused login: the user, and there is none");
    let (_, sent) = app.statements(login(&app.anonymous(), "ana", "wrong")).await;
    assert_eq!(sent, 1, "a refused login: the user");
    let (_, sent) = app.statements(refresh(&app.anonymous(), ana.refresh_token())).await;
    assert_eq!(sent, 3, "refresh: lock, whether user and session live, the session");
    let (_, sent) = app.statements(refresh(&app.anonymous(), ana.refresh_token())).await;
    assert_eq!(sent, 2, "the second tab: nothing to write");
    let (_, sent) = app.statements(refresh(&app.anonymous(), "junk")).await;
    assert_eq!(sent, 0, "junk is seen without the database");
    let (_, sent) = app.statements(crate::user::change_password(&ana, PASSWORD, "a better password")).await;
    assert_eq!(sent, 5, "password: who calls, the hash, whether it is as before, the new one, the other sessions");
    let (_, sent) = app.statements(crate::user::change_password(&ana, "wrong", "a better password")).await;
    assert_eq!(sent, 2, "a refused password: who calls, the hash");
}

#[tokio::test]
async fn a_program_sends_as_many_as_whoever_logged_in() {
    let app = TestApp::new().await;
    let (ana, id) = user_with_tasks(&app, 3).await;
    let (_, program) = crate::api_token::program(&app, &ana, &["WRITE"]).await;
    let update = "mutation($id: ID!) { updateTask(input: { id: $id, title: \"The same\" }) { task { id } } }";
    ana.gql_with(update, json!({ "id": id })).await.data();
    let node = "query($id: ID!) { node(id: $id) { id } }";
    for query in ["{ viewer { id } }", "{ viewer { apiTokens { id } } }", PAGE_WITH_COUNT, node, update] {
        let (answer, by_login) = app.statements(ana.gql_with(query, json!({ "id": id }))).await;
        let (_, by_token) = app.statements(program.gql_with(query, json!({ "id": id }))).await;
        assert_eq!((answer.status, by_token), (200, by_login), "{query}");
    }
    assert_eq!(app.statements(program.gql("{ viewer { id } }")).await.1, 1, "who calls");
}

#[tokio::test]
async fn what_is_refused_before_it_runs_sends_none() {
    let app = TestApp::new().await;
    for query in ["{", "{ nothing }", "{ viewer { id } } { viewer { id } }", "query($a: Int) { viewer { id } }", ""] {
        let (answer, sent) = app.statements(app.anonymous().gql(query)).await;
        assert_eq!((answer.status, sent), (400, 0), "{query}");
    }
    let (answer, sent) = app.statements(app.anonymous().gql("{ tasks { totalCount } }")).await;
    assert_eq!((answer.code().as_str(), sent), ("UNAUTHENTICATED", 0));
    for path in ["/healthz", "/schema.graphql", "/playground", "/nothing"] {
        let request = app.anonymous().request(axum::http::Method::GET, path).body(axum::body::Body::empty()).unwrap();
        let (_, sent) = app.statements(app.anonymous().send(request)).await;
        assert_eq!(sent, 0, "{path}");
    }
}
