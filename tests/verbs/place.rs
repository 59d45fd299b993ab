//! A folder with the shipped environments and a sandbox of its own, and the shipped binary in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::common::{control_at, sandbox_port, ship_environments};

/// A folder with the shipped environments and a sandbox of its own, stopped at the end.
pub(crate) struct Workplace(pub(crate) tempfile::TempDir);

impl Workplace {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        ship_environments(folder.path());
        Self(folder)
    }

    pub(crate) fn file(&self, environment: &str) -> PathBuf {
        self.0.path().join("environments").join(format!("{environment}.toml"))
    }

    pub(crate) fn platctl(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The binary with a command line.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_platctl"));
        command.current_dir(self.0.path()).args(arguments.split_whitespace());
        // The real world, as a trap: with --sandbox none of it may be used.
        for (name, value) in [
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
            ("AWS_PROFILE", "nobody"),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "trap"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ] {
            command.env(name, value);
        }
        command
    }

    /// Runs, and gives stdout and stderr; the exit code must be the expected one.
    pub(crate) fn run(&self, arguments: &str, code: i32) -> (String, String) {
        let output = self.platctl(arguments);
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "platctl {arguments}\n{out}\n{err}");
        (out, err)
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        self.platctl("sandbox stop");
    }
}

/// A control call of the sandbox that runs for a folder.
pub(crate) fn control(folder: &Path, method: &str, path: &str, body: &Value) -> Value {
    control_at(sandbox_port(folder), method, path, body)
}
