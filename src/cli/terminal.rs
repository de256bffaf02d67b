//! Talking to whoever ran the command: lines to standard output and error, and passwords from a prompt or standard input.

use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use secrecy::SecretString;

use super::failure::Failure;

/// The longest line that is read as a password; passwords themselves have a limit of their own, well below.
const LINE_BYTES: u64 = 4_096;

/// Where a password comes from. Never an argument, since other users of the machine can read those.
#[derive(Debug, Args)]
pub(super) struct PasswordOptions {
    /// Read the password from the first line of standard input instead of asking for it
    #[arg(long)]
    password_stdin: bool,
}

impl PasswordOptions {
    /// The password, read from standard input or asked for twice.
    ///
    /// # Errors
    /// When there is none, when there is nobody to ask, and when the two differ.
    pub(super) fn read(&self, name: &str) -> Result<SecretString, Failure> {
        let password = if self.password_stdin { first_line(io::stdin().lock())? } else { ask(name)? };
        if password.is_empty() { Err(Failure::Failed("the password is empty".to_owned())) } else { Ok(password.into()) }
    }
}

/// Writes `text` to standard output. A reader that went away, such as `head`, wants no more: that is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// A progress bar on standard error, up to `total`, in the words of `template`; one that nobody sees unless that is a
/// terminal.
pub(super) fn progress(total: u64, template: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(total);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Writes why the command failed to standard error.
pub(super) fn complain(failure: &Failure) {
    // When nobody listens on standard error either, the exit status still tells.
    let _ = writeln!(io::stderr(), "error: {failure}");
}

fn ask(name: &str) -> Result<String, Failure> {
    let prompt = |text: String| {
        rpassword::prompt_password(text).map_err(|error| {
            Failure::Failed(format!("there is no terminal to ask for a password ({error}); use --password-stdin"))
        })
    };
    let password = prompt(format!("New password of {name}: "))?;
    if password == prompt("The same again: ".to_owned())? {
        Ok(password)
    } else {
        Err(Failure::Failed("the two passwords differ".to_owned()))
    }
}

/// The first line without its end.
fn first_line(input: impl BufRead) -> Result<String, Failure> {
    let mut line = String::new();
    input.take(LINE_BYTES).read_line(&mut line)?;
    let text = line.strip_suffix('\n').unwrap_or(&line);
    if text.len() == line.len() && u64::try_from(line.len()).is_ok_and(|bytes| bytes == LINE_BYTES) {
        return Err(Failure::Failed(format!("the first line has {LINE_BYTES} bytes or more: that is no password")));
    }
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_first_line_without_its_end() {
        for (input, password) in [
            ("correct horse\n", "correct horse"),
            ("correct horse\r\nmore\n", "correct horse"),
            (" spaces stay ", " spaces stay "),
            ("", ""),
        ] {
            assert_eq!(first_line(input.as_bytes()).unwrap(), password);
        }
    }

    #[test]
    fn a_line_without_an_end_is_refused() {
        let bytes = usize::try_from(LINE_BYTES).unwrap();
        assert_eq!(first_line("x".repeat(bytes - 1).as_bytes()).unwrap().len(), bytes - 1);
        assert!(first_line("x".repeat(bytes).as_bytes()).is_err());
    }
}
