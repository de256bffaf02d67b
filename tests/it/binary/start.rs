//! Starting the server: with nothing at all, again, and not when something is wrong.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use super::Site;

#[test]
fn a_newcomer_needs_no_configuration_and_finds_everything_again_after_a_restart() {
    let site = Site::bare();
    let server = site.start();
    for (name, text) in [
        ("Playground", format!("http://{}/", server.address)),
        ("Endpoint", format!("http://{}/graphql", server.address)),
        ("Database", "sqlite://taskward.db".to_owned()),
        ("Signing key", "taskward.key".to_owned()),
        ("Log", "taskward.log".to_owned()),
    ] {
        let line = server.welcome.lines().find(|line| line.trim().starts_with(name));
        assert!(line.is_some_and(|line| line.contains(&text)), "{name}: {}", server.welcome);
    }
    let mut ana = server.register("ana");
    let created = ana.gql(CREATE, &json!({ "title": "Buy milk" })).unwrap().data();
    let token = ana.token().to_owned();
    server.stop();
    for name in ["taskward.db", "taskward.key"] {
        let mode = fs::metadata(site.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name} is for its owner alone");
    }
    assert!(site.path("taskward.log").exists());
    assert!(!site.path("taskward.db-wal").exists(), "a server that stops in order leaves the database in one file");

    let server = site.start();
    let mut ana = server.connect().with_token(&token);
    let found = ana.gql("{ viewer { username } tasks { nodes { id title } } }", &Value::Null).unwrap().data();
    assert_eq!(found["viewer"]["username"], "ana");
    assert_eq!(found["tasks"]["nodes"], json!([created["createTask"]["task"]]));
    let login = "mutation($name: String!, $password: String!) {
        login(input: { username: $name, password: $password }) { user { username } } }";
    let variables = json!({ "name": "ana", "password": crate::support::PASSWORD });
    assert_eq!(server.connect().gql(login, &variables).unwrap().data()["login"]["user"]["username"], "ana");
    server.stop();
    assert_no_secret_in_the_log(&site, &token);
}

const CREATE: &str = "mutation($title: String!) { createTask(input: { title: $title }) { task { id title } } }";

#[track_caller]
fn assert_no_secret_in_the_log(site: &Site, token: &str) {
    let log = fs::read_to_string(site.path("taskward.log")).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["message"] == "listening"), "{log}");
    assert!(lines.iter().any(|line| line["event"] == "registered"), "{log}");
    assert_eq!(lines.last().unwrap()["message"], "stopped", "{log}");
    for secret in [token, crate::support::PASSWORD, "Buy milk"] {
        assert!(!log.contains(secret), "{secret}");
    }
}

#[test]
fn a_port_that_is_taken_is_told() {
    let site = Site::new();
    let server = site.start();
    let error = site.run(&["--listen", &server.address.to_string()]).failed(1);
    let told = error.lines().last().unwrap();
    assert!(told.starts_with(&format!("error: server.listen: {}: ", server.address)), "{error}");
    assert_eq!(server.connect().get("/healthz").unwrap().status, 200);
}

#[test]
fn a_database_that_cannot_be_opened_is_told() {
    const NOTES: &str = "These are my notes, and no database at all.";
    for url in ["sqlite://notes.txt", "sqlite://folder", "postgres://taskward:secret@127.0.0.1:1/taskward"] {
        let site = Site::bare().set("timeouts.statement_seconds", "1").set("database.url", url);
        fs::write(site.path("notes.txt"), NOTES).unwrap();
        fs::create_dir(site.path("folder")).unwrap();
        let error = site.run(&[]).failed(1);
        assert!(error.contains("error: database.url: the database can't be opened: "), "{url}: {error}");
        assert!(!error.contains("secret"), "{error}");
        assert_eq!(fs::read_to_string(site.path("notes.txt")).unwrap(), NOTES, "left alone");
    }
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let error = Site::bare().set("database.url", "sqlite://missing/taskward.db").run(&[]).failed(1);
    assert!(error.starts_with("error: auth.signing_key: missing/taskward.key: "), "{error}");
    let site = Site::bare().set("database.url", "sqlite://missing/taskward.db");
    let error = site.set("auth.signing_key", &"k".repeat(32)).run(&[]).failed(1);
    assert!(error.starts_with("error: database.url: the database can't be opened: "), "{error}");
}

#[test]
fn a_production_server_that_is_unsafe_gives_every_reason() {
    let site = Site::bare().set("server.profile", "production").set("cors.allowed_origins", "*");
    let error = site.run(&[]).failed(2);
    for setting in ["auth.signing_key", "server.allowed_hosts", "https.certificate_file", "cors.allowed_origins"] {
        assert!(error.lines().any(|line| line.starts_with(&format!("  {setting}: "))), "{setting}: {error}");
    }
    assert_eq!(fs::read_dir(site.folder.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let site = Site::new();
    site.run(&["migrate", "up"]).done();
    site.query("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_future', 1)");
    let error = site.run(&[]).failed(1);
    assert!(error.contains("m9999_future"), "{error}");
    assert!(site.run(&["migrate", "down"]).failed(1).contains("m9999_future"));
}
