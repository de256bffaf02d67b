//! Builds the playground (GraphiQL, in `playground/`) with Node into `$OUT_DIR/playground`, which
//! the server embeds.
//!
//! The sources are copied to `OUT_DIR` and built there: the source tree stays clean, and builds of
//! other profiles or target folders, even at the same time, never share a file. Node is a
//! convenience, not a requirement: without it, or with `TASKWARD_SKIP_PLAYGROUND` set, the server
//! builds all the same and the playground is one page that says what to install.

#![expect(clippy::disallowed_methods, reason = "Cargo tells build scripts everything by the environment")]

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// Everything the playground is made of. `node_modules` and `dist`, which `npm run dev` leaves
/// behind, are not.
const SOURCES: [&str; 6] = [".npmrc", "index.html", "package-lock.json", "package.json", "src", "vite.config.js"];

const SKIP: &str = "TASKWARD_SKIP_PLAYGROUND";

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

const HINT_PAGE: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Taskward playground</title>\n<link rel=\"icon\" href=\"data:,\">\n\
    <body style=\"font: 1.1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 20vh auto; padding: 0 1rem\">\n\
    <p>This server was built without its playground: install Node 20.19 or newer, then run <code>cargo build</code> again.</p>\n";

fn main() -> Result<(), Box<dyn Error>> {
    let source =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?).join("playground");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let (workshop, page) = (out.join("playground-build"), out.join("playground"));

    tell("rerun-if-changed", "build.rs")?;
    tell("rerun-if-env-changed", SKIP)?;
    for name in SOURCES {
        tell("rerun-if-changed", &source.join(name).display().to_string())?;
    }

    remove(&workshop)?;
    if env::var_os(SKIP).is_some_and(|value| !value.is_empty()) {
        tell("warning", &format!("the playground is left out, because {SKIP} is set"))?;
        return Ok(write_hint(&page)?);
    }
    if let Err(reason) = build(&source, &workshop, &page) {
        tell("warning", &format!("the playground is left out: {reason}"))?;
        watch_for_node()?;
        write_hint(&page)?;
    }
    // Installed packages are 250 MB, and needed again only when the playground changes.
    Ok(remove(&workshop)?)
}

/// Copies the sources, installs what the lock file names and bundles the page into `page`; the
/// error is one line for the person who builds.
fn build(source: &Path, workshop: &Path, page: &Path) -> Result<(), String> {
    for name in SOURCES {
        copy(&source.join(name), &workshop.join(name)).map_err(|error| format!("playground/{name}: {error}"))?;
    }
    // The bundler stands among the development dependencies, which a global setting may leave out.
    npm(workshop, &["ci", "--include=dev", "--prefer-offline"])?;
    let page = page.to_str().ok_or("the target folder's path is not UTF-8")?;
    npm(workshop, &["run", "build", "--", "--emptyOutDir", "--outDir", page])
}

fn npm(workshop: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(NPM)
        .args(arguments)
        .current_dir(workshop)
        .env("NO_COLOR", "1")
        // Set to `development` or `production` by its owner for other work, it would change what is
        // built.
        .env_remove("NODE_ENV")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{NPM} does not start ({error}). Install Node 20.19 or newer, or set {SKIP}=1"))?;
    if output.status.success() {
        return Ok(());
    }
    let command = arguments.first().copied().unwrap_or_default();
    Err(format!("npm {command} failed (touch build.rs to try again, or set {SKIP}=1): {}", complaint(&output)))
}

/// What npm complained of, on one line: the first lines of the complaint, without the prefix of
/// each and the stack traces.
fn complaint(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.contains("error"))
        .map(|line| line.trim_start_matches("npm error").trim())
        .filter(|line| !line.is_empty() && !line.starts_with("at "))
        .take(6)
        .collect();
    lines.join(" | ")
}

/// Has cargo run this script again once something is installed in a folder of `PATH`, or `PATH`
/// itself changes.
///
/// Only after a failure: an editor and a terminal often differ in `PATH`, and would rebuild the
/// page for each other.
fn watch_for_node() -> io::Result<()> {
    tell("rerun-if-env-changed", "PATH")?;
    let path = env::var_os("PATH").unwrap_or_default();
    for folder in env::split_paths(&path).filter(|folder| folder.is_absolute() && folder.is_dir()) {
        tell("rerun-if-changed", &folder.display().to_string())?;
    }
    Ok(())
}

fn write_hint(page: &Path) -> io::Result<()> {
    remove(page)?;
    fs::create_dir_all(page)?;
    fs::write(page.join("index.html"), HINT_PAGE)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        return fs::copy(from, to).map(drop);
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Says one thing to cargo, which reads it from standard output, a line each.
fn tell(key: &str, value: &str) -> io::Result<()> {
    writeln!(io::stdout(), "cargo::{key}={value}")
}
