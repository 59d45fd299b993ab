//! Pods, and the templates of pods.

use serde_json::{Value, json};

use crate::cluster::json::{default, list, member, members, text};

/// Fills a pod's specification.
pub(super) fn fill(spec: &mut Value) {
    default(spec, "restartPolicy", "Always");
    default(spec, "terminationGracePeriodSeconds", 30);
    default(spec, "dnsPolicy", "ClusterFirst");
    default(spec, "schedulerName", "default-scheduler");
    default(spec, "securityContext", json!({}));
    // The old name of the same is kept for old clients.
    if let Some(account) = spec.get("serviceAccountName").cloned() {
        default(spec, "serviceAccount", account);
    }
    for list in ["containers", "initContainers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            self::container(container);
        }
    }
    for volume in spec.get_mut("volumes").and_then(Value::as_array_mut).into_iter().flatten() {
        self::volume(volume);
    }
}

fn container(container: &mut Value) {
    default(container, "terminationMessagePath", "/dev/termination-log");
    default(container, "terminationMessagePolicy", "File");
    let image = text(container, "/image");
    let tagged = image.contains('@') || image.rsplit('/').next().is_some_and(|name| name.contains(':'));
    let latest = !tagged || image.ends_with(":latest");
    default(container, "imagePullPolicy", if latest { "Always" } else { "IfNotPresent" });
    default(container, "resources", json!({}));
    for port in container.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        default(port, "protocol", "TCP");
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(probe) = container.get_mut(probe) {
            self::probe(probe);
        }
    }
    for variable in container.get_mut("env").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(field) = variable.pointer_mut("/valueFrom/fieldRef") {
            default(field, "apiVersion", "v1");
        }
    }
    // What is limited and not asked for is asked for as it is limited.
    let limits = container["resources"]["limits"].as_object().cloned().unwrap_or_default();
    for (resource, most) in limits {
        default(member(&mut container["resources"], "requests"), &resource, most);
    }
}

fn probe(probe: &mut Value) {
    for (key, usual) in
        [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)]
    {
        default(probe, key, usual);
    }
    if let Some(get) = probe.get_mut("httpGet") {
        default(get, "scheme", "HTTP");
        default(get, "path", "/");
    }
    if let Some(call) = probe.get_mut("grpc") {
        default(call, "service", "");
    }
}

fn volume(volume: &mut Value) {
    for kind in ["secret", "configMap", "downwardAPI", "projected"] {
        if let Some(source) = volume.get_mut(kind) {
            default(source, "defaultMode", 420);
        }
    }
    if let Some(path) = volume.get_mut("hostPath") {
        default(path, "type", "");
    }
    let sources = volume.pointer_mut("/projected/sources").and_then(Value::as_array_mut);
    for source in sources.into_iter().flatten() {
        if let Some(token) = source.get_mut("serviceAccountToken") {
            default(token, "expirationSeconds", 3600);
        }
    }
    let others = members(volume).keys().any(|key| key != "name");
    if !others {
        default(volume, "emptyDir", json!({}));
    }
}

/// The quality of service of a pod.
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/>
pub(in crate::cluster) fn quality_of(spec: &Value) -> &'static str {
    let containers = || list(spec, "/containers").iter().chain(list(spec, "/initContainers"));
    let has = |container: &Value, kind: &str| {
        container["resources"][kind].as_object().is_some_and(|all| !all.is_empty())
    };
    if !containers().any(|one| has(one, "limits") || has(one, "requests")) {
        return "BestEffort";
    }
    let guaranteed = |one: &Value| {
        ["cpu", "memory"].iter().all(|kind| {
            let limit = &one["resources"]["limits"][*kind];
            !limit.is_null() && *limit == one["resources"]["requests"][*kind]
        })
    };
    if containers().all(guaranteed) { "Guaranteed" } else { "Burstable" }
}
