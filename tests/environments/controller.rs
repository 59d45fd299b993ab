//! The load balancer controller's real chart, deployed to a cluster of the sandbox: planned with stand-ins for the
//! certificate that it makes, deployed with a real one, and kept as it is by what follows.
//!
//! `PLATCTL_CONTROLLER_CHART=PATH` names its archive, the one that `src/cli/upstream.rs` pins; without it there is nothing
//! to deploy, as tests fetch nothing. The controller's image is not run: its pods are simulated.

use std::fs;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::ground::Ground;
use crate::releases::{shop, statuses};

/// Puts the chart where the binary would have fetched it to; says so when there is none.
fn cached(ground: &Ground) -> bool {
    let Some(archive) = std::env::var_os("PLATCTL_CONTROLLER_CHART") else {
        eprintln!(
            "skipped: PLATCTL_CONTROLLER_CHART names no archive of the load balancer controller's chart"
        );
        return false;
    };
    let bytes = fs::read(archive).unwrap();
    let hex: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let folder = ground.cache().join("charts/sha256");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(hex), bytes).unwrap();
    true
}

/// What a template finds in the cluster.
pub(crate) fn looked_up(ground: &Ground, sought: &str) -> Value {
    let chart = ground.folder().join("look");
    fs::create_dir_all(chart.join("templates")).unwrap();
    fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: look\nversion: 1.0.0\n").unwrap();
    let template = format!("kind: Seen\nmetadata: {{name: a}}\nseen: {{{{ {sought} | toJson | quote }}}}\n");
    fs::write(chart.join("templates/a.yaml"), template).unwrap();
    let (kubeconfig, _) = ground.run("kubeconfig --name sought", 0);
    fs::write(ground.folder().join("kubeconfig"), kubeconfig).unwrap();
    let out = ground.line("chart render look --kube-context sought --kubeconfig kubeconfig");
    let seen = out.lines().find_map(|line| line.strip_prefix("seen: ")).unwrap();
    let json: String = serde_json::from_str(seen).unwrap();
    serde_json::from_str(&json).unwrap()
}

#[test]
fn the_controllers_real_chart_is_planned_deployed_changed_and_removed() {
    let sandbox = Ground::sandbox("dev");
    let ground = shop(&sandbox);
    if !cached(&ground) {
        return;
    }
    ground
        .set("[components.load_balancer_controller]\nenabled = true\n[services.web]\nexposure = 'internet'");
    let plan = ground.plan();
    let steps = plan["steps"].as_array().unwrap();
    let at = |address: &str| steps.iter().position(|step| step["address"] == address).unwrap();
    assert!(at("release.load-balancer-controller") < at("release.web"));
    let (out, _) = ground.run("diff -v", 0);
    assert!(out.contains("Secret kube-system/aws-load-balancer-tls"), "{out}");

    let (_, err) = ground.run("up", 0);
    assert!(err.contains("release.load-balancer-controller"), "{err}");
    ground.stands();
    assert_eq!(statuses(&ground, "aws-load-balancer-controller"), ["deployed"]);
    let secret = looked_up(&ground, r#"(lookup "v1" "Secret" "kube-system" "aws-load-balancer-tls").data"#);
    let hooks = r#"(lookup "admissionregistration.k8s.io/v1" "ValidatingWebhookConfiguration" "" "aws-load-balancer-webhook").webhooks"#;
    let webhooks = looked_up(&ground, hooks);
    assert!(secret["tls.key"].as_str().unwrap().len() > 1000, "a key is there");
    assert!(!webhooks.as_array().unwrap().is_empty());
    for webhook in webhooks.as_array().unwrap() {
        assert_eq!(webhook["clientConfig"]["caBundle"], secret["ca.crt"], "it trusts what its pods have");
    }
    // Neither plan nor state has seen it.
    let key = secret["tls.key"].as_str().unwrap();
    let state = ground.folder().join("state/dev");
    let kept: String = fs::read_dir(&state)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned())
        .collect();
    assert!(kept.contains("aws-load-balancer-tls") && !kept.contains(key), "{}", state.display());

    ground.set("[components.load_balancer_controller.values]\nreplicaCount = 1");
    let (out, _) = ground.run("diff --exit-code", 2);
    assert!(
        out.contains("Deployment kube-system/aws-load-balancer-controller.spec.replicas: 2 → 1"),
        "{out}"
    );
    assert!(!out.contains("caBundle") && !out.contains("aws-load-balancer-tls"), "{out}");
    ground.run("up", 0);
    ground.stands();
    let again = looked_up(&ground, r#"(lookup "v1" "Secret" "kube-system" "aws-load-balancer-tls").data"#);
    assert_eq!(again, secret, "what is made once is kept");
    let (_, err) = ground.run("destroy", 0);
    assert!(err.contains("0 left"), "{err}");
}
