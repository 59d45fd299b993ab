//! Releases in a cluster that the environment itself makes, reached as one of EKS is, by an account's own keys: and what
//! becomes of them when the cluster cannot be asked.

use serde_json::{Value, json};

use crate::ground::Ground;

/// The environment on the sandbox as if that were AWS, with images that lie elsewhere, and whoever owns the keys.
pub(crate) fn shop(sandbox: &Ground) -> Ground {
    sandbox.run("status", 0);
    let owner = json!({"access_key": "AKIAIOSFODNN7EXAMPLE", "account": "123456789012", "secret": "secret"});
    sandbox.control("POST", "/keys", &owner);
    let ground = Ground::peer("dev", &sandbox.url());
    ground.edit(|file| drop(file.remove("services")));
    let digest = "0".repeat(64);
    // Without its chart, which is upstream's, there is no controller, and so no load balancer.
    ground.set(&format!(
        "extends = 'small'\n[deploy]\nenabled = true\n[cluster.logs]\ntypes = []\n\
         [components.load_balancer_controller]\nenabled = false\n\
         [services.web]\nimage = 'registry.example.com/web:1@sha256:{digest}'\nport = 8000\n"
    ));
    // What all environments share, but for its services.
    let folder = ground.folder().join("environments");
    let mut common: toml::Table =
        std::fs::read_to_string(folder.join("common.toml")).unwrap().parse().unwrap();
    common.remove("services");
    std::fs::write(folder.join("small.toml"), toml::to_string(&common).unwrap()).unwrap();
    ground
}

pub(crate) fn statuses(ground: &Ground, release: &str) -> Vec<String> {
    let (out, _) = ground.run(&format!("history {release} --json"), 0);
    let history: Value = serde_json::from_str(&out).unwrap();
    let revisions = history["revisions"].as_array().unwrap().iter();
    revisions.map(|revision| revision["status"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn releases_live_in_a_cluster_of_ours_and_go_with_it_when_it_cannot_be_asked() {
    let sandbox = Ground::sandbox("dev");
    let ground = shop(&sandbox);
    // Before there is a cluster, all that will be in it is planned, and nobody is asked about it.
    let plan = ground.plan();
    let steps = plan["steps"].as_array().unwrap();
    let release = steps.iter().find(|step| step["address"] == "release.web").unwrap();
    assert_eq!(release["action"], "create", "{release}");
    let (_, err) = ground.run("up", 0);
    assert!(err.contains("web: simulated, not run"), "it is told as that: {err}");
    ground.stands();
    assert_eq!(statuses(&ground, "web"), ["deployed"]);
    let (out, _) = ground.run("status --json", 0);
    let status: Value = serde_json::from_str(&out).unwrap();
    let web = status["releases"].as_array().unwrap().iter().find(|one| one["name"] == "web").unwrap();
    assert_eq!(web["healthy"], false, "what is only simulated is not healthy: {web}");

    ground.set("[services.web]\nreplicas = 3");
    let (out, _) = ground.run("diff --exit-code", 2);
    assert!(out.contains("Deployment default/web.spec.replicas: 2 → 3"), "{out}");
    ground.run("up", 0);
    assert_eq!(statuses(&ground, "web"), ["superseded", "deployed"]);

    // A token that is forged: the cluster answers, and says no.
    let (_, err) = ground.run_with("wrong", "diff", 3);
    assert!(err.contains("Unauthorized") && err.contains("platctl destroy"), "{err}");
    let (out, _) = ground.run_with("wrong", "status", 0);
    assert!(out.contains("unknown"), "{out}");
    let (_, err) = ground.run_with("wrong", "destroy", 0);
    assert!(err.contains("the cluster cannot be asked about release.namespace, release.web"), "{err}");
    assert!(err.contains("0 left"), "{err}");
}

#[test]
fn releases_can_be_left_to_go_with_their_cluster() {
    let sandbox = Ground::sandbox("dev");
    let ground = shop(&sandbox);
    ground.run("up", 0);
    let (_, err) = ground.run("destroy --abandon-releases", 0);
    assert!(err.contains("0 left") && !err.contains("deleted release."), "{err}");
    // Nothing of them is recorded, and a new cluster has none.
    ground.run("up", 0);
    assert_eq!(statuses(&ground, "web"), ["deployed"]);
    let (_, err) = ground.run("destroy", 0);
    assert!(err.contains("deleted release.web") && err.contains("0 left"), "{err}");
}
