//! Deployments: a ReplicaSet for every template, and how pods go from the old to the new.
//! <https://github.com/kubernetes/kubernetes/tree/master/pkg/controller/deployment>

use std::rc::Rc;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::rollout::{Rollout, scaled};
use super::{ask, change, condition, make, owned, owner_of, put_status};
use crate::cluster::api::{DeleteOptions, delete};
use crate::cluster::json::{self, is_leaving, list, members, name, namespace, number, text};
use crate::cluster::kinds;
use crate::cluster::marks::SIMULATED;
use crate::cluster::store::Store;

const REVISION: &str = "deployment.kubernetes.io/revision";
const HASH: &str = "pod-template-hash";

/// Looks at all Deployments; `simulated` says why a template's pods cannot be run.
pub(super) fn pass(store: &mut Store, simulated: &dyn Fn(&Value) -> Option<String>) {
    for deployment in store.list("deployments.apps", None) {
        if !is_leaving(&deployment) {
            one(store, &deployment, simulated);
        }
    }
}

fn one(store: &mut Store, deployment: &Value, simulated: &dyn Fn(&Value) -> Option<String>) {
    let resource = kinds::known("apps", "Deployment");
    let why = simulated(&deployment["spec"]["template"]["spec"]);
    let mut sets = owned(store, "replicasets.apps", deployment);
    let found = sets.iter().position(|set| same_template(set, deployment));
    let highest = sets.iter().map(|set| revision(set)).max().unwrap_or(0);
    let new = match found {
        Some(found) => sets.remove(found),
        None => match begin(store, deployment, highest + 1) {
            Some(made) => made,
            None => return,
        },
    };
    let number = if revision(&new) < highest || revision(&new) == 0 { highest + 1 } else { revision(&new) };
    annotate(store, &kinds::known("apps", "ReplicaSet"), &new, &[(REVISION, Some(number.to_string()))]);
    annotate(store, &resource, deployment, &[(REVISION, Some(number.to_string())), (SIMULATED, why.clone())]);
    let Some(deployment) = store.get(&resource.key(namespace(deployment), name(deployment))).cloned() else {
        return;
    };
    let rollout = Rollout::new(&deployment, &new, &sets);
    if deployment.pointer("/spec/paused") != Some(&Value::Bool(true)) {
        let waits = deployment["spec"]["strategy"]["type"] == "Recreate" && has_pods(store, &sets);
        for (set, replicas) in rollout.steps(waits) {
            scale(store, set, replicas);
        }
        forget(store, &deployment, &sets);
    }
    let status = status(&deployment, (&new, &sets), &rollout, why.is_some());
    put_status(store, &resource, &deployment, status);
}

fn revision(set: &Value) -> i64 {
    set["metadata"]["annotations"][REVISION].as_str().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Whether a set's pods are as the Deployment's are to be.
fn same_template(set: &Value, deployment: &Value) -> bool {
    let mut template = set["spec"]["template"].clone();
    if let Some(labels) = template.pointer_mut("/metadata/labels") {
        json::remove(labels, HASH);
    }
    template == deployment["spec"]["template"]
}

fn hash(template: &Value) -> String {
    // Letters that make no words, as the real one has them.
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let digest = Sha256::digest(template.to_string());
    digest.iter().take(10).map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect()
}

fn begin(store: &mut Store, deployment: &Value, revision: i64) -> Option<Rc<Value>> {
    let hash = hash(&deployment["spec"]["template"]);
    let mut template = deployment["spec"]["template"].clone();
    let labels = json::member(json::member(&mut template, "metadata"), "labels");
    members(labels).insert(HASH.to_owned(), hash.clone().into());
    let mut selector = deployment["spec"]["selector"].clone();
    members(json::member(&mut selector, "matchLabels")).insert(HASH.to_owned(), hash.clone().into());
    let set = json!({
        "metadata": {
            "name": format!("{}-{hash}", name(deployment)), "labels": template["metadata"]["labels"],
            "annotations": { REVISION: revision.to_string() }, "ownerReferences": [owner_of(deployment)],
        },
        "spec": {
            "replicas": 0, "selector": selector, "template": template,
            "minReadySeconds": deployment["spec"].get("minReadySeconds"),
        },
    });
    make(store, &kinds::known("apps", "ReplicaSet"), namespace(deployment), set)
}

/// Sets annotations, and takes those out that are none.
pub(super) fn annotate(
    store: &mut Store,
    resource: &kinds::Resource,
    object: &Value,
    wanted: &[(&str, Option<String>)],
) {
    let mut changes = json!({});
    for (key, value) in wanted {
        let there = object["metadata"]["annotations"].get(*key).and_then(Value::as_str);
        if there != value.as_deref() {
            changes[*key] = json!(value);
        }
    }
    if changes.as_object().is_some_and(|changes| !changes.is_empty()) {
        change(store, resource, object, &json!({ "metadata": { "annotations": changes } }));
    }
}

fn has_pods(store: &Store, sets: &[Rc<Value>]) -> bool {
    sets.iter().any(|set| !owned(store, "pods", set).is_empty())
}

fn scale(store: &mut Store, set: &Value, replicas: i64) {
    if number(set, "/spec/replicas", 0) != replicas {
        change(store, &kinds::known("apps", "ReplicaSet"), set, &json!({ "spec": { "replicas": replicas } }));
    }
}

/// Forgets the oldest sets without pods beyond those that are kept for going back.
fn forget(store: &mut Store, deployment: &Value, sets: &[Rc<Value>]) {
    let kept = usize::try_from(number(deployment, "/spec/revisionHistoryLimit", 10)).unwrap_or(10);
    let mut idle: Vec<&Rc<Value>> = sets
        .iter()
        .filter(|set| {
            number(set, "/spec/replicas", 0) == 0
                && number(set, "/status/replicas", 0) == 0
                && !is_leaving(set)
        })
        .collect();
    idle.sort_by_key(|set| revision(set));
    let resource = kinds::known("apps", "ReplicaSet");
    for set in idle.iter().take(idle.len().saturating_sub(kept)) {
        let ask = ask(&resource, namespace(set));
        if let Err(refusal) = delete(store, ask, name(set), &DeleteOptions::default()) {
            tracing::debug!(refusal.message, "an old set stays");
        }
    }
}

fn status(
    deployment: &Value,
    (new, old): (&Value, &[Rc<Value>]),
    rollout: &Rollout<'_>,
    simulated: bool,
) -> Value {
    let sum = |pointer: &str| scaled(new, pointer) + old.iter().map(|set| scaled(set, pointer)).sum::<i64>();
    let (total, ready, available) =
        (sum("/status/replicas"), sum("/status/readyReplicas"), sum("/status/availableReplicas"));
    let updated = scaled(new, "/status/replicas");
    let wanted = rollout.wanted;
    let enough = available >= wanted - rollout.unavailable;
    let mut conditions = Vec::new();
    conditions.push(if enough {
        condition(
            deployment,
            "Available",
            "True",
            ("MinimumReplicasAvailable", "Deployment has minimum availability."),
        )
    } else {
        let told = ("MinimumReplicasUnavailable", "Deployment does not have minimum availability.");
        condition(deployment, "Available", "False", told)
    });
    let done = updated == wanted && total == wanted && available == wanted;
    conditions.push(progress(deployment, (name(new), done), (updated, available, total), simulated));
    let failed = std::iter::once(new).chain(old.iter().map(Rc::as_ref));
    let failure =
        failed.flat_map(|set| list(set, "/status/conditions")).find(|one| one["type"] == "ReplicaFailure");
    if let Some(failure) = failure {
        let told = (text(failure, "/reason"), text(failure, "/message"));
        conditions.push(condition(deployment, "ReplicaFailure", "True", told));
    }
    let mut status = json!({
        "observedGeneration": deployment["metadata"]["generation"], "conditions": conditions,
    });
    for (key, count) in [
        ("replicas", total),
        ("updatedReplicas", updated),
        ("readyReplicas", ready),
        ("availableReplicas", available),
        ("unavailableReplicas", total.max(wanted) - available),
    ] {
        if count > 0 {
            status[key] = count.into();
        }
    }
    status
}

/// The condition that tells how a rollout goes: it fails when nothing has come of it for as long as it may take.
fn progress(
    deployment: &Value,
    (set, done): (&str, bool),
    counts: (i64, i64, i64),
    simulated: bool,
) -> Value {
    let before = list(deployment, "/status/conditions").iter().find(|one| one["type"] == "Progressing");
    let now = json::now();
    if done {
        let told = format!("ReplicaSet {set:?} has successfully progressed.");
        return dated(
            condition(deployment, "Progressing", "True", ("NewReplicaSetAvailable", &told)),
            before,
            &now,
            false,
        );
    }
    let status = |key: &str| number(deployment, &format!("/status/{key}"), 0);
    let moved = counts != (status("updatedReplicas"), status("availableReplicas"), status("replicas"))
        || before.is_none_or(|one| one["reason"] == "NewReplicaSetAvailable")
        || number(deployment, "/status/observedGeneration", 0)
            != number(deployment, "/metadata/generation", 0);
    let limit = number(deployment, "/spec/progressDeadlineSeconds", 600);
    let since = before
        .and_then(|one| one["lastUpdateTime"].as_str())
        .and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let failed_before = before.is_some_and(|one| one["reason"] == "ProgressDeadlineExceeded");
    let late =
        failed_before || since.is_some_and(|since| json::wall().0 - since.as_millisecond() > limit * 1000);
    if late && !moved && !simulated {
        let told = format!("ReplicaSet {set:?} has timed out progressing.");
        let failed = condition(deployment, "Progressing", "False", ("ProgressDeadlineExceeded", &told));
        return dated(failed, before, &now, false);
    }
    let told = format!("ReplicaSet {set:?} is progressing.");
    dated(condition(deployment, "Progressing", "True", ("ReplicaSetUpdated", &told)), before, &now, moved)
}

/// With the time of the last progress.
fn dated(mut condition: Value, before: Option<&Value>, now: &str, moved: bool) -> Value {
    let same = before.filter(|before| {
        !moved && before["reason"] == condition["reason"] && before["message"] == condition["message"]
    });
    let at = same.map_or_else(|| Value::from(now), |before| before["lastUpdateTime"].clone());
    condition["lastUpdateTime"] = at;
    condition
}
