//! An API server, and what a test does with it.

#![allow(dead_code, reason = "each test uses its part")]

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use platctl::release::read;
use serde_json::{Value, json};

use crate::chart_support::Oracle;

/// An API server, stopped when dropped, and a folder with an environment that uses it.
pub(crate) struct Server {
    pub(crate) folder: tempfile::TempDir,
    /// Those of the real one: of its API, its store and its registry; nothing for a cluster of the sandbox.
    ports: Option<[u16; 3]>,
}

impl Server {
    /// A real kube-apiserver.
    pub(crate) fn start() -> Self {
        Self::real("api")
    }

    /// A whole node: controllers, a kubelet with containers, a registry. Needs root, and is one at a time.
    pub(crate) fn node() -> Self {
        Self::real("node")
    }

    fn real(parts: &str) -> Self {
        let mut build = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/peers/kubernetes"));
        let built = build.env("K8S_PARTS", parts).output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let ports = Some([free_ports(1), free_ports(2), free_ports(1)]);
        let server = Self { folder: tempfile::tempdir().unwrap(), ports };
        let up = server.script(&["up", parts, &server.path("").display().to_string()]);
        assert!(up.status.success(), "{}", String::from_utf8_lossy(&up.stderr));
        server.copy_environments();
        server.use_cluster();
        server
    }

    /// A cluster of the sandbox, which `up` made, reached by a kubeconfig whose tokens platctl makes.
    pub(crate) fn sandbox() -> Self {
        let server = Self { folder: tempfile::tempdir().unwrap(), ports: None };
        server.copy_environments();
        server.platctl("up staging --sandbox --yes --quiet --target node_group.general", 0);
        let kubeconfig = server.platctl("kubeconfig staging --sandbox --name k8s-test --quiet", 0);
        fs::write(server.path("kubeconfig"), kubeconfig).unwrap();
        server.use_cluster();
        server
    }

    fn copy_environments(&self) {
        let environments = self.path("environments");
        fs::create_dir(&environments).unwrap();
        for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("environments")).unwrap() {
            let file = file.unwrap().path();
            fs::copy(&file, environments.join(file.file_name().unwrap())).unwrap();
        }
    }

    /// Lets `dev` use the cluster of the kubeconfig.
    fn use_cluster(&self) {
        let file = self.path("environments/dev.toml");
        let existing = format!(
            "{}\n[cluster.existing]\nkubeconfig = \"{}\"\ncontext = \"k8s-test\"\n",
            fs::read_to_string(&file).unwrap(),
            self.kubeconfig()
        );
        fs::write(file, existing).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn kubeconfig(&self) -> String {
        self.path("kubeconfig").display().to_string()
    }

    pub(crate) fn script(&self, arguments: &[&str]) -> Output {
        let ports = self.ports.unwrap();
        Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/k8s/cluster.sh"))
            .args(arguments)
            .env("K8S_RUN", self.path("run"))
            .env("K8S_WORK", std::env::temp_dir().join("platctl-k8s").join("work"))
            .env("K8S_API_PORT", ports[0].to_string())
            .env("K8S_AUDIT", self.path("audit"))
            .env("K8S_ETCD_PORT", ports[1].to_string())
            .env("K8S_REG_PORT", ports[2].to_string())
            .output()
            .unwrap()
    }

    /// Where the node's registry is.
    pub(crate) fn registry(&self) -> String {
        format!("127.0.0.1:{}", self.ports.unwrap()[2])
    }

    /// Every request that the API server has answered, as it notes them. A line that is being written is left out.
    pub(crate) fn audited(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("audit")).unwrap();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    pub(crate) fn kubectl(&self, arguments: &str) -> String {
        self.try_kubectl(arguments).unwrap_or_else(|told| panic!("kubectl {arguments}: {told}"))
    }

    /// The same, where it may fail: what it said.
    pub(crate) fn try_kubectl(&self, arguments: &str) -> Result<String, String> {
        let mut command = Command::new("kubectl");
        command.args(["--kubeconfig", &self.kubeconfig()]).args(arguments.split_whitespace());
        let output = command.output().unwrap();
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(String::from_utf8(output.stdout).unwrap())
    }

    pub(crate) fn get(&self, arguments: &str) -> Value {
        serde_json::from_str(&self.kubectl(&format!("get -o json {arguments}"))).unwrap()
    }

    /// Writes an object (or its status) with a manager of its own.
    pub(crate) fn put(&self, verb: &str, value: &Value) -> String {
        let file = self.path("put.json");
        fs::write(&file, value.to_string()).unwrap();
        self.kubectl(&format!("{verb} -f {}", file.display()))
    }

    /// Changes an object (or its status) by a merge patch. One that is gone is left alone.
    pub(crate) fn patch(&self, path: &str, patch: &str) {
        let mut command = Command::new("curl");
        let secret = fs::read_to_string(self.path("kubeconfig-token")).unwrap();
        let token = secret.split("token: ").nth(1).unwrap().split(['}', ',']).next().unwrap();
        let server = secret.split("server: \"").nth(1).unwrap().split('"').next().unwrap();
        command.args(["-sk", "-X", "PATCH", "-H", "Content-Type: application/merge-patch+json", "-d", patch]);
        command.args(["-H", &format!("Authorization: Bearer {token}")]);
        command.arg(format!("{server}{path}?fieldManager=controller"));
        assert!(command.output().unwrap().status.success(), "{path}");
    }

    /// What platctl makes of a command line.
    pub(crate) fn output(&self, arguments: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_platctl"));
        command.current_dir(self.folder.path()).args(arguments.split_whitespace()).output().unwrap()
    }

    /// Runs platctl, and gives what it says on both streams; the exit code must be the expected one.
    pub(crate) fn platctl(&self, arguments: &str, code: i32) -> String {
        let output = self.output(arguments);
        let told =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "platctl {arguments}\n{told}");
        told
    }

    pub(crate) fn helm(
        &self,
        helm: &mut Oracle,
        namespace: &str,
        action: &str,
        arguments: Value,
    ) -> Result<Value, String> {
        helm.ask(&json!({"op": "release", "action": action, "kubeconfig": self.kubeconfig(),
            "namespace": namespace, "arguments": arguments}))
    }

    pub(crate) fn install(&self, helm: &mut Oracle, namespace: &str, action: &str, files: Value) {
        let request = json!({"op": "release", "action": action, "kubeconfig": self.kubeconfig(),
            "namespace": namespace, "files": files, "arguments": {"name": "web"}});
        helm.ask(&request).unwrap_or_else(|error| panic!("{action}: {error}"));
    }

    /// The number of the newest revision whose manifest has a text: older ones are dropped after a while.
    pub(crate) fn newest_with(&self, helm: &mut Oracle, namespace: &str, text: &str) -> String {
        let (ours, _) = self.histories(helm, namespace);
        let mut numbers = ours.iter().map(|line| line.split(' ').next().unwrap().to_owned());
        let has = |number: &String| {
            let secret = self.get(&format!("secret sh.helm.release.v1.web.v{number} -n {namespace}"));
            read(&secret).unwrap().manifest().contains(text)
        };
        numbers.rfind(has).unwrap()
    }

    /// The revisions of `web` as `NUMBER STATUS`, as platctl and as Helm tell them.
    pub(crate) fn histories(&self, helm: &mut Oracle, namespace: &str) -> (Vec<String>, Vec<String>) {
        self.histories_of(helm, "dev", namespace, "web")
    }

    /// The revisions of a release as `NUMBER STATUS`, as platctl and as Helm tell them.
    pub(crate) fn histories_of(
        &self,
        helm: &mut Oracle,
        environment: &str,
        namespace: &str,
        release: &str,
    ) -> (Vec<String>, Vec<String>) {
        let ours = self.platctl(&format!("history {environment} {release} -n {namespace} --json --quiet"), 0);
        let ours: Value = serde_json::from_str(&ours).unwrap();
        let theirs = self.helm(helm, namespace, "history", json!({ "name": release })).unwrap();
        let line = |number: &Value, status: &Value| format!("{number} {}", status.as_str().unwrap());
        let ours = ours["revisions"].as_array().unwrap().iter();
        let mut theirs: Vec<&Value> = theirs.as_array().unwrap().iter().collect();
        let number = |one: &Value| one.get("revision").or(one.get("version")).unwrap().clone();
        theirs.sort_by_key(|one| number(one).as_u64());
        (
            ours.map(|one| line(&one["revision"], &one["status"])).collect(),
            theirs.into_iter().map(|one| line(&number(one), &one["status"])).collect(),
        )
    }
}

/// The first of so many ports that are free now.
fn free_ports(count: u16) -> u16 {
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    loop {
        let first = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if (1..count).all(|more| first.checked_add(more).is_some_and(is_free)) {
            return first;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        match self.ports {
            Some(_) => drop(self.script(&["down"])),
            None => {
                let mut stop = Command::new(env!("CARGO_BIN_EXE_platctl"));
                let _stopped = stop.current_dir(self.folder.path()).args(["sandbox", "stop"]).output();
            }
        }
    }
}
