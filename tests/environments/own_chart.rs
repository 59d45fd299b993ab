//! A chart of the environment's own in the place of the load balancer controller's: its definitions, and its hooks as Helm
//! runs them.

use std::fs;

use crate::controller::looked_up;
use crate::ground::Ground;
use crate::releases::{shop, statuses};

const DEFINITION: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: gadgets.example.com
  annotations: {helm.sh/hook: 'pre-install,pre-upgrade'}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Gadget, listKind: GadgetList, plural: gadgets, singular: gadget}
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
---
apiVersion: example.com/v1
kind: Gadget
metadata:
  name: kept
  annotations: {helm.sh/hook: post-install}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations: {helm.sh/hook: 'pre-install,pre-upgrade', helm.sh/hook-delete-policy: hook-failed}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: run, image: 'registry.example.com/run:1'}]}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {shown: '{{ .Values.shown }}'}
";

fn chart(ground: &Ground, name: &str) {
    let chart = ground.folder().join("environments/own");
    fs::create_dir_all(chart.join("templates")).unwrap();
    fs::write(chart.join("Chart.yaml"), format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n")).unwrap();
    fs::write(chart.join("templates/all.yaml"), DEFINITION).unwrap();
}

fn set(ground: &Ground, shown: u32) {
    ground.set(&format!(
        "[components.load_balancer_controller]\nenabled = true\nchart = 'own'\nvalues = {{ shown = '{shown}' }}"
    ));
}

#[test]
fn a_chart_of_ones_own_takes_the_controllers_place_and_its_hooks_run_as_helms_do() {
    let sandbox = Ground::sandbox("dev");
    let ground = shop(&sandbox);
    set(&ground, 1);
    let (_, err) = ground.run("diff", 64);
    assert!(
        err.contains("environments/own") && err.contains("[components.load_balancer_controller]"),
        "{err}"
    );
    chart(&ground, "another");
    let (_, err) = ground.run("diff", 64);
    assert!(err.contains("is another, and not aws-load-balancer-controller"), "{err}");

    chart(&ground, "aws-load-balancer-controller");
    ground.run("up", 0);
    ground.stands();
    let job = r#"(lookup "batch/v1" "Job" "kube-system" "migrate").metadata.uid"#;
    let gadget = r#"(lookup "example.com/v1" "Gadget" "kube-system" "kept").metadata.uid"#;
    let (first_job, first_gadget) = (looked_up(&ground, job), looked_up(&ground, gadget));
    assert!(first_job.is_string() && first_gadget.is_string(), "{first_job} {first_gadget}");

    set(&ground, 2);
    ground.run("up", 0);
    ground.stands();
    assert_eq!(statuses(&ground, "aws-load-balancer-controller"), ["superseded", "deployed"]);
    assert_eq!(looked_up(&ground, gadget), first_gadget, "no hook takes a definition away");
    let second_job = looked_up(&ground, job);
    assert!(second_job.is_string() && second_job != first_job, "what is left of a hook does not run again");
}
