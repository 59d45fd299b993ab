//! What Helm made, we go on with, and the other way around.

use std::process::Command;

use platctl::release::{Stamp, Status, read, secret};
use serde_json::{Value, json};

use crate::chart_support::Oracle;
use crate::server::Server;

const FIRST: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {colour: green, size: small}\n\
---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: old}\n\
---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80, protocol: TCP}], selector: {app: web}}\n";
const SECOND: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {colour: blue}\n\
---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\n\
---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, annotations: {helm.sh/resource-policy: keep}}\n\
---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 81, protocol: TCP}], selector: {app: web}}\n";

fn chart(version: &str, template: &str) -> Value {
    let metadata = format!(
        "apiVersion: v2\nname: web\nversion: {version}\nappVersion: '7'\ndescription: A web\nkeywords: [a]\n"
    );
    json!({"Chart.yaml": metadata, "values.yaml": "replicas: 2\nratio: 0.5\n", "templates/all.yaml": template,
        "templates/NOTES.txt": "Well done.\n", "README.md": "# web\n"})
}

/// Releases of Helm's are ours as well, on a server without controllers.
pub(crate) fn hold(server: &Server, helm: &mut Oracle) {
    shared(server, helm);
    what_is_stuck_is_told_with_its_reason(server, helm);
}

/// The same on a server that may have controllers.
pub(crate) fn shared(server: &Server, helm: &mut Oracle) {
    there_and_back_with_helm(server, helm);
    conflicts_are_explained(server, helm);
    what_was_interrupted_is_settled(server, helm);
    kinds_are_served_before_what_is_of_them(server, helm);
    hooks_run_in_helms_order(server, helm);
    what_belongs_to_nobody_is_not_taken_unasked(server, helm);
    a_killed_run_is_no_obstacle(server, helm);
}

/// Installed and upgraded by Helm, rolled back by us, then by Helm, then by us.
fn there_and_back_with_helm(server: &Server, helm: &mut Oracle) {
    server.kubectl("create namespace shared");
    server.install(helm, "shared", "install", chart("1.0.0", FIRST));
    server.install(helm, "shared", "upgrade", chart("2.0.0", SECOND));
    let told = server.platctl("rollback dev web", 0);
    for line in [
        "changed ConfigMap settings",
        "made ConfigMap old",
        "changed Service web",
        "deleted ConfigMap new",
        "kept ConfigMap kept",
        "web is at revision 3, which has the objects of revision 1",
    ] {
        assert!(told.contains(line), "{line} is not in:\n{told}");
    }
    let settings = server.get("configmap settings -n shared");
    assert_eq!(settings["data"], json!({"colour": "green", "size": "small"}));
    assert_eq!(server.get("service web -n shared")["spec"]["ports"][0]["port"], 80);
    let left = server.kubectl("get configmaps -n shared -o name");
    assert!(left.contains("/old\n") && left.contains("/kept\n") && !left.contains("/new\n"), "{left}");

    let (ours, theirs) = server.histories(helm, "shared");
    assert_eq!(ours, ["1 superseded", "2 superseded", "3 deployed"]);
    assert_eq!(ours, theirs);
    let all = server.helm(helm, "shared", "get_all", json!({"name": "web"})).unwrap();
    assert!(all.to_string().contains("colour: green"), "{all}");

    // Their rollback, to a revision of ours and over one of ours; then ours over theirs.
    server.platctl("rollback dev web 2", 0);
    assert_eq!(server.get("configmap settings -n shared")["data"], json!({"colour": "blue"}));
    server.helm(helm, "shared", "rollback", json!({"name": "web", "version": 3})).unwrap();
    let settings = json!({"colour": "green", "size": "small"});
    assert_eq!(server.get("configmap settings -n shared")["data"], settings);
    assert_eq!(server.get("service web -n shared")["spec"]["ports"][0]["port"], 80);
    let told = server.platctl("rollback dev web 4 --keep 4", 0);
    assert!(told.contains("web is at revision 6") && told.contains("deleted ConfigMap old"), "{told}");
    assert_eq!(server.get("configmap settings -n shared")["data"], json!({"colour": "blue"}));
    assert_eq!(server.get("service web -n shared")["spec"]["ports"].as_array().unwrap().len(), 1);
    let (ours, theirs) = server.histories(helm, "shared");
    assert_eq!(ours, ["3 superseded", "4 superseded", "5 superseded", "6 deployed"]);
    assert_eq!(ours, theirs);

    // The same once more changes no object.
    let version = |what: &str| server.get(what)["metadata"]["resourceVersion"].clone();
    let before = version("service web -n shared");
    let told = server.platctl("rollback dev web 6", 0);
    for object in ["Service web", "ConfigMap settings", "ConfigMap new"] {
        assert!(told.contains(&format!("unchanged {object}")), "{told}");
    }
    assert_eq!(version("service web -n shared"), before);
    let told = server.platctl("rollback dev web 99", 1);
    assert!(told.contains("web has no revision 99"), "{told}");
    let told = server.platctl("history dev nothing", 1);
    assert!(told.contains("no release nothing"), "{told}");
    let told = server.platctl("history dev web", 0);
    assert!(
        told.starts_with("REVISION") && told.contains("web-2.0.0") && told.contains("Rollback to"),
        "{told}"
    );
}

/// A field that somebody else owns is named with its owner, and taken only when that is asked for.
fn conflicts_are_explained(server: &Server, helm: &mut Oracle) {
    server.kubectl("create namespace conflict");
    server.install(helm, "conflict", "install", chart("1.0.0", FIRST));
    server.install(helm, "conflict", "upgrade", chart("2.0.0", SECOND));
    let theirs = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"colour": "red"},
        "metadata": {"name": "settings", "namespace": "conflict"}});
    server.put("apply --server-side --force-conflicts --field-manager=somebody", &theirs);
    let told = server.platctl("rollback dev web -n conflict", 1);
    assert!(told.contains("ConfigMap settings: somebody owns .data.colour"), "{told}");
    assert!(told.contains("--force-conflicts"), "{told}");
    assert_eq!(server.get("configmap settings -n conflict")["data"]["colour"], "red");
    let (ours, theirs) = server.histories(helm, "conflict");
    assert_eq!(ours, ["1 superseded", "2 deployed", "3 failed"]);
    assert_eq!(ours, theirs);
    server.platctl("rollback dev web 1 -n conflict --force-conflicts", 0);
    assert_eq!(server.get("configmap settings -n conflict")["data"]["colour"], "green");
}

const RUNS: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n\
spec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers: [{name: web, image: 'registry/web:1'}]\n";

/// There is no controller: the Deployment's pod and what became of it are written by hand.
fn what_is_stuck_is_told_with_its_reason(server: &Server, helm: &mut Oracle) {
    server.kubectl("create namespace stuck");
    server.install(helm, "stuck", "install", chart("1.0.0", RUNS));
    server.install(helm, "stuck", "upgrade", chart("2.0.0", SECOND));
    let pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "web-1", "namespace": "stuck", "labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", "image": "registry/web:1"}], "automountServiceAccountToken": false}});
    server.put("create", &pod);
    let mut live = server.get("pod web-1 -n stuck");
    live["status"]["containerStatuses"] = json!([{"name": "web", "image": "registry/web:1", "imageID": "",
        "ready": false, "restartCount": 0,
        "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}}]);
    server.put("replace --raw /api/v1/namespaces/stuck/pods/web-1/status", &live);
    let told = server.platctl("rollback dev web 1 -n stuck --timeout 3", 1);
    assert!(told.contains("Deployment web is not ready after 3 s"), "{told}");
    assert!(told.contains("pod web-1: the image registry/web:1 of web cannot be pulled: Back-off"), "{told}");
    let (ours, theirs) = server.histories(helm, "stuck");
    assert_eq!(ours, ["1 superseded", "2 deployed", "3 failed"]);
    assert_eq!(ours, theirs);

    // Its controller comes to life while it is waited for.
    let mut live = server.get("deployment web -n stuck");
    live["status"] = json!({"observedGeneration": live["metadata"]["generation"], "replicas": 1,
        "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1});
    let waiting = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| server.platctl("rollback dev web 1 -n stuck --timeout 60", 0));
        std::thread::sleep(std::time::Duration::from_secs(2));
        server.put("replace --raw /apis/apps/v1/namespaces/stuck/deployments/web/status", &live);
        waiting.join().unwrap()
    });
    assert!(waiting.contains("ready Deployment web"), "{waiting}");
}

/// A revision that a dead run left pending does not stand in the way, and does not stay pending.
fn what_was_interrupted_is_settled(server: &Server, helm: &mut Oracle) {
    server.kubectl("create namespace broken");
    server.install(helm, "broken", "install", chart("1.0.0", FIRST));
    server.install(helm, "broken", "upgrade", chart("2.0.0", SECOND));
    for (number, status) in [(1, Status::Deployed), (2, Status::PendingUpgrade)] {
        let stored = server.get(&format!("secret sh.helm.release.v1.web.v{number} -n broken"));
        let mut revision = read(&stored).unwrap();
        revision.mark(status, None);
        server.put("replace", &secret(&revision, Stamp::Modified(1)).unwrap());
    }

    let told = server.platctl("rollback dev web -n broken", 0);
    assert!(told.contains("web is at revision 3, which has the objects of revision 1"), "{told}");
    assert!(told.contains("deleted ConfigMap new"), "{told}");
    let (ours, theirs) = server.histories(helm, "broken");
    assert_eq!(ours, ["1 superseded", "2 failed", "3 deployed"]);
    assert_eq!(ours, theirs);
}

const KIND: &str = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\n\
spec: {group: example.com, scope: Namespaced, names: {kind: Thing, plural: things}, versions: [{name: v1, served: true, \
storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}\n";
const THING: &str = "---\napiVersion: example.com/v1\nkind: Thing\nmetadata: {name: one}\nspec: {size: 1}\n";

/// A definition is made, and only when its kind is served what is of that kind; what went with its kind is no trouble.
fn kinds_are_served_before_what_is_of_them(server: &Server, helm: &mut Oracle) {
    server.kubectl("create namespace kinds");
    server.install(helm, "kinds", "install", chart("1.0.0", KIND));
    server.install(helm, "kinds", "upgrade", chart("2.0.0", &format!("{KIND}{THING}")));
    server.install(helm, "kinds", "upgrade", chart("3.0.0", FIRST));
    assert!(!server.kubectl("get crds -o name").contains("things"), "Helm has removed it");
    let told = server.platctl("rollback dev web 2 -n kinds", 0);
    let at = |line: &str| told.find(line).unwrap_or_else(|| panic!("{line} is not in:\n{told}"));
    assert!(at("ready CustomResourceDefinition things.example.com") < at("made Thing one"), "{told}");
    assert_eq!(server.get("things.example.com one -n kinds")["spec"]["size"], 1);
    server.kubectl("delete crd things.example.com");
    let told = server.platctl("rollback dev web 3 -n kinds", 0);
    assert!(!told.contains("Thing"), "{told}");
}

fn hook(name: &str, annotations: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, annotations: {{{annotations}}}}}\n"
    )
}

/// By weight, then by name; those that succeeded go when that is their policy, and one that is there from the last
/// time goes before it is made again.
fn hooks_run_in_helms_order(server: &Server, helm: &mut Oracle) {
    server.kubectl("create namespace hooks");
    let hooks = [
        hook("second", "helm.sh/hook: pre-rollback, helm.sh/hook-weight: '2'"),
        hook("first", "helm.sh/hook: pre-rollback, helm.sh/hook-weight: '-1'"),
        hook("last", "helm.sh/hook: post-rollback, helm.sh/hook-delete-policy: hook-succeeded"),
        hook("other", "helm.sh/hook: pre-upgrade"),
    ];
    server.install(helm, "hooks", "install", chart("1.0.0", &format!("{FIRST}{}", hooks.concat())));
    server.install(helm, "hooks", "upgrade", chart("2.0.0", SECOND));
    for _ in 0..2 {
        let told = server.platctl("rollback dev web 1 -n hooks", 0);
        let order = ["ran hook first", "ran hook second", "ConfigMap settings", "ran hook last"];
        let found: Vec<Option<usize>> = order.iter().map(|line| told.find(line)).collect();
        assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{told}");
        assert!(!told.contains("ran hook other"), "{told}");
        let left = server.kubectl("get configmaps -n hooks -o name");
        assert!(
            left.contains("/first\n") && left.contains("/second\n") && !left.contains("/last\n"),
            "{left}"
        );
    }
}

/// An object that somebody made by hand stays theirs, until it is asked for.
fn what_belongs_to_nobody_is_not_taken_unasked(server: &Server, helm: &mut Oracle) {
    server.kubectl("create namespace foreign");
    server.install(helm, "foreign", "install", chart("1.0.0", FIRST));
    server.install(helm, "foreign", "upgrade", chart("2.0.0", SECOND));
    server.kubectl("create configmap old -n foreign --from-literal=a=b");
    let told = server.platctl("rollback dev web -n foreign", 1);
    assert!(told.contains("ConfigMap old is there already and belongs to no release; kubectl"), "{told}");
    assert!(server.get("configmap old -n foreign")["metadata"]["annotations"].is_null());
    server.platctl("rollback dev web 1 -n foreign --force-conflicts", 0);
    let old = server.get("configmap old -n foreign");
    assert_eq!(old["metadata"]["annotations"]["meta.helm.sh/release-name"], "web");
}

/// Killed at moments all over a run, and run again: what was asked for stands, and no revision is left pending.
fn a_killed_run_is_no_obstacle(server: &Server, helm: &mut Oracle) {
    server.kubectl("create namespace killed");
    server.install(helm, "killed", "install", chart("1.0.0", FIRST));
    server.install(helm, "killed", "upgrade", chart("2.0.0", SECOND));
    let started = std::time::Instant::now();
    server.platctl("rollback dev web 1 -n killed", 0);
    let whole = started.elapsed();
    let mut cut = 0;
    for moment in 1..=16 {
        let settings = if moment % 2 == 0 { "green" } else { "blue" };
        let target = server.newest_with(helm, "killed", settings);
        let mut run = Command::new(env!("CARGO_BIN_EXE_platctl"))
            .current_dir(server.folder.path())
            .args(["rollback", "dev", "web", &target, "-n", "killed", "--quiet"])
            .spawn()
            .unwrap();
        std::thread::sleep(whole * moment / 16);
        cut += u32::from(run.try_wait().unwrap().is_none());
        run.kill().unwrap();
        run.wait().unwrap();
        let target = server.newest_with(helm, "killed", settings);
        server.platctl(&format!("rollback dev web {target} -n killed"), 0);
        assert_eq!(server.get("configmap settings -n killed")["data"]["colour"], settings);
        let (ours, theirs) = server.histories(helm, "killed");
        assert_eq!(ours, theirs);
        assert!(ours.iter().all(|line| !line.contains("pending")), "{ours:?}");
        assert_eq!(ours.iter().filter(|line| line.ends_with(" deployed")).count(), 1, "{ours:?}");
    }
    assert!(cut >= 4, "only {cut} of 16 runs were cut");
}
