//! Passwords come from a prompt or from standard input.

use std::io::Write;
use std::process::{Output, Stdio};

use super::{Setup, stderr};

fn create(input: &[u8], arguments: &[&str]) -> Output {
    let setup = Setup::new();
    let arguments: Vec<&str> = ["user", "create", "ana"].iter().chain(arguments).copied().collect();
    let mut child =
        setup.command(&arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The command may end without reading, and then the pipe is closed.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[test]
fn an_empty_password_is_refused() {
    let output = create(b"\n", &["--password-stdin"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output), "error: the password is empty\n");
}
