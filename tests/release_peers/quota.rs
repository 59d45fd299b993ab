//! Pods that a quota refuses: the Deployment is taken, and its controllers tell why it has not all of them.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::server::Server;

/// Kubernetes' own controllers of what makes pods, and of what counts them. Stopped when dropped.
struct Controllers(Child);

impl Controllers {
    fn start(server: &Server) -> Self {
        let mut build = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/peers/kubernetes"));
        assert!(build.env("K8S_PARTS", "node").output().unwrap().status.success());
        let home = std::env::var("HOME").unwrap();
        let place = std::env::var("K8S_BIN").unwrap_or(format!("{home}/.cache/k8s-bin"));
        let child = Command::new(format!("{place}/kube-controller-manager"))
            .args([
                "--kubeconfig",
                &server.kubeconfig(),
                "--leader-elect=false",
                "--port=0",
                "--secure-port=0",
            ])
            .arg("--controllers=deployment,replicaset,resourcequota")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }
}

impl Drop for Controllers {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

pub(crate) fn hold(server: &Server) {
    let _controllers = Controllers::start(server);
    let text = format!(
        "namespace = \"full\"\n[aws]\nregion = \"eu-central-1\"\n\
         [network]\ncidr = \"10.60.0.0/16\"\nzones = [\"a\", \"b\"]\n[registry]\nenabled = false\n\
         [cluster.existing]\nkubeconfig = \"{}\"\ncontext = \"k8s-test\"\n\
         [services.web]\nimage = \"registry.example.com/web@sha256:{}\"\nport = 8000\nreplicas = 2\n\
         values = {{ disruptionBudget = {{ enabled = false }} }}\n",
        server.kubeconfig(),
        "0123".repeat(16),
    );
    fs::write(server.path("environments/full.toml"), text).unwrap();
    server.kubectl("create namespace full");
    server.kubectl("create quota small -n full --hard=pods=1");
    let since = Instant::now();
    while server.get("quota small -n full")["status"]["used"]["pods"] != "0" {
        assert!(since.elapsed() < Duration::from_secs(120), "nobody counts what is used");
        std::thread::sleep(Duration::from_millis(200));
    }
    // The Deployment itself would be taken: it is its pods that are not.
    server.platctl("diff full --exit-code", 2);
    let told = server.platctl("up full --yes --timeout 20", 1);
    for part in [
        "Deployment web is not ready after 20 s: FailedCreate: pods \"web-",
        "is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
}
