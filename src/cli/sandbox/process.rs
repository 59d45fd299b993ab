//! The background process: found, started, asked and stopped.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::cli::context::Context;
use crate::cli::{FAILED, USAGE};
use crate::ui::Problem;

/// The access key that platctl uses with the sandbox; whose it is, is told to the sandbox by the verbs.
pub(in crate::cli) const ACCESS_KEY: &str = "AKIASANDBOXEXAMPLE00";

/// Its secret key: the sandbox verifies tokens for clusters with it.
pub(in crate::cli) const SECRET_KEY: &str = "sandbox";

/// Where a running sandbox is found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Endpoint {
    pub(super) url: String,
    pub(super) port: u16,
    pub(super) pid: u32,
    /// The program that runs it: another version is stopped and replaced.
    pub(super) version: String,
}

/// The sandbox's folder.
pub(super) fn folder(context: &Context) -> PathBuf {
    context.global.directory.join("state").join("sandbox")
}

/// Finds the sandbox, or starts it, and gives its address.
pub(in crate::cli) async fn ensure(context: &Context) -> Result<String, Problem> {
    let folder = folder(context);
    fs::create_dir_all(&folder).map_err(|error| io_problem("cannot make", &folder, &error))?;
    // Two verbs that start at once must not start two.
    let lock = folder.join("start.lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&lock);
    let file = file.map_err(|error| io_problem("cannot open", &lock, &error))?;
    flock(&file, FlockOperation::LockExclusive)
        .map_err(|error| io_problem("cannot lock", &lock, &error.into()))?;
    if let Some(endpoint) = running(&folder).await {
        if endpoint.version == env!("CARGO_PKG_VERSION") {
            return Ok(endpoint.url);
        }
        stop(&folder).await?;
    }
    let started = start(context, &folder).await?;
    context
        .printer
        .say(&format!("started the sandbox at {} (stop it with `platctl sandbox stop`)", started.url));
    Ok(started.url)
}

/// The sandbox that runs, if one answers.
pub(super) async fn running(folder: &Path) -> Option<Endpoint> {
    let endpoint = read(folder)?;
    control(endpoint.port, "GET", "/status", None).await.ok()?;
    Some(endpoint)
}

fn read(folder: &Path) -> Option<Endpoint> {
    serde_json::from_slice(&fs::read(folder.join("endpoint.json")).ok()?).ok()
}

async fn start(context: &Context, folder: &Path) -> Result<Endpoint, Problem> {
    let program = std::env::current_exe().map_err(|error| Problem::from_error(FAILED, &error))?;
    let log_path = folder.join("sandbox.log");
    let log = File::create(&log_path).map_err(|error| io_problem("cannot make", &log_path, &error))?;
    let errors = log.try_clone().map_err(|error| io_problem("cannot open", &log_path, &error))?;
    let directory = fs::canonicalize(&context.global.directory)
        .map_err(|error| io_problem("cannot find", &context.global.directory, &error))?;
    let before = read(folder);
    let _absent = fs::remove_file(folder.join("endpoint.json"));
    let mut command = Command::new(program);
    command.arg("--directory").arg(directory).args(["sandbox", "serve"]);
    if let Some(before) = before {
        command.arg("--port").arg(before.port.to_string());
    }
    if let Some(latency) = &context.global.latency {
        command.arg("--pace").arg(latency);
    }
    command.stdin(Stdio::null()).stdout(log).stderr(errors);
    // Its own group: a Ctrl-C for the verb is none for the sandbox.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|error| Problem::from_error(FAILED, &error))?;
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(20) {
        if let Some(endpoint) = running(folder).await {
            return Ok(endpoint);
        }
        if let Ok(Some(_)) = child.try_wait() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let told = fs::read_to_string(&log_path).unwrap_or_default();
    let mut problem = Problem::new(FAILED, "the sandbox did not start");
    problem.causes.extend(told.lines().take(5).map(str::to_owned));
    Err(problem.hint(format!(
        "its log is {}; `platctl sandbox reset` starts with a fresh world",
        log_path.display()
    )))
}

/// Stops the sandbox and waits until it is gone. False when none ran.
pub(super) async fn stop(folder: &Path) -> Result<bool, Problem> {
    let Some(endpoint) = running(folder).await else { return Ok(false) };
    let pid = i32::try_from(endpoint.pid).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| Problem::new(FAILED, "the sandbox's process id is none"))?;
    kill_process(pid, Signal::TERM)
        .map_err(|error| Problem::from_error(FAILED, &std::io::Error::from(error)))?;
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(20) {
        if running(folder).await.is_none() {
            return Ok(true);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(Problem::new(FAILED, format!("the sandbox (process {}) does not stop", endpoint.pid)))
}

/// How long a second of AWS takes in the sandbox, in seconds: nothing where all is instant.
pub(in crate::cli) async fn pace(url: &str) -> Result<f64, Problem> {
    let told = control(port_of(url)?, "GET", "/status", None).await?;
    let status: serde_json::Value = serde_json::from_str(&told).unwrap_or_default();
    let pace = status["clock"].as_str().unwrap_or_default();
    Ok(match (pace, pace.rsplit('=').next().and_then(|factor| factor.parse::<f64>().ok())) {
        ("instant", _) => 0.0,
        (_, Some(factor)) if factor > 0.0 => 1.0 / factor,
        _ => 1.0,
    })
}

fn port_of(url: &str) -> Result<u16, Problem> {
    let port = url.rsplit(':').next().and_then(|port| port.parse().ok());
    port.ok_or_else(|| Problem::new(FAILED, format!("{url} is no address of a sandbox")))
}

/// Says whose the access key is that the verbs use.
pub(in crate::cli) async fn own_key(url: &str, account: &str) -> Result<(), Problem> {
    let port = port_of(url)?;
    let body =
        serde_json::json!({"access_key": ACCESS_KEY, "account": account, "secret": SECRET_KEY}).to_string();
    control(port, "POST", "/keys", Some(&body)).await.map(drop)
}

/// Opens its registry to whoever pulls from loopback, or closes it.
pub(in crate::cli) async fn open_registry(
    url: &str,
    account: &str,
    region: &str,
    open: bool,
) -> Result<(), Problem> {
    let body = serde_json::json!({"account": account, "region": region, "open": open}).to_string();
    control(port_of(url)?, "POST", "/ecr/open", Some(&body)).await.map(drop)
}

/// One call of the sandbox's control interface.
pub(super) async fn control(
    port: u16,
    method: &str,
    path: &str,
    body: Option<&str>,
) -> Result<String, Problem> {
    let call = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let body = body.unwrap_or_default();
        let request = format!(
            "{method} /_sandbox{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        std::io::Result::Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    let answer = tokio::time::timeout(Duration::from_secs(5), call).await;
    let answer = answer.map_err(|_| Problem::new(FAILED, "the sandbox does not answer"))?;
    let answer = answer.map_err(|error| Problem::from_error(FAILED, &error))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    if head.starts_with("HTTP/1.1 2") {
        return Ok(body.to_owned());
    }
    Err(Problem::new(USAGE, format!("the sandbox refused {method} {path}: {body}")))
}

fn io_problem(what: &str, path: &Path, error: &std::io::Error) -> Problem {
    let mut problem = Problem::new(FAILED, format!("{what} {}", path.display()));
    problem.causes.push(error.to_string());
    problem
}
