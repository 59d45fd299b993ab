//! The shipped environment of the sandbox, its releases in this node: `up ENV --sandbox --cluster kubeconfig`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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

/// The way into a service that is told at the end of `up`: its command, and the address of the page.
fn way_in(told: &str, service: &str) -> (String, String) {
    let line = told.lines().find_map(|line| line.trim().strip_prefix(&format!("{service}: platctl ")));
    let (command, page) = line.unwrap_or_else(|| panic!("{told}")).split_once(" then ").unwrap();
    (command.to_owned(), page.to_owned())
}

/// The command is run as it was told; through the page that it opens both backends are reached.
fn opens_the_page(project: &Project<'_>, told: &str) {
    let (command, page) = way_in(told, "frontend-app");
    assert!(command.ends_with("--sandbox --cluster kubeconfig"), "{command}");
    let told = project.run("status", "", 0);
    assert_eq!(way_in(&told, "frontend-app"), (command.clone(), page.clone()));
    assert_ne!(way_in(&told, "backend-app").1, page, "each has a port of its own");
    let mut forward = project.command(&command).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(forward.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first.trim(), page);
    let get = |path: &str| {
        let curl = Command::new("curl").args(["-sf", "-m", "30", &format!("{page}{path}")]).output().unwrap();
        assert!(curl.status.success(), "{path}: {}", curl.status);
        String::from_utf8(curl.stdout).unwrap()
    };
    let seen =
        std::panic::catch_unwind(|| ["/", "/api/backend/status", "/api/backend-service/info"].map(get));
    forward.kill().unwrap();
    forward.wait().unwrap();
    let [page, status, info] = seen.unwrap();
    assert!(page.to_lowercase().contains("<!doctype html>"), "{page}");
    assert!(status.contains("backend-app") && info.contains("backend-service"), "{status} {info}");
}

/// Built here, pushed to the sandbox, pulled by a real kubelet, and one service reaches the others.
pub(crate) fn holds_the_services(server: &Server) {
    let project = Project::new(server);
    let told = project.run("up", "", 0);
    assert!(told.contains("SANDBOX at ") && told.contains("cluster k8s-test"), "{told}");
    assert!(told.contains("frontend-app: BACKEND_SERVICE_URL is http://backend-service"), "{told}");
    assert!(!told.contains("not deployed"), "{told}");
    opens_the_page(&project, &told);
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
