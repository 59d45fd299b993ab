//! The releases of an environment, deployed to a cluster that exists already, with nothing in AWS.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::chart_support::Oracle;
use crate::controller::{UNPULLABLE, beside};
use crate::server::Server;

/// What differs between two states of the environment.
#[derive(Clone, Copy)]
struct Shop<'a> {
    replicas: u32,
    digest: &'a str,
    /// More settings of backend-app.
    backend: &'a str,
    /// Whether there is a third service.
    third: bool,
}

const FIRST: Shop<'static> = Shop { replicas: 1, digest: "0000", backend: "", third: true };

/// Writes `environments/shop.toml`.
fn write(server: &Server, shop: Shop<'_>) {
    let Shop { replicas, digest, backend, third } = shop;
    let digest = digest.repeat(16);
    let image = |name: &str| format!("registry.example.com/{name}@sha256:{digest}");
    // The peer has no policy/v1.
    let budget = "values = { disruptionBudget = { enabled = false } }";
    let mut text = format!(
        "namespace = \"shop\"\n\
         [aws]\nregion = \"eu-central-1\"\n\
         [network]\ncidr = \"10.60.0.0/16\"\nzones = [\"a\", \"b\"]\n\
         [registry]\nenabled = false\n\
         [cluster.existing]\nkubeconfig = \"{}\"\ncontext = \"k8s-test\"\nload_balancers = true\n\
         [services.frontend-app]\nimage = \"{}\"\nport = 8000\nexposure = \"internet\"\n\
         calls = [\"backend-app\"]\n{budget}\n\
         [services.backend-app]\nimage = \"{}\"\nport = 8000\nreplicas = {replicas}\non_failure = \"rollback\"\n\
         {backend}\n{budget}\n",
        server.kubeconfig(),
        image("frontend-app"),
        image("backend-app"),
    );
    if third {
        text.push_str(&format!(
            "[services.backend-service]\nimage = \"{}\"\nport = 3000\nexposure = \"internal\"\n{budget}\n",
            image("backend-service")
        ));
    }
    fs::write(server.path("environments/shop.toml"), text).unwrap();
}

fn up(server: &Server, arguments: &str, code: i32) -> String {
    beside(server, || server.platctl(&format!("up shop --yes --timeout 20 {arguments}"), code))
}

/// The whole life of an environment's releases.
pub(crate) fn hold(server: &Server, helm: &mut Oracle) {
    everything_comes_up(server, helm);
    nothing_to_do_is_nothing_written(server);
    a_change_is_shown_and_made(server);
    day_two(server);
    what_others_own_is_told(server);
    what_cannot_start_is_told_and_brought_back(server, helm);
    helms_rollback_is_understood(server, helm);
    what_is_too_large_is_refused_before_anything_is_done(server);
    what_is_no_longer_wanted_goes(server);
    a_killed_run_is_gone_on_with(server, helm);
    destroy_leaves_nothing(server);
}

fn everything_comes_up(server: &Server, helm: &mut Oracle) {
    write(server, FIRST);
    let told = server.platctl("diff shop", 0);
    assert!(told.contains("Deployment shop/backend-app") || told.contains("release.backend-app"), "{told}");
    let told = up(server, "", 0);
    assert!(told.contains("shop · cluster k8s-test"), "{told}");
    let list = server.helm(helm, "shop", "list", json!({})).unwrap().to_string();
    for release in ["namespace", "frontend-app", "backend-app", "backend-service"] {
        assert!(list.contains(&format!("\"{release}\"")), "{release} is not in {list}");
        let told = server.platctl(&format!("history shop {release}"), 0);
        assert!(told.contains("deployed") && told.contains("Install complete"), "{told}");
    }
    let namespace = server.get("namespace shop");
    assert_eq!(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted");
    let service = server.get("service frontend-app-service -n shop");
    assert_eq!(
        service["status"]["loadBalancer"]["ingress"][0]["hostname"],
        "frontend-app-service.elb.example.com"
    );
    let state: Value =
        serde_json::from_str(&server.platctl("state show shop release.frontend-app --json --quiet", 0))
            .unwrap();
    assert!(state.to_string().contains("frontend-app-service.elb.example.com"), "{state}");
}

/// The versions of everything that is written down in the cluster.
fn versions(server: &Server) -> Vec<String> {
    let kinds = "secrets,deployments,services,serviceaccounts,networkpolicies,namespaces";
    let all = server.get(&format!("{kinds} -A"));
    let version = |it: &Value| format!("{} {}", it["metadata"]["uid"], it["metadata"]["resourceVersion"]);
    all["items"].as_array().unwrap().iter().map(version).collect()
}

fn nothing_to_do_is_nothing_written(server: &Server) {
    let before = versions(server);
    let told = server.platctl("diff shop --exit-code", 0);
    assert!(told.contains("nothing to do"), "{told}");
    server.platctl("up shop --yes", 0);
    assert_eq!(versions(server), before);
}

fn a_change_is_shown_and_made(server: &Server) {
    write(server, Shop { replicas: 3, ..FIRST });
    let told = server.platctl("diff shop --exit-code", 2);
    assert!(told.contains("Deployment shop/backend-app.spec.replicas: 1 → 3"), "{told}");
    assert_eq!(told.matches(" → ").count(), 1, "{told}");
    up(server, "", 0);
    assert_eq!(server.get("deployment backend-app -n shop")["spec"]["replicas"], 3);
    server.platctl("diff shop --exit-code", 0);
    let told = server.platctl("history shop backend-app", 0);
    assert!(told.contains("superseded") && told.contains("Upgrade complete"), "{told}");
}

/// What is asked of what stands. There is no node, so there are no pods, no lines and no commands.
fn day_two(server: &Server) {
    let status: Value = serde_json::from_str(&server.platctl("status shop --json --quiet", 0)).unwrap();
    let releases = status["releases"].as_array().unwrap();
    let names: Vec<&str> = releases.iter().map(|release| release["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["backend-app", "backend-service", "frontend-app", "namespace"]);
    let [backend, frontend] = [&releases[0], &releases[2]];
    assert_eq!((&backend["revision"], &backend["status"]), (&json!(2), &json!("deployed")));
    assert_eq!(
        (&backend["wanted"], &backend["ready"], &backend["healthy"]),
        (&json!(3), &json!(0), &json!(false))
    );
    assert_eq!(frontend["endpoints"][0]["url"], "http://frontend-app-service.elb.example.com");
    let told = server.platctl("status shop --quiet", 0);
    assert!(told.contains("RELEASE") && told.contains("not ready") && told.contains("0/3"), "{told}");

    let before = server.get("deployment backend-app -n shop");
    let told = beside(server, || server.platctl("restart shop backend-app --timeout 20", 0));
    assert!(told.contains("backend-app is restarted"), "{told}");
    let after = server.get("deployment backend-app -n shop");
    let mark = |live: &Value| {
        live["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"].clone()
    };
    assert!(mark(&before).is_null() && mark(&after).is_string(), "{after}");
    // The mark is nobody's drift, and outlives the next deploy.
    server.platctl("diff shop --exit-code", 0);

    for (arguments, code, said) in [
        ("logs shop backend-app", 1, "no pod in shop"),
        ("logs shop nobody", 64, "it has: backend-app"),
        ("exec shop backend-app -- /app/backend-app --version", 1, "there is no pod"),
        ("port-forward shop backend-app 0:8000", 1, "there is no pod"),
        ("restart shop nobody", 64, "it has: backend-app"),
        ("dns shop", 0, "no private name"),
    ] {
        let told = server.platctl(arguments, code);
        assert!(told.contains(said), "{arguments}: {told}");
    }
}

fn what_others_own_is_told(server: &Server) {
    let theirs = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "backend-app", "namespace": "shop"},
        "spec": {"replicas": 5}});
    server.put("apply --validate=false --server-side --force-conflicts --field-manager=somebody", &theirs);
    let told = server.platctl("diff shop --exit-code", 2);
    assert!(told.contains("Deployment shop/backend-app.spec.replicas: 5 → 3"), "{told}");
    let told = up(server, "", 1);
    assert!(told.contains("Deployment backend-app: somebody owns .spec.replicas"), "{told}");
    // What stood is brought back: that is refused for the same reason, and stays theirs.
    assert_eq!(server.get("deployment backend-app -n shop")["spec"]["replicas"], 5);
    up(server, "--force-conflicts", 0);
    assert_eq!(server.get("deployment backend-app -n shop")["spec"]["replicas"], 3);
    server.platctl("diff shop --exit-code", 0);
}

fn what_cannot_start_is_told_and_brought_back(server: &Server, helm: &mut Oracle) {
    write(server, Shop { replicas: 3, digest: UNPULLABLE, ..FIRST });
    let told = beside(server, || server.platctl("up shop --yes --timeout 5 --target release.backend-app", 1));
    assert!(told.contains("cannot be pulled: Back-off pulling image"), "{told}");
    assert!(told.contains("was brought back"), "{told}");
    let image =
        &server.get("deployment backend-app -n shop")["spec"]["template"]["spec"]["containers"][0]["image"];
    assert!(!image.as_str().unwrap().contains(UNPULLABLE), "{image}");
    let (ours, theirs) = server.histories_of(helm, "shop", "shop", "backend-app");
    assert_eq!(ours, theirs);
    let last: Vec<&str> =
        ours.iter().rev().take(2).map(|line| line.split(' ').next_back().unwrap()).collect();
    assert_eq!(last, ["deployed", "failed"], "{ours:?}");
    let told = server.platctl("diff shop --exit-code --target release.backend-app", 2);
    assert!(told.contains(&format!("{UNPULLABLE}{UNPULLABLE}")), "{told}");
}

/// Helm brings an earlier revision of ours back, and we see what that changed.
fn helms_rollback_is_understood(server: &Server, helm: &mut Oracle) {
    write(server, Shop { replicas: 3, ..FIRST });
    up(server, "", 0);
    server.platctl("diff shop --exit-code", 0);
    let history = server.platctl("history shop backend-app --json --quiet", 0);
    let history: Value = serde_json::from_str(&history).unwrap();
    let first = history["revisions"][0]["revision"].as_u64().unwrap();
    server.helm(helm, "shop", "rollback", json!({"name": "backend-app", "version": first})).unwrap();
    assert_eq!(server.get("deployment backend-app -n shop")["spec"]["replicas"], 1);
    let told = server.platctl("diff shop --exit-code", 2);
    assert!(told.contains("Deployment shop/backend-app.spec.replicas: 1 → 3"), "{told}");
    up(server, "", 0);
    assert_eq!(server.get("deployment backend-app -n shop")["spec"]["replicas"], 3);
    server.platctl("diff shop --exit-code", 0);
}

fn what_is_too_large_is_refused_before_anything_is_done(server: &Server) {
    // Digits that compression does not make much of.
    let mut state = 7_u64;
    let mut digits = String::new();
    while digits.len() < 1_200_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        digits.push_str(&format!("{:016x}", state >> 1));
    }
    let before = versions(server);
    write(server, Shop { replicas: 4, backend: &format!("env = {{ LARGE = \"{digits}\" }}"), ..FIRST });
    let told = server.platctl("up shop --yes", 1);
    assert!(
        told.contains("bytes, and a Secret may hold 1048576"),
        "{}",
        &told[told.len().saturating_sub(2000)..]
    );
    assert_eq!(versions(server), before);
}

fn what_is_no_longer_wanted_goes(server: &Server) {
    write(server, Shop { third: false, replicas: 3, backend: "", ..FIRST });
    let file = server.path("environments/shop.toml");
    let text = fs::read_to_string(&file).unwrap();
    // One object of a release that stays, and a release as a whole.
    let text = text.replacen(
        "enabled = false } }\n[services.backend-app]",
        "enabled = false }, networkPolicy = { enabled = false } }\n[services.backend-app]",
        1,
    );
    fs::write(&file, text).unwrap();
    let told = server.platctl("diff shop --exit-code", 2);
    assert!(told.contains("NetworkPolicy shop/frontend-app: \"networking.k8s.io/v1\" → (none)"), "{told}");
    up(server, "", 0);
    let left = server.kubectl("get deployments,services,networkpolicies,secrets -n shop -o name");
    assert!(!left.contains("backend-service"), "{left}");
    assert!(
        !left.contains("networkpolicy.networking.k8s.io/frontend-app")
            && left.contains("deployment.apps/frontend-app"),
        "{left}"
    );
    server.platctl("diff shop --exit-code", 0);
}

/// Killed at moments all over a deploy, and run again: what is wanted stands, and no revision is left pending.
fn a_killed_run_is_gone_on_with(server: &Server, helm: &mut Oracle) {
    let mut replicas = 3;
    let mut next = |server: &Server| {
        replicas = 7 - replicas;
        write(server, Shop { replicas, third: replicas == 3, digest: "1111", ..FIRST });
        replicas
    };
    next(server);
    let started = Instant::now();
    up(server, "", 0);
    let whole = started.elapsed();
    let mut cut = 0;
    beside(server, || {
        for moment in 1..=12_u32 {
            let replicas = next(server);
            let mut run = Command::new(env!("CARGO_BIN_EXE_platctl"))
                .current_dir(server.folder.path())
                .args(["up", "shop", "--yes", "--quiet"])
                .spawn()
                .unwrap();
            std::thread::sleep(whole * moment / 12 + Duration::from_millis(10));
            cut += u32::from(run.try_wait().unwrap().is_none());
            run.kill().unwrap();
            run.wait().unwrap();
            server.platctl("up shop --yes", 0);
            assert_eq!(server.get("deployment backend-app -n shop")["spec"]["replicas"], replicas);
            for release in ["backend-app", "frontend-app"] {
                let (ours, theirs) = server.histories_of(helm, "shop", "shop", release);
                assert_eq!(ours, theirs);
                assert!(ours.iter().all(|line| !line.contains("pending")), "{ours:?}");
            }
            server.platctl("diff shop --exit-code --quiet", 0);
        }
    });
    assert!(cut >= 3, "only {cut} of 12 runs were cut");
}

fn destroy_leaves_nothing(server: &Server) {
    let told = beside(server, || server.platctl("destroy shop --yes", 0));
    assert!(told.contains("0 left"), "{told}");
    let left =
        server.kubectl("get deployments,services,networkpolicies,secrets,serviceaccounts -n shop -o name");
    assert_eq!(left, "", "{told}");
    assert!(server.kubectl("get namespaces -o name").contains("namespace/shop"), "it asks to be kept");
}
