//! `config print`: the effective settings, readable back, without a secret.

use super::{KEY, Setup, stdout};

#[test]
fn secrets_are_masked_and_origins_told() {
    let setup = Setup::new()
        .file("[limits]\ntokens = 2000\n")
        .env("TASKWARD_AUTH__SIGNING_KEY", KEY)
        .env("TASKWARD_DATABASE__URL", "postgres://ana:secret@host/tasks");
    let output = setup.run(&["--set", "log.level=debug", "config", "print", "--listen", "127.0.0.1:9000"]);
    assert_eq!(output.status.code(), Some(0));
    let text = stdout(&output);
    for line in [
        "[limits]",
        "tokens = 2000  # taskward.toml",
        "signing_key = \"***\"  # the environment variable TASKWARD_AUTH__SIGNING_KEY",
        "url = \"postgres://ana:***@host/tasks\"  # the environment variable TASKWARD_DATABASE__URL",
        "level = \"debug\"  # --set",
        "listen = \"127.0.0.1:9000\"  # --listen",
        "# max_connections is not set",
        "user = \"100/minute\"",
    ] {
        assert!(text.lines().any(|printed| printed == line), "{line}\n{text}");
    }
    assert!(!text.contains(KEY) && !text.contains("secret"), "{text}");
}

#[test]
fn what_is_printed_can_be_read_back() {
    let first = stdout(&Setup::new().run(&["config", "print"]));
    let setup = Setup::new().file(&first);
    let second = stdout(&setup.run(&["config", "print"]));
    let without_origins = |text: &str| text.replace("  # taskward.toml", "");
    assert_eq!(without_origins(&second), first);
}

#[test]
fn every_setting_is_printed() {
    let text = stdout(&Setup::new().run(&["config", "print"]));
    for setting in taskward::config::all_settings() {
        let key = setting.split_once('.').unwrap().1;
        assert!(text.contains(&format!("\n{key} = ")) || text.contains(&format!("\n# {key} is not set")), "{setting}");
    }
}
