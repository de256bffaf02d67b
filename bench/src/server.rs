//! The servers that are compared, as processes of their own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Result;
use crate::client::Request;

/// Taskward as it is delivered, with budgets that the load does not use up and without lines in a log file.
pub(crate) struct Taskward {
    process: Process,
    /// Where it listens.
    pub(crate) address: String,
    /// From the start of the process to the first answer of `/healthz`.
    pub(crate) started_in: Duration,
    /// Megabytes before anybody called.
    pub(crate) memory_at_rest: f64,
}

impl Taskward {
    pub(crate) async fn start(binary: &Path, folder: &Path) -> Result<Self> {
        let start = Instant::now();
        let mut command = Command::new(binary);
        command.current_dir(folder).env_clear().env("TASKWARD_SERVER__LISTEN", "127.0.0.1:0");
        for budget in ["USER", "ANONYMOUS", "LOGIN", "REFRESH"] {
            command.env(format!("TASKWARD_RATE_LIMIT__{budget}"), "1000000/second");
        }
        // One user sends everything, and no limit is what is measured here.
        command.env("TASKWARD_CONCURRENCY__CALLER", "10000");
        for budget in ["COST__USER_BUDGET", "COST__USER_REFILL"] {
            command.env(format!("TASKWARD_{budget}"), "1000000");
        }
        for places in [
            "SERVER__MAX_CONNECTIONS",
            "SERVER__MAX_CONNECTIONS_PER_ADDRESS",
            "SUBSCRIPTIONS__SOCKETS",
            "SUBSCRIPTIONS__SOCKETS_PER_USER",
        ] {
            command.env(format!("TASKWARD_{places}"), "10000");
        }
        let (process, address) = Process::start(command)?;
        Request::get(&address, "/healthz").send().await?;
        let started_in = start.elapsed();
        let memory_at_rest = process.memory()?;
        Ok(Self { process, address, started_in, memory_at_rest })
    }

    /// Makes a user with so many tasks; their token.
    pub(crate) async fn fill(&self, tasks: usize) -> Result<String> {
        let register =
            r#"mutation { register(input: { username: "bench", password: "a long password" }) { accessToken } }"#;
        let answer = Request::post(&self.address, "", &json!({ "query": register })).send().await?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let token = answer["data"]["register"]["accessToken"].as_str().ok_or_else(|| answer.to_string())?;
        for number in 0..tasks {
            let create = format!(
                r#"mutation {{ createTask(input: {{ title: "Go through the quarterly report number {number}",
                    priority: {}, dueAt: "2027-01-{:02}T09:00:00Z" }}) {{ task {{ id }} }} }}"#,
                ["NONE", "LOW", "MEDIUM", "HIGH"][number % 4],
                1 + number % 28
            );
            Request::post(&self.address, token, &json!({ "query": create })).send().await?;
        }
        Ok(token.to_owned())
    }

    /// Megabytes now.
    pub(crate) fn memory(&self) -> Result<f64> {
        self.process.memory()
    }

    /// The most megabytes that there were.
    pub(crate) fn peak_memory(&self) -> Result<f64> {
        self.process.megabytes("VmHWM:")
    }

    /// The time that it has spent on processors.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        self.process.processor_time()
    }
}

/// The bare handler.
pub(crate) struct Bare {
    process: Process,
    pub(crate) address: String,
}

impl Bare {
    pub(crate) async fn start(database: &Path) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare").arg(database);
        let (process, address) = Process::start(command)?;
        Request::get(&address, "/").send().await?;
        Ok(Self { process, address })
    }

    /// The time that it has spent on processors.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        self.process.processor_time()
    }
}

/// Sockets that send back what they get, and nothing else.
pub(crate) struct Echo {
    process: Process,
    pub(crate) address: String,
}

impl Echo {
    /// With buffers of so many bytes for each socket, each way.
    pub(crate) fn start(buffer_bytes: usize) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("echo").arg(buffer_bytes.to_string());
        let (process, address) = Process::start(command)?;
        Ok(Self { process, address })
    }

    /// Megabytes now.
    pub(crate) fn memory(&self) -> Result<f64> {
        self.process.memory()
    }
}

/// A process that ends with its value.
struct Process(Child);

impl Process {
    /// Starts the server and waits for the line that says where it listens.
    fn start(mut command: Command) -> Result<(Self, String)> {
        let mut process = Self(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?);
        let stdout = process.0.stdout.take().ok_or("no standard output")?;
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            if let Some((_, url)) = line.split_once("Endpoint") {
                let address = url.trim().trim_start_matches("http://").split('/').next().unwrap_or_default();
                return Ok((process, address.to_owned()));
            }
        }
        Err("the server did not start".into())
    }

    /// In its own code and in the kernel's (proc_pid_stat(5): fields 14 and 15, in hundredths of a second).
    fn processor_time(&self) -> Result<Duration> {
        let status = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        let (_, fields) = status.rsplit_once(") ").ok_or("no fields in stat")?;
        let ticks: std::result::Result<Vec<u64>, _> = fields.split(' ').skip(11).take(2).map(str::parse).collect();
        Ok(Duration::from_millis(10 * ticks?.iter().sum::<u64>()))
    }

    /// Resident megabytes.
    fn memory(&self) -> Result<f64> {
        self.megabytes("VmRSS:")
    }

    fn megabytes(&self, field: &str) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(field)).ok_or("no such field")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0 / 1e6)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
