//! A folder with the shipped environments, the shipped binary, and the AWS that it reaches.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use platctl::provider::aws::http_client;
use serde_json::Value;
use toml::Table;

use crate::common::{control_at, sandbox_port, ship_environments};

const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";

/// Where a test runs.
pub(crate) struct Ground {
    folder: tempfile::TempDir,
    environment: String,
    /// The address of a peer; without one it is a sandbox of the folder's own.
    peer: Option<String>,
    /// What `up` and `diff` leave out, with all that needs it.
    left_out: Vec<String>,
}

impl Ground {
    /// The shipped files of all environments, on a sandbox.
    pub(crate) fn sandbox(environment: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        ship_environments(folder.path());
        Self { folder, environment: environment.to_owned(), peer: None, left_out: Vec::new() }
    }

    /// The same, on a peer, whose clusters have no API that would answer.
    pub(crate) fn peer(environment: &str, url: &str) -> Self {
        let mut ground = Self::sandbox(environment);
        ground.peer = Some(url.to_owned());
        ground.set("[deploy]\nenabled = false");
        let url = url.to_owned();
        ground.edit(move |file| {
            let aws = file.entry("aws").or_insert_with(|| toml::Value::Table(Table::new()));
            aws.as_table_mut().unwrap().insert("endpoint_url".to_owned(), url.into());
        });
        ground
    }

    /// From here on `up` and `diff` leave out these addresses, and all that needs them.
    pub(crate) fn leave_out(&mut self, addresses: Vec<String>) {
        self.left_out = addresses;
    }

    pub(crate) fn environment(&self) -> &str {
        &self.environment
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("environments").join(format!("{}.toml", self.environment))
    }

    /// Changes the environment's file.
    pub(crate) fn edit(&self, edit: impl FnOnce(&mut Table)) {
        let mut file: Table = fs::read_to_string(self.file()).unwrap().parse().unwrap();
        edit(&mut file);
        fs::write(self.file(), toml::to_string(&file).unwrap()).unwrap();
    }

    /// Merges settings into the environment's file, as TOML.
    pub(crate) fn set(&self, text: &str) {
        let settings: Table = text.parse().unwrap();
        self.edit(|file| merge(file, settings));
    }

    /// Runs a verb on the environment; the exit code must be the expected one. Gives stdout and stderr.
    pub(crate) fn run(&self, verb: &str, code: i32) -> (String, String) {
        self.run_with("secret", verb, code)
    }

    /// The same with another secret key.
    pub(crate) fn run_with(&self, secret: &str, verb: &str, code: i32) -> (String, String) {
        let mut words = verb.split_whitespace();
        let mut command = self.command(secret);
        command.arg(words.next().unwrap()).arg(&self.environment).args(words);
        if verb.starts_with("up") || verb.starts_with("diff") {
            command.args(self.left_out.iter().flat_map(|address| ["--exclude", address]));
        }
        if self.peer.is_none() {
            command.arg("--sandbox");
        } else if verb.starts_with("up") || verb.starts_with("destroy") {
            command.arg("--yes");
        }
        let output = command.output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "platctl {verb}\n{out}\n{err}");
        (out, err)
    }

    /// The binary in the folder, with a key, and nothing that other runs have fetched.
    fn command(&self, secret: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_platctl"));
        command.current_dir(self.folder.path()).env("PLATCTL_CACHE", self.cache());
        command.env("AWS_ACCESS_KEY_ID", ACCESS_KEY).env("AWS_SECRET_ACCESS_KEY", secret);
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    /// Where what is fetched is kept.
    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    /// Runs a whole command line, which must succeed, and gives stdout. What it names of the environment's own comes to
    /// call the binary again, as kubectl would.
    pub(crate) fn line(&self, line: &str) -> String {
        let output = self.command("secret").args(line.split_whitespace()).output().unwrap();
        assert!(output.status.success(), "platctl {line}\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The plan of a diff.
    pub(crate) fn plan(&self) -> Value {
        let (out, _) = self.run("diff --json", 0);
        serde_json::from_str(&out).unwrap()
    }

    /// Nothing is left to be done.
    pub(crate) fn stands(&self) {
        let (out, _) = self.run("diff --exit-code", 0);
        assert!(out.contains("nothing to do"), "{out}");
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn url(&self) -> String {
        if let Some(url) = &self.peer {
            return url.clone();
        }
        format!("http://127.0.0.1:{}", sandbox_port(self.folder.path()))
    }

    /// What another client reaches the same AWS with: of the account that the verbs use.
    pub(crate) fn other_client(&self) -> SdkConfig {
        let url = self.url();
        if self.peer.is_none() {
            let owner = serde_json::json!({"access_key": ACCESS_KEY, "account": "123456789012"});
            self.control("POST", "/keys", &owner);
        }
        let credentials = Credentials::new(ACCESS_KEY, "secret", None, None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http_client(Some(&url)))
            .endpoint_url(url)
            .build()
    }

    /// A control call of the sandbox, also of one that is there as a peer.
    pub(crate) fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = self.url();
        let port = url.rsplit(':').next().and_then(|port| port.parse().ok());
        control_at(port.unwrap(), method, path, body)
    }

    /// Everything in the sandbox, whoever made it.
    pub(crate) fn inventory(&self) -> Value {
        self.control("GET", "/resources", &Value::Null)
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if self.peer.is_none() {
            let mut command = Command::new(env!("CARGO_BIN_EXE_platctl"));
            let _ = command.current_dir(self.folder.path()).args(["sandbox", "stop"]).output();
        }
    }
}

/// Tables merge, lists of named tables by name, all else is put in place.
fn merge(into: &mut Table, from: Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(into)), toml::Value::Table(from)) => merge(into, from),
            (Some(toml::Value::Array(into)), toml::Value::Array(from))
                if !from.is_empty() && from.iter().all(|item| item.get("name").is_some()) =>
            {
                for item in from {
                    match into.iter_mut().find(|there| there.get("name") == item.get("name")) {
                        Some(there) => merge(there.as_table_mut().unwrap(), item.as_table().unwrap().clone()),
                        None => into.push(item),
                    }
                }
            }
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}
