//! A service as a process of its own.

use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

/// How long a start or an end may take; generous, for busy machines.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running service; ended with the test.
pub struct ServiceProcess {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    lines: Arc<Mutex<Vec<String>>>,
}

impl ServiceProcess {
    /// Starts a binary of the tested package on a free port, and waits until it is ready.
    pub async fn start(binary: &str, variables: &[(&str, &str)]) -> Self {
        Self::run(Command::new(path(binary)), variables).await
    }

    /// Runs a command that becomes a service, and waits until it is ready.
    pub async fn run(program: Command, variables: &[(&str, &str)]) -> Self {
        let mut child = command(program, variables).spawn().expect("the binary starts");
        let output = child.stdout.take().expect("standard output is piped");
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        tokio::spawn(async move {
            let mut output = BufReader::new(output).lines();
            while let Ok(Some(line)) = output.next_line().await {
                kept.lock().expect("not poisoned").push(line);
            }
        });
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut service = Self { child, address: nowhere, lines };
        service.logged("ready").await;
        let listening = service.logged("listening").await;
        let address = listening["address"].as_str().expect("the address is logged");
        service.address = address.parse().expect("an address");
        service
    }

    /// Waits for a line with this message.
    pub async fn logged(&self, message: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(line) = self.log().into_iter().find(|line| line["message"] == message) {
                return line;
            }
            assert!(Instant::now() < deadline, "{message:?} is not in {:?}", self.lines());
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// The lines logged so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("not poisoned").clone()
    }

    /// The lines logged so far, each of which is JSON.
    #[must_use]
    pub fn log(&self) -> Vec<Value> {
        let read = |line: &String| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("no JSON ({error}): {line}"))
        };
        self.lines().iter().map(read).collect()
    }

    /// The process's id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id().expect("the process has not been waited for")
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        let id = i32::try_from(self.id()).expect("ids are small");
        let id = Pid::from_raw(id).expect("not zero");
        kill_process(id, Signal::TERM).expect("the process is ours");
    }

    /// Waits for the end.
    pub async fn ended(&mut self) -> ExitStatus {
        let ended = timeout(PATIENCE, self.child.wait()).await.expect("the process ends in time");
        ended.expect("the process can be waited for")
    }
}

/// Where a binary is: Cargo tells tests of those of their package.
fn path(binary: &str) -> String {
    let path = std::env::var(format!("CARGO_BIN_EXE_{binary}"));
    path.expect("the binary belongs to the tested package")
}

fn command(mut command: Command, variables: &[(&str, &str)]) -> Command {
    command
        .env_clear()
        .env("LISTEN_ADDR", "127.0.0.1:0")
        .env("SHUTDOWN_DELAY_SECONDS", "0")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// What a run that ends by itself left behind.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code.
    pub code: Option<i32>,
    /// Its standard output.
    pub output: String,
    /// Its standard error.
    pub errors: String,
}

/// Runs a binary of the tested package to its end.
pub async fn run(binary: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut program = Command::new(path(binary));
    program.args(arguments);
    finish(program, variables).await
}

/// Runs a command to its end.
pub async fn finish(program: Command, variables: &[(&str, &str)]) -> Ran {
    let mut command = command(program, variables);
    let run = command.stderr(Stdio::piped()).output();
    let output = timeout(PATIENCE, run).await.expect("it ends in time").expect("the binary starts");
    Ran {
        code: output.status.code(),
        output: String::from_utf8_lossy(&output.stdout).into_owned(),
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Lets this process have that many files open.
///
/// # Panics
/// If the system does not allow it.
pub fn raise_open_files(count: u64) {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < count) {
        limit.current = limit.maximum.map(|most| most.min(count.max(65_536)));
        setrlimit(Resource::Nofile, limit).expect("the limit of open files can be raised");
        let reached = limit.current.is_none_or(|current| current >= count);
        assert!(reached, "this test needs {count} open files (ulimit -Hn)");
    }
}
