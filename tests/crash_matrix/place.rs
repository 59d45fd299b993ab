//! A world and a folder of one's own, and the shipped binary in them, which can be killed at any moment.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use platctl_sandbox::{ChangingCall, Moment, Sandbox, Settings};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::inventory::inventory;
use crate::objects::objects;
use crate::shop::{CHART, Shop};
use crate::verb::Verb;

/// When the client is to be killed: at a moment of its nth call that changes something.
pub(crate) type Death = (Moment, u64);

/// What the sandbox's thread and the test share.
#[derive(Debug, Default)]
struct Watching {
    /// The calls that change something since the last start of the binary.
    calls: Vec<String>,
    /// The number of the last call before.
    before: u64,
    death: Option<Death>,
    client: Option<Pid>,
}

/// What the binary did.
pub(crate) struct Run {
    pub(crate) status: ExitStatus,
    pub(crate) told: String,
    /// Its calls that change something, in the order in which they arrived.
    pub(crate) calls: Vec<String>,
}

impl Run {
    /// True when it was killed.
    pub(crate) fn was_killed(&self) -> bool {
        self.status.signal() == Some(Signal::KILL.as_raw())
    }
}

/// A folder with the shipped environments, and a sandbox in this process that the binary takes for its own.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    sandbox: Option<Sandbox>,
    watching: Arc<Mutex<Watching>>,
}

impl Place {
    /// A fresh world.
    pub(crate) fn fresh() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("environments"),
            &folder.path().join("environments"),
        );
        Self::start(folder)
    }

    /// The world and the state that another place was left in by [`Place::keep`].
    pub(crate) fn copy_of(kept: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(kept, folder.path());
        Self::start(folder)
    }

    fn start(folder: tempfile::TempDir) -> Self {
        let watching = Arc::new(Mutex::new(Watching::default()));
        let told = Arc::clone(&watching);
        let watch = Box::new(move |moment, call: &ChangingCall| lock(&told).goes_on(moment, call));
        let world = folder.path().join("state/sandbox/world");
        let settings = Settings { folder: Some(world), ..Settings::default() };
        let sandbox = Sandbox::start_watched(settings, watch).unwrap();
        let endpoint = json!({"url": sandbox.url(), "port": sandbox.port(), "pid": std::process::id(),
            "version": env!("CARGO_PKG_VERSION")});
        fs::write(folder.path().join("state/sandbox/endpoint.json"), endpoint.to_string()).unwrap();
        Self { folder, sandbox: Some(sandbox), watching }
    }

    /// Stops the sandbox and gives the folder, to be copied.
    pub(crate) fn keep(mut self) -> tempfile::TempDir {
        self.sandbox.take().unwrap().stop();
        let Self { folder, .. } = self;
        folder
    }

    /// Writes the environment whose releases are killed, and the chart of its own.
    pub(crate) fn write(&self, shop: Shop) {
        let folder = self.folder.path().join("environments");
        fs::write(folder.join("shop.toml"), shop.text()).unwrap();
        let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash_matrix/chart");
        copy(&chart, &folder.join(CHART));
    }

    /// The calls that change something of the last run.
    pub(crate) fn calls(&self) -> Vec<String> {
        lock(&self.watching).calls.clone()
    }

    /// All that is there, a line each, sorted; a twin is a line that is there twice.
    pub(crate) fn world(&self, verb: Verb) -> Vec<String> {
        let mut lines = inventory(&self.sandbox.as_ref().unwrap().url());
        if verb.has_releases() {
            let kubeconfig = self.command("kubeconfig shop --sandbox --quiet").output().unwrap().stdout;
            lines.extend(objects(std::str::from_utf8(&kubeconfig).unwrap()));
        }
        lines.sort();
        lines
    }

    /// The folder of an environment's state.
    pub(crate) fn state(&self, environment: &str) -> PathBuf {
        self.folder.path().join("state/sandbox").join(environment)
    }

    /// The binary with a command line, with nothing of the real world around it.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments.split_whitespace());
        self.prepare(&mut command);
        command
    }

    /// Gives a command this folder and no variables.
    pub(crate) fn prepare(&self, command: &mut Command) {
        command.current_dir(self.folder.path()).env_clear().env("HOME", self.folder.path());
    }

    /// Runs the binary, killed at a moment or not.
    pub(crate) fn run(&self, arguments: &str, death: Option<Death>) -> Run {
        let mut command = self.command(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // The lock is held until the client is known: a call cannot come before.
        let mut watching = lock(&self.watching);
        watching.before += u64::try_from(watching.calls.len()).unwrap();
        watching.calls.clear();
        watching.death = death;
        let child = command.spawn().unwrap();
        watching.client = Pid::from_raw(i32::try_from(child.id()).unwrap());
        drop(watching);
        let output = child.wait_with_output().unwrap();
        let mut watching = lock(&self.watching);
        watching.death = None;
        let told =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Run { status: output.status, told, calls: watching.calls.clone() }
    }

    /// Runs the binary to its end, which must be a good one.
    pub(crate) fn succeeds(&self, arguments: &str, point: &str) -> Run {
        let run = self.run(arguments, None);
        assert!(run.status.success(), "{point}: platctl {arguments} ended with {}\n{}", run.status, run.told);
        run
    }

    /// Arms a fault of the sandbox.
    pub(crate) fn arm(&self, fault: &Value) {
        let port = self.sandbox.as_ref().unwrap().port();
        let body = fault.to_string();
        let request = format!(
            "POST /_sandbox/faults HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

impl Watching {
    fn goes_on(&mut self, moment: Moment, call: &ChangingCall) -> bool {
        if moment == Moment::Arrived {
            self.calls.push(call.operation.clone());
        }
        // The reply to the last call of the run before may be told only when this one has begun.
        let Some(number) = call.number.checked_sub(self.before) else { return true };
        if self.death != Some((moment, number)) {
            return true;
        }
        // It may be gone already, at the end of what it did.
        let _gone = self.client.map(|client| kill_process(client, Signal::KILL));
        false
    }
}

/// The binary on trial: the one that cargo built with the test, or another one of the same sources.
pub(crate) fn binary() -> PathBuf {
    std::env::var_os("CRASH_MATRIX_BINARY")
        .map_or_else(|| env!("CARGO_BIN_EXE_platctl").into(), PathBuf::from)
}

fn lock(watching: &Mutex<Watching>) -> MutexGuard<'_, Watching> {
    watching.lock().unwrap_or_else(PoisonError::into_inner)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
