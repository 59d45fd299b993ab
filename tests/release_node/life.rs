//! The life of the services, one thing after the other.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::chart_support::Oracle;
use crate::colors;
use crate::server::Server;
use crate::shop::{FIRST, Ground, Shop};

pub(crate) const CHANGED: Shop<'static> = Shop { backend: "replicas = 2\nenv = { SHOWN = \"1\" }", ..FIRST };

pub(crate) fn hold(server: &Server, helm: &mut Oracle) {
    let ground = Ground::new(server);
    everything_comes_up_and_answers(&ground);
    what_runs_is_seen_and_reached(&ground);
    a_change_is_shown_and_made(&ground);
    what_does_not_come_up_is_told_and_brought_back(&ground, helm);
    what_others_own_is_told(&ground);
    an_earlier_revision_comes_back(&ground, helm);
    colors::switched_under_load(&ground);
    what_is_no_longer_wanted_goes(&ground);
    destroy_leaves_nothing(&ground);
}

/// Asks over HTTP; the code and the body.
fn ask(url: &str, more: &[&str]) -> (u16, Value) {
    let mut curl = Command::new("curl");
    let output = curl.args(["-s", "-m", "20", "-w", "\n%{http_code}", url]).args(more).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (body, code) = text.rsplit_once('\n').unwrap();
    (code.parse().unwrap(), serde_json::from_str(body).unwrap_or_else(|_| body.into()))
}

/// The revisions of backend-app in words; Helm's own library says the same.
fn revisions(ground: &Ground<'_>, helm: &mut Oracle) -> Vec<String> {
    let (ours, theirs) = ground.server.histories_of(helm, "shop", "shop", "backend-app");
    assert_eq!(ours, theirs);
    ours
}

fn everything_comes_up_and_answers(ground: &Ground<'_>) {
    ground.write(FIRST);
    let told = ground.up("", 0);
    let front = ground.url("frontend-app");
    assert!(told.contains(&front), "the address is told at the end: {told}");
    ground.server.platctl("diff shop --exit-code", 0);
    for name in ["frontend-app", "backend-app", "backend-service"] {
        let release = ground.release(name);
        assert_eq!((&release["healthy"], &release["ready"]), (&json!(true), &json!(1)), "{release}");
    }
    let (code, page) = ask(&front, &[]);
    assert!(code == 200 && page.as_str().unwrap().to_lowercase().contains("<!doctype html>"), "{page}");
    // Through both backends, by the names that they have in the cluster.
    for path in ["/api/backend/status", "/api/backend/data", "/api/backend-service/info"] {
        let (code, body) = ask(&format!("{front}{path}"), &[]);
        assert!(code == 200 && body["service"].is_string(), "{path}: {code} {body}");
    }
    let (_, info) = ask(&format!("{front}/api/backend-service/info"), &[]);
    assert_eq!((&info["node"], &info["namespace"]), (&json!("node1"), &json!("shop")), "{info}");
    for path in ["/api/backend/process", "/api/backend-service/process"] {
        let body = r#"{"data": "test data", "operation": "uppercase"}"#;
        let header = "Content-Type: application/json";
        let (code, answer) = ask(&format!("{front}{path}"), &["-H", header, "-d", body]);
        assert!(code == 200 && answer["result"] == "TEST DATA", "{path}: {code} {answer}");
    }
}

fn what_runs_is_seen_and_reached(ground: &Ground<'_>) {
    let server = ground.server;
    let pod = ground.release("backend-app")["pods"][0]["name"].as_str().unwrap().to_owned();
    let told = server.platctl("logs shop backend-app", 0);
    assert!(told.lines().any(|line| line.starts_with(&format!("{pod} | {{"))), "{told}");
    let probe = "/app/frontend-app probe get http://backend-service/health";
    let told = server.platctl(&format!("exec shop frontend-app -- {probe}"), 0);
    assert!(told.contains("healthy"), "{told}");
    let missing = "/app/frontend-app probe resolve nobody.shop.svc.cluster.local";
    server.platctl(&format!("exec shop frontend-app -- {missing}"), 1);
    server.platctl("restart shop backend-app", 0);
    let again = ground.release("backend-app")["pods"].clone();
    assert!(again.as_array().unwrap().iter().any(|one| one["name"] != pod.as_str()), "{again}");
    server.platctl("diff shop --exit-code", 0);
}

fn a_change_is_shown_and_made(ground: &Ground<'_>) {
    ground.write(CHANGED);
    let told = ground.server.platctl("diff shop --exit-code", 2);
    assert!(told.contains("Deployment shop/backend-app.spec.replicas: 1 → 2"), "{told}");
    ground.up("", 0);
    let release = ground.release("backend-app");
    assert_eq!((&release["healthy"], &release["ready"]), (&json!(true), &json!(2)), "{release}");
    ground.server.platctl("diff shop --exit-code", 0);
    let before = release["revision"].clone();
    ground.up("", 0);
    assert_eq!(ground.release("backend-app")["revision"], before, "nothing to do is no revision");
}

/// The reasons that a kubelet and a scheduler really give.
fn what_does_not_come_up_is_told_and_brought_back(ground: &Ground<'_>, helm: &mut Oracle) {
    let url = ground.url("backend-app");
    let (place, _) = ground.image("backend-app").split_once('@').unwrap();
    let absent = format!("{place}@sha256:{}", "bad0".repeat(16));
    let crashing = "replicas = 2\nenv = { MAX_BODY_BYTES = \"plenty\" }";
    let unready = "replicas = 2\nreadiness_path = \"/nothing/here\"";
    let large = "replicas = 2\nresources = { cpu_request = \"900\", cpu_limit = \"900\" }";
    let cases: [(Shop<'_>, &[&str]); 4] = [
        (Shop { image: Some(&absent), ..CHANGED }, &["cannot be pulled", "not found"]),
        (
            Shop { backend: crashing, ..CHANGED },
            &["ends again and again (exit code", "MAX_BODY_BYTES", "plenty"],
        ),
        (Shop { backend: unready, ..CHANGED }, &["its readiness probe does not succeed", "statuscode: 404"]),
        (Shop { backend: large, ..CHANGED }, &["no node takes it", "Insufficient cpu"]),
    ];
    for (shop, reasons) in cases {
        ground.write(shop);
        let told = ground.up("--timeout 20", 1);
        for reason in reasons.iter().chain(&["was brought back"]) {
            assert!(told.contains(reason), "{reason} is not in {told}");
        }
        let (code, _) = ask(&format!("{url}/health"), &[]);
        assert_eq!(code, 200, "what stood serves on");
        let after = revisions(ground, helm);
        let [.., failed, back] = after.as_slice() else { panic!("{after:?}") };
        assert!(failed.ends_with(" failed") && back.ends_with(" deployed"), "{after:?}");
    }
    ground.write(CHANGED);
    ground.up("", 0);
    ground.server.platctl("diff shop --exit-code", 0);
}

fn what_others_own_is_told(ground: &Ground<'_>) {
    let server = ground.server;
    let theirs = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "backend-app",
        "namespace": "shop"}, "spec": {"replicas": 3}});
    server.put("apply --validate=false --server-side --force-conflicts --field-manager=somebody", &theirs);
    let told = ground.up("", 1);
    assert!(told.contains("Deployment backend-app: somebody owns .spec.replicas"), "{told}");
    assert_eq!(server.get("deployment backend-app -n shop")["spec"]["replicas"], 3);
    ground.up("--force-conflicts", 0);
    assert_eq!(server.get("deployment backend-app -n shop")["spec"]["replicas"], 2);
    server.platctl("diff shop --exit-code", 0);
}

/// By us, and by Helm, which we see.
fn an_earlier_revision_comes_back(ground: &Ground<'_>, helm: &mut Oracle) {
    let server = ground.server;
    let is_changed = || {
        let live = server.get("deployment backend-app -n shop");
        let variables = live["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap().clone();
        variables.iter().any(|one| one["name"] == "SHOWN")
    };
    assert!(is_changed());
    ground.write(Shop { backend: "replicas = 1", ..FIRST });
    ground.up("", 0);
    assert!(!is_changed());
    let changed = newest_that_stood(&revisions(ground, helm)).to_owned();
    server.platctl(&format!("rollback shop backend-app {changed}"), 0);
    assert!(is_changed());
    ready(ground, 2);
    server.platctl("diff shop --exit-code", 2);
    ground.write(CHANGED);
    server.platctl("diff shop --exit-code", 0);
    let before: u64 = newest_that_stood(&revisions(ground, helm)).parse().unwrap();
    server.helm(helm, "shop", "rollback", json!({"name": "backend-app", "version": before})).unwrap();
    assert!(!is_changed());
    server.platctl("diff shop --exit-code", 2);
    ground.up("", 0);
    server.platctl("diff shop --exit-code", 0);
}

/// The newest revision that another one has superseded.
fn newest_that_stood(revisions: &[String]) -> &str {
    let stood = revisions.iter().rev().find(|line| line.ends_with(" superseded"));
    stood.unwrap().split(' ').next().unwrap()
}

/// Waits until so many pods of backend-app are ready.
fn ready(ground: &Ground<'_>, count: u64) {
    let since = Instant::now();
    while ground.release("backend-app")["ready"] != count {
        assert!(since.elapsed() < Duration::from_secs(60), "{}", ground.release("backend-app"));
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn what_is_no_longer_wanted_goes(ground: &Ground<'_>) {
    let server = ground.server;
    ground.write(Shop { third: None, frontend: ", networkPolicy = { enabled = false }", ..CHANGED });
    let told = server.platctl("diff shop --exit-code", 2);
    assert!(told.contains("NetworkPolicy shop/frontend-app: \"networking.k8s.io/v1\" → (none)"), "{told}");
    ground.up("", 0);
    let left = server.kubectl("get deployments,services,networkpolicies,secrets -n shop -o name");
    assert!(!left.contains("backend-service"), "{left}");
    assert!(!left.contains("networkpolicy.networking.k8s.io/frontend-app"), "{left}");
    server.platctl("diff shop --exit-code", 0);
}

fn destroy_leaves_nothing(ground: &Ground<'_>) {
    let server = ground.server;
    let told = server.platctl("destroy shop --yes", 0);
    assert!(told.contains("0 left"), "{told}");
    let left = server.kubectl("get deployments,replicasets,services,networkpolicies -n shop -o name");
    assert_eq!(left, "", "{told}");
    let since = Instant::now();
    while !server.kubectl("get pods -n shop -o name").is_empty() {
        assert!(since.elapsed() < Duration::from_secs(60), "pods stay");
        std::thread::sleep(Duration::from_millis(200));
    }
}
