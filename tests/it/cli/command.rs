//! The command line: help, exit status, and where output goes.

use std::process::Stdio;

use super::{Setup, stderr, stdout};

#[test]
fn the_exit_status_tells_usage_from_failure() {
    for (arguments, status) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&["config", "check"], 0),
        (&["config", "print"], 0),
        (&["nope"], 2),
        (&["config"], 2),
        (&["--nope"], 2),
        (&["user", "create"], 2),
        (&["token"], 2),
        (&["token", "create", "--user", "ana", "--name", "backup"], 2),
        (&["token", "create", "--user", "ana", "--name", "backup", "--scope"], 2),
        (&["token", "create", "--user", "ana", "--name", "backup", "--scope", "admin"], 2),
        (&["token", "create", "--user", "ana", "--name", "backup", "--scope", "read", "--expires", "0"], 2),
        (&["token", "revoke"], 2),
        (&["token", "list"], 2),
        (&["user", "create", "ana", "--password", "secret"], 2),
        (&["--config", "missing.toml", "config", "check"], 2),
        (&["--set", "limits.tokens", "config", "check"], 2),
        (&["--set", "limits.tokens=x", "config", "check"], 2),
        (&["--set", "log.level=info,a[=debug", "config", "check"], 2),
        (&["--listen", "nowhere", "config", "check"], 2),
        (&["schema", "check", "missing.graphql"], 1),
    ] {
        let output = Setup::new().run(arguments);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", stderr(&output));
        assert_eq!(output.stderr.is_empty(), status == 0, "{arguments:?}");
    }
}

#[test]
fn problems_go_to_standard_error_a_line_each() {
    let setup = Setup::new().file("[limits]\ntokens = 0\nnope = 1\n");
    let output = setup.run(&["config", "check"]);
    assert_eq!(stdout(&output), "");
    assert_eq!(
        stderr(&output),
        "error: the settings can't be used:\n  \
         limits.nope: no such setting (from taskward.toml)\n  \
         limits.tokens: expected a whole number from 16 to 20000, not 0 (from taskward.toml)\n"
    );
}

#[test]
fn settings_come_from_the_named_file_alone() {
    let setup = Setup::new().file("[limits]\nnope = 1\n");
    std::fs::write(setup.path("other.toml"), "[limits]\ntokens = 2000\n").unwrap();
    let output = setup.run(&["config", "print", "--config", "other.toml"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("tokens = 2000  # other.toml"));
}

#[test]
fn every_command_has_help_with_an_example() {
    for command in [
        "",
        "serve",
        "migrate",
        "migrate up",
        "migrate down",
        "migrate status",
        "schema",
        "schema print",
        "schema check",
        "user",
        "user create",
        "user set-password",
        "user disable",
        "user enable",
        "user list",
        "token",
        "token create",
        "token revoke",
        "token list",
        "config",
        "config check",
        "config print",
        "healthcheck",
        "demo",
    ] {
        let arguments: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let output = Setup::new().run(&arguments);
        assert_eq!(output.status.code(), Some(0), "{command}");
        let text = stdout(&output);
        assert!(text.contains("Example") && text.contains("--config <FILE>"), "{command}: {text}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    for arguments in [&["config", "print"][..], &["--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let child = Setup::new().command(arguments).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(stderr(&output), "");
    }
}

#[test]
fn nothing_is_made_in_the_folder_by_looking_at_the_settings() {
    let setup = Setup::new();
    setup.run(&["config", "check"]);
    setup.run(&["config", "print"]);
    assert_eq!(std::fs::read_dir(setup.folder.path()).unwrap().count(), 0);
}
