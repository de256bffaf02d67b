//! Settings by environment variables: every type, lists, secrets from files, and names that are none of ours.

use std::os::unix::ffi::OsStringExt;

use secrecy::ExposeSecret;

use super::{KEY, Setup};

#[test]
fn text_becomes_whatever_the_setting_is() {
    let config = Setup::new()
        .env("TASKWARD_GRAPHQL__PLAYGROUND", "false")
        .env("TASKWARD_LIMITS__TOKENS", "42")
        .env("TASKWARD_DATABASE__MAX_CONNECTIONS", "7")
        .env("TASKWARD_RATE_LIMIT__USER", "5/second burst 9")
        .env("TASKWARD_TASKS__TITLE_RULE", "text")
        .env("TASKWARD_LOG__FILE", "")
        .config();
    assert!(!config.graphql.playground);
    assert_eq!(config.limits.tokens, 42);
    assert_eq!(config.database.max_connections.unwrap().get(), 7);
    assert_eq!(config.rate_limit.user.to_string(), "5/second burst 9");
    assert_eq!(config.log.file.as_os_str(), "");
}

#[test]
fn lists_are_separated_by_commas() {
    let origins = |text: &str| Setup::new().env("TASKWARD_CORS__ALLOWED_ORIGINS", text).config().cors.allowed_origins;
    assert_eq!(origins("https://a.example"), ["https://a.example"]);
    assert_eq!(origins("https://a.example, https://b.example,"), ["https://a.example", "https://b.example"]);
    assert!(origins("").is_empty());
}

#[test]
fn a_key_of_digits_stays_as_it_is_written() {
    let key = "00000000001111111111222222222233";
    let config = Setup::new().env("TASKWARD_AUTH__SIGNING_KEY", key).config();
    assert_eq!(config.auth.signing_key.unwrap().expose_secret(), key);
}

#[test]
fn secrets_are_read_from_files_without_the_space_around_them() {
    let setup = Setup::new();
    std::fs::write(setup.path("key"), format!("\n{KEY}\n")).unwrap();
    std::fs::write(setup.path("url"), "postgres://ana:secret@host/tasks\n").unwrap();
    let (key, url) = (setup.path("key"), setup.path("url"));
    let config = setup
        .env("TASKWARD_AUTH__SIGNING_KEY_FILE", key.to_str().unwrap())
        .env("TASKWARD_DATABASE__URL_FILE", url.to_str().unwrap())
        .config();
    assert_eq!(config.auth.signing_key.unwrap().expose_secret(), KEY);
    assert_eq!(config.database.url.expose_secret(), "postgres://ana:secret@host/tasks");
}

#[test]
fn a_secret_comes_from_one_place() {
    let setup = Setup::new();
    std::fs::write(setup.path("key"), KEY).unwrap();
    let file = setup.path("key");
    let setup = setup.env("TASKWARD_AUTH__SIGNING_KEY_FILE", file.to_str().unwrap());
    let setup = setup.env("TASKWARD_AUTH__SIGNING_KEY", KEY);
    let expected = "expected either TASKWARD_AUTH__SIGNING_KEY or TASKWARD_AUTH__SIGNING_KEY_FILE, not both";
    assert_eq!(setup.problems(), [format!("auth.signing_key: {expected}")]);
}

#[test]
fn a_file_that_is_not_there_is_told_with_its_setting() {
    let setup = Setup::new().env("TASKWARD_AUTH__SIGNING_KEY_FILE", "/nowhere/key");
    assert_eq!(setup.problems(), ["auth.signing_key: /nowhere/key: No such file or directory (os error 2)"]);
}

#[test]
fn unknown_variables_are_refused_and_the_slip_put_right() {
    for (name, message) in [
        ("TASKWARD_LIMITS__TOKEN", "no such setting"),
        ("TASKWARD_LIMITS_TOKENS", "no such setting; did you mean TASKWARD_LIMITS__TOKENS?"),
        ("TASKWARD_limits__tokens", "no such setting; did you mean TASKWARD_LIMITS__TOKENS?"),
        ("TASKWARD_LIMITS__TOKENS_FILE", "no such setting"),
        ("TASKWARD_", "no such setting"),
    ] {
        assert_eq!(Setup::new().env(name, "1").problems(), [format!("{name}: {message}")]);
    }
}

#[test]
fn variables_that_are_no_settings_are_left_alone() {
    Setup::new()
        .env("PATH", "/bin")
        .env("TASKWARDEN", "x")
        .env("TASKWARD_SKIP_PLAYGROUND", "1")
        .env("TASKWARD_TEST_POSTGRES", "postgres://host/tests")
        // What Kubernetes sets in every container beside a service named taskward.
        .env("TASKWARD_SERVICE_HOST", "10.0.0.1")
        .env("TASKWARD_PORT", "tcp://10.0.0.1:8000")
        .env("TASKWARD_PORT_8000_TCP_ADDR", "10.0.0.1")
        .config();
}

#[test]
fn bytes_that_are_no_text_are_refused_only_where_they_are_ours() {
    let bytes = || std::ffi::OsString::from_vec(vec![0xff]);
    let mut setup = Setup::new();
    setup.environment.push(("OTHER".into(), bytes()));
    setup.config();
    setup.environment.push(("TASKWARD_LOG__LEVEL".into(), bytes()));
    assert_eq!(setup.problems(), ["TASKWARD_LOG__LEVEL: expected text in UTF-8"]);
}
