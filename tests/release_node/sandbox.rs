//! The shipped environment of the sandbox, its releases in this node: `up ENV --sandbox --cluster kubeconfig`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::server::Server;

/// `dev` as it is shipped, but for what Kubernetes 1.20 does not have.
const ENVIRONMENT: &str = "extends = \"dev\"\nnamespace = \"shop\"\n";

/// A folder with the shipped environments and the services' sources. Its sandbox is stopped when it is dropped.
struct Project<'a> {
    server: &'a Server,
    folder: PathBuf,
}

impl<'a> Project<'a> {
    fn new(server: &'a Server) -> Self {
        let (root, folder) = (Path::new(env!("CARGO_MANIFEST_DIR")), server.path("project"));
        fs::create_dir_all(folder.join("environments")).unwrap();
        for shared in
            ["Cargo.toml", "Cargo.lock", "build.rs", "src", "sandbox", "services", "templates", "benches"]
        {
            symlink(root.join(shared), folder.join(shared)).unwrap();
        }
        for name in ["common.toml", "dev.toml"] {
            fs::copy(root.join("environments").join(name), folder.join("environments").join(name)).unwrap();
        }
        let mut text = ENVIRONMENT.to_owned();
        for service in ["frontend-app", "backend-app", "backend-service"] {
            text.push_str(&format!(
                "[services.{service}.values]\ndisruptionBudget = {{ enabled = false }}\n\
                 shutdown = {{ delaySeconds = 1, graceSeconds = 5 }}\n"
            ));
        }
        fs::write(folder.join("environments/node.toml"), text).unwrap();
        Self { server, folder }
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_platctl"));
        command.current_dir(&self.folder).args(arguments.split_whitespace());
        command.env("KUBECONFIG", self.server.kubeconfig());
        command
    }

    /// Runs a verb on the environment, and gives what it says; the exit code must be the expected one.
    fn run(&self, verb: &str, after: &str, code: i32) -> String {
        let line = format!("{verb} node --sandbox --cluster kubeconfig {after}");
        let output = self.command(line.trim()).output().unwrap();
        let told =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert_eq!(output.status.code(), Some(code), "platctl {line}\n{told}");
        told
    }
}

impl Drop for Project<'_> {
    fn drop(&mut self) {
        let _stopped = self.command("sandbox stop").output();
    }
}

/// Built here, pushed to the sandbox, pulled by a real kubelet, and one service reaches the others.
pub(crate) fn holds_the_services(server: &Server) {
    let project = Project::new(server);
    let told = project.run("up", "", 0);
    assert!(told.contains("SANDBOX at ") && told.contains("cluster k8s-test"), "{told}");
    assert!(told.contains("frontend-app: BACKEND_SERVICE_URL is http://backend-service"), "{told}");
    assert!(!told.contains("not deployed"), "{told}");
    let told = project.run("diff", "--exit-code", 0);
    assert!(told.contains("nothing to do"), "{told}");

    let pods = server.get("pods -n shop");
    let pods = pods["items"].as_array().unwrap();
    assert_eq!(pods.len(), 3);
    for pod in pods {
        let container = &pod["spec"]["containers"][0];
        let image = container["image"].as_str().unwrap();
        assert!(image.starts_with("127.0.0.1:") && image.contains("/node/"), "{image}");
        assert_eq!(pod["status"]["containerStatuses"][0]["ready"], true, "{pod}");
    }
    for path in ["/api/backend/status", "/api/backend-service/info"] {
        let probe = format!("frontend-app -- /app/frontend-app probe get http://127.0.0.1:8000{path}");
        let told = project.run("exec", &probe, 0);
        assert!(told.contains("service"), "{path}: {told}");
    }
    let told = project.run("destroy", "", 0);
    assert!(told.contains("0 left"), "{told}");
    assert_eq!(server.kubectl("get deployments,services -n shop --ignore-not-found -o name"), "");
}
