//! An environment in a folder of its own, and its sandbox.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::cloud::Cloud;
use crate::images;

/// The parts of the environment that stay.
const ENVIRONMENT: &str = include_str!("../common/small.toml");

/// One test at a time: some of them hold how fast something is told, and others bring load.
static TURN: Mutex<()> = Mutex::new(());

/// A folder with the environment `demo`. Its sandbox is stopped when it is dropped.
pub(crate) struct Ground {
    folder: tempfile::TempDir,
    /// The images of the services, by digest.
    images: Vec<(&'static str, String)>,
    /// The sandbox.
    pub(crate) cloud: Cloud,
    _turn: MutexGuard<'static, ()>,
}

impl Ground {
    /// A sandbox with the images of the services in its registry.
    pub(crate) fn new() -> Self {
        Self::with(|url, _| images::push(url))
    }

    /// A sandbox with an image of backend-service whose lines are kept.
    pub(crate) fn telling() -> Self {
        Self::with(images::push_telling)
    }

    fn with(push: impl FnOnce(&str, &Path) -> Vec<(&'static str, String)>) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let cloud = Cloud { host: String::new() };
        let mut ground =
            Self { folder: tempfile::tempdir().unwrap(), images: Vec::new(), cloud, _turn: turn };
        fs::create_dir(ground.folder.path().join("environments")).unwrap();
        let url = ground.platctl("sandbox start", 0);
        let url = url.lines().find(|line| line.starts_with("http://")).unwrap();
        ground.images = push(url, ground.folder.path());
        url.trim_start_matches("http://").clone_into(&mut ground.cloud.host);
        ground
    }

    /// Writes an environment of one service, internal: its image, or another one, and more of it.
    pub(crate) fn write_alone(&self, image: Option<&str>, more: &str) {
        let (name, own) = &self.images[0];
        let image = image.unwrap_or(own);
        let text = format!(
            "{ENVIRONMENT}[services.{name}]\nimage = \"{image}\"\nport = 3000\nexposure = \"internal\"\n\
             dns_name = \"api\"\nvalues = {{ shutdown = {{ delaySeconds = 3, graceSeconds = 10 }} }}\n{more}\n"
        );
        fs::write(self.folder.path().join("environments/demo.toml"), text).unwrap();
    }

    /// A file of the environment's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the environment; `backend` is more of backend-app.
    pub(crate) fn write(&self, backend: &str) {
        let mut text = ENVIRONMENT.to_owned();
        for (name, image) in &self.images {
            let more = match *name {
                "frontend-app" => {
                    "port = 8000\nexposure = \"internet\"\ncalls = [\"backend-app\", \"backend-service\"]\n\
                     env = { BACKEND_URL = \"http://backend-app-service\", \
                     BACKEND_SERVICE_URL = \"http://api.backend.internal\" }\n"
                }
                "backend-app" => "port = 8000\nexposure = \"internet\"\n",
                _ => "port = 3000\nexposure = \"internal\"\ndns_name = \"api\"\n",
            };
            let more = if *name == "backend-app" { format!("{more}{backend}") } else { more.to_owned() };
            text.push_str(&format!(
                "[services.{name}]\nimage = \"{image}\"\nreplicas = 1\n{more}\
                 values = {{ shutdown = {{ delaySeconds = 1, graceSeconds = 5 }} }}\n"
            ));
        }
        fs::write(self.folder.path().join("environments/demo.toml"), text).unwrap();
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_platctl"));
        command.current_dir(self.folder.path()).args(arguments.split_whitespace());
        command
    }

    /// Runs platctl, and gives what it says on both streams; the exit code must be the expected one.
    pub(crate) fn platctl(&self, arguments: &str, code: i32) -> String {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let told = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "platctl {arguments}\n{told}");
        told
    }

    /// How a release is.
    pub(crate) fn release(&self, name: &str) -> Value {
        let output = self.command("status demo --sandbox --json").output().unwrap();
        let status: Value = serde_json::from_slice(&output.stdout).unwrap();
        status["releases"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone()
    }

    /// Where a release is reached.
    pub(crate) fn url(&self, name: &str) -> String {
        self.release(name)["endpoints"][0]["url"].as_str().unwrap().to_owned()
    }

    /// The sandbox's own note of what runs: process numbers and programs.
    fn noted(&self) -> Vec<(String, PathBuf)> {
        let clusters = fs::read_dir(self.folder.path().join("state/sandbox/world/clusters"));
        let notes = clusters.into_iter().flatten().flatten().map(|one| one.path().join("processes"));
        let lines = notes.filter_map(|file| fs::read_to_string(file).ok());
        let lines: Vec<String> =
            lines.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
        let pair = |line: &String| line.split_once(' ').map(|(id, program)| (id.to_owned(), program.into()));
        lines.iter().filter_map(pair).collect()
    }

    /// How many of the noted processes there are.
    pub(crate) fn processes(&self) -> usize {
        let lives = |id: &str| Command::new("kill").args(["-0", id]).output().unwrap().status.success();
        self.noted().iter().filter(|(id, _)| lives(id)).count()
    }

    /// Kills the process of a service.
    pub(crate) fn kill(&self, name: &str) {
        let noted = self.noted();
        let is_its = |program: &PathBuf| program.ends_with(format!("app_{name}"));
        let (id, _) = noted.iter().find(|(_, program)| is_its(program)).unwrap();
        assert!(Command::new("kill").args(["-9", id]).status().unwrap().success());
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _stopped = self.command("sandbox stop").output();
    }
}

fn ask(url: &str, request: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(url.strip_prefix("http://")?).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

/// A request over a connection of its own; nothing when it is not answered.
pub(crate) fn fetch(url: &str, path: &str) -> Option<(u16, String)> {
    ask(url, &format!("GET {path} HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n"))
}

/// The same with a body of JSON.
pub(crate) fn post(url: &str, path: &str, body: &Value) -> (u16, String) {
    let body = body.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: demo\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    ask(url, &format!("{head}{body}")).unwrap()
}

/// What a page is in a browser when its scripts have run.
pub(crate) fn browse(url: &str) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/peers/chromium");
    assert!(Command::new(script).output().unwrap().status.success(), "chromium cannot be installed");
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(["--virtual-time-budget=5000", "--timeout=20000", "--dump-dom"])
        .arg(format!("{url}/"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
