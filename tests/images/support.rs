//! A small workspace with two services, and what is read of images.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A service that answers on its port, in no more than the standard library.
const MAIN: &str = r#"use std::io::{Read, Write};
fn main() {
    let address = std::env::var("LISTEN_ADDR").unwrap_or_else(|_| "0.0.0.0:8080".into());
    let listener = std::net::TcpListener::bind(address).expect("the address is free");
    for stream in listener.incoming() {
        let mut stream = stream.expect("somebody came");
        let _ = stream.read(&mut [0; 1024]);
        let body = shared::body(include_str!("../../words.txt"));
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    }
}
"#;

/// A repository with an environment `test` and the services `hello` and `other`.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    home: PathBuf,
    _folder: tempfile::TempDir,
}

impl Workspace {
    /// A new one, committed on a fixed day.
    pub(crate) fn new() -> Self {
        let workspace = Self::at(tempfile::tempdir().unwrap());
        let root = &workspace.root;
        fs::create_dir_all(root).unwrap();
        workspace.write("Cargo.toml", "[workspace]\nmembers = [\"services/*\", \"shared\"]\nresolver = \"3\"\n[profile.release]\nstrip = true\nopt-level = 0\n");
        workspace.write("shared/Cargo.toml", &package("shared", ""));
        workspace.write("shared/src/lib.rs", "/// A body.\npub fn body(words: &str) -> String {\n    format!(\"{{\\\"status\\\": \\\"{}\\\"}}\", words.trim())\n}\n");
        workspace.write("services/words.txt", "healthy\n");
        for service in ["hello", "other"] {
            let dependency = "[dependencies]\nshared = { path = \"../../shared\" }\n";
            workspace.write(&format!("services/{service}/Cargo.toml"), &package(service, dependency));
            workspace.write(&format!("services/{service}/src/main.rs"), MAIN);
        }
        workspace.write(".gitignore", "target/\nstate/\n");
        workspace.write("environments/test.toml", ENVIRONMENT);
        assert!(
            workspace.command("cargo").args(["generate-lockfile", "--offline"]).status().unwrap().success()
        );
        workspace.git(&["init", "-q"]);
        workspace.commit();
        workspace
    }

    fn at(folder: tempfile::TempDir) -> Self {
        let (root, home) = (folder.path().join("repository"), folder.path().join("home"));
        fs::create_dir_all(&home).unwrap();
        Self { root, home, _folder: folder }
    }

    /// A clone of it, elsewhere and with another home.
    pub(crate) fn cloned(&self) -> Self {
        let folder = tempfile::Builder::new().prefix("a longer name than before ").tempdir().unwrap();
        let clone = Self::at(folder);
        let cloned = Command::new("git").arg("clone").arg("-q").arg(&self.root).arg(&clone.root).status();
        assert!(cloned.unwrap().success());
        clone
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "x", "--date", "2024-05-06T07:08:09Z"]);
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = self.command("git");
        let identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"];
        assert!(
            git.args(identity)
                .args(arguments)
                .env("GIT_COMMITTER_DATE", "2024-05-06T07:08:09Z")
                .status()
                .unwrap()
                .success()
        );
    }

    /// A program here, with this home.
    pub(crate) fn command(&self, program: &str) -> Command {
        let rustup = std::env::var("RUSTUP_HOME")
            .unwrap_or_else(|_| format!("{}/.rustup", std::env::var("HOME").unwrap()));
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("HOME", &self.home).env("RUSTUP_HOME", rustup);
        for name in [
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "DOCKER_CONFIG",
            "CARGO_ENCODED_RUSTFLAGS",
            "RUSTFLAGS",
            "RUSTUP_TOOLCHAIN",
        ] {
            command.env_remove(name);
        }
        if let Ok(toolchain) = std::env::var("RUSTUP_TOOLCHAIN") {
            command.env("RUSTUP_TOOLCHAIN", toolchain);
        }
        command
    }

    /// platctl here; words are split at spaces.
    pub(crate) fn platctl(&self, arguments: &str) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_platctl"));
        command.args(arguments.split_whitespace());
        command.env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
        command
    }

    /// Runs it; the exit code must be the expected one. Gives stdout and stderr.
    pub(crate) fn run(&self, arguments: &str, code: i32) -> (String, String) {
        told(&self.platctl(arguments).output().unwrap(), arguments, code)
    }

    /// Runs it with `--json` and gives the images.
    pub(crate) fn images(&self, arguments: &str) -> Vec<Value> {
        let (out, _) = self.run(&format!("{arguments} --json"), 0);
        let report: Value = serde_json::from_str(&out).unwrap();
        report["images"].as_array().unwrap().clone()
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }
}

/// What a run said, when it ended as expected.
pub(crate) fn told(output: &Output, what: &str, code: i32) -> (String, String) {
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{what}\n{out}\n{err}");
    (out, err)
}

fn package(name: &str, rest: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"1.2.3\"\nedition = \"2024\"\nlicense = \"MIT\"\n{rest}"
    )
}

const ENVIRONMENT: &str = r#"
[aws]
region = "us-east-1"
[network]
cidr = "10.9.0.0/16"
zones = ["a", "b"]
[cluster]
version = "1.33"
[[cluster.node_groups]]
name = "general"
instance_types = ["m6i.large"]
[services.hello]
path = "services/hello"
port = 8080
[services.other]
path = "services/other"
port = 8080
[deploy]
enabled = false
"#;

/// An image as it is in a layout.
pub(crate) struct Layout(pub(crate) PathBuf);

impl Layout {
    pub(crate) fn blob(&self, digest: &str) -> Vec<u8> {
        fs::read(self.0.join("blobs/sha256").join(digest.trim_start_matches("sha256:"))).unwrap()
    }

    pub(crate) fn json(&self, digest: &str) -> Value {
        serde_json::from_slice(&self.blob(digest)).unwrap()
    }

    /// The files of all layers, with their modes.
    pub(crate) fn files(&self, manifest: &Value) -> BTreeMap<String, (u32, Vec<u8>)> {
        let mut files = BTreeMap::new();
        for layer in manifest["layers"].as_array().unwrap() {
            let packed = self.blob(layer["digest"].as_str().unwrap());
            let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(packed.as_slice()));
            for entry in archive.entries().unwrap() {
                let mut entry = entry.unwrap();
                let path = entry.path().unwrap().display().to_string();
                let mode = entry.header().mode().unwrap();
                let mut content = Vec::new();
                entry.read_to_end(&mut content).unwrap();
                files.insert(path, (mode, content));
            }
        }
        files
    }
}
