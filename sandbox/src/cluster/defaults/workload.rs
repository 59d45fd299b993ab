//! What makes pods.

use serde_json::{Value, json};

use super::pod;
use crate::cluster::json::{default, member, members, text};

fn template(spec: &mut Value) {
    if let Some(inside) = spec.pointer_mut("/template/spec") {
        pod::fill(inside);
    }
}

pub(super) fn deployment(object: &mut Value) {
    let spec = member(object, "spec");
    default(spec, "replicas", 1);
    default(spec, "revisionHistoryLimit", 10);
    default(spec, "progressDeadlineSeconds", 600);
    let strategy = member(spec, "strategy");
    default(strategy, "type", "RollingUpdate");
    if strategy["type"] == "RollingUpdate" {
        let rolling = member(strategy, "rollingUpdate");
        default(rolling, "maxUnavailable", "25%");
        default(rolling, "maxSurge", "25%");
    }
    template(spec);
}

pub(super) fn replica_set(object: &mut Value) {
    let spec = member(object, "spec");
    default(spec, "replicas", 1);
    template(spec);
}

pub(super) fn stateful_set(object: &mut Value) {
    let spec = member(object, "spec");
    default(spec, "replicas", 1);
    default(spec, "revisionHistoryLimit", 10);
    default(spec, "podManagementPolicy", "OrderedReady");
    default(
        spec,
        "persistentVolumeClaimRetentionPolicy",
        json!({ "whenDeleted": "Retain", "whenScaled": "Retain" }),
    );
    let strategy = member(spec, "updateStrategy");
    default(strategy, "type", "RollingUpdate");
    if strategy["type"] == "RollingUpdate" {
        default(member(strategy, "rollingUpdate"), "partition", 0);
    }
    for claim in spec.get_mut("volumeClaimTemplates").and_then(Value::as_array_mut).into_iter().flatten() {
        default(claim, "apiVersion", "v1");
        default(claim, "kind", "PersistentVolumeClaim");
        default(member(claim, "spec"), "volumeMode", "Filesystem");
        default(claim, "status", json!({ "phase": "Pending" }));
    }
    template(spec);
}

pub(super) fn daemon_set(object: &mut Value) {
    let spec = member(object, "spec");
    default(spec, "revisionHistoryLimit", 10);
    let strategy = member(spec, "updateStrategy");
    default(strategy, "type", "RollingUpdate");
    if strategy["type"] == "RollingUpdate" {
        let rolling = member(strategy, "rollingUpdate");
        default(rolling, "maxUnavailable", 1);
        default(rolling, "maxSurge", 0);
    }
    template(spec);
}

/// A Job selects its pods by its own uid, which also labels its template.
pub(super) fn job(object: &mut Value) {
    let (uid, name) = (text(object, "/metadata/uid").to_owned(), text(object, "/metadata/name").to_owned());
    let spec = member(object, "spec");
    job_spec(spec);
    if uid.is_empty() || spec["manualSelector"] == true {
        return;
    }
    default(spec, "selector", json!({ "matchLabels": { "batch.kubernetes.io/controller-uid": uid } }));
    let labels = member(member(member(spec, "template"), "metadata"), "labels");
    for (key, value) in [
        ("batch.kubernetes.io/controller-uid", &uid),
        ("batch.kubernetes.io/job-name", &name),
        ("controller-uid", &uid),
        ("job-name", &name),
    ] {
        members(labels).insert(key.to_owned(), value.clone().into());
    }
}

fn job_spec(spec: &mut Value) {
    if spec["completions"].is_null() && spec["parallelism"].is_null() {
        default(spec, "completions", 1);
    }
    default(spec, "parallelism", 1);
    default(spec, "backoffLimit", 6);
    default(spec, "completionMode", "NonIndexed");
    default(spec, "suspend", false);
    default(spec, "podReplacementPolicy", "TerminatingOrFailed");
    template(spec);
}

pub(super) fn cron_job(object: &mut Value) {
    let spec = member(object, "spec");
    default(spec, "concurrencyPolicy", "Allow");
    default(spec, "suspend", false);
    default(spec, "successfulJobsHistoryLimit", 3);
    default(spec, "failedJobsHistoryLimit", 1);
    if let Some(inside) = spec.pointer_mut("/jobTemplate/spec/template/spec") {
        pod::fill(inside);
    }
}
