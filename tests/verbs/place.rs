//! A folder with the shipped environments and a sandbox of its own, and the shipped binary in it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A folder with the shipped environments and a sandbox of its own, stopped at the end.
pub(crate) struct Workplace(pub(crate) tempfile::TempDir);

impl Workplace {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let environments = folder.path().join("environments");
        fs::create_dir(&environments).unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("environments");
        for file in fs::read_dir(shipped).unwrap() {
            let file = file.unwrap().path();
            fs::copy(&file, environments.join(file.file_name().unwrap())).unwrap();
        }
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

/// A call of the control interface of the sandbox that runs for a folder.
pub(crate) fn control(folder: &Path, method: &str, path: &str, body: &Value) -> Value {
    let endpoint = fs::read(folder.join("state/sandbox/endpoint.json")).unwrap();
    let endpoint: Value = serde_json::from_slice(&endpoint).unwrap();
    let port = u16::try_from(endpoint["port"].as_u64().unwrap()).unwrap();
    control_at(port, method, path, body)
}

/// The same, at a port.
pub(crate) fn control_at(port: u16, method: &str, path: &str, body: &Value) -> Value {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let request = format!(
        "{method} /_sandbox{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{method} {path}: {answer}");
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}
