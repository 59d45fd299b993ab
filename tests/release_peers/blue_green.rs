//! Blue-green as the API server sees it: what is changed in which order.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::chart_support::Oracle;
use crate::controller::{UNPULLABLE, beside};
use crate::server::Server;

const SERVICE: &str = "service backend-app-service -n colors";

/// Writes `environments/colors.toml`.
fn write(server: &Server, strategy: &str, digest: &str) {
    let text = format!(
        "namespace = \"colors\"\n[aws]\nregion = \"eu-central-1\"\n[registry]\nenabled = false\n\
         [network]\ncidr = \"10.61.0.0/16\"\nzones = [\"a\", \"b\"]\n\
         [cluster.existing]\nkubeconfig = \"{}\"\ncontext = \"k8s-test\"\nload_balancers = true\n\
         [services.backend-app]\nimage = \"registry.example.com/backend-app@sha256:{}\"\nport = 8000\n\
         exposure = \"internet\"\nstrategy = \"{strategy}\"\nvalues = {{ disruptionBudget = {{ enabled = false }} }}\n",
        server.kubeconfig(),
        digest.repeat(16),
    );
    fs::write(server.path("environments/colors.toml"), text).unwrap();
}

fn up(server: &Server) {
    beside(server, || server.platctl("up colors --yes --timeout 20", 0));
    server.platctl("diff colors --exit-code", 0);
}

/// What a watch of a kind saw.
struct Watch {
    process: Child,
    file: std::path::PathBuf,
}

impl Watch {
    fn start(server: &Server, kind: &str) -> Self {
        let file = server.path(&format!("watch-{kind}"));
        let mut command = Command::new("kubectl");
        command.args(["--kubeconfig", &server.kubeconfig(), "get", kind, "-n", "colors", "-o", "json"]);
        command.args(["--watch", "--output-watch-events"]);
        let process = command.stdout(File::create(&file).unwrap()).stderr(Stdio::null()).spawn().unwrap();
        let watch = Self { process, file };
        let since = Instant::now();
        while watch.events().is_empty() {
            assert!(since.elapsed() < Duration::from_secs(20), "the watch of {kind} tells nothing");
            std::thread::sleep(Duration::from_millis(50));
        }
        watch
    }

    fn events(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.file).unwrap();
        // The last one may be half written.
        serde_json::Deserializer::from_str(&text).into_iter().map_while(Result::ok).collect()
    }

    /// The version of the cluster at the first event that is so. They count up over all kinds.
    fn first(&self, is_so: impl Fn(&str, &Value) -> bool) -> u64 {
        let since = Instant::now();
        loop {
            let events = self.events();
            let found = events.iter().find(|event| is_so(event["type"].as_str().unwrap(), &event["object"]));
            if let Some(found) = found {
                return found["object"]["metadata"]["resourceVersion"].as_str().unwrap().parse().unwrap();
            }
            assert!(since.elapsed() < Duration::from_secs(20), "never seen, among {events:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ended = self.process.kill().and_then(|()| self.process.wait());
    }
}

fn named(object: &Value, name: &str) -> bool {
    object["metadata"]["name"] == name
}

fn deployments(server: &Server) -> String {
    server.kubectl("get deployments -n colors -o name")
}

/// From nothing to blue, to green, refused, killed, back to rolling.
pub(crate) fn hold(server: &Server, helm: &mut Oracle) {
    write(server, "blue-green", "1111");
    up(server);
    assert_eq!(deployments(server), "deployment.apps/backend-app-blue\n");
    the_service_is_switched_between_ready_and_gone(server, "2222");
    what_is_not_ready_is_not_switched_to(server);
    a_killed_switch_is_gone_on_with(server, helm);
    write(server, "rolling", "2222");
    up(server);
    assert_eq!(deployments(server), "deployment.apps/backend-app\n");
    assert!(server.get(SERVICE)["spec"]["selector"]["color"].is_null());
    beside(server, || server.platctl("destroy colors --yes", 0));
}

/// The new Deployment is ready, then the Service is switched, then the old one goes.
fn the_service_is_switched_between_ready_and_gone(server: &Server, digest: &str) {
    let [services, all] = ["services", "deployments"].map(|kind| Watch::start(server, kind));
    write(server, "blue-green", digest);
    let plan = server.platctl("diff colors --exit-code", 2);
    assert!(plan.contains("Deployment colors/backend-app-color.spec.template"), "{plan}");
    up(server);
    let ready = all.first(|_, it| named(it, "backend-app-green") && it["status"]["availableReplicas"] == 2);
    let switched = services.first(|_, it| it["spec"]["selector"]["color"] == "green");
    let gone = all.first(|event, it| event == "DELETED" && named(it, "backend-app-blue"));
    assert!(ready < switched && switched < gone, "ready {ready}, switched {switched}, gone {gone}");
    assert_eq!(deployments(server), "deployment.apps/backend-app-green\n");
}

fn what_is_not_ready_is_not_switched_to(server: &Server) {
    let before = server.get(SERVICE)["metadata"]["resourceVersion"].clone();
    write(server, "blue-green", UNPULLABLE);
    let told = beside(server, || server.platctl("up colors --yes --timeout 5", 1));
    assert!(told.contains("cannot be pulled: Back-off pulling image"), "{told}");
    assert_eq!(server.get(SERVICE)["metadata"]["resourceVersion"], before, "it was not touched");
    assert_eq!(deployments(server), "deployment.apps/backend-app-blue\ndeployment.apps/backend-app-green\n");
    // What serves is wanted again: what was tried goes.
    write(server, "blue-green", "2222");
    up(server);
    assert_eq!(deployments(server), "deployment.apps/backend-app-green\n");
}

fn a_killed_switch_is_gone_on_with(server: &Server, helm: &mut Oracle) {
    let started = Instant::now();
    write(server, "blue-green", "3333");
    up(server);
    let whole = started.elapsed();
    let mut cut = 0;
    for moment in 1..=6_u32 {
        write(server, "blue-green", &format!("44{moment:02}"));
        beside(server, || {
            let mut run = Command::new(env!("CARGO_BIN_EXE_platctl"))
                .current_dir(server.folder.path())
                .args(["up", "colors", "--yes", "--quiet"])
                .spawn()
                .unwrap();
            std::thread::sleep(whole * moment / 6);
            cut += u32::from(run.try_wait().unwrap().is_none());
            run.kill().unwrap();
            run.wait().unwrap();
        });
        let color = server.get(SERVICE)["spec"]["selector"]["color"].as_str().unwrap().to_owned();
        let serving = server.get(&format!("deployment backend-app-{color} -n colors"));
        assert_eq!(serving["status"]["availableReplicas"], 2, "what serves is ready");
        up(server);
        assert_eq!(deployments(server).lines().count(), 1, "no colour is left");
        let (ours, theirs) = server.histories_of(helm, "colors", "colors", "backend-app");
        assert_eq!(ours, theirs);
        assert!(ours.iter().all(|line| !line.contains("pending")), "{ours:?}");
    }
    assert!(cut >= 2, "only {cut} of 6 runs were cut");
}
