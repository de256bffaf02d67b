//! The commands of the operator, on a database that a server may use at the same time.

use std::fs;

use serde_json::{Value, json};

use super::socket::Connection;
use super::{Server, Site};
use crate::support::PASSWORD;

#[test]
fn migrate_goes_up_and_down_and_says_where_it_is() {
    let states = |text: &str| -> Vec<String> {
        let line = |line: &str| {
            let (state, name) = line.split_once("  ").unwrap();
            assert!(name.starts_with('m') && !name.contains(' '), "{line}");
            state.to_owned()
        };
        text.lines().map(line).collect()
    };
    let site = Site::new();
    let fresh = states(&site.run(&["migrate", "status"]).done());
    assert!(fresh.len() >= 5 && fresh.iter().all(|state| state == "missing"), "{fresh:?}");
    for _ in 0..2 {
        let up = states(&site.run(&["migrate", "up"]).done());
        assert!(up.len() == fresh.len() && up.iter().all(|state| state == "applied"), "{up:?}");
    }
    for left in (0..fresh.len()).rev() {
        let down = states(&site.run(&["migrate", "down"]).done());
        let expected: Vec<&str> = (0..fresh.len()).map(|at| if at < left { "applied" } else { "missing" }).collect();
        assert_eq!(down, expected);
        assert_eq!(states(&site.run(&["migrate", "status"]).done()), expected);
    }
    assert_eq!(states(&site.run(&["migrate", "down"]).done()), fresh, "there is nothing left to take back");
}

#[test]
fn the_server_is_ready_while_its_schema_is_up_to_date() {
    let site = Site::new();
    let server = site.start();
    let address = server.address.to_string();
    let healthcheck = ["healthcheck", "--listen", &address];
    assert_eq!(site.run(&healthcheck).done(), "ready\n");
    site.run(&["migrate", "down"]).done();
    let error = site.run(&healthcheck).failed(1);
    assert_eq!(error, format!("error: {address} is not ready: it answers 503\n"));
    assert_eq!(server.connect().get("/healthz").unwrap().status, 200, "alive all the same");
    site.run(&["migrate", "up"]).done();
    assert_eq!(site.run(&healthcheck).done(), "ready\n");
    server.stop();
    assert!(site.run(&healthcheck).failed(1).contains(&address));
}

#[test]
fn accounts_are_made_changed_and_shut_out_while_the_server_runs() {
    // Six logins are more than an address may spend at once.
    let site = Site::new().set("auth.registration", "closed").set("cost.anonymous_budget", "1000");
    let server = site.start();
    let made = site.run_with(&["user", "create", "ana", "--password-stdin"], &format!("{PASSWORD}\n")).done();
    assert!(made.starts_with("made ana (user_") && made.ends_with(")\n"), "{made}");
    let mut ana = log_in(&server, "ana", PASSWORD).unwrap();
    assert_eq!(viewer(&mut ana), Some("ana".to_owned()));

    let set = ["user", "set-password", "ana", "--password-stdin"];
    assert_eq!(site.run_with(&set, "a new password\n").done(), "ana has a new password and no sessions\n");
    assert_eq!(viewer(&mut ana), None, "the session has ended");
    assert!(log_in(&server, "ana", PASSWORD).is_none());
    let mut ana = log_in(&server, "ana", "a new password").unwrap();

    site.run_with(&["user", "create", "bo_2", "--password-stdin"], PASSWORD).done();
    assert_eq!(site.run(&["user", "disable", "ana"]).done(), "ana is shut out\n");
    assert_eq!(viewer(&mut ana), None, "at once");
    assert!(log_in(&server, "ana", "a new password").is_none());
    assert!(log_in(&server, "bo_2", PASSWORD).is_some());
    let list = site.run(&["user", "list"]).done();
    let words: Vec<Vec<&str>> = list.lines().map(|line| line.split_whitespace().collect()).collect();
    let states: Vec<&[&str]> = words.iter().map(|line| &line[..2]).collect();
    assert_eq!(states, [["disabled", "ana"], ["active", "bo_2"]], "{list}");

    assert_eq!(site.run(&["user", "enable", "ana"]).done(), "ana may log in\n");
    assert_eq!(viewer(&mut ana), None, "the session stays ended");
    assert_eq!(viewer(&mut log_in(&server, "ana", "a new password").unwrap()), Some("ana".to_owned()));
    assert!(!site.run(&["user", "list"]).done().contains("disabled"));
}

#[test]
fn accounts_that_break_a_rule_are_not_made() {
    let site = Site::new();
    site.run_with(&["user", "create", "ana", "--password-stdin"], PASSWORD).done();
    for (name, password, reason) in [
        ("ana", PASSWORD, "The username is taken."),
        ("an", PASSWORD, "the name must have at least 3 characters"),
        ("Ana", PASSWORD, "the name must hold only the letters a to z in lower case, digits and _"),
        ("bo_", "eleven char", "the password must have at least 12 characters"),
        ("bo_", "", "the password is empty"),
        ("bo_", "\nsecond line", "the password is empty"),
    ] {
        let outcome = site.run_with(&["user", "create", name, "--password-stdin"], password);
        assert_eq!(outcome.failed(1), format!("error: {reason}\n"), "{name} {password:?}");
    }
    let disable = ["user", "disable", "nobody"];
    let enable = ["user", "enable", "nobody"];
    for command in [&disable[..], &enable, &["user", "set-password", "nobody", "--password-stdin"]] {
        assert_eq!(site.run_with(command, PASSWORD).failed(1), "error: There is no such user.\n");
    }
    assert_eq!(site.run(&["user", "list"]).done().lines().count(), 1);
}

#[test]
fn tokens_are_made_listed_and_revoked_while_the_server_runs() {
    let site = Site::new();
    let server = site.start();
    site.run_with(&["user", "create", "ana", "--password-stdin"], PASSWORD).done();
    let create = |name: &str, more: &[&str]| {
        let arguments = [&["token", "create", "--user", "ana", "--name", name], more].concat();
        let printed = site.run(&arguments).done();
        printed.strip_suffix('\n').filter(|secret| secret.starts_with("twp_") && secret.len() == 36).unwrap().to_owned()
    };
    let reader = create("backup", &["--scope", "read", "--expires", "7"]);
    let writer = create("import \u{202F} of tasks", &["--scope", "read", "write"]);
    let (mut reader_calls, mut writer_calls) =
        (server.connect().with_token(&reader), server.connect().with_token(&writer));
    assert_eq!(viewer(&mut reader_calls), Some("ana".to_owned()));
    let make = r#"mutation { createTask(input: { title: "A task" }) { task { id } } }"#;
    assert!(reader_calls.gql(make, &Value::Null).unwrap().body.contains("FORBIDDEN"));
    writer_calls.gql(make, &Value::Null).unwrap().data();

    let list = site.run(&["token", "list", "--user", "ana"]).done();
    let lines: Vec<Vec<&str>> = list.lines().map(|line| line.split_whitespace().collect()).collect();
    let shown: Vec<_> = lines.iter().map(|line| (line[1].to_owned(), line[2], line[6] == "never")).collect();
    let ending = |secret: &str| format!("twp_…{}", &secret[32..]);
    assert_eq!(shown, [(ending(&writer), "read,write", true), (ending(&reader), "read", false)], "{list}");
    assert!(list.lines().next().unwrap().ends_with("  import of tasks"), "{list}");
    let id = lines[1][0];
    assert_eq!(site.run(&["token", "revoke", id]).done(), format!("{id} is revoked\n"));
    assert_eq!(viewer(&mut reader_calls), None, "at once");
    assert_eq!(viewer(&mut writer_calls), Some("ana".to_owned()));
    assert_eq!(site.run(&["token", "revoke", id]).failed(1), "error: There is no such API token.\n");

    site.run(&["user", "disable", "ana"]).done();
    assert_eq!(viewer(&mut writer_calls), None, "at once");
    let again = ["token", "create", "--user", "ana", "--name", "b", "--scope", "read"];
    assert_eq!(site.run(&again).failed(1), "error: The user is shut out.\n");
    assert_eq!(site.run(&["token", "list", "--user", "ana"]).done(), "");
}

#[test]
fn tokens_that_break_a_rule_are_not_made() {
    let site = Site::new();
    site.run_with(&["user", "create", "ana", "--password-stdin"], PASSWORD).done();
    for (user, name, reason) in [
        ("nobody", "backup", "There is no such user."),
        ("ana", " ", "the name must have at least 1 character that shows"),
        ("ana", "a\u{1b}[1m", "the name must hold no control characters and no overrides of direction"),
    ] {
        let outcome = site.run(&["token", "create", "--user", user, "--name", name, "--scope", "read"]);
        assert_eq!(outcome.failed(1), format!("error: {reason}\n"), "{user} {name:?}");
    }
    let error = site.run(&["token", "revoke", "twp_secret"]).failed(1);
    assert!(error.starts_with("error: that is no id of an API token;") && !error.contains("twp_secret"), "{error}");
    assert_eq!(site.run(&["token", "list", "--user", "nobody"]).failed(1), "error: There is no such user.\n");
}

#[test]
fn the_schema_is_printed_and_compared() {
    let site = Site::bare();
    let schema = site.run(&["schema", "print"]).done();
    assert!(schema.contains("type Query {"), "{schema}");
    fs::write(site.path("schema.graphql"), &schema).unwrap();
    assert_eq!(site.run(&["schema", "check", "schema.graphql"]).done(), "");
    fs::write(site.path("schema.graphql"), schema.replace("type Query {", "type Questions {")).unwrap();
    let outcome = site.run(&["schema", "check", "schema.graphql"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(1), "error: schema.graphql is not the schema\n"));
    assert!(outcome.stdout.ends_with("@@\n-type Questions {\n+type Query {\n"), "{}", outcome.stdout);
    assert_eq!(fs::read_dir(site.folder.path()).unwrap().count(), 1, "no database is needed");
}

#[test]
fn the_demonstration_is_made_once_and_can_be_logged_in_to() {
    let site = Site::new();
    let text = site.run(&["demo"]).done();
    let word = |name: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(name));
        line.unwrap_or_else(|| panic!("{name} is missing: {text}")).trim()
    };
    assert_eq!(word("Username"), "demo");
    let error = site.run(&["demo"]).failed(1);
    assert!(error.starts_with("error: there is a user `demo` already, and nothing was changed;"), "{error}");

    let server = site.start();
    let mut demo = log_in(&server, "demo", word("Password")).unwrap();
    let count = |demo: &mut Connection, filter: Value| {
        let document = "query($filter: TaskFilter) { tasks(filter: $filter) { totalCount } }";
        demo.gql(document, &json!({ "filter": filter })).unwrap().data()["tasks"]["totalCount"].as_u64().unwrap()
    };
    let [all, completed, trash] =
        [json!({}), json!({ "completed": true }), json!({ "deleted": true })].map(|filter| count(&mut demo, filter));
    assert!(all > 200 && (all / 5..all / 2).contains(&completed) && (1..all / 5).contains(&trash), "{all} {completed}");
    assert!(text.starts_with(&format!("Made {} tasks of the last 60 days: ", all + trash)), "{text}");
    let now = taskward::clock::Clock::system().now().to_rfc3339();
    let due = |when: &str| json!({ "completed": false, "dueAt": { when: now } });
    assert!(count(&mut demo, due("before")) > 0 && count(&mut demo, due("after")) > 20);
    let order = "{ tasks(first: 1, orderBy: { field: CREATED_AT, direction: ASC }) { nodes { createdAt } } }";
    let first = demo.gql(order, &Value::Null).unwrap().data()["tasks"]["nodes"][0]["createdAt"].clone();
    let earlier = json!({ "createdAt": { "after": first } });
    assert!(count(&mut demo, earlier) > all / 2, "the tasks were made at different times");
    has_a_team(&mut demo);
}

/// Whether there is something of everything that people share.
fn has_a_team(demo: &mut Connection) {
    let document = "{
        projects(first: 2) { nodes { viewerRole members(first: 3) { nodes { role } } tasks(first: 50) { nodes {
            assignee { id } parent { id } labels { name } comments(first: 1) { nodes { body } }
        } } } }
    }";
    let data = demo.gql(document, &Value::Null).unwrap().data();
    let projects = data["projects"]["nodes"].as_array().unwrap();
    assert!(projects.len() > 1 && projects.iter().all(|project| project["viewerRole"] == "OWNER"), "{data}");
    let nodes = |connection: &str| {
        projects.iter().flat_map(|project| project[connection]["nodes"].as_array().unwrap()).collect::<Vec<_>>()
    };
    for role in ["OWNER", "EDITOR", "VIEWER"] {
        assert!(nodes("members").iter().any(|member| member["role"] == role), "{role}: {data}");
    }
    let few = |is_there: fn(&Value) -> bool| nodes("tasks").iter().filter(|task| is_there(task)).count();
    assert!(few(|task| task["assignee"].is_object()) > 5, "{data}");
    assert!(few(|task| task["parent"].is_object()) > 3, "{data}");
    assert!(few(|task| task["labels"] != json!([])) > 5, "{data}");
    assert!(few(|task| task["comments"]["nodes"] != json!([])) > 3, "{data}");
}

/// A connection with the tokens of a login, unless it is refused.
pub(super) fn log_in(server: &Server, name: &str, password: &str) -> Option<Connection> {
    let document = "mutation($name: String!, $password: String!) {
        login(input: { username: $name, password: $password }) { accessToken } }";
    let mut connection = server.connect();
    let reply = connection.gql(document, &json!({ "name": name, "password": password })).unwrap();
    let json: Value = serde_json::from_str(&reply.body).unwrap();
    let token = json["data"]["login"]["accessToken"].as_str()?;
    Some(connection.with_token(token))
}

/// Whom the server takes the connection for, unless it refuses its token.
fn viewer(connection: &mut Connection) -> Option<String> {
    let reply = connection.gql("{ viewer { username } }", &Value::Null).unwrap();
    (reply.status != 401).then(|| reply.data()["viewer"]["username"].as_str().unwrap().to_owned())
}
