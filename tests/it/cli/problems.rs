//! Values that break a rule: each is told with its setting, the rule and where it came from; all at once.

use std::path::Path;

use taskward::config::{ConfigFile, load};

use super::Setup;

#[test]
fn unknown_keys_of_the_file_are_refused() {
    let setup = Setup::new().file("[limits]\ntoken = 1\n[limit]\ntokens = 1\n[server.listen]\nport = 1\n");
    assert_eq!(setup.refused(), ["limit.tokens", "limits.token", "server.listen"]);
    let setup = Setup::new().file("listen = \"127.0.0.1:1\"\n");
    assert_eq!(setup.problems(), ["listen: expected a section, such as `[server]`"]);
}

#[test]
fn values_of_the_wrong_kind_are_refused() {
    for (section, line, message) in [
        ("server", "profile = \"staging\"", "unknown variant `staging`, expected `development` or `production`"),
        ("server", "listen = \"localhost:8000\"", "expected ADDRESS:PORT, such as `127.0.0.1:8000`"),
        ("server", "trusted_proxies = [\"10.0.0.0/40\"]", "expected address ranges, such as `10.0.0.0/8`"),
        ("limits", "tokens = 1.5", "expected a whole number from 16 to 20000, not 1.5"),
        ("limits", "tokens = -1", "expected a whole number from 16 to 20000, not -1"),
        ("limits", "tokens = true", "expected a whole number from 16 to 20000, not true"),
        ("limits", "tokens = \"many\"", "expected a whole number from 16 to 20000, not \"many\""),
        ("graphql", "playground = \"yes\"", "expected true or false, not \"yes\""),
        ("graphql", "playground = 1", "invalid type: integer `1`, expected a boolean"),
        ("cors", "allowed_origins = 1", "invalid type: integer `1`, expected a sequence"),
        ("auth", "access_token_seconds = 5000000000", "expected a whole number from 2 to 86400, not 5000000000"),
        ("auth", "signing_key = 123456789", "expected a text"),
        ("database", "url = 5", "expected a text"),
        ("database", "max_connections = \"x\"", "expected a whole number from 1 to 1000, not \"x\""),
        (
            "rate_limit",
            "user = \"5/day\"",
            "expected N/second, N/minute or N/hour, with an optional ` burst M`, not \"5/day\"",
        ),
    ] {
        let key = line.split(' ').next().unwrap();
        let setup = Setup::new().file(&format!("[{section}]\n{line}\n"));
        assert_eq!(setup.problems(), [format!("{section}.{key}: {message}")]);
    }
}

#[test]
fn the_trusted_mode_needs_a_manifest() {
    let setup = Setup::new().file("[persisted]\nmode = \"trusted\"\n");
    let problem = "expected at least one file, since persisted.mode is `trusted`: nothing else could be run";
    assert_eq!(setup.problems(), [format!("persisted.manifests: {problem}")]);
    Setup::new().file("[persisted]\nmode = \"trusted\"\nmanifests = [\"a.json\"]\n").config();
    let problem = "unknown variant `all`, expected one of `off`, `apq`, `trusted`";
    let setup = Setup::new().file("[persisted]\nmode = \"all\"\n");
    assert_eq!(setup.problems(), [format!("persisted.mode: {problem}")]);
}

#[test]
fn numbers_are_good_at_their_bounds_and_refused_beyond() {
    for (setting, least, most) in [
        ("auth.access_token_seconds", 2, 86_400),
        ("auth.refresh_token_days", 1, 365),
        ("cost.anonymous_refill", 1, 1_000_000),
        ("database.max_connections", 1, 1_000),
        ("limits.body_bytes", 1_024, 16 * 1024 * 1024),
        ("limits.nesting", 2, 64),
        ("limits.page_size", 1, 1_000),
        ("timeouts.header_seconds", 1, 600),
    ] {
        let with = |value: u64| Setup::new().flag(setting, &value.to_string());
        with(least).config();
        with(most).config();
        for value in [least - 1, most + 1] {
            let message = format!("expected a whole number from {least} to {most}, not \"{value}\"");
            assert_eq!(with(value).problems(), [format!("{setting}: {message}")]);
        }
    }
}

#[test]
fn an_operation_may_not_cost_more_than_its_caller_can_have() {
    Setup::new().flag("cost.user_limit", "2000").config();
    assert_eq!(Setup::new().flag("cost.user_limit", "2001").refused(), ["cost.user_limit"]);
    assert_eq!(Setup::new().flag("cost.anonymous_budget", "299").refused(), ["cost.anonymous_limit"]);
}

#[test]
fn every_entry_of_a_list_that_breaks_a_rule_is_told() {
    let setup = Setup::new().flag("cors.allowed_origins", "*,https://a.example,https://b.example/path");
    assert_eq!(setup.refused(), ["cors.allowed_origins", "cors.allowed_origins"]);
    let setup = Setup::new().flag("server.allowed_hosts", "a.example:80,https://b.example");
    assert_eq!(setup.refused(), ["server.allowed_hosts", "server.allowed_hosts"]);
}

#[test]
fn a_signing_key_has_32_bytes() {
    let with = |bytes: usize| Setup::new().env("TASKWARD_AUTH__SIGNING_KEY", &"k".repeat(bytes));
    with(32).config();
    assert_eq!(with(31).problems(), ["auth.signing_key: expected at least 32 bytes of text, not 31"]);
}

#[test]
fn a_certificate_needs_its_key_and_the_other_way_round() {
    let set = |key: &str| Setup::new().flag(key, "file.pem");
    assert_eq!(set("https.certificate_file").refused(), ["https.key_file"]);
    assert_eq!(set("https.key_file").refused(), ["https.certificate_file"]);
    set("https.certificate_file").flag("https.key_file", "key.pem").config();
}

#[test]
fn a_database_is_sqlite_or_postgresql_and_its_address_is_not_repeated() {
    for url in ["sqlite://taskward.db", "sqlite::memory:", "postgres://host/tasks", "postgresql://host/tasks"] {
        Setup::new().env("TASKWARD_DATABASE__URL", url).config();
    }
    let setup = Setup::new().env("TASKWARD_DATABASE__URL", "mysql://ana:secret@host/tasks");
    assert_eq!(setup.refused(), ["database.url"]);
    assert!(!setup.load().unwrap_err().to_string().contains("secret"));
}

#[test]
fn everything_is_told_at_once_with_where_it_came_from() {
    let setup = Setup::new()
        .file("[limits]\ntokens = 1.5\nnope = 1\n[server]\nlisten = \"here\"\n[cors]\nallowed_origins = [\"*\"]\n")
        .env("TASKWARD_LIMITS__NESTING", "65")
        .env("TASKWARD_SERVER__PROFILES", "x")
        .flag("log.level", "loud");
    let problems = setup.load().unwrap_err().problems;
    let told: Vec<(&str, &str)> = problems
        .iter()
        .map(|problem| (problem.setting.as_str(), problem.origin.as_deref().unwrap_or_default()))
        // The file is told by its path from the current folder, which differs from run to run.
        .map(|(setting, origin)| (setting, origin.rsplit('/').next().unwrap_or(origin)))
        .collect();
    assert_eq!(
        told,
        [
            ("TASKWARD_SERVER__PROFILES", ""),
            ("cors.allowed_origins", "taskward.toml"),
            ("limits.nesting", "the environment variable TASKWARD_LIMITS__NESTING"),
            ("limits.nope", "taskward.toml"),
            ("limits.tokens", "taskward.toml"),
            ("log.level", "--set"),
            ("server.listen", "taskward.toml"),
        ]
    );
}

#[test]
fn secrets_are_refused_as_arguments() {
    assert_eq!(Setup::new().flag("auth.signing_key", super::KEY).refused(), ["auth.signing_key"]);
    assert_eq!(Setup::new().flag("database.url", "postgres://ana:secret@host/tasks").refused(), ["database.url"]);
    Setup::new().flag("database.url", "postgres://ana@host/tasks").config();
    Setup::new().flag("database.url", "sqlite://other.db").config();
}

#[test]
fn a_file_that_is_no_toml_is_told_without_quoting_it() {
    let setup = Setup::new().file("[auth]\nsigning_key = \"secret-without-end\n");
    let problems = setup.problems();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("line 2"), "{problems:?}");
    assert!(!problems[0].contains("secret"), "{problems:?}");
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let setup = Setup::new();
    let missing = setup.path("other.toml");
    let error = load(ConfigFile::Required(&missing), [], &[]).unwrap_err();
    assert!(error.to_string().contains("not found"), "{error}");
    assert!(load(ConfigFile::IfPresent(&missing), [], &[]).is_ok());
    assert!(load(ConfigFile::IfPresent(Path::new("")), [], &[]).is_ok());
}
