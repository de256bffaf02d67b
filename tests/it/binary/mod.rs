//! The binary itself, as people run it: a process of its own, real sockets and real signals.

mod attacks;
mod commands;
mod import;
mod kill;
mod limits;
mod socket;
mod start;
mod stop;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult};
use serde_json::json;
use tempfile::TempDir;

use self::socket::Connection;
use crate::support::{Database, PASSWORD};

/// Long enough for anything that is going to happen, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder of its own in which the binary runs, and what is in its environment.
struct Site {
    folder: TempDir,
    environment: Vec<(String, String)>,
    /// Kept because the file of an SQLite database goes with it.
    database: Option<Database>,
}

impl Site {
    /// An empty folder and no configuration, as a newcomer has it; only the port is not fixed.
    fn bare() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap(), environment: Vec::new(), database: None };
        site.set("server.listen", "127.0.0.1:0")
    }

    /// A database of its own on the engine under test, and room for many requests.
    fn new() -> Self {
        let database = block_on(Database::create());
        let url = database.connection_url();
        let site = Self { database: Some(database), ..Self::bare() }.set("database.url", &url);
        ["user", "anonymous", "login", "refresh"]
            .iter()
            .fold(site, |site, budget| site.set(&format!("rate_limit.{budget}"), "100000/second"))
    }

    /// The same with a setting in its environment, in place of the one before.
    fn set(mut self, setting: &str, value: &str) -> Self {
        let name = format!("TASKWARD_{}", setting.to_uppercase().replace('.', "__"));
        self.environment.retain(|(known, _)| *known != name);
        self.environment.push((name, value.to_owned()));
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_taskward"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env_clear().envs(self.environment.iter().cloned());
        command
    }

    /// Runs a command to its end.
    fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with(arguments, "")
    }

    /// Runs a command to its end, with `input` as its standard input.
    fn run_with(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut command = self.command(arguments);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = Process(command.spawn().unwrap());
        // A command that refuses its arguments may be gone before it is written to.
        let _ = process.0.stdin.take().unwrap().write_all(input.as_bytes());
        let stdout = text(process.0.stdout.take().unwrap());
        let stderr = text(process.0.stderr.take().unwrap());
        Outcome { code: process.wait(), stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
    }

    /// Starts the server and waits until it says where it listens.
    fn start(&self) -> Server {
        let errors = self.path("standard-error.txt");
        let mut command = self.command(&[]);
        let process = command.stdout(Stdio::piped()).stderr(File::create(&errors).unwrap()).spawn().unwrap();
        Server::greet(Process(process), &errors)
    }

    /// A second way into the database, to see what is really there.
    fn query(&self, statement: &str) -> Vec<QueryResult> {
        block_on(async {
            let database = self.open().await;
            let backend = database.get_database_backend();
            database.query_all_raw(sea_orm::Statement::from_string(backend, statement)).await.unwrap()
        })
    }

    async fn open(&self) -> DatabaseConnection {
        sea_orm::Database::connect(self.database.as_ref().unwrap().connection_url()).await.unwrap()
    }
}

/// How a command ended and what it said.
#[derive(Debug)]
struct Outcome {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Outcome {
    /// What a command that did what it should said.
    #[track_caller]
    fn done(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{}", self.stdout);
        self.stdout
    }

    /// Why a command failed with `code`.
    #[track_caller]
    fn failed(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{}", self.stderr);
        self.stderr
    }
}

/// A process, which ends with its value.
struct Process(Child);

impl Process {
    /// The exit status, once it has ended by itself; `None` when a signal ended it.
    fn wait(&mut self) -> Option<i32> {
        let mut code = None;
        until("the process ends", || {
            let status = self.0.try_wait().unwrap();
            code = status.and_then(|status| status.code());
            status.is_some()
        });
        code
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that runs.
struct Server {
    process: Process,
    address: SocketAddr,
    welcome: String,
}

impl Server {
    fn greet(mut process: Process, errors: &Path) -> Self {
        let lines = lines(BufReader::new(process.0.stdout.take().unwrap()));
        let mut welcome = String::new();
        while !welcome.contains("Stop with") {
            let Ok(line) = lines.recv_timeout(PATIENCE) else {
                panic!("no welcome: {welcome}{}", std::fs::read_to_string(errors).unwrap());
            };
            welcome += &line;
        }
        let endpoint = welcome.lines().find_map(|line| line.trim().strip_prefix("Endpoint")).unwrap();
        let address = endpoint.trim().strip_prefix("http://").unwrap().strip_suffix("/graphql").unwrap();
        Self { address: address.parse().unwrap(), process, welcome }
    }

    fn connect(&self) -> Connection {
        Connection::open(self.address).unwrap()
    }

    /// Whether the kernel lets anybody connect.
    fn is_listening(&self) -> bool {
        std::net::TcpStream::connect(self.address).is_ok()
    }

    /// A connection of a new user of this name.
    fn register(&self, name: &str) -> Connection {
        let input = json!({ "input": { "username": name, "password": PASSWORD } });
        let document = "mutation($input: RegisterInput!) { register(input: $input) { accessToken } }";
        let mut connection = self.connect();
        let data = connection.gql(document, &input).unwrap().data();
        connection.with_token(data["register"]["accessToken"].as_str().unwrap())
    }

    /// Sends a signal, by its name without `SIG`.
    fn signal(&self, name: &str) {
        let kill = format!("kill -s {name} {}", self.process.0.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// The exit status, once it has ended by itself.
    fn wait(mut self) -> Option<i32> {
        self.process.wait()
    }

    /// Stops it in order.
    fn stop(self) {
        self.signal("TERM");
        assert_eq!(self.wait(), Some(0));
    }

    /// Ends it as the kernel ends a process when the memory is used up: without a word.
    fn kill(self) {
        drop(self.process);
    }
}

/// The lines of a process as they come, so that none of them has to be waited for without an end.
fn lines(output: impl BufRead + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line + "\n")));
    receiver
}

/// Everything that a process writes, read while it runs.
fn text(mut output: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        output.read_to_string(&mut text).unwrap();
        text
    })
}

/// Asks again and again until `condition` holds.
#[track_caller]
fn until(what: &str, mut condition: impl FnMut() -> bool) {
    const PAUSE: Duration = Duration::from_millis(5);
    for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
        if condition() {
            return;
        }
        thread::sleep(PAUSE);
    }
    panic!("{what}: not within {PATIENCE:?}");
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
